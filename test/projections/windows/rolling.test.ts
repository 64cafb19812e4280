import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventEnvelope, GameEvent } from '../../../src/events/envelope.js'
import { elo } from '../../../src/projections/leaderboard/elo.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import type { Projection, RunningProjection } from '../../../src/projections/projection.js'
import { clockAt, scoredAt, scoresOf } from '../envelopes.js'

const days = 7
const bucketMs = days * 337_500
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const start = Date.parse('2026-03-20T00:00Z')

const operators = ['sum', 'count', 'best', 'worst', 'last', 'rate'] as const
type RollingOperator = (typeof operators)[number]

interface Left extends GameEvent {
  readonly type: 'Scored'
  readonly scores: Readonly<Record<string, number>>
  readonly left?: readonly string[]
}

interface Rules {
  readonly operator: RollingOperator
  readonly direction: 'desc' | 'asc'
  readonly minGames: number
}

interface Running {
  readonly run: RunningProjection<LeaderboardView>
  readonly view: LeaderboardView
  readonly clock: ReturnType<typeof clockAt>
}

const running = (board: Projection<LeaderboardView>, clock = clockAt(start)): Running => {
  const run = board.start({ clock })
  return { run, view: run.view, clock }
}

const open = (rules: Partial<Rules> = {}): Running =>
  running(
    leaderboard<Left>({
      score: ({ scores }) => scores,
      remove: ({ left = [] }) => left,
      window: { rolling: { days } },
      ...rules,
    }),
  )

interface Entry {
  readonly player: string
  readonly value: number
  readonly bucket: number
  readonly position: number
  readonly game: string
  readonly playedAt: number
}

const bucketOf = (time: number): number => Math.floor(time / bucketMs)

/** Everything that ever happened, gone through again at each look. */
class Model {
  readonly #rules: Rules
  #entries: Entry[] = []
  /** Games that go on, and which players they have counted already. */
  readonly #counted = new Map<string, Set<string>>()
  readonly #isNewGame = new WeakSet<Entry>()
  #newest = 0

  constructor(rules: Rules) {
    this.#rules = rules
  }

  apply(envelope: EventEnvelope): void {
    const { recordedAt, occurredAt = recordedAt, position, gameId: game } = envelope
    const { scores, left = [] } = envelope.event as Left
    this.#newest = recordedAt
    const bucket = bucketOf(Math.min(occurredAt, recordedAt))
    const counted = this.#counted.get(game) ?? new Set()
    for (const [player, value] of Object.entries(scores)) {
      if (bucket <= bucketOf(recordedAt) - 256) continue
      const entry = { player, value, bucket, position, game, playedAt: occurredAt }
      this.#entries.push(entry)
      if (!counted.has(player)) this.#isNewGame.add(entry)
      this.#counted.set(game, counted.add(player))
    }
    this.#entries = this.#entries.filter(({ player }) => !left.includes(player))
    for (const player of left) for (const others of this.#counted.values()) others.delete(player)
    if (envelope.final) this.#counted.delete(game)
  }

  rows(now: number): readonly unknown[] {
    const oldest = bucketOf(Math.max(now, this.#newest)) - 256
    const entries = this.#entries.filter(({ bucket }) => bucket > oldest)
    const names = [...new Set(entries.map(({ player }) => player))]
    const sign = this.#rules.direction === 'desc' ? 1 : -1
    const rows = names
      .map((player) =>
        this.#rowOf(
          player,
          entries.filter((entry) => entry.player === player),
        ),
      )
      .filter(({ games }) => games >= this.#rules.minGames)
      .sort(
        (one, two) =>
          sign * (two.score - one.score) ||
          one.reachedAt - two.reachedAt ||
          (one.player < two.player ? -1 : 1),
      )
    const better = (score: number): number => rows.filter((row) => sign * (row.score - score) > 0).length
    return rows.map(({ player, score, games, attempts, lastPlayedAt }) => ({
      ...{ rank: 1 + better(score), player, score, games, attempts, lastPlayedAt },
    }))
  }

  /** Bucket by bucket: what each is worth, and since which position. */
  #rowOf(player: string, entries: readonly Entry[]) {
    const byTime = [...new Set(entries.map(({ bucket }) => bucket))]
      .sort((one, two) => one - two)
      .map((bucket) => this.#worthOf(entries.filter((entry) => entry.bucket === bucket)))
    const games = Math.max(1, entries.filter((entry) => this.#isNewGame.has(entry)).length)
    const values = byTime.map(({ value }) => value)
    const common = {
      player,
      games,
      attempts: entries.length,
      lastPlayedAt: Math.max(...entries.map(({ playedAt }) => playedAt)),
    }
    const newestOf = (list: readonly { readonly since: number }[]): number =>
      Math.max(...list.map(({ since }) => since))
    const { operator, direction } = this.#rules
    if (operator === 'rate')
      return {
        ...common,
        score: values.reduce((sum, value) => sum + value, 0) / games,
        reachedAt: newestOf(byTime),
      }
    if (operator === 'sum' || operator === 'count') {
      const adding = byTime.filter(({ value }) => value !== 0)
      const reachedAt = adding.length > 0 ? newestOf(adding) : byTime[0]!.since
      return { ...common, score: values.reduce((sum, value) => sum + value, 0), reachedAt }
    }
    if (operator === 'last') {
      const score = values.at(-1)!
      let first = byTime.length - 1
      while (first > 0 && values[first - 1] === score) first--
      return { ...common, score, reachedAt: byTime[first]!.since }
    }
    const score = (operator === 'best') === (direction === 'desc') ? Math.max(...values) : Math.min(...values)
    return { ...common, score, reachedAt: byTime.find(({ value }) => value === score)!.since }
  }

  #worthOf(entries: readonly Entry[]): { readonly value: number; readonly since: number } {
    const { operator, direction } = this.#rules
    let [value, since] = [NaN, 0]
    for (const entry of entries) {
      const before = Number.isNaN(value) ? undefined : value
      if (operator === 'sum' || operator === 'rate') value = (before ?? 0) + entry.value
      else if (operator === 'count') value = (before ?? 0) + 1
      else if (operator === 'last' || before === undefined) value = entry.value
      else if ((operator === 'best') === (direction === 'desc')) value = Math.max(before, entry.value)
      else value = Math.min(before, entry.value)
      if (value !== before || operator === 'rate') since = entry.position
    }
    return { value, since }
  }
}

const players = ['ann', 'bob', 'cid', 'dan', 'eve']

const rules: fc.Arbitrary<Rules> = fc.record({
  operator: fc.constantFrom(...operators),
  direction: fc.constantFrom('desc', 'asc'),
  minGames: fc.constantFrom(0, 0, 2),
})

const step = fc.record({
  later: fc.oneof(fc.constant(0), fc.nat(3 * hourMs), fc.nat(2 * dayMs), fc.constant(bucketMs)),
  // Tenths, for sums of them drift where they are taken off again.
  scores: fc.dictionary(
    fc.constantFrom(...players),
    fc.integer({ min: -2, max: 3 }).map((tenths) => tenths / 10),
    { maxKeys: 2 },
  ),
  left: fc.oneof({ weight: 12, arbitrary: fc.constant([]) }, fc.subarray(players, { maxLength: 1 })),
  ago: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.integer({ min: -dayMs, max: 9 * dayMs }),
  ),
  game: fc.nat(4),
  final: fc.boolean(),
  /** How far the clock is from the events when the board is read; it may have gone back. */
  ahead: fc.oneof(fc.constant(undefined), fc.constant(0), fc.integer({ min: -dayMs, max: 9 * dayMs })),
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const eventsOf = (list: readonly Step[]): readonly EventEnvelope[] => {
  let recordedAt = start
  return list.map(({ later, scores, left, ago, game, final }, index) => {
    recordedAt += later
    const occurredAt = ago === undefined ? {} : { occurredAt: recordedAt - ago }
    const event: Left = { type: 'Scored', scores, left }
    return scoredAt(
      index + 1,
      {},
      { event, recordedAt, gameId: `g${game}-${index >> 4}`, final, ...occurredAt },
    )
  })
}

const steps = fc.array(step, { maxLength: 80, size: 'max' })

const seenOf = (view: LeaderboardView): readonly unknown[] =>
  view.page(0, 100).map(({ rank, player, score, games, attempts, lastPlayedAt }) => ({
    ...{ rank, player, score, games, attempts, lastPlayedAt },
  }))

describe('a rolling window', () => {
  it('stands as all entries of its buckets do, added up anew, whenever it is read', () => {
    fc.assert(
      fc.property(rules, steps, (given, list) => {
        const { run, view, clock } = open(given)
        const model = new Model(given)
        for (const [index, envelope] of eventsOf(list).entries()) {
          run.apply(envelope)
          model.apply(envelope)
          const { ahead } = list[index]!
          if (ahead === undefined) continue
          clock.at = envelope.recordedAt + ahead
          expect(seenOf(view)).toEqual(model.rows(clock.at))
        }
      }),
      // Shrinking eighty steps takes minutes; the seed plays them again.
      { numRuns: 400, endOnFailure: true },
    )
  }, 60_000)

  it('is the same after a save, whoever read it before, and after a rebuild', () => {
    fc.assert(
      fc.property(rules, steps, fc.nat(80), fc.nat(9 * dayMs), (given, list, at, ahead) => {
        const events = eventsOf(list)
        const live = open(given)
        const rebuilt = open(given)
        let later = open(given)
        for (const envelope of events) {
          live.clock.at = envelope.recordedAt + (envelope.position % 3 === 0 ? 8 * dayMs : 0)
          live.view.top(3)
          for (const { run } of [live, rebuilt, later]) run.apply(envelope)
          if (envelope.position !== at) continue
          later = open(given)
          later.run.load(live.run.save())
        }
        const now = (events.at(-1)?.recordedAt ?? start) + ahead
        const all = [live, rebuilt, later].map(({ view, clock }) => {
          clock.at = now
          return [seenOf(view), view.windows()]
        })
        expect(all[1]).toEqual(all[0])
        expect(all[2]).toEqual(all[0])
        expect(live.run.save()).toEqual(rebuilt.run.save())
      }),
      { numRuns: 200, endOnFailure: true },
    )
  }, 60_000)

  it('loses what is older than its days one by one, and drops cached pages then', () => {
    const { run, view, clock } = open()
    run.apply(scoredAt(1, { ann: 5 }, { recordedAt: start }))
    run.apply(scoredAt(2, { bob: 3, ann: 1 }, { recordedAt: start + dayMs }))
    const scores = (time: number): unknown => {
      clock.at = time
      return view.top(10, { maxAgeMs: 0 }).map(({ player, score }) => [player, score])
    }
    expect(scores(start + dayMs)).toEqual([
      ['ann', 6],
      ['bob', 3],
    ])
    expect(scores(start + 6.9 * dayMs)).toEqual(scores(start + dayMs))
    expect(scores(start + 7 * dayMs + bucketMs)).toEqual([
      ['bob', 3],
      ['ann', 1],
    ])
    expect(scores(start + 8 * dayMs + bucketMs)).toEqual([])
  })

  it('is read by its name, is never closed or sealed, and says which days it shows', async () => {
    const { run, view, clock } = open()
    run.apply(scoredAt(1, { ann: 5 }, { recordedAt: start }))
    clock.at = start + dayMs
    const window = await view.at('rolling/7d')
    expect(window.scoreOf('ann')).toBe(5)
    const [status] = view.windows()
    expect(status).toMatchObject({
      id: 'rolling/7d',
      rule: 'rolling/7d',
      closed: false,
      sealed: false,
      count: 1,
    })
    expect(status!.to! - status!.from!).toBe(7 * dayMs)
    expect(status!.from).toBeLessThanOrEqual(clock.at - 7 * dayMs + bucketMs)
    clock.at = start + 9 * dayMs
    expect(window.count).toBe(0)
  })

  it('holds at most 256 entries a player', () => {
    const { run } = open()
    let size = 0
    for (let index = 0; index < 1000; index++) {
      run.apply(scoredAt(index + 1, { ann: 1 }, { recordedAt: start + index * (bucketMs / 2), final: true }))
      if (index === 600) size = run.save().byteLength
    }
    expect(run.save().byteLength).toBeLessThan(size + 64)
  })

  it('keeps orders of equals by sub-scores', () => {
    const clock = clockAt(start)
    const { run, view } = running(
      leaderboard<Left>({
        score: ({ scores }) =>
          Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, [1, value] as const])),
        tieBreak: ['asc'],
        window: { rolling: { days } },
      }),
      clock,
    )
    run.apply(scoredAt(1, { ann: 5, bob: 4 }, { recordedAt: start }))
    clock.at = start
    expect(view.top().map(({ player }) => player)).toEqual(['bob', 'ann'])
  })

  it.each([elo(), 'streak' as const])('refuses an operator whose values cannot leave again', (operator) => {
    const options = typeof operator === 'string' ? { operator, score: scoresOf } : { operator }
    expect(() => leaderboard({ ...options, window: ['all', { rolling: { days } }] })).toThrow(
      /A rolling window takes the operators sum, count, best, worst, last and rate/,
    )
  })
})
