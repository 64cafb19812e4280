/** Publishing leaves others their turn of the event loop, also where each answer leads to the next command. */
import { openLedger } from 'gameledger'
import { expect, test } from 'vitest'
import { tally } from '../ledger/tally-game.js'

test('play that never waits for anything but its own answers starves nobody', async () => {
  const ledger = await openLedger({ games: [tally] })
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const game = ledger.game(tally, 'g')
  for (let nth = 0; nth < 5_000; nth++) await game.dispatch({ type: 'Sit', player: `p${nth % 50}-${nth}` })
  isOver = true
  expect(turns).toBeGreaterThanOrEqual(4)
  await ledger.close()
})
