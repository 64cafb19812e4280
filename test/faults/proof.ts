/** A suite that runs where the machine can, is skipped by name where it cannot, and fails where it should be able to. */
import { describe, test } from 'vitest'
import { lackOf, type Need } from './needs.js'

export const proof = (name: string, needs: readonly Need[], facts: () => void): void => {
  const lack = lackOf(...needs)
  if (lack === undefined) return void describe(name, facts)
  const nameOfLack = `${name} (needs ${lack.what})`
  if (!lack.isInstallable || process.env['CI'] !== 'true') return void describe.skip(nameOfLack, facts)
  test(nameOfLack, () => {
    throw new Error(`In CI this is to be proven. It needs ${lack.what}.`)
  })
}
