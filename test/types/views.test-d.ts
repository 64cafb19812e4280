/** Views are typed by the projections that a ledger was opened with. */
import {
  defineProjection,
  elo,
  glicko2,
  leaderboard,
  openLedger,
  reactor,
  standardBoards,
  type EventEnvelope,
  type GameClosed,
  type LeaderboardRows,
  type LeaderboardView,
  type PlayerIndexView,
  type Position,
  type Version,
} from 'gameledger'
import { expectTypeOf, test } from 'vitest'
import { ticTacToe, type TicTacToeEvent } from '../../examples/tic-tac-toe/game.js'

const openings = defineProjection({
  name: 'openings',
  version: 1,
  initial: { cells: {} as Record<number, number> },
  apply: (model, { event }: EventEnvelope<TicTacToeEvent>) => {
    if (event.type === 'Marked') model.cells[event.cell] = (model.cells[event.cell] ?? 0) + 1
  },
  view: (model) => ({ of: (cell: number) => model.cells[cell] ?? 0 }),
})

test('each by its name, and players', () => {
  void (async () => {
    const wins = leaderboard({
      score: (event: TicTacToeEvent) => (event.type === 'Won' ? { [event.player]: 1 } : {}),
    })
    const ledger = await openLedger({ games: [ticTacToe], projections: { wins, openings } })
    expectTypeOf(ledger.views.wins).toEqualTypeOf<LeaderboardView>()
    expectTypeOf(ledger.views.openings.of).toEqualTypeOf<(cell: number) => number>()
    expectTypeOf(ledger.views.players).toEqualTypeOf<PlayerIndexView>()
    // @ts-expect-error there is no such view
    expectTypeOf(ledger.views.losses)
    // @ts-expect-error a rank is of a player
    ledger.views.wins.rankOf(4)
  })
})

test('standard boards by their names', () => {
  void (async () => {
    const projections = { ...standardBoards(ticTacToe), openings }
    const ledger = await openLedger({ games: [ticTacToe], projections })
    expectTypeOf(ledger.views['win-rate']).toEqualTypeOf<LeaderboardView>()
    expectTypeOf(ledger.views.rating.top()).toEqualTypeOf<LeaderboardRows>()
    expectTypeOf(ledger.views.rating.among(['ann'])[0]!.overall).toEqualTypeOf<number>()
    expectTypeOf(ledger.views.openings.of).toEqualTypeOf<(cell: number) => number>()
    // @ts-expect-error there is no such board
    expectTypeOf(ledger.views.losses)
    // @ts-expect-error rows are read, not written
    ledger.views.rating.top()[0].score = 1
  })
})

test('a ledger without projections has players alone', () => {
  void (async () => {
    const ledger = await openLedger({ games: [ticTacToe] })
    expectTypeOf(ledger.views.players).toEqualTypeOf<PlayerIndexView>()
    // @ts-expect-error there is no such view
    expectTypeOf(ledger.views.wins)
  })
})

test('a board is scored by events or by a rating, not by both', () => {
  void (() => {
    leaderboard({ operator: elo() })
    // @ts-expect-error a rating needs no score
    leaderboard({ operator: elo(), score: () => ({}) })
    // @ts-expect-error a score is a number
    leaderboard({ score: () => ({ ann: 'one' }) })
    leaderboard({ operator: glicko2({ tau: 0.4 }) })
    leaderboard({
      operator: (ratings) => new Map([...ratings].map(([player, rating]) => [player, rating + 1])),
    })
    leaderboard({ score: () => ({ ann: [3, 120] }), tieBreak: ['asc'] })
    // @ts-expect-error a rating has no sub-scores
    leaderboard({ operator: glicko2(), tieBreak: ['asc'] })
    // @ts-expect-error there is no such operator
    leaderboard({ score: () => ({}), operator: 'average' })
    // @ts-expect-error the event has no such part
    leaderboard({ score: (event: TicTacToeEvent) => ({ ann: event.points }) })
  })
})

test('versions and positions are not mixed', () => {
  expectTypeOf<Version>().not.toExtend<Position>()
  expectTypeOf<Position>().not.toExtend<Version>()
  expectTypeOf<EventEnvelope['position']>().toEqualTypeOf<Position>()
  expectTypeOf<EventEnvelope['version']>().toEqualTypeOf<Version>()
})

test('who hears all events of a game hears its end by the ledger, too', () => {
  void (async () => {
    const ledger = await openLedger({
      games: [ticTacToe],
      idleCloseMs: [{ kind: 'tic-tac-toe', maxIdleMs: 1 }],
    })
    for await (const { event } of ledger.game(ticTacToe, 'a').events()) {
      expectTypeOf(event).toEqualTypeOf<TicTacToeEvent | GameClosed>()
      if (event.type === 'Won') expectTypeOf(event.player).toEqualTypeOf<string>()
    }
    reactor({
      ...{ name: 'ear', of: ticTacToe, from: 'now' },
      on: ({ event }) => void expectTypeOf(event).toEqualTypeOf<TicTacToeEvent | GameClosed>(),
    })
    // @ts-expect-error rules have names of their own
    await openLedger({ games: [ticTacToe], idleCloseMs: [{ kind: 'tic-tac-toe', maxAgeMs: 1 }] })
  })
})
