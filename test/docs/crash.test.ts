/** The chapter of the guide on crashes: what it shows is this. */
import { fileJournal, memoryColdStore, openLedger } from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

it.each(Array.from({ length: 50 }, (_, seed) => seed))('keeps what was answered, seed %i', async (seed) => {
  const archive = memoryColdStore()
  const openOn = (disk: SimulatedDisk) => {
    const journal = fileJournal('/journal', { disk, lock: disk.lock, logFileBytesMax: 4_096 })
    return openLedger({ games: [ticTacToe], journal, archive })
  }
  const disk = simulatedDisk(seed)
  const ledger = await openOn(disk)
  const game = ledger.game(ticTacToe, 'game-1')
  await game.dispatch({ type: 'Join', player: 'ann' })
  void game.dispatch({ type: 'Join', player: 'bob' }) // nobody waits for the answer
  const after = await openOn(disk.losePower())
  const found = after.game(ticTacToe, 'game-1').state?.players
  expect([['ann'], ['ann', 'bob']]).toContainEqual(found)
  await after.close()
})
