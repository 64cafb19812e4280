/**
 * Seasons: stretches of time as somebody listed them, with names.
 *
 * They rise and do not overlap; one may begin in the moment in which another ends, and then that moment is the new
 * one's. A time between two of them, before the first or behind the last, belongs to none. Found by binary search,
 * the one asked last by a comparison.
 */
import { createHash } from 'node:crypto'
import type { Calendar, WindowSpan } from './calendar.js'
import { dayOfText, type TimeZone } from './time-zone.js'
import type { Season } from './window-rule.js'

/** A season a day for 27 years; all are read when the ledger opens. */
const seasonsMax = 10_000
const nameBytesMax = 200

/** With its offset: a time without one would mean another moment on every machine. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/

export class SeasonCalendar implements Calendar {
  readonly version: string
  readonly #names: readonly string[]
  readonly #keys: ReadonlyMap<string, number>
  readonly #spans: readonly WindowSpan[]
  #last: WindowSpan | undefined

  /** @throws TypeError where the seasons are not named, rising and apart */
  constructor(seasons: readonly Season[], zone: TimeZone) {
    if (seasons.length < 1 || seasons.length > seasonsMax)
      throw new TypeError(`season must list 1 to ${seasonsMax} seasons; got ${seasons.length}.`)
    this.#names = seasons.map(({ name }) => checkName(name))
    this.#keys = new Map(this.#names.map((name, key) => [name, key]))
    if (this.#keys.size < seasons.length)
      throw new TypeError('Two seasons have the same name. Name each anew.')
    this.#spans = seasons.map(({ name, from, to }, key) => ({
      key,
      from: momentOf(from, zone, name),
      to: momentOf(to, zone, name),
    }))
    this.#spans.forEach((span, key) => checkOrder(this.#names[key]!, span, this.#spans[key - 1]))
    // A digest: the times of ten thousand seasons are too long for a version.
    const text = JSON.stringify(this.#spans.map(({ from, to }, key) => [this.#names[key], from, to]))
    this.version = `season:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  }

  at(time: number): WindowSpan | undefined {
    if (this.#last && time >= this.#last.from && time < this.#last.to) return this.#last
    let low = 0
    let high = this.#spans.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#spans[middle]!.to <= time) low = middle + 1
      else high = middle
    }
    const span = this.#spans[low]
    if (!span || time < span.from) return undefined
    this.#last = span
    return span
  }

  of(key: number): WindowSpan | undefined {
    return this.#spans[key]
  }

  idOf(key: number): string {
    return `season/${this.#names[key]!}`
  }

  keyOf(id: string): number | undefined {
    return id.startsWith('season/') ? this.#keys.get(id.slice('season/'.length)) : undefined
  }
}

const checkName = (name: unknown): string => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (typeof name === 'string' && name !== '' && !/[/\u0000-\u001f\u007f]/.test(name))
    if (Buffer.byteLength(name) <= nameBytesMax) return name
  throw new TypeError(
    `The name of a season has 1 to ${nameBytesMax} bytes without "/" and control characters; got ${JSON.stringify(name)}.`,
  )
}

const momentOf = (moment: unknown, zone: TimeZone, name: string): number => {
  if (Number.isSafeInteger(moment)) return moment as number
  if (typeof moment === 'string') {
    const day = dayOfText(moment)
    if (day !== undefined) return zone.startOf(day)
    const time =
      dateTime.test(moment) && dayOfText(moment.slice(0, 10)) !== undefined ? Date.parse(moment) : NaN
    if (!Number.isNaN(time)) return time
  }
  throw new TypeError(
    `Season ${name} begins and ends at whole milliseconds since 1970, at a date (2026-03-01), or at a date and time ` +
      `with its offset (2026-03-01T18:00:00Z); got ${JSON.stringify(moment)}.`,
  )
}

const checkOrder = (name: string, { from, to }: WindowSpan, before: WindowSpan | undefined): void => {
  if (from >= to) throw new TypeError(`Season ${name} must end after it begins; got ${from} to ${to}.`)
  if (before && from < before.to)
    throw new TypeError(
      `Season ${name} begins at ${from}, before the one listed in front of it ends at ${before.to}. ` +
        'List seasons in order of time, without overlap.',
    )
}
