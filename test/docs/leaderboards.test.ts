/** The chapter of the guide on leaderboards: what it shows is this. */
import {
  accept,
  defineGame,
  glicko2,
  leaderboard,
  NoSuchWindowError,
  openLedger,
  standardBoards,
  type LeaderboardView,
} from 'gameledger'
import { expect, it } from 'vitest'
import { ticTacToe, type TicTacToeEvent } from '../../examples/tic-tac-toe/game.js'
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

it('keeps a board for each window of time', async () => {
  const wins = leaderboard({
    score: (event: TicTacToeEvent) => (event.type === 'Won' ? { [event.player]: 1 } : {}),
    window: ['daily', 'weekly', { rolling: { days: 30 } }, 'all'],
    timeZone: 'Europe/Berlin',
  })

  const clock = { now: () => Date.parse('2026-11-26T10:00Z') }
  const ledger = await openLedger({ games: [ticTacToe], projections: { wins }, clock })
  const game = ledger.game(ticTacToe, 'game-1')
  const occurredAt = Date.parse('2026-11-24T23:30Z')
  for (const command of wonByAnn) await game.dispatch(command, { occurredAt })
  await readAgain(ledger.views.wins)
  await ledger.close()
})

const readAgain = async (wins: LeaderboardView): Promise<void> => {
  const yesterday = await wins.at('daily/2026-11-25')
  const week = await wins.at('weekly')

  expect(wins.top()).toEqual([])
  expect(yesterday.rankOf('ann')).toBe(1)
  expect(week.id).toBe('weekly/2026-11-23')
  expect(wins.windows().map(({ id }) => id)).toEqual([
    'daily/2026-11-26',
    'daily/2026-11-25',
    'weekly/2026-11-23',
    'rolling/30d',
    'all',
  ])
  await expect(wins.at('daily/2026-13-01')).rejects.toThrow(NoSuchWindowError)
}
