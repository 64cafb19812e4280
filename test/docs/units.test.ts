/** The chapter of the guide on units of work: what it shows is this. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { openLedger } from 'gameledger'
import { expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

it('seats two players at two tables, or at none', async () => {
  const ledger = await openLedger({ games: [ticTacToe] })
  const match = await ledger.transact((tx) => {
    for (const table of ['final-1', 'final-2'])
      for (const player of ['ann', 'bob']) tx.game(ticTacToe, table).dispatch({ type: 'Join', player })
  })
  if (isLeft(match)) throw new Error(match.left._tag)
  expect(match.right.map(({ gameId, version }) => [gameId, version])).toEqual([
    ['final-1', 2],
    ['final-2', 2],
  ])

  const late = await ledger.transact((tx) => {
    tx.game(ticTacToe, 'final-3').dispatch({ type: 'Join', player: 'cyd' })
    tx.game(ticTacToe, 'final-1').dispatch({ type: 'Join', player: 'cyd' }) // no seat is left
  })
  expect(isLeft(late)).toBe(true)
  expect(ledger.game(ticTacToe, 'final-3').version).toBe(0) // and nothing happened at the other table
  await ledger.close()
})
