import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventEnvelope, GameEvent } from '../../../src/events/envelope.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type {
  LeaderboardReads,
  LeaderboardView,
} from '../../../src/projections/leaderboard/leaderboard-view.js'
import type { RunningProjection } from '../../../src/projections/projection.js'
import { calendarOf, type CalendarRule } from '../../../src/projections/windows/calendar.js'
import { NoSuchWindowError } from '../../../src/projections/windows/no-such-window.js'
import { windowPlanOf, type WindowOptions } from '../../../src/projections/windows/window-rule.js'
import { clockAt, scoredAt } from '../envelopes.js'
import { LossyPages } from './lossy-pages.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const start = Date.parse('2026-03-20T00:00Z')

interface Left extends GameEvent {
  readonly type: 'Scored'
  readonly scores: Readonly<Record<string, number>>
  readonly left?: readonly string[]
}

const scoresOf = ({ scores }: Left): Left['scores'] => scores

interface Running {
  readonly run: RunningProjection<LeaderboardView>
  readonly view: LeaderboardView
  readonly clock: ReturnType<typeof clockAt>
  readonly pages: LossyPages
}

const open = (options: WindowOptions, pages = new LossyPages(), clock = clockAt(start)): Running => {
  const run = leaderboard<Left>({ score: scoresOf, remove: ({ left = [] }) => left, ...options }).start({
    clock,
    pages,
  })
  return { run, view: run.view, clock, pages }
}

const rowsOf = (view: LeaderboardReads): unknown[] => [...view.page(0, 1000)]
const namesOf = (view: LeaderboardReads): readonly string[] => view.page(0, 1000).map(({ player }) => player)

/** Everything that can be seen of a board. */
const seenOf = async (view: LeaderboardView): Promise<unknown> => {
  const windows = view.windows(Infinity)
  const rows = await Promise.all(windows.map(async ({ id }) => rowsOf(await view.at(id))))
  return { windows, rows, open: rowsOf(view), position: view.position }
}

/** Windows as anybody would write them down: all events, gone through again for each answer. */
class Model {
  readonly #options: WindowOptions
  readonly #rules: readonly CalendarRule[]
  readonly #events: EventEnvelope[] = []

  constructor(options: WindowOptions) {
    this.#options = options
    this.#rules = windowPlanOf(options).rules as readonly CalendarRule[]
  }

  apply(envelope: EventEnvelope): void {
    this.#events.push(envelope)
  }

  /** By id: the window's rows as [rank, player, score], and whether it is sealed. */
  windows(): ReadonlyMap<string, { readonly rows: readonly unknown[]; readonly sealed: boolean }> {
    const plan = windowPlanOf(this.#options)
    const found = new Map<string, { rows: readonly unknown[]; sealed: boolean }>()
    for (const rule of this.#rules) {
      const calendar = calendarOf(rule, plan)
      const windows = new Map<string, Map<string, { score: number; reachedAt: number }>>()
      const seals = new Map<string, number>()
      for (const envelope of this.#events) {
        const { scores, left = [] } = envelope.event as Left
        const span = calendar.at(envelope.occurredAt ?? envelope.recordedAt)
        if (span && Object.keys(scores).length > 0) {
          const id = calendar.idOf(span.key)
          const players = windows.get(id) ?? new Map<string, { score: number; reachedAt: number }>()
          windows.set(id, players)
          for (const [player, value] of Object.entries(scores)) {
            const known = players.get(player)
            const score = (known?.score ?? 0) + value
            if (score !== known?.score) players.set(player, { score, reachedAt: envelope.position })
          }
          const seal = seals.get(id) ?? span.to + plan.graceMs
          seals.set(id, seal < envelope.recordedAt ? envelope.recordedAt + plan.graceMs : seal)
        }
        for (const player of left) for (const players of windows.values()) players.delete(player)
      }
      const now = this.#events.at(-1)?.recordedAt ?? -Infinity
      for (const [id, players] of windows)
        found.set(id, { rows: ranked(players), sealed: seals.get(id)! < now })
    }
    return found
  }
}

const ranked = (players: ReadonlyMap<string, { score: number; reachedAt: number }>): readonly unknown[] => {
  const order = [...players].sort(
    ([name, one], [other, two]) =>
      two.score - one.score || one.reachedAt - two.reachedAt || (name < other ? -1 : 1),
  )
  return order.map(([player, { score }]) => [
    1 + order.filter(([, row]) => row.score > score).length,
    player,
    score,
  ])
}

const season = Array.from({ length: 12 }, (_, index) => {
  const from = start - 200 * dayMs + index * 37 * dayMs
  return { name: `s${index}`, from, to: from + (index % 3 === 0 ? 37 : 20) * dayMs }
})

const options = fc.record({
  window: fc.subarray(['all', 'daily', 'weekly', 'monthly', { season }] as const, { minLength: 1 }),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Apia'),
  firstDayOfWeek: fc.constantFrom('monday', 'sunday'),
  graceMs: fc.constantFrom(0, hourMs, 3 * dayMs),
})

const players = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']

const step = fc.record({
  later: fc.oneof(fc.nat(hourMs), fc.constant(0), fc.nat(3 * dayMs)),
  scores: fc.dictionary(fc.constantFrom(...players), fc.integer({ min: -1, max: 3 }), { maxKeys: 2 }),
  left: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.subarray(players, { maxLength: 1 })),
  /** How long ago it happened, where the event says so: imports, and what is told from the future. */
  ago: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    fc.integer({ min: -2 * dayMs, max: 2 * dayMs }),
    fc.integer({ min: 0, max: 150 * dayMs }),
  ),
  game: fc.nat(5),
  final: fc.boolean(),
})

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const eventsOf = (steps: readonly Step[]): EventEnvelope[] => {
  let recordedAt = start
  return steps.map(({ later, scores, left, ago, game, final }, index) => {
    recordedAt += later
    const event = { type: 'Scored', scores, left }
    const occurredAt = ago === undefined ? {} : { occurredAt: recordedAt - ago }
    return scoredAt(
      index + 1,
      {},
      { event, recordedAt, gameId: `g${game}-${index >> 3}`, final, ...occurredAt },
    )
  })
}

const steps = fc.array(step, { maxLength: 160, size: 'max' })

describe('the windows of a leaderboard', () => {
  it('stand as a list of all events does, gone through again for each window', async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        steps,
        fc.integer({ min: -dayMs, max: 400 * dayMs }),
        async (given, list, clockAhead) => {
          const { run, view, clock } = open(given)
          const model = new Model(given)
          const events = eventsOf(list)
          for (const [index, envelope] of events.entries()) {
            run.apply(envelope)
            model.apply(envelope)
            if (index % 40 !== 39 && index !== events.length - 1) continue
            clock.at = envelope.recordedAt + (index % 3 === 0 ? clockAhead : 0)
            const expected = model.windows()
            const listed = view.windows(Infinity)
            for (const [id, { rows, sealed }] of expected) {
              const window = await view.at(id)
              expect(window.page(0, 1000).map(({ rank, player, score }) => [rank, player, score])).toEqual(
                rows,
              )
              expect(window.sealed).toBe(sealed)
              const status = listed.find((line) => line.id === id)!
              expect(status).toMatchObject({ id, sealed, closed: (status.to ?? Infinity) <= clock.at })
              expect([rows.length, undefined]).toContain(status.count)
            }
            for (const { id, count } of listed) if (!expected.has(id)) expect(count).toBe(0)
          }
        },
      ),
      { numRuns: 120 },
    )
  }, 60_000)

  it('are the same after any crash, whichever pages it takes', async () => {
    const crashes = fc.array(fc.record({ save: fc.nat(160), crash: fc.nat(160) }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(options, steps, crashes, async (given, list, plan) => {
        const events = eventsOf(list)
        const never = open(given)
        for (const envelope of events) never.run.apply(envelope)
        let now = open(given, new LossyPages())
        let saved: { model: Uint8Array; pages: readonly number[]; position: number } | undefined
        let at = 0
        const crashAt = plan.map(({ crash }) => crash)
        while (at < events.length) {
          now.run.apply(events[at]!)
          at++
          if (plan.some(({ save }) => save === at))
            saved = { model: now.run.save(), pages: [...now.run.pages!()], position: at }
          const due = crashAt.indexOf(at)
          if (due < 0) continue
          crashAt.splice(due, 1)
          now.pages.lose(saved?.pages ?? [])
          now = open(given, now.pages)
          if (saved) now.run.load(saved.model)
          at = saved?.position ?? 0
        }
        never.clock.at = now.clock.at = events.at(-1)?.recordedAt ?? start
        expect(await seenOf(now.view)).toEqual(await seenOf(never.view))
      }),
      { numRuns: 120 },
    )
  }, 60_000)

  it('are, live, what a rebuild makes of the same events, at any position and whoever reads meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(options, steps, fc.nat(160), async (given, list, until) => {
        const events = eventsOf(list).slice(0, until)
        const live = open(given)
        for (const envelope of events) {
          live.clock.at = envelope.recordedAt + 5 * dayMs
          live.run.apply(envelope)
          live.view.top(3)
          if (envelope.position % 7 === 0) for (const { id } of live.view.windows(1)) await live.view.at(id)
        }
        const rebuilt = open(given)
        for (const envelope of events) rebuilt.run.apply(envelope)
        rebuilt.clock.at = live.clock.at
        expect(await seenOf(rebuilt.view)).toEqual(await seenOf(live.view))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('pass over events that they have applied already', () => {
    const { run, view } = open({ window: 'daily' })
    const event = scoredAt(1, { ann: 2 }, { recordedAt: start })
    run.apply(event)
    run.apply(event)
    expect(view.scoreOf('ann')).toBe(2)
  })
})

const day = (number: number, hours = 0): number => start + number * dayMs + hours * hourMs

describe('the window that is open', () => {
  it('is the one that is read, so a daily board is empty after midnight until somebody scores', () => {
    const { run, view, clock } = open({ window: ['daily', 'all'] })
    run.apply(scoredAt(1, { ann: 3 }, { recordedAt: day(0, 10) }))
    clock.at = day(0, 23)
    expect(namesOf(view)).toEqual(['ann'])
    clock.at = day(1)
    expect(namesOf(view)).toEqual([])
    expect([view.count, view.rankOf('ann'), view.top(1)]).toEqual([0, undefined, []])
    run.apply(scoredAt(2, { bob: 1 }, { recordedAt: day(1, 1) }))
    expect(namesOf(view)).toEqual(['bob'])
  })

  it('is never answered from the cached page of yesterday', () => {
    const { run, view, clock } = open({ window: 'daily' })
    run.apply(scoredAt(1, { ann: 3 }, { recordedAt: day(0, 23) }))
    clock.at = day(1) - 1
    expect(view.top(10, { maxAgeMs: dayMs })).toHaveLength(1)
    clock.at = day(1)
    expect(view.top(10, { maxAgeMs: dayMs })).toHaveLength(0)
  })

  it('is none between seasons, and the board is empty', async () => {
    const list = [
      { name: 'one', from: day(0), to: day(1) },
      { name: 'two', from: day(3), to: day(4) },
    ]
    const { run, view, clock } = open({ window: { season: list } })
    run.apply(scoredAt(1, { ann: 3 }, { recordedAt: day(0, 1) }))
    run.apply(scoredAt(2, { bob: 3 }, { recordedAt: day(2) }))
    clock.at = day(2)
    expect(namesOf(view)).toEqual([])
    await expect(view.at('season')).rejects.toThrow(NoSuchWindowError)
    expect(view.windows().map(({ id }) => id)).toEqual(['season/one'])
    expect(namesOf(await view.at('season/one'))).toEqual(['ann'])
  })
})

describe('a window', () => {
  it('is asked for by its id or by its rule', async () => {
    const { run, view, clock } = open({ window: ['daily', 'weekly', 'monthly', 'all'] })
    run.apply(scoredAt(1, { ann: 3 }, { recordedAt: day(0, 10) }))
    clock.at = day(0, 11)
    const ids = [
      'daily/2026-03-20',
      'weekly/2026-03-16',
      'monthly/2026-03',
      'all',
      'daily',
      'weekly',
      'monthly',
    ]
    for (const id of ids) expect(namesOf(await view.at(id))).toEqual(['ann'])
    expect((await view.at('weekly')).id).toBe('weekly/2026-03-16')
    expect(await view.at('all')).not.toHaveProperty('to')
    const { from, to, closed, sealed, rule } = await view.at('daily')
    expect({ from, to, closed, sealed, rule }).toEqual({
      ...{ from: day(0), to: day(1), closed: false, sealed: false, rule: 'daily' },
    })
  })

  it.each(['daily/2026-03-21', 'daily/2026-02-30', 'hourly', 'weekly/2026-03-16', '', 'daily/x'])(
    'that does not exist or has not begun is refused: %j',
    async (id) => {
      const { view } = open({ window: 'daily' })
      await expect(view.at(id)).rejects.toMatchObject({
        name: 'NoSuchWindowError',
        code: 'no-such-window',
        window: id,
      })
    },
  )

  it('in which nothing happened is an empty board, not an error', async () => {
    const window = await open({ window: 'daily' }).view.at('daily/2020-01-01')
    expect([rowsOf(window), window.closed, window.count]).toEqual([[], true, 0])
  })

  it('ranks its own players on every page, whatever is going on in the others', async () => {
    const { run, view, clock } = open({ window: 'daily' })
    const names = Array.from({ length: 30 }, (_, index) => `p${String(index).padStart(2, '0')}`)
    let position = 0
    for (const [index, name] of names.entries())
      run.apply(scoredAt(++position, { [name]: 30 - index }, { recordedAt: day(0, 1) }))
    clock.at = day(1, 2)
    const yesterday = await view.at('daily/2026-03-20')
    const pages = (): unknown[] =>
      [0, 10, 20].map((from) => yesterday.page(from, 10).map(({ rank, player }) => [rank, player]))
    const before = pages()
    for (const [index, name] of names.entries())
      run.apply(scoredAt(++position, { [name]: index }, { recordedAt: day(1, 3) }))
    expect(pages()).toEqual(before)
    expect(before.flat()).toEqual(names.map((name, index) => [index + 1, name]))
    expect(yesterday.around('p10', 1).map(({ rank }) => rank)).toEqual([10, 11, 12])
    expect(yesterday.rankOf('p29')).toBe(30)
    expect(view.rankOf('p29')).toBe(1)
  })

  it('ends where the next one begins: a score in that moment counts once, in the next', async () => {
    const list = [
      { name: 'one', from: day(0), to: day(1) },
      { name: 'two', from: day(1), to: day(1, 5) },
    ]
    const { run, view, clock } = open({ window: ['daily', { season: list }] })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(1) - 1 }))
    run.apply(scoredAt(2, { ann: 10 }, { recordedAt: day(1) }))
    run.apply(scoredAt(3, { ann: 100 }, { recordedAt: day(1, 5) }))
    clock.at = day(1, 6)
    const scores = ['daily/2026-03-20', 'daily/2026-03-21', 'season/one', 'season/two'].map(async (id) =>
      (await view.at(id)).scoreOf('ann'),
    )
    expect(await Promise.all(scores)).toEqual([1, 110, 1, 10])
  })

  it('of a day, a week and a month are three', async () => {
    const { run, view, clock } = open({ window: ['daily', 'weekly', 'monthly'] })
    for (const [index, days] of [0, 1, 4, 12].entries())
      run.apply(scoredAt(index + 1, { ann: 1 }, { recordedAt: day(days, 1) }))
    clock.at = day(12, 2)
    const counted = view.windows().map(async ({ id }) => [id, (await view.at(id)).scoreOf('ann')])
    expect(await Promise.all(counted)).toEqual([
      ['daily/2026-04-01', 1],
      ['daily/2026-03-24', 1],
      ['daily/2026-03-21', 1],
      ['daily/2026-03-20', 1],
      ['weekly/2026-03-30', 1],
      ['weekly/2026-03-23', 1],
      ['weekly/2026-03-16', 2],
      ['monthly/2026-04', 1],
      ['monthly/2026-03', 3],
    ])
  })

  it('follows the events for as long as it is held: paged out, reopened, and paged out again', async () => {
    const { run, view, clock } = open({ window: 'daily', graceMs: hourMs })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(0, 1) }))
    clock.at = day(0, 2)
    const window = await view.at('daily')
    expect([window.scoreOf('ann'), window.sealed, window.closed]).toEqual([1, false, false])
    run.apply(scoredAt(2, { ann: 1 }, { recordedAt: day(0, 3) }))
    expect(window.scoreOf('ann')).toBe(2)
    run.apply(scoredAt(3, {}, { recordedAt: day(2) }))
    clock.at = day(2)
    expect([window.scoreOf('ann'), window.sealed, window.closed]).toEqual([2, true, true])
    run.apply(scoredAt(4, { ann: 5 }, { recordedAt: day(3), occurredAt: day(0, 5) }))
    expect([window.scoreOf('ann'), window.sealed]).toEqual([7, false])
    run.apply(scoredAt(5, { ann: 5 }, { recordedAt: day(3), occurredAt: day(0, 5) }))
    run.apply(scoredAt(6, {}, { recordedAt: day(4) }))
    expect([window.scoreOf('ann'), window.sealed]).toEqual([12, true])
    expect((await view.at('daily/2026-03-20')).scoreOf('ann')).toBe(12)
  })
})

describe('sealing', () => {
  it('comes when an event is recorded behind end and grace, and not by the clock', async () => {
    const { run, view, clock } = open({ window: 'daily', graceMs: hourMs })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(0, 1) }))
    clock.at = day(9)
    const window = await view.at('daily/2026-03-20')
    expect([window.closed, window.sealed]).toEqual([true, false])
    run.apply(scoredAt(2, {}, { recordedAt: day(1, 1) }))
    expect(window.sealed).toBe(false)
    run.apply(scoredAt(3, {}, { recordedAt: day(1, 1) + 1 }))
    expect(window.sealed).toBe(true)
  })

  it('gives a window that an import reopens its grace anew', async () => {
    const { run, view, clock } = open({ window: 'daily', graceMs: hourMs })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(50), occurredAt: day(0, 1) }))
    clock.at = day(50)
    const window = await view.at('daily/2026-03-20')
    expect([window.closed, window.sealed]).toEqual([true, false])
    run.apply(scoredAt(2, { ann: 1 }, { recordedAt: day(50, 1) }))
    expect(window.sealed).toBe(false)
    run.apply(scoredAt(3, { ann: 1 }, { recordedAt: day(50, 1) + 1 }))
    expect(window.sealed).toBe(true)
  })

  it('counts an event without a date of its own by when it was recorded', () => {
    const { run, view, clock } = open({ window: 'daily' })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(3, 1) }))
    clock.at = day(3, 2)
    expect(namesOf(view)).toEqual(['ann'])
  })

  it('puts a window on a page, which is read without blocking, once for many readers, and kept for a while', async () => {
    const { run, view, clock, pages } = open({ window: 'daily', graceMs: 0 })
    run.apply(scoredAt(1, { ann: 1 }, { recordedAt: day(0, 1) }))
    run.apply(scoredAt(2, { bob: 1 }, { recordedAt: day(2) }))
    expect(pages.asked).toEqual({ puts: 1, gets: 0, reads: 0 })
    clock.at = day(2)
    const windows = await Promise.all(Array.from({ length: 100 }, async () => view.at('daily/2026-03-20')))
    for (const window of windows) expect(namesOf(window)).toEqual(['ann'])
    await view.at('daily/2026-03-20')
    expect(pages.asked).toEqual({ puts: 1, gets: 0, reads: 1 })
    clock.at += 60_001
    expect(namesOf(windows[0]!)).toEqual(['ann'])
    expect(namesOf(await view.at('daily/2026-03-20'))).toEqual(['ann'])
    expect(pages.asked).toEqual({ puts: 1, gets: 0, reads: 2 })
  })
})

describe('a player who leaves', () => {
  const leaving = (position: number, player: string, recordedAt: number): EventEnvelope =>
    scoredAt(position, {}, { event: { type: 'Scored', scores: {}, left: [player] } as Left, recordedAt })

  it('is off every window, on pages and in memory, also after a save', async () => {
    const { run, view, clock, pages } = open({ window: ['daily', 'all'], graceMs: 0 })
    run.apply(scoredAt(1, { ann: 1, bob: 2 }, { recordedAt: day(0, 1) }))
    run.apply(scoredAt(2, { ann: 1, bob: 2 }, { recordedAt: day(2) }))
    clock.at = day(2)
    const window = await view.at('daily/2026-03-20')
    expect(namesOf(window)).toEqual(['bob', 'ann'])
    run.apply(leaving(3, 'bob', day(2)))
    expect(namesOf(window)).toEqual(['ann'])
    for (const id of ['daily/2026-03-20', 'daily', 'all']) expect(namesOf(await view.at(id))).toEqual(['ann'])
    expect(view.windows().find(({ id }) => id === 'daily/2026-03-20')).not.toHaveProperty('count')
    const again = open({ window: ['daily', 'all'], graceMs: 0 }, pages, clock)
    again.run.load(run.save())
    expect(namesOf(await again.view.at('daily/2026-03-20'))).toEqual(['ann'])
    again.run.apply(scoredAt(4, { bob: 9 }, { recordedAt: day(2), occurredAt: day(0, 2) }))
    expect((await again.view.at('daily/2026-03-20')).scoreOf('bob')).toBe(9)
  })
})

describe('a century of days', () => {
  it('is imported in any order with at most 64 boards in memory, saved small and listed whole', async () => {
    const days = 36_525
    const { run, view, clock, pages } = open({ window: 'daily' })
    const century = Date.parse('1926-01-01T00:00Z')
    for (let index = 0; index < days; index++)
      run.apply(
        scoredAt(index + 1, { ann: 1 }, { recordedAt: start, occurredAt: century + index * dayMs + hourMs }),
      )
    for (let index = 0; index < 500; index++) {
      const occurredAt = century + ((index * 7_919) % days) * dayMs
      run.apply(scoredAt(days + index + 1, { ann: 1 }, { recordedAt: start, occurredAt }))
    }
    clock.at = start
    expect(pages.asked.puts - pages.asked.gets).toBe(days - 64)
    expect(view.windows()).toHaveLength(100)
    expect(view.windows(Infinity)).toHaveLength(days + 1)
    expect((await view.at('daily/1926-01-01')).scoreOf('ann')).toBe(2)
    const saved = run.save()
    expect(saved.byteLength).toBeLessThan(days * 64 + 64 * 2048)
    const again = open({ window: 'daily' }, pages)
    again.run.load(saved)
    expect(again.view.windows(Infinity)).toEqual(view.windows(Infinity))
    expect(run.pages!()).toHaveLength(days - 64)
  })
})

describe('the options of windows', () => {
  it('belong to the version of the board', () => {
    const versionOf = (given: WindowOptions): string =>
      leaderboard<Left>({ score: scoresOf, ...given }).version
    const versions = [
      {},
      { window: 'daily' },
      { window: ['daily', 'all'] },
      { window: 'daily', timeZone: 'Europe/Berlin' },
      { window: 'weekly' },
      { window: 'weekly', firstDayOfWeek: 'sunday' },
      { window: 'daily', graceMs: 5 },
      { window: { rolling: { days: 7 } } },
      { window: { rolling: { days: 8 } } },
      { window: { season } },
    ] as const
    expect(new Set(versions.map(versionOf)).size).toBe(versions.length)
    expect(versionOf({})).toBe(versionOf({ window: 'all', timeZone: 'UTC' }))
  })
})
