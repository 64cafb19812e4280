/**
 * The simulator in processes of its own, since it replaces the timers: fresh seeds each time, and each protection
 * taken out once. A seed that fails is printed with its shortest history.
 */
import { describe, expect, test } from 'vitest'
import { proofProgram } from '../support/proof-program.js'
import { protections } from '../simulation/protections.js'

const simulator = proofProgram('build/simulation/main.js')

const minutes = 60_000

test('2 000 fresh seeds with all faults show no violation', { timeout: 10 * minutes }, async () => {
  expect(await simulator('--seeds', '2000')).toContain(': 0 violations')
})

test('a seed reproduces exactly', async () => {
  const [first, again, other] = await Promise.all(
    ['7', '7', '8'].map((seed) => simulator('--seed', seed, '--trace')),
  )
  expect(first).toBe(again)
  expect(first).not.toBe(other)
})

describe('each protection is missed when it is taken out, within 500 seeds', () => {
  test.each(protections)('%s', async (protection) => {
    expect(await simulator('--seeds', '500', '--without', protection)).toContain(': a violation after')
  })
})
