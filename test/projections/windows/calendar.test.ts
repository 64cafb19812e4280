import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarOf, type Calendar } from '../../../src/projections/windows/calendar.js'
import { dayOf, TimeZone } from '../../../src/projections/windows/time-zone.js'
import { windowPlanOf, type WindowOptions } from '../../../src/projections/windows/window-rule.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'America/Sitka',
  'Asia/Manila',
  'Asia/Kathmandu',
  'Africa/Casablanca',
]

type CalendarRule = Parameters<typeof calendarOf>[0]

const calendar = (rule: CalendarRule, options: WindowOptions = {}): Calendar =>
  calendarOf(rule, windowPlanOf({ window: rule, ...options }))

const at = (text: string): number => Date.parse(text)

const idAt = (windows: Calendar, time: number | string): string | undefined => {
  const span = windows.at(typeof time === 'string' ? at(time) : time)
  return span && windows.idOf(span.key)
}

const hoursOf = (windows: Calendar, id: string): number => {
  const { from, to } = windows.of(windows.keyOf(id)!)!
  return (to - from) / hourMs
}

const formats = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  ]),
)

/** The date that clocks in a zone show, worked out by Intl in another way than ours. */
const dateIn = (zone: string, time: number): string => {
  const parts = Object.fromEntries(
    formats
      .get(zone)!
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  )
  return `${parts['year']!.padStart(4, '0')}-${parts['month']}-${parts['day']}`
}

const times = fc.integer({ min: at('1820-01-01'), max: at('2120-01-01') })
/** Close to changes of clocks: each of these was one, in one of the zones. */
const changes = [
  '1844-12-31T16:00Z',
  '1867-10-18T09:00Z',
  '1969-09-30T13:00Z',
  '1993-08-21T12:00Z',
  '2000-10-29T02:30Z',
  '2006-10-29T02:31Z',
  '2011-12-30T10:00Z',
  '2017-10-15T03:00Z',
  '2018-02-18T02:00Z',
  '2024-04-06T15:00Z',
  '2024-10-05T15:30Z',
  '2026-03-29T01:00Z',
  '2026-10-25T01:00Z',
].map(at)
const timesNearChanges = fc
  .tuple(
    fc.constantFrom(...changes),
    fc.oneof(fc.integer({ min: -2 * dayMs, max: 2 * dayMs }), fc.integer({ min: -hourMs, max: hourMs })),
  )
  .map(([change, distance]) => change + distance)

const moments = fc.oneof(times, timesNearChanges)
const rules = fc.constantFrom('daily', 'weekly', 'monthly')
const firstDays = fc.constantFrom('sunday', 'monday', 'saturday')

const season = (name: string, from: number, to: number) => ({ name, from, to })

describe('a calendar', () => {
  it('tiles time without gap or overlap, in every zone', () => {
    fc.assert(
      fc.property(
        moments,
        rules,
        fc.constantFrom(...zones),
        firstDays,
        (time, rule, timeZone, firstDayOfWeek) => {
          const fresh = (): Calendar => calendar(rule, { timeZone, firstDayOfWeek })
          const windows = fresh()
          const span = windows.at(time)!
          expect(span.from).toBeLessThanOrEqual(time)
          expect(span.to).toBeGreaterThan(time)
          const next = windows.at(span.to)!
          const previous = windows.at(span.from - 1)!
          expect(next.from).toBe(span.to)
          expect(previous.to).toBe(span.from)
          expect(next.key).toBeGreaterThan(span.key)
          expect(previous.key).toBeLessThan(span.key)
          // Nothing depends on what was asked before, and ids lead back.
          expect(fresh().at(time)).toEqual(span)
          expect(windows.keyOf(windows.idOf(span.key))).toBe(span.key)
          expect(windows.of(span.key)).toEqual(span)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('begins a day at the first moment at which clocks show its date or a later one', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (time, timeZone) => {
        const windows = calendar('daily', { timeZone })
        const { key, from } = windows.at(time)!
        const date = windows.idOf(key).slice('daily/'.length)
        expect(dateIn(timeZone, from) >= date).toBe(true)
        expect(dateIn(timeZone, from - 1) < date).toBe(true)
        for (let back = 1; back <= 60; back++)
          expect(dateIn(timeZone, from - back * hourMs) < date).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('begins weeks and months with the days that they are named for', () => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), firstDays, (time, timeZone, firstDayOfWeek) => {
        const zone = new TimeZone(timeZone)
        const weeks = calendar('weekly', { timeZone, firstDayOfWeek })
        const week = weeks.at(time)!
        const first = weeks.idOf(week.key).slice('weekly/'.length)
        const day = at(`${first}T00:00Z`) / dayMs
        expect(week).toMatchObject({ from: zone.startOf(day), to: zone.startOf(day + 7) })
        const names = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
        expect(names[new Date(`${first}T00:00Z`).getUTCDay()]).toBe(firstDayOfWeek)
        const months = calendar('monthly', { timeZone })
        const month = months.at(time)!
        const [year, number] = months.idOf(month.key).slice('monthly/'.length).split('-').map(Number)
        expect(month.from).toBe(zone.startOf(dayOf(year!, number! - 1, 1)))
        expect(month.to).toBe(zone.startOf(dayOf(year!, number!, 1)))
      }),
      { numRuns: 300 },
    )
  })

  it('has days of 23 and of 25 hours at summer time', () => {
    const berlin = calendar('daily', { timeZone: 'Europe/Berlin' })
    expect(hoursOf(berlin, 'daily/2026-03-29')).toBe(23)
    expect(hoursOf(berlin, 'daily/2026-10-25')).toBe(25)
    expect(hoursOf(berlin, 'daily/2026-11-26')).toBe(24)
    expect(idAt(berlin, '2026-11-25T23:00Z')).toBe('daily/2026-11-26')
    expect(idAt(berlin, '2026-11-25T22:59:59.999Z')).toBe('daily/2026-11-25')
  })

  it('knows a summer time of half an hour, and one that begins at midnight', () => {
    const lordHowe = calendar('daily', { timeZone: 'Australia/Lord_Howe' })
    expect(hoursOf(lordHowe, 'daily/2024-04-07')).toBe(24.5)
    expect(hoursOf(lordHowe, 'daily/2024-10-06')).toBe(23.5)
    const saoPaulo = calendar('daily', { timeZone: 'America/Sao_Paulo' })
    expect(hoursOf(saoPaulo, 'daily/2017-10-15')).toBe(23)
    expect(hoursOf(saoPaulo, 'daily/2018-02-17')).toBe(25)
    expect(saoPaulo.at(at('2017-10-15T12:00Z'))!.from).toBe(at('2017-10-15T03:00Z'))
  })

  it('has no window for a day that a zone skipped', () => {
    const apia = calendar('daily', { timeZone: 'Pacific/Apia' })
    const skipped = apia.keyOf('daily/2011-12-30')!
    expect(apia.of(skipped)).toBeUndefined()
    expect(idAt(apia, '2011-12-30T09:59:59.999Z')).toBe('daily/2011-12-29')
    expect(idAt(apia, '2011-12-30T10:00Z')).toBe('daily/2011-12-31')
  })

  it('gives the hour that came twice around midnight to the new day', () => {
    // Until 2011 clocks in St. John's went back at one minute past midnight, to the day before.
    const fresh = (): Calendar => calendar('daily', { timeZone: 'America/St_Johns' })
    for (const time of ['2006-10-29T02:30Z', '2006-10-29T02:45Z', '2006-10-29T03:30Z'])
      expect(idAt(fresh(), time)).toBe('daily/2006-10-29')
    expect(idAt(fresh(), '2006-10-29T02:29:59.999Z')).toBe('daily/2006-10-28')
    expect(hoursOf(fresh(), 'daily/2006-10-29')).toBe(25)
  })

  it('puts what happens exactly at the end of a window into the next one', () => {
    const seasons = calendar({ season: [season('a', 0, 100), season('b', 100, 150), season('c', 200, 300)] })
    expect([-1, 0, 99, 100, 149, 150, 199, 200, 299, 300].map((time) => idAt(seasons, time))).toEqual([
      ...[undefined, 'season/a', 'season/a', 'season/b', 'season/b'],
      ...[undefined, undefined, 'season/c', 'season/c', undefined],
    ])
    const days = calendar('daily')
    expect(idAt(days, '2026-11-26T00:00Z')).toBe('daily/2026-11-26')
    expect(idAt(calendar('weekly'), '2026-11-30T00:00Z')).toBe('weekly/2026-11-30')
    expect(idAt(calendar('monthly'), '2026-12-01T00:00Z')).toBe('monthly/2026-12')
  })

  it('keeps days, weeks and months apart', () => {
    const time = '2026-11-26T12:00Z'
    const spans = (['daily', 'weekly', 'monthly'] as const).map((rule) => calendar(rule).at(at(time))!)
    expect(spans.map(({ from, to }) => (to - from) / dayMs)).toEqual([1, 7, 30])
    expect(idAt(calendar('daily'), time)).toBe('daily/2026-11-26')
    expect(idAt(calendar('weekly'), time)).toBe('weekly/2026-11-23')
    expect(idAt(calendar('weekly', { firstDayOfWeek: 'sunday' }), time)).toBe('weekly/2026-11-22')
    expect(idAt(calendar('monthly'), time)).toBe('monthly/2026-11')
    expect(idAt(calendar('all'), time)).toBe('all')
  })

  it('finds the season of every time among many of irregular length', () => {
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(20)), {
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.integer({ min: -10, max: 1200 }), { maxLength: 40 }),
        (list, asked) => {
          let end = 0
          const all = list.map(([length, pause], index) => {
            const from = end
            end = from + length + pause
            return { name: `s${index}`, from, to: from + length }
          })
          const windows = calendar({ season: all })
          for (const time of asked) {
            const expected = all.find(({ from, to }) => from <= time && time < to)
            expect(idAt(windows, time)).toBe(expected && `season/${expected.name}`)
          }
        },
      ),
    )
  })

  it('takes the moments of seasons as milliseconds, as dates of the zone, and as times with an offset', () => {
    const list = [
      { name: 'winter', from: '2026-01-01', to: '2026-03-01T18:00:00Z' },
      { name: 'spring', from: '2026-03-01T19:00:00+01:00', to: at('2026-06-01T00:00Z') },
    ]
    const windows = calendar({ season: list }, { timeZone: 'Europe/Berlin' })
    expect(windows.of(0)).toEqual({ key: 0, from: at('2025-12-31T23:00Z'), to: at('2026-03-01T18:00Z') })
    expect(windows.of(1)!.from).toBe(at('2026-03-01T18:00Z'))
  })

  it('calls nothing a window that no window is called', () => {
    const ids = [
      'daily/2026-02-30',
      'daily/2026-1-1',
      'daily/',
      'daily',
      'weekly/2026-11-26',
      'daily/2026-11-26 ',
    ]
    for (const id of ids) expect(calendar('daily').keyOf(id)).toBeUndefined()
    expect(calendar('weekly').keyOf('weekly/2026-11-26')).toBeUndefined()
    expect(calendar('weekly').keyOf('weekly/2026-11-23')).toBeDefined()
    expect(calendar('monthly').keyOf('monthly/2026-13')).toBeUndefined()
    expect(calendar({ season: [season('a', 0, 1)] }).keyOf('season/b')).toBeUndefined()
  })

  it('knows no window of times that have no date of four digits', () => {
    for (const rule of ['daily', 'weekly', 'monthly'] as const)
      for (const time of [
        Number.MIN_SAFE_INTEGER,
        at('0000-06-01'),
        253_402_300_800_000,
        Number.MAX_SAFE_INTEGER,
      ])
        expect(calendar(rule, { timeZone: 'Europe/Berlin' }).at(time)).toBeUndefined()
    expect(idAt(calendar('all'), Number.MAX_SAFE_INTEGER)).toBe('all')
    expect(idAt(calendar('daily'), at('0033-04-03'))).toBe('daily/0033-04-03')
  })

  it('tells calendars apart by their version', () => {
    const list = [season('a', 0, 10)]
    const versions = [
      calendar('daily'),
      calendar('daily', { timeZone: 'Europe/Berlin' }),
      calendar('weekly'),
      calendar('weekly', { firstDayOfWeek: 'sunday' }),
      calendar({ season: list }),
      calendar({ season: [season('a', 0, 11)] }),
    ].map(({ version }) => version)
    expect(new Set(versions).size).toBe(versions.length)
    expect(calendar({ season: list }).version).toBe(versions[4])
  })

  it.each([
    [{ timeZone: 'Europe/Atlantis', window: 'daily' }, /no time zone "Europe\/Atlantis"/],
    [{ window: 'hourly' }, /got "hourly"/],
    [{ window: [] }, /1 to 16 rules/],
    [{ window: ['daily', 'daily'] }, /daily twice/],
    [{ window: { rolling: { days: 0 } } }, /whole days from 1/],
    [{ window: { rolling: {} } }, /whole days from 1/],
    [{ firstDayOfWeek: 'Monday' }, /must be one of sunday/],
    [{ graceMs: -1 }, /graceMs must be/],
    [{ window: { season: [] } }, /1 to 10000 seasons/],
    [{ window: { season: [{ name: 'a/b', from: 0, to: 1 }] } }, /name of a season/],
    [{ window: { season: [{ name: 'a', from: 1, to: 1 }] } }, /must end after it begins/],
    [{ window: { season: [season('a', 0, 10), season('b', 9, 12)] } }, /without overlap/],
    [{ window: { season: [season('a', 0, 10), season('a', 10, 12)] } }, /same name/],
    [{ window: { season: [{ name: 'a', from: '2026-02-30', to: 1 }] } }, /Season a begins/],
    [{ window: { season: [{ name: 'a', from: '2026-01-01T00:00:00', to: 1 }] } }, /with its offset/],
  ])('refuses %j', (options, message) => {
    const open = (): void => {
      const plan = windowPlanOf(options as WindowOptions)
      for (const rule of plan.rules) calendarOf(rule as CalendarRule, plan)
    }
    expect(open).toThrow(TypeError)
    expect(open).toThrow(message)
  })
})
