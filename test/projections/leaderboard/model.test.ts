/**
 * The board against a sorted array, under random rules, events and reads.
 *
 * Few players and small scores, so that nearly all are tied with somebody. Each run has at least 30 steps of one event
 * and three reads: 1 000 runs are at least 120 000 operations, and the last test holds them to that.
 */
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { EventEnvelope, GameResult } from '../../../src/events/envelope.js'
import type { BoardRules } from '../../../src/projections/leaderboard/board.js'
import { elo } from '../../../src/projections/leaderboard/elo.js'
import { glicko2 } from '../../../src/projections/leaderboard/glicko2.js'
import type { LeaderboardOptions } from '../../../src/projections/leaderboard/leaderboard-options.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import { operators } from '../../../src/projections/leaderboard/operator.js'
import type { Rating } from '../../../src/projections/leaderboard/rating.js'
import { tiesRules } from '../../../src/projections/leaderboard/ties.js'
import type { RunningProjection } from '../../../src/projections/projection.js'
import { clockAt, envelopeAt, leaversOf, scoresOf, type Left, type Scored } from '../envelopes.js'
import { misleadings, whileMisled } from './misled-cache.js'
import { SortedBoard, type ModelRow } from './sorted-board.js'

const players = [...Array.from({ length: 10 }, (_, index) => `p${index}`), 'erased:1', 'erased:23']
const player = fc.constantFrom(...players)
const anybody = fc.constantFrom('nobody', ...players)

/** Moves by small steps, so that ratings meet. */
const steps: Rating = (ratings, { standings }) =>
  new Map(standings.map(({ player: id, place }) => [id, (ratings.get(id) ?? 0) + 2 - place]))

const directions = fc.constantFrom('desc', 'asc')
const ties = fc.constantFrom(...tiesRules)
const minGames = fc.constantFrom(0, 0, 1, 2, 3)
const scoring = fc.record<BoardRules>({
  operator: fc.constantFrom(...operators.filter((operator) => operator !== 'streak')),
  direction: directions,
  tieBreak: fc.oneof(fc.constant([]), fc.array(directions, { minLength: 1, maxLength: 2 })),
  ties,
  minGames,
})
const others = fc.record<BoardRules>({
  operator: fc.constantFrom('streak' as const, steps, elo(), glicko2()),
  direction: directions,
  tieBreak: fc.constant([]),
  ties,
  minGames,
})
const anyRules = fc.oneof({ weight: 2, arbitrary: scoring }, { weight: 1, arbitrary: others })

/** A value with more sub-scores than any board takes: cut to size, or bare. */
const value = fc.record({
  parts: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 3, maxLength: 3 }),
  isBare: fc.boolean(),
})

const kinds = ['page', 'top', 'around', 'among', 'one', 'pages', 'onward'] as const
const read = fc.record({
  kind: fc.constantFrom(...kinds),
  player: anybody,
  some: fc.array(anybody, { maxLength: 6 }),
  from: fc.nat(12),
  length: fc.integer({ min: 1, max: 6 }),
})
type Read = (typeof read extends fc.Arbitrary<infer Value> ? Value : never) & { readonly kind: string }

const step = fc.record({
  values: fc.dictionary(player, value, { maxKeys: 4, noNullPrototype: true }),
  leavers: fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(player, { minLength: 1, maxLength: 3 }) },
  ),
  game: fc.nat(5),
  isFinal: fc.boolean(),
  isRepeated: fc.boolean(),
  isReloaded: fc.oneof(
    { weight: 15, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  reads: fc.array(read, { minLength: 3, maxLength: 3 }),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const lives = fc.array(step, { minLength: 30, maxLength: 60, size: 'max' })

let operations = 0

const start = (rules: BoardRules) => {
  const { operator, tieBreak, ...shared } = rules
  const options = typeof operator === 'string' ? { operator, tieBreak, score: scoresOf } : { operator }
  const remove = leaversOf
  return leaderboard({ ...shared, ...options, remove } as LeaderboardOptions<Scored | Left>).start({
    clock: clockAt(),
  })
}

/** The events of a life: a game that has ended is followed by another in its place. */
const eventsOf = (list: readonly Step[], { operator, tieBreak }: BoardRules): EventEnvelope[] => {
  const ended = new Map<number, number>()
  return list.map(({ values, leavers, game, isFinal }, index) => {
    const round = ended.get(game) ?? 0
    if (isFinal) ended.set(game, round + 1)
    const given = Object.entries(values)
    const scores = Object.fromEntries(
      given.map(([id, { parts, isBare }]) => [id, isBare ? parts[0]! : parts.slice(0, 1 + tieBreak.length)]),
    )
    const outcome: GameResult = {
      standings: given.map(([id, { parts }]) => ({ player: id, place: 2 + parts[0]! })),
    }
    const event: Scored | Left =
      leavers.length > 0 ? { type: 'Left', players: leavers } : { type: 'Scored', scores }
    return envelopeAt(index + 1, {
      event,
      gameId: `g${game}.${round}`,
      final: isFinal,
      ...(isFinal && typeof operator !== 'string' && { outcome }),
    })
  })
}

const check = (view: LeaderboardView, model: SortedBoard, rows: readonly ModelRow[], asked: Read): void => {
  const { kind, player: who, some, from, length } = asked
  const at = rows.findIndex((row) => row.player === who)
  operations++
  switch (kind) {
    case 'page':
      expect(view.page(from, length)).toEqual(rows.slice(from, from + length))
      break
    case 'top':
      expect(view.top(length)).toEqual(rows.slice(0, length))
      break
    case 'around':
      expect(view.around(who, length)).toEqual(
        at < 0 ? [] : rows.slice(Math.max(0, at - length), at + length + 1),
      )
      break
    case 'among':
      expect(view.among(some)).toEqual(model.among(some))
      break
    case 'one': {
      const worse = rows.filter((row) => row.score !== rows[at]?.score && rows.indexOf(row) > at).length
      expect([view.count, view.rankOf(who), view.scoreOf(who), view.percentile(who)]).toEqual([
        rows.length,
        rows[at]?.rank,
        rows[at]?.score,
        at < 0 ? undefined : rows.length === 1 ? 1 : worse / (rows.length - 1),
      ])
      break
    }
    case 'pages': {
      let page = view.after(undefined, length)
      const seen = [...page.rows]
      while (page.cursor !== undefined && seen.length <= rows.length)
        seen.push(...(page = view.after(page.cursor, length)).rows)
      expect(seen).toEqual(rows)
      break
    }
    case 'onward': {
      const cursor = view.cursorOf(who)
      expect(cursor === undefined).toBe(at < 0)
      if (cursor !== undefined)
        expect(view.after(cursor, length).rows).toEqual(rows.slice(at + 1, at + 1 + length))
      break
    }
  }
}

const live = (rules: BoardRules, list: readonly Step[]): void => {
  let board: RunningProjection<LeaderboardView> = start(rules)
  const model = new SortedBoard(rules)
  for (const [index, envelope] of eventsOf(list, rules).entries()) {
    const { isRepeated, isReloaded, reads } = list[index]!
    board.apply(envelope)
    if (isRepeated) board.apply(envelope)
    model.apply(envelope)
    operations++
    if (isReloaded) {
      const loaded = start(rules)
      loaded.load(board.save())
      board = loaded
    }
    const rows = model.rows()
    for (const asked of reads) check(board.view, model, rows, asked)
    // The same pages again and again, so that a stale one would be met.
    expect(board.view.page(0, 4)).toEqual(rows.slice(0, 4))
    expect(board.view.page(4, 4)).toEqual(rows.slice(4, 8))
  }
  expect(board.view.page(0, 1000)).toEqual(model.rows())
}

describe('a leaderboard', () => {
  it('stands as a sorted array does, whatever the rules, events and reads, saved, reloaded and told twice', () => {
    fc.assert(fc.property(anyRules, lives, live), { numRuns: 1000 })
  }, 120_000)

  it.each(misleadings)('would be caught if what a change touches %s', async (_, mislead) => {
    const runs = { numRuns: 200, endOnFailure: true }
    const found = await whileMisled(mislead, () => fc.check(fc.property(anyRules, lives, live), runs))
    expect(found.failed).toBe(true)
  })
})

afterAll(() => {
  expect(operations).toBeGreaterThan(100_000)
})
