/**
 * Which window a time falls in. Pure: of the rule, the time zone and the time alone.
 *
 *     all        [always, never)                                      all
 *     daily      [start of a day, start of the next)                  daily/2026-11-26
 *     weekly     seven days from the first day of the week            weekly/2026-11-23 (its first day)
 *     monthly    [start of a 1st, start of the next 1st)              monthly/2026-11
 *     season     as listed                                            season/NAME
 *
 * Windows are half open: what happens exactly at the end belongs to the next one. Those of days, weeks and months tile
 * time, for the days of a TimeZone do. A window is known by its key, a whole number that rises with time: day, week,
 * or month by number, season by place in the list. Times that no rule knows (between seasons; before the year 1 or
 * behind 9999, whose dates have no four digits) fall in no window.
 */
import { SeasonCalendar } from './season-calendar.js'
import { dayOf, dayOfText, monthOfDay, textOfDay, TimeZone } from './time-zone.js'
import type { WindowPlan, WindowRule } from './window-rule.js'

/** A stretch of time: `from` belongs to it, `to` does not. */
export interface WindowSpan {
  readonly key: number
  readonly from: number
  readonly to: number
}

/** The windows of one rule. */
export interface Calendar {
  /** The window that a time falls in, where there is one. O(1) while times fall in the one asked last. */
  at(time: number): WindowSpan | undefined
  /** The window of a key; `undefined` where there is none. */
  of(key: number): WindowSpan | undefined
  /** The id of a window that exists. */
  idOf(key: number): string
  /** The key of an id; `undefined` where no window of this rule can be called so. */
  keyOf(id: string): number | undefined
  /** All that its windows depend on, for versions of boards. */
  readonly version: string
}

/** A rule whose windows stand still: all but rolling ones. */
export type CalendarRule = Exclude<WindowRule, { readonly rolling: unknown }>

/** The calendar of a rule. @throws TypeError for a zone or seasons that are none */
export const calendarOf = (
  rule: CalendarRule,
  { timeZone, firstDayOfWeek }: Pick<WindowPlan, 'timeZone' | 'firstDayOfWeek'>,
): Calendar => {
  if (rule === 'all') return always
  const zone = new TimeZone(timeZone)
  if (typeof rule === 'object') return new SeasonCalendar(rule.season, zone)
  if (rule === 'daily') return new DayCalendar(rule, zone, days)
  if (rule === 'monthly') return new DayCalendar(rule, zone, months)
  return new DayCalendar(rule, zone, weeksFrom(firstDayOfWeek))
}

const eternity: WindowSpan = Object.freeze({ key: 0, from: -Infinity, to: Infinity })

const always: Calendar = {
  at: () => eternity,
  of: () => eternity,
  idOf: () => 'all',
  keyOf: (id) => (id === 'all' ? 0 : undefined),
  version: 'all',
}

/** Days in rows: how they are numbered and called. */
interface Unit {
  readonly version: string
  keyOf(day: number): number
  firstDayOf(key: number): number
  textOf(firstDay: number): string
  /** Any day of what a text names. */
  dayOfText(text: string): number | undefined
}

const days: Unit = {
  version: '',
  keyOf: (day) => day,
  firstDayOf: (key) => key,
  textOf: textOfDay,
  dayOfText,
}

/** 1970-01-04, from which weekdays are counted, was a Sunday. */
const firstSunday = 3

const weeksFrom = (firstDayOfWeek: number): Unit => {
  const first = firstSunday + firstDayOfWeek
  return {
    version: String(firstDayOfWeek),
    keyOf: (day) => Math.floor((day - first) / 7),
    firstDayOf: (key) => key * 7 + first,
    textOf: textOfDay,
    dayOfText,
  }
}

const months: Unit = {
  version: '',
  keyOf: (day) => {
    const { year, month } = monthOfDay(day)
    return year * 12 + month
  },
  firstDayOf: (key) => dayOf(Math.floor(key / 12), key % 12, 1),
  textOf: (firstDay) => textOfDay(firstDay).slice(0, 7),
  dayOfText: (text) => dayOfText(`${text}-01`),
}

/** The first day of the year 1, and the day behind 9999: between them dates have four digits. A week on either side is left. */
const firstDay = dayOf(1, 0, 8)
const endDay = dayOf(9999, 11, 24)
const dayMs = 86_400_000

class DayCalendar implements Calendar {
  readonly version: string
  readonly #name: string
  readonly #zone: TimeZone
  readonly #unit: Unit
  #last: WindowSpan = { key: 0, from: 0, to: 0 }

  constructor(name: string, zone: TimeZone, unit: Unit) {
    this.version = [name, zone.name, unit.version].join(':')
    this.#name = name
    this.#zone = zone
    this.#unit = unit
  }

  at(time: number): WindowSpan | undefined {
    if (time >= this.#last.from && time < this.#last.to) return this.#last
    if (time < firstDay * dayMs || time >= endDay * dayMs) return undefined
    this.#last = this.#spanOf(this.#unit.keyOf(this.#zone.dayAt(time)))
    return this.#last
  }

  of(key: number): WindowSpan | undefined {
    const day = this.#unit.firstDayOf(key)
    if (day < firstDay || day >= endDay) return undefined
    const span = this.#spanOf(key)
    return span.from < span.to ? span : undefined
  }

  idOf(key: number): string {
    return `${this.#name}/${this.#unit.textOf(this.#unit.firstDayOf(key))}`
  }

  keyOf(id: string): number | undefined {
    const text = id.startsWith(`${this.#name}/`) ? id.slice(this.#name.length + 1) : ''
    const day = this.#unit.dayOfText(text)
    if (day === undefined) return undefined
    const key = this.#unit.keyOf(day)
    return this.idOf(key) === id ? key : undefined
  }

  #spanOf(key: number): WindowSpan {
    const from = this.#zone.startOf(this.#unit.firstDayOf(key))
    return { key, from, to: this.#zone.startOf(this.#unit.firstDayOf(key + 1)) }
  }
}
