import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../../src/events/envelope.js'
import { elo } from '../../../src/projections/leaderboard/elo.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type { ScoreBoardOptions } from '../../../src/projections/leaderboard/leaderboard-options.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import { points, wins } from '../../../src/projections/leaderboard/outcome.js'
import type { RunningProjection } from '../../../src/projections/projection.js'
import {
  clockAt,
  envelopeAt,
  leaversOf,
  leftAt,
  resultOf,
  scoredAt,
  scoresOf,
  type Left,
  type Scored,
} from '../envelopes.js'

const tiesRules = ['competition', 'dense', 'modified', 'ordinal', 'fractional'] as const

const start = (options: Partial<ScoreBoardOptions<Scored>> = {}, clock = clockAt()) =>
  leaderboard({ score: scoresOf, ...options }).start({ clock })

const boardOf = (events: readonly EventEnvelope[], options: Partial<ScoreBoardOptions<Scored>> = {}) => {
  const board = start(options)
  for (const envelope of events) board.apply(envelope)
  return board
}

describe('a leaderboard', () => {
  it('gives each rule of ties its own ranks for 100, 90, 90, 80', () => {
    const scores = { ann: 100, bob: 90, cid: 90, dan: 80 }
    const ranksOf = (ties: (typeof tiesRules)[number]) =>
      boardOf([scoredAt(1, scores)], { ties })
        .view.top(4)
        .map(({ rank }) => rank)
    expect(ranksOf('competition')).toEqual([1, 2, 2, 4])
    expect(ranksOf('dense')).toEqual([1, 2, 2, 3])
    expect(ranksOf('modified')).toEqual([1, 3, 3, 4])
    expect(ranksOf('ordinal')).toEqual([1, 2, 3, 4])
    expect(ranksOf('fractional')).toEqual([1, 2.5, 2.5, 4])
  })

  it('counts an attempt that is no improvement, and leaves the player before equals', () => {
    const board = boardOf([scoredAt(1, { ann: 5 }), scoredAt(2, { bob: 5 }), scoredAt(3, { ann: 4 })], {
      operator: 'best',
    })
    const rows = board.view.top()
    expect(rows.map(({ player, games, attempts }) => [player, games, attempts])).toEqual([
      ['ann', 2, 2],
      ['bob', 1, 1],
    ])
  })

  it('counts a game once, however many values it gives', () => {
    const inGame = { gameId: 'g' }
    const events = [
      scoredAt(1, { ann: 1 }, inGame),
      scoredAt(2, { ann: 1 }, inGame),
      scoredAt(3, { ann: 1 }, { ...inGame, final: true }),
    ]
    expect(boardOf([...events, scoredAt(4, { ann: 1 }, { final: true })]).view.top()).toMatchObject([
      { player: 'ann', score: 4, games: 2, attempts: 4 },
    ])
  })

  it('hands out frozen rows that never change afterwards', () => {
    const board = boardOf([scoredAt(1, { ann: 1 })])
    const rows = board.view.top()
    expect(Object.isFrozen(rows) && Object.isFrozen(rows[0])).toBe(true)
    board.apply(scoredAt(2, { ann: 1, bob: 9 }))
    expect(rows).toMatchObject([{ rank: 1, player: 'ann', score: 1 }])
    expect(board.view.top()).toMatchObject([{ player: 'bob' }, { rank: 2, player: 'ann', score: 2 }])
  })

  it('renders a page once for a burst of readers, and leaves it alone when others move', () => {
    const board = boardOf([scoredAt(1, { ann: 9, bob: 8, cid: 7, dan: 1 })])
    const first = board.view.top(2)
    for (let reader = 0; reader < 100; reader++) expect(board.view.top(2)).toBe(first)
    board.apply(scoredAt(2, { dan: 1 }))
    expect(board.view.top(2)).toBe(first)
    expect(board.cacheStats!()).toMatchObject({ hits: 101, misses: 1 })
    board.apply(scoredAt(3, { cid: 1 }))
    expect(board.view.top(2)).not.toBe(first)
  })

  it('gives a stale page only to who accepts its age', () => {
    const clock = clockAt(0)
    const board = start({ ttlMs: 1000 }, clock)
    board.apply(scoredAt(1, { ann: 1 }))
    const old = board.view.top(2)
    board.apply(scoredAt(2, { bob: 2 }))
    clock.at = 100
    expect(board.view.top(2, { maxAgeMs: 100 })).toBe(old)
    expect(board.view.top(2, { maxAgeMs: 99 })).toMatchObject([{ player: 'bob' }, { player: 'ann' }])
  })

  it('keeps a page for ttlMs of the ledger clock, also one rendered at time 0', () => {
    const clock = clockAt(0)
    const board = start({ ttlMs: 1000 }, clock)
    board.apply(scoredAt(1, { ann: 1 }))
    const old = board.view.top(2)
    clock.at = 1000
    expect(board.view.top(2)).toBe(old)
    clock.at = 1001
    expect(board.view.top(2)).not.toBe(old)
  })

  it('counts each of several games that a player is in at once, also over saving, and when some of them end', () => {
    const inGame = (position: number, gameId: string, final = false) =>
      scoredAt(position, { ann: 1, [`other-${gameId}`]: 1 }, { gameId, final })
    const gamesOf = (board: RunningProjection<LeaderboardView>) => board.view.around('ann', 0)[0]?.games
    const first = boardOf([inGame(1, 'a'), inGame(2, 'b'), inGame(3, 'c'), inGame(4, 'b'), inGame(5, 'a')])
    expect(gamesOf(first)).toBe(3)
    const second = start()
    second.load(first.save())
    for (const board of [first, second]) {
      // The one that counted ann first is over: the others still know that they have.
      board.apply(inGame(6, 'a', true))
      for (const envelope of [
        inGame(7, 'b'),
        inGame(8, 'c'),
        inGame(9, 'd'),
        inGame(10, 'b', true),
        inGame(11, 'c'),
      ])
        board.apply(envelope)
      expect(gamesOf(board)).toBe(4)
      // A game of the same id, later, is another one.
      board.apply(inGame(12, 'b'))
      expect(gamesOf(board)).toBe(5)
    }
    expect(second.save()).toEqual(first.save())
  })

  it('counts a game once whose only event gives a player two values', () => {
    const score = (): [string, number][] => [
      ['ann', 2],
      ['ann', 3],
    ]
    const board = boardOf([scoredAt(1, {}, { final: true }), scoredAt(2, {}, { final: true })], { score })
    expect(board.view.top()).toMatchObject([{ player: 'ann', score: 10, attempts: 4, games: 2 }])
  })

  it('lists a player from minGames games on, at the position where the score was reached', () => {
    const board = start({ minGames: 2, operator: 'best' })
    board.apply(scoredAt(1, { ann: 5 }))
    board.apply(scoredAt(2, { bob: 5 }))
    board.apply(scoredAt(3, { bob: 1 }))
    expect(board.view.top().map(({ player }) => player)).toEqual(['bob'])
    board.apply(scoredAt(4, { ann: 1 }))
    expect(board.view.top().map(({ player }) => player)).toEqual(['ann', 'bob'])
  })

  it('takes any string for a player, the names of object properties included', () => {
    const board = boardOf([
      scoredAt(1, JSON.parse('{"__proto__":3,"constructor":2,"hasOwnProperty":1}') as Record<string, number>),
    ])
    expect(board.view.top().map(({ player }) => player)).toEqual([
      '__proto__',
      'constructor',
      'hasOwnProperty',
    ])
  })

  it('takes pairs for a record, and gives who stands in two of them both values', () => {
    const scores = { ann: 3, bob: 2 }
    const byPairs: ScoreBoardOptions<Scored>['score'] = (event) => Object.entries(scoresOf(event))
    expect(boardOf([scoredAt(1, scores)], { score: byPairs }).view.top()).toEqual(
      boardOf([scoredAt(1, scores)]).view.top(),
    )
    const twice = boardOf([scoredAt(1, scores)], { score: () => [['ann', 1] as const, ['ann', 4] as const] })
    expect(twice.view.top()).toMatchObject([{ player: 'ann', score: 5, attempts: 2, games: 1 }])
  })

  it('refuses a list of anything but pairs of a player and a value', () => {
    const given = (list: unknown) => () =>
      boardOf([scoredAt(1, {})], { score: () => list as readonly (readonly [string, number])[] })
    expect(given([['ann']])).toThrow('score gave [ann] in a list; give pairs [player, value].')
    expect(given(['ann'])).toThrow('score gave ann in a list')
    expect(given([['ann', '5']])).toThrow('for player ann; give a finite number')
    expect(given([[5, 5]])).toThrow(/player id/i)
  })

  it('refuses scores that are no numbers, saying whose', () => {
    expect(() => boardOf([scoredAt(1, { ann: NaN })])).toThrow(/NaN for player ann/)
  })

  it('refuses options that are none, and readers who ask for no number', () => {
    // @ts-expect-error a board needs a score or a rating
    expect(() => leaderboard({})).toThrow(TypeError)
    // @ts-expect-error a rating takes no score
    expect(() => leaderboard({ operator: elo(), score: scoresOf })).toThrow(TypeError)
    // @ts-expect-error no such operator
    expect(() => leaderboard({ operator: 'toString', score: scoresOf })).toThrow(/sum, best/)
    // @ts-expect-error no such rule
    expect(() => leaderboard({ ties: 'random', score: scoresOf })).toThrow(/competition/)
    expect(() => leaderboard({ minGames: -1, score: scoresOf })).toThrow(/minGames/)
    const { view } = start()
    expect(() => view.top(-1)).toThrow(/whole number/)
    expect(() => view.page(0.5, 1)).toThrow(/whole number/)
    expect(() => view.after('x', 1)).toThrow(/Not a cursor/)
  })

  it('gives another version to other rules, so that a saved board is never read by them', () => {
    const versions = [
      {},
      { operator: 'best' },
      { direction: 'asc' },
      { minGames: 3 },
      { tieBreak: ['desc'] },
      { tieBreak: ['asc'] },
      { version: '2' },
      { kinds: ['chess'] },
    ] as const
    const found = versions.map((options) => leaderboard({ score: scoresOf, ...options }).version)
    expect(new Set(found).size).toBe(versions.length)
    expect(leaderboard({ operator: elo({ k: 10 }) }).version).not.toBe(
      leaderboard({ operator: elo() }).version,
    )
  })

  it('takes a score whose event is typed by the user', () => {
    type Event =
      { readonly type: 'Won'; readonly player: string } | { readonly type: 'Marked'; readonly cell: number }
    const board = leaderboard({ score: (e: Event) => (e.type === 'Won' ? { [e.player]: 1 } : {}) }).start({
      clock: clockAt(),
    })
    const won: Event = { type: 'Won', player: 'ann' }
    board.apply(envelopeAt(1, { event: won }))
    expect(board.view.top()).toMatchObject([{ rank: 1, player: 'ann', score: 1 }])
  })
})

describe('an operator', () => {
  const scoresAfter = (options: Partial<ScoreBoardOptions<Scored>>, events: readonly EventEnvelope[]) =>
    boardOf(events, options)
      .view.top()
      .map(({ player, score }) => [player, score])

  it('rate: the values per game, however many values a game gives', () => {
    const events = [
      scoredAt(1, { ann: 1 }, { gameId: 'a' }),
      scoredAt(2, { ann: 2, bob: 1 }, { gameId: 'a' }),
      scoredAt(3, { ann: 0 }, { gameId: 'b' }),
    ]
    expect(scoresAfter({ operator: 'rate' }, events)).toEqual([
      ['ann', 1.5],
      ['bob', 1],
    ])
    expect(scoresAfter({ operator: 'rate', minGames: 2 }, events)).toEqual([['ann', 1.5]])
  })

  it('streak: values above 0 in a row, and the longest as `best`', () => {
    const events = [1, 1, 0, 1, 2, 3, -1, 5].map((value, index) => scoredAt(index + 1, { ann: value }))
    expect(boardOf(events, { operator: 'streak' }).view.top()).toMatchObject([
      { score: 1, best: 3, games: 8 },
    ])
    expect(boardOf(events.slice(0, 3), { operator: 'streak' }).view.top()).toMatchObject([
      { score: 0, best: 2 },
    ])
  })

  it('shows the best score that a player was ever listed with, in the direction of the board', () => {
    const events = [5, 2, 9].map((value, index) => scoredAt(index + 1, { ann: value }))
    const bestOf = (options: Partial<ScoreBoardOptions<Scored>>) =>
      boardOf(events, options).view.top()[0]!.best
    expect(bestOf({ operator: 'last' })).toBe(9)
    expect(bestOf({ operator: 'last', direction: 'asc' })).toBe(2)
    // Of rates over too few games nothing is kept: one game won is 100 %.
    expect(bestOf({ operator: 'rate', minGames: 3 })).toBeCloseTo(16 / 3)
  })
})

describe('sub-scores', () => {
  const golf = { operator: 'best', direction: 'asc', tieBreak: ['desc', 'asc'] } as const

  it('order players of equal score, each in its direction, and leave rank and tie to the score', () => {
    const events = [
      scoredAt(1, { ann: [70, 3, 9] }),
      scoredAt(2, { bob: [70, 5, 9] }),
      scoredAt(3, { cid: [70, 5, 8], dan: [69, 0, 0] }),
    ]
    const rows = boardOf(events, golf).view.top()
    expect(rows.map(({ rank, player, tied, subScores }) => [rank, player, tied, subScores])).toEqual([
      [1, 'dan', false, [0, 0]],
      [2, 'cid', true, [5, 8]],
      [2, 'bob', true, [5, 9]],
      [2, 'ann', true, [3, 9]],
    ])
    expect(Object.isFrozen(rows[0]!.subScores)).toBe(true)
  })

  it('are those of the better attempt as a whole, be it better by a sub-score alone', () => {
    const attempts = [
      [70, 3, 9],
      [71, 9, 0],
      [70, 4, 9],
      [70, 4, 10],
    ]
    const events = attempts.map((value, index) => scoredAt(index + 1, { ann: value }))
    expect(boardOf(events, golf).view.top()).toMatchObject([{ score: 70, subScores: [4, 9], attempts: 4 }])
    expect(boardOf(events, { ...golf, operator: 'worst' }).view.top()).toMatchObject([
      { score: 71, subScores: [9, 0] },
    ])
    expect(boardOf(events, { ...golf, operator: 'last' }).view.top()).toMatchObject([{ subScores: [4, 10] }])
  })

  it('are added up by sum and count, and averaged by rate', () => {
    const events = [scoredAt(1, { ann: [1, 10] }), scoredAt(2, { ann: 2 }), scoredAt(3, { ann: [3, 20] })]
    const shown = (operator: 'sum' | 'count' | 'rate') =>
      boardOf(events, { operator, tieBreak: ['desc'] }).view.top()[0]
    expect(shown('sum')).toMatchObject({ score: 6, subScores: [30] })
    expect(shown('count')).toMatchObject({ score: 3, subScores: [30] })
    expect(shown('rate')).toMatchObject({ score: 2, subScores: [10] })
  })

  it('are refused where there are more or fewer than the board says, or none are possible', () => {
    const board = start({ tieBreak: ['desc', 'desc'] })
    expect(() => board.apply(scoredAt(1, { ann: [1, 2] }))).toThrow(/\[1, 2\] for player ann.*2 sub-scores/)
    expect(() => board.apply(scoredAt(1, { ann: [1, 2, NaN] }))).toThrow(TypeError)
    expect(() => start().apply(scoredAt(1, { ann: [1, 2] }))).toThrow(/give a finite number/)
    expect(() => start({ operator: 'streak', tieBreak: ['desc'] })).toThrow(/got streak/)
    // @ts-expect-error a rating has no sub-scores
    expect(() => leaderboard({ operator: elo(), tieBreak: ['desc'] })).toThrow(/got a rating/)
    // @ts-expect-error no such direction
    expect(() => start({ tieBreak: ['up'] })).toThrow(/'desc' and 'asc'/)
    expect(() => start({ tieBreak: Array.from({ length: 9 }, () => 'asc' as const) })).toThrow(/at most 8/)
  })
})

describe('who leaves', () => {
  const leaving = { score: scoresOf, remove: leaversOf } as const
  const begin = () => leaderboard<Scored | Left>(leaving).start({ clock: clockAt() })

  it('is off the board with all that was remembered, also of a game that goes on', () => {
    const board = begin()
    board.apply(scoredAt(1, { ann: 5, bob: 3 }, { gameId: 'g' }))
    board.apply(leftAt(2, 'ann', 'nobody'))
    expect(board.view.top().map(({ player }) => player)).toEqual(['bob'])
    board.apply(scoredAt(3, { ann: 1, bob: 1 }, { gameId: 'g' }))
    expect(board.view.top()).toMatchObject([
      { player: 'bob', score: 4, games: 1, attempts: 2 },
      { player: 'ann', score: 1, games: 1, attempts: 1, best: 1, lastPlayedAt: 1_003 },
    ])
  })

  it('leaves by the event that says so, whatever it is worth', () => {
    const board = leaderboard<Scored | Left>({ score: () => ({ ann: 1 }), remove: leaversOf }).start({
      clock: clockAt(),
    })
    board.apply(leftAt(1, 'ann'))
    expect(board.view.count).toBe(0)
  })

  it('is named by a list', () => {
    // @ts-expect-error a list of players
    const board = leaderboard<Scored>({ score: scoresOf, remove: () => 'ann' }).start({ clock: clockAt() })
    expect(() => board.apply(scoredAt(1, {}))).toThrow(/remove gave ann; give a list/)
    // @ts-expect-error a function
    expect(() => leaderboard({ score: scoresOf, remove: ['ann'] })).toThrow(/remove must be a function/)
  })
})

describe('an erased player', () => {
  it("is never listed, counted, ranked or found, and stands in nobody's way", () => {
    const erased = 'erased:12'
    const board = boardOf([scoredAt(1, { [erased]: 9, ann: 5, 'erased:x': 4 })])
    const { view } = board
    expect(view.top().map(({ rank, player }) => [rank, player])).toEqual([
      [1, 'ann'],
      [2, 'erased:x'],
    ])
    expect([view.count, view.rankOf(erased), view.scoreOf(erased)]).toEqual([2, undefined, undefined])
    expect(view.percentile('ann')).toBe(1)
    expect([...view.around(erased, 1), ...view.among([erased])]).toEqual([])
  })
})

describe('rows', () => {
  it('say at which position they stood so, and are true for the view until something touches them', () => {
    const board = boardOf([scoredAt(1, { ann: 2, bob: 1 }), scoredAt(2, { cid: 0 })])
    const first = board.view.top(1)
    expect([first.position, board.view.position]).toEqual([2, 2])
    board.apply(scoredAt(3, { cid: 0 }))
    expect(board.view.top(1)).toBe(first)
    expect(board.view.position).toBe(3)
    expect(
      [board.view.around('nobody', 1), board.view.among(['cid'])].map(({ position }) => position),
    ).toEqual([3, 3])
    expect(JSON.parse(JSON.stringify(first))).toHaveLength(1)
  })

  it('are read page by page with at least one', () => {
    expect(() => boardOf([scoredAt(1, { ann: 1 })]).view.after(undefined, 0)).toThrow(/from 1; got 0/)
  })

  it('take a cursor of their own board alone', () => {
    const bare = boardOf([scoredAt(1, { ann: 1 })]).view.cursorOf('ann')!
    expect(() => boardOf([], { tieBreak: ['asc'] }).view.after(bare, 1)).toThrow(/Not a cursor/)
  })

  it('are turned by cursor without repeating or skipping who did not move', () => {
    const amounts = fc.array(
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: -2, max: 2 })),
    )
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 4 }), (list, length) => {
        const board = boardOf(list.map((scores, index) => scoredAt(index + 1, scores)))
        const still = board.view.page(0, 1000).map(({ player }) => player)
        const seen: string[] = []
        let cursor: string | undefined
        let position = list.length
        do {
          const page = board.view.after(cursor, length)
          seen.push(...page.rows.map(({ player }) => player))
          cursor = page.cursor
          board.apply(scoredAt(++position, { mover: position % 2 === 0 ? 1000 : -2001 }))
        } while (cursor !== undefined)
        expect(seen.filter((player) => player !== 'mover')).toEqual(still)
      }),
      { numRuns: 100 },
    )
  })
})

describe('ready scores', () => {
  const apply = (board: RunningProjection<LeaderboardView>, result: ReturnType<typeof resultOf>) =>
    board.apply(envelopeAt(1, { final: true, outcome: result }))

  it('wins: a shared first place wins while somebody is worse, and a game where all tie has no winner', () => {
    const board = leaderboard({ score: wins }).start({ clock: clockAt() })
    apply(board, resultOf(['ann', 'bob'], ['cid']))
    apply(board, resultOf(['ann', 'bob']))
    expect(board.view.top().map(({ player, score }) => [player, score])).toEqual([
      ['ann', 1],
      ['bob', 1],
      ['cid', 0],
    ])
  })

  it('points: what the standings name', () => {
    const board = leaderboard({ score: points }).start({ clock: clockAt() })
    apply(board, {
      standings: [
        { player: 'ann', place: 1, score: 7 },
        { player: 'bob', place: 2 },
      ],
    })
    expect(board.view.top()).toMatchObject([{ player: 'ann', score: 7 }])
    expect(board.view.count).toBe(1)
  })
})
