/**
 * Where days begin in a time zone, by the zone's own history (IANA, as Intl knows it).
 *
 * Days are numbered from 1970-01-01. Day n begins at the first moment at which a clock in the zone shows that date or
 * a later one, and ends where day n + 1 begins. So days follow each other without gap or overlap, whatever the clocks
 * do: 23 or 25 hours at summer time, 23 1/2 on Lord Howe; a day that was skipped (Apia, 2011-12-30) has no length and
 * is nobody's day; where clocks went back over midnight, the hour that came twice belongs to the new day. Temporal's
 * `startOfDay` says the same.
 *
 * Only the offset is asked of Intl, about a microsecond each time: callers keep the day that they are in.
 */

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** No zone was ever farther from UTC: Manila stood at -15:56 until 1844. */
const offsetMaxMs = 16 * hourMs

/** The number of a date of the (proleptic) Gregorian calendar; months count from 0 and may run over. */
export const dayOf = (year: number, month: number, date: number): number =>
  new Date(0).setUTCFullYear(year, month, date) / dayMs

/** The date of a day: `2026-11-26`. For years 1 to 9999. */
export const textOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** The day of a date such as `2026-11-26`; `undefined` for anything else, 2026-02-30 included. */
export const dayOfText = (text: string): number | undefined => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const day = dayOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8)))
  return textOfDay(day) === text ? day : undefined
}

/** The year and the month (from 0) of a day. */
export const monthOfDay = (day: number): { readonly year: number; readonly month: number } => {
  const date = new Date(day * dayMs)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() }
}

/** A time zone. Immutable. */
export class TimeZone {
  readonly name: string
  readonly #offsets: Intl.DateTimeFormat | undefined

  /** @throws TypeError where Intl knows no such zone */
  constructor(name: string) {
    this.name = name
    if (name === 'UTC') return
    try {
      // The year is asked for because a format of the zone alone adds the whole date.
      this.#offsets = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        timeZoneName: 'longOffset',
        year: 'numeric',
      })
    } catch {
      throw new TypeError(
        `There is no time zone ${JSON.stringify(name)}. Give a name of the IANA list, such as 'Europe/Berlin' or 'UTC'.`,
      )
    }
  }

  /** The day that a time falls in. Up to some tens of questions to Intl on days when the clocks change, else three. */
  dayAt(time: number): number {
    let day = Math.floor((time + this.#offsetAt(time)) / dayMs)
    while (this.startOf(day + 1) <= time) day++
    return day
  }

  /** When a day begins. */
  startOf(day: number): number {
    const midnight = day * dayMs
    const from = midnight - offsetMaxMs
    const to = midnight + offsetMaxMs
    const before = this.#offsetAt(from)
    const after = this.#offsetAt(to)
    if (before === after) return midnight - before
    const changedAt = this.#changeBetween(from, to, before)
    return midnight - before < changedAt ? midnight - before : Math.max(changedAt, midnight - after)
  }

  /** The first moment in (from, to] with another offset than `before`: zones change at most once in 32 hours. */
  #changeBetween(from: number, to: number, before: number): number {
    let low = from
    let high = to
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  /** Local time less UTC. Intl writes it as `GMT`, `GMT+05:30` or `GMT-00:01:15`. */
  #offsetAt(time: number): number {
    if (!this.#offsets) return 0
    const parts = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(this.#offsets.format(time))
    if (!parts) return 0
    const [, sign, hours, minutes, seconds = '0'] = parts
    const offset = Number(hours) * hourMs + Number(minutes) * 60_000 + Number(seconds) * 1000
    return sign === '-' ? -offset : offset
  }
}
