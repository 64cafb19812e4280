/**
 * How a leaderboard cuts time into windows, as it is written in options.
 *
 *     'all'                                         one window, for ever
 *     'daily' | 'weekly' | 'monthly'                by the calendar of a time zone
 *     { season: [{ name, from, to }, ...] }         irregular stretches, with or without pauses between
 *     { rolling: { days: 7 } }                      the last days, moving on: another thing, see rolling-board.ts
 */

/** A stretch of time with a name. */
export interface Season {
  /** Names the window: `season/NAME`. Without `/` and control characters, at most 200 bytes. */
  readonly name: string
  /**
   * Its first moment: milliseconds since 1970, a date (`2026-03-01`: where that day begins in the time zone), or a
   * date and time with its offset (`2026-03-01T18:00:00Z`).
   */
  readonly from: number | string
  /** Its end, which belongs to it no more. Written as `from`. */
  readonly to: number | string
}

/** Cuts time into windows. */
export type WindowRule =
  | 'all'
  | 'daily'
  | 'weekly'
  | 'monthly'
  | { readonly season: readonly Season[] }
  | { readonly rolling: { readonly days: number } }

/** The day that weeks begin with. */
export type Weekday = (typeof weekdays)[number]

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/** How windows are cut and when they are sealed. */
export interface WindowOptions {
  /** One rule or several; the first is what `top` and the other reads answer for. @default 'all' */
  readonly window?: WindowRule | readonly WindowRule[]
  /** Whose days, weeks and months: a name of the IANA list. @default 'UTC' */
  readonly timeZone?: string
  /** @default 'monday' */
  readonly firstDayOfWeek?: Weekday
  /**
   * How long after its end a window stays unsealed, in milliseconds: for results that are told late. At most 31 days.
   * @default 3 600 000 (an hour: longer than a client is offline for, and yesterday soon leaves memory)
   */
  readonly graceMs?: number
}

/** Options that were checked, with their defaults. */
export interface WindowPlan {
  readonly rules: readonly WindowRule[]
  readonly timeZone: string
  /** From 0, Sunday. */
  readonly firstDayOfWeek: number
  readonly graceMs: number
}

/** Each event is applied to a board of every rule: sixteen are more than anybody reads. */
const rulesMax = 16
/** A month: beyond that, windows that nobody waits for would stay in memory. */
const graceMsMax = 31 * 86_400_000
/** A hundred years: whoever wants more wants all. */
const rollingDaysMax = 36_525

const calendarRules: readonly unknown[] = ['all', 'daily', 'weekly', 'monthly']

/** Checks options. @throws TypeError where one is not what it must be; seasons are checked by their calendar */
export const windowPlanOf = ({
  window = 'all',
  timeZone = 'UTC',
  firstDayOfWeek = 'monday',
  graceMs = 3_600_000,
}: WindowOptions): WindowPlan => {
  const rules: readonly WindowRule[] = Array.isArray(window) ? [...window] : [window as WindowRule]
  if (rules.length < 1 || rules.length > rulesMax)
    throw new TypeError(`window must name 1 to ${rulesMax} rules; got ${rules.length}.`)
  for (const rule of rules) checkRule(rule)
  const names = rules.map(nameOfRule)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw new TypeError(`window has ${twice} twice. Name each rule once; put all seasons into one list.`)
  if (!weekdays.includes(firstDayOfWeek))
    throw new TypeError(
      `firstDayOfWeek must be one of ${weekdays.join(', ')}; got ${String(firstDayOfWeek)}.`,
    )
  if (!Number.isSafeInteger(graceMs) || graceMs < 0 || graceMs > graceMsMax)
    throw new TypeError(`graceMs must be a whole number from 0 to ${graceMsMax}; got ${String(graceMs)}.`)
  return { rules, timeZone, firstDayOfWeek: weekdays.indexOf(firstDayOfWeek), graceMs }
}

/** How a rule is called: the first part of the ids of its windows; the whole id of a rolling one. */
export const nameOfRule = (rule: WindowRule): string => {
  if (typeof rule === 'string') return rule
  return 'season' in rule ? 'season' : `rolling/${rule.rolling.days}d`
}

const checkRule = (rule: unknown): void => {
  if (calendarRules.includes(rule)) return
  if (typeof rule === 'object' && rule !== null) {
    if ('season' in rule && Array.isArray(rule.season)) return
    if ('rolling' in rule) return checkRolling(rule.rolling as { readonly days: unknown })
  }
  throw new TypeError(
    `A window is 'all', 'daily', 'weekly', 'monthly', { season: [...] } or { rolling: { days } }; got ${JSON.stringify(rule)}.`,
  )
}

const checkRolling = (rolling: { readonly days: unknown } | undefined): void => {
  const days = rolling?.days
  if (!Number.isSafeInteger(days) || (days as number) < 1 || (days as number) > rollingDaysMax)
    throw new TypeError(
      `A rolling window takes whole days from 1 to ${rollingDaysMax}; got ${JSON.stringify(days)}.`,
    )
}
