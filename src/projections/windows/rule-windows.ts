/**
 * The windows of one rule of a calendar, as readers ask for them.
 *
 * A window exists once it has begun, whether anything happened in it or not: yesterday without a game is an empty
 * board, not an error. One that has not begun exists where events fell into it (their `occurredAt` said so).
 */
import type { Board } from '../leaderboard/board.js'
import type { Calendar, WindowSpan } from './calendar.js'
import type { WindowStatus } from './leaderboard-window.js'
import type { PagedBoards } from './paged-boards.js'
import type { Windows } from './windows.js'

/** The windows of one rule. A key names a window that exists. */
export interface RuleWindows {
  readonly rule: string
  /** The window that is open at a time by the clock, where there is one. */
  openKey(now: number): number | undefined
  /** The window of an id, where it exists. */
  keyOf(id: string, now: number): number | undefined
  /** At most `last` windows, the newest first; the one that is open now is among them. */
  keys(now: number, last: number): readonly number[]
  statusOf(key: number, now: number): WindowStatus
  /** Reads what `boardOf` needs, where it would block. */
  prepare(key: number): Promise<Board | undefined>
  /** The board of a window; `known` where it is still that. */
  boardOf(key: number, now: number, known: Board | undefined): Board
}

export interface CalendarWindowsOptions {
  readonly rule: string
  /** Which of the calendars of `windows` it is. */
  readonly index: number
  /** A calendar for readers: that of the events keeps the window of the events. */
  readonly calendar: Calendar
  readonly windows: Windows
  readonly paged: PagedBoards
  /** What is shown where nothing happened. */
  readonly empty: () => Board
}

export class CalendarWindows implements RuleWindows {
  readonly rule: string
  readonly #index: number
  readonly #calendar: Calendar
  readonly #windows: Windows
  readonly #paged: PagedBoards
  readonly #empty: () => Board

  constructor({ rule, index, calendar, windows, paged, empty }: CalendarWindowsOptions) {
    this.rule = rule
    this.#index = index
    this.#calendar = calendar
    this.#windows = windows
    this.#paged = paged
    this.#empty = empty
  }

  openKey(now: number): number | undefined {
    return this.#calendar.at(now)?.key
  }

  keyOf(id: string, now: number): number | undefined {
    if (id === this.rule) return this.openKey(now)
    const key = this.#calendar.keyOf(id)
    const span = key === undefined ? undefined : this.#calendar.of(key)
    if (!span) return undefined
    return span.from <= now || this.#rowOf(span.key) !== undefined ? key : undefined
  }

  keys(now: number, last: number): readonly number[] {
    const met = this.#windows.table.keysOf(this.#index)
    const open = this.openKey(now)
    if (open === undefined || this.#rowOf(open) !== undefined) return met.slice(0, last)
    const older = met.findIndex((key) => key < open)
    return met.toSpliced(older < 0 ? met.length : older, 0, open).slice(0, last)
  }

  statusOf(key: number, now: number): WindowStatus {
    const row = this.#rowOf(key)
    const { from, to } = row === undefined ? this.#calendar.of(key)! : this.#windows.table.spanOf(row)
    const count = row === undefined ? 0 : this.#countOf(row)
    return Object.freeze({
      id: this.#calendar.idOf(key),
      rule: this.rule,
      ...(Number.isFinite(from) && { from }),
      ...(Number.isFinite(to) && { to }),
      closed: to <= now,
      sealed: row === undefined ? this.#windows.isSealedAt(to) : this.#windows.isSealed(row),
      ...(count !== undefined && { count }),
    })
  }

  async prepare(key: number): Promise<Board | undefined> {
    const row = this.#rowOf(key)
    return row === undefined || this.#windows.heldAt(row) ? undefined : this.#paged.read(row)
  }

  boardOf(key: number, _now: number, known: Board | undefined): Board {
    const row = this.#rowOf(key)
    if (row === undefined) return this.#empty()
    return this.#windows.heldAt(row) ?? this.#paged.readNow(row, known)
  }

  #rowOf(key: WindowSpan['key']): number | undefined {
    return this.#windows.table.find(this.#index, key)
  }

  /** Not known where somebody was removed since the board was paged out: they may have been on it. */
  #countOf(row: number): number | undefined {
    const held = this.#windows.heldAt(row)
    if (held) return held.count
    const { position, count } = this.#windows.table.pagedOf(row)
    return position >= this.#windows.removals ? count : undefined
  }
}
