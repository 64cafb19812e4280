/** The chapter of the guide on leaderboards: what it shows is this. */
import { accept, defineGame, glicko2, leaderboard, openLedger, standardBoards } from 'gameledger'
import { expect, it } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { wonByAnn } from '../ledger/opened.js'

it('gives a game with a result its standard boards', async () => {
  const ledger = await openLedger({
    games: [ticTacToe],
    projections: {
      ...standardBoards(ticTacToe),
      skill: leaderboard({ operator: glicko2(), kinds: ['tic-tac-toe'] }),
    },
  })
  const game = ledger.game(ticTacToe, 'game-1')
  for (const command of wonByAnn) await game.dispatch(command)

  const { wins, streak, skill } = ledger.views
  expect(wins.top(10)).toMatchObject([
    { rank: 1, player: 'ann', score: 1, games: 1 },
    { rank: 2, player: 'bob', score: 0, games: 1 },
  ])
  expect(streak.rankOf('ann')).toBe(1)
  expect(skill.around('bob', 1)).toHaveLength(2)
  await ledger.close()
})

type LapEvent =
  | { readonly type: 'Driven'; readonly player: string; readonly seconds: number; readonly errors: number }
  | { readonly type: 'Banned'; readonly player: string }

const circuit = defineGame({
  kind: 'circuit',
  initialState: { laps: 0 },
  decide: (event: LapEvent) => accept(event),
  evolve: (state, event: LapEvent) => {
    if (event.type === 'Driven') state.laps++
  },
  isTerminal: () => false,
})

it('ranks laps by the fastest, then by the fewest errors', async () => {
  const fastest = leaderboard({
    score: (event: LapEvent) =>
      event.type === 'Driven' ? { [event.player]: [event.seconds, event.errors] } : {},
    operator: 'best',
    direction: 'asc',
    tieBreak: ['asc'],
    remove: (event) => (event.type === 'Banned' ? [event.player] : []),
  })

  const ledger = await openLedger({ games: [circuit], projections: { fastest } })
  const game = ledger.game(circuit, 'game-1')
  const drive = (player: string, seconds: number, errors: number) =>
    game.dispatch({ type: 'Driven', player, seconds, errors })
  await drive('ann', 71, 2)
  await drive('bob', 71, 0)
  await drive('cid', 65, 9)
  await game.dispatch({ type: 'Banned', player: 'cid' })
  expect(ledger.views.fastest.top()).toMatchObject([
    { rank: 1, player: 'bob', tied: true, subScores: [0] },
    { rank: 1, player: 'ann', tied: true, subScores: [2] },
  ])
  await ledger.close()
})
