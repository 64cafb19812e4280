/** The estimate of what games in memory take, beside what they take: bytes after collections, not times. */
import { expect, test } from 'vitest'
import { proofProgram } from '../support/proof-program.js'

test.each(['tic-tac-toe, 9 events', 'state of 16 KB', 'waiting room'])(
  '%s: the ledger is right about its bytes within 1.5 times',
  { timeout: 60_000 },
  async (load) => {
    const said = await proofProgram('--expose-gc')('bench/memory/held.mjs', load, 'file')
    const { held, estimate } = JSON.parse(said) as { readonly held: number; readonly estimate: number }
    expect(held / estimate).toBeGreaterThan(1 / 1.5)
    expect(held / estimate).toBeLessThan(1.5)
  },
)
