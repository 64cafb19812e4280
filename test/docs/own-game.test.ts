/** The specification of tic-tac-toe that docs/guide shows, on the public doors alone. */
import { expect, it } from 'vitest'
import { isRight } from 'fp-ts/lib/Either.js'
import { openLedger } from 'gameledger'
import { given } from 'gameledger/testing'
import { ticTacToe, type TicTacToeEvent } from '../../examples/tic-tac-toe/game.js'

const seated: readonly TicTacToeEvent[] = [
  { type: 'Joined', player: 'ann' },
  { type: 'Joined', player: 'bob' },
]
const marked = (player: string, cell: number): TicTacToeEvent => ({ type: 'Marked', player, cell })

it('seats the first two who join', () => {
  given(ticTacToe, [{ type: 'Joined', player: 'ann' }])
    .when({ type: 'Join', player: 'bob' })
    .thenEvents({ type: 'Joined', player: 'bob' })
    .thenState(({ players }) => players.length === 2)
})

it('refuses a mark out of turn', () => {
  given(ticTacToe, seated).when({ type: 'Mark', player: 'bob', cell: 4 }).thenRejected('not-your-turn')
})

it('is won by three in a row', () => {
  given(ticTacToe, [...seated, marked('ann', 4), marked('bob', 0), marked('ann', 2), marked('bob', 1)])
    .when({ type: 'Mark', player: 'ann', cell: 6 })
    .thenEvents(marked('ann', 6), { type: 'Won', player: 'ann' })
    .thenOver({
      standings: [
        { player: 'ann', place: 1 },
        { player: 'bob', place: 2 },
      ],
      reason: 'three-in-a-row',
    })
})

it('plays in a ledger that keeps all in memory', async () => {
  const ledger = await openLedger({ games: [ticTacToe] })
  const game = ledger.game(ticTacToe, 'game-1')
  const joined = await game.dispatch({ type: 'Join', player: 'ann' }, { commandId: 'join-ann' })
  const again = await game.dispatch({ type: 'Join', player: 'ann' }, { commandId: 'join-ann' })
  expect(isRight(joined) && joined.right.version).toBe(1)
  expect(isRight(again) && again.right.duplicate).toBe(true)
  expect(game.state?.players).toEqual(['ann'])
  await ledger.close()
})
