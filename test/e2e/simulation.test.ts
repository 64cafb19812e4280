/**
 * The simulator in processes of its own, since it replaces the timers: fresh seeds each time, and each protection
 * taken out once. A seed that fails is printed with its shortest history.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { protections } from '../simulation/protections.js'

const run = promisify(execFile)
const program = 'build/simulation/main.js'

const simulator = async (...given: string[]): Promise<string> => {
  try {
    return (await run(process.execPath, [program, ...given])).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${stdout}${stderr}` || String(error), { cause: error })
  }
}

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
