/** The proof of games that sleep, with few of them: that they are opened by their index alone, and woken. */
import { expect, test } from 'vitest'
import { proofProgram } from '../support/proof-program.js'

test('some thousand games sleep when a ledger is opened, and go on when they are woken', async () => {
  const said = await proofProgram('scripts/prove-asleep.mjs')('--games', '4000')
  expect(said).toContain('holds   4000 games sleep, 0 are in memory')
  expect(said).toContain('holds   1000 of them were woken by a command')
})
