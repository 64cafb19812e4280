/** What docs/guide/operations.md shows of keeping an archive, run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from 'gameledger'
import { expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

it('keeps games for as long as they are wanted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gameledger-'))
  const ledger = await openLedger({
    games: [ticTacToe],
    dir,
    retention: [{ kind: 'tic-tac-toe', maxAgeMs: 400 * 86_400_000 }],
  })
  expect(await ledger.archive.retain({ olderThanMs: 1, dryRun: true })).toMatchObject({ games: 0 })
  await ledger.close()
  await rm(dir, { recursive: true })
})
