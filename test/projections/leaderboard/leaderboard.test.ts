import { describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../../src/events/envelope.js'
import { elo } from '../../../src/projections/leaderboard/elo.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type { ScoreBoardOptions } from '../../../src/projections/leaderboard/leaderboard-options.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import { points, wins } from '../../../src/projections/leaderboard/outcome.js'
import type { RunningProjection } from '../../../src/projections/projection.js'
import { clockAt, envelopeAt, resultOf, scoredAt, scoresOf, type Scored } from '../envelopes.js'

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
