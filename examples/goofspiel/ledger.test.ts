import { expect, it } from 'vitest'
import { fileJournal, memoryColdStore, openLedger } from 'gameledger'
import { manualClock, simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { goofspiel } from './game.js'
import { guessing } from './index.js'

const seats = ['ann', 'bot'].map((player) => ({ player, isBot: player === 'bot' }))

it('lets the bot bid, and bids the lowest card for who is away', async () => {
  const clock = manualClock()
  const ledger = await openLedger({ games: [goofspiel], reactors: [guessing], clock })
  const game = ledger.game(goofspiel, 'game-1')
  await game.dispatch({ type: 'Start', seats })
  clock.advance(300) // the bot has bid by now
  await expect.poll(() => game.state?.bidders.map(({ bid }) => bid !== null)).toEqual([false, true])
  clock.advance(29_700) // 30 seconds since the prize was turned over
  await expect.poll(() => game.state?.bidders[0]?.hand).toEqual([2, 3, 4, 5])
  await ledger.close()
})

it.each([1, 2, 3, 4, 5])('keeps a bid that was answered when the power is lost, seed %i', async (seed) => {
  const archive = memoryColdStore()
  const openOn = (disk: SimulatedDisk) =>
    openLedger({ games: [goofspiel], archive, journal: fileJournal('/j', { disk, lock: disk.lock }) })
  const disk = simulatedDisk(seed)
  const game = (await openOn(disk)).game(goofspiel, 'game-1')
  await game.dispatch({ type: 'Start', seats })
  await game.dispatch({ type: 'Bid', player: 'ann', card: 3 })
  const after = await openOn(disk.losePower())
  expect(after.game(goofspiel, 'game-1').state?.bidders[0]?.bid).toBe(3)
  await after.close()
})
