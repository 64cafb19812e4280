/**
 * All windows of a leaderboard in which anything ever happened: a century of days is 36 525 of them, so a window is
 * a row of eight numbers, 64 bytes, and no object.
 *
 *     calendar | key | from | to | seal after | page | position | count
 *
 *     calendar      which of the rules, by place in the options;  `key`: its window (see calendar.ts)
 *     seal after    it is sealed once an event is recorded behind that moment
 *     page          where its board is paged out, -1 while it is in memory; then `position` and `count` are the board's
 *
 * Rows stand in the order in which windows were met and never leave; they are found by a Map for each calendar.
 */
import type { PageId } from '../projection.js'
import type { WindowSpan } from './calendar.js'

const width = 8
const column = { calendar: 0, key: 1, from: 2, to: 3, sealAfter: 4, page: 5, position: 6, count: 7 } as const
const inMemory = -1

export class WindowTable {
  #cells: Float64Array = new Float64Array(4 * width)
  #size = 0
  readonly #rows: readonly Map<number, number>[]
  /** Keys in order, newest first, until a window is added. */
  readonly #keys: (readonly number[] | undefined)[] = []

  /** @param calendars how many there are */
  constructor(calendars: number) {
    this.#rows = Array.from({ length: calendars }, () => new Map<number, number>())
  }

  get size(): number {
    return this.#size
  }

  /** The row of a window, `undefined` where nothing happened in it. O(1). */
  find(calendar: number, key: number): number | undefined {
    return this.#rows[calendar]!.get(key)
  }

  /** Enters a window that is in memory. O(1), amortised. */
  add(calendar: number, { key, from, to }: WindowSpan, sealAfter: number): number {
    const row = this.#size++
    if (this.#size * width > this.#cells.length) {
      const larger = new Float64Array(Math.ceil(1.5 * this.#size) * width)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#cells.set([calendar, key, from, to, sealAfter, inMemory, 0, 0], row * width)
    this.#rows[calendar]!.set(key, row)
    this.#keys[calendar] = undefined
    return row
  }

  /** The keys of a calendar, the newest window first. O(n log n) after a window was added, else O(1). */
  keysOf(calendar: number): readonly number[] {
    const sorted = (): number[] => [...this.#rows[calendar]!.keys()].sort((key, other) => other - key)
    return (this.#keys[calendar] ??= sorted())
  }

  calendarOf(row: number): number {
    return this.#at(row, column.calendar)
  }

  spanOf(row: number): WindowSpan {
    return { key: this.#at(row, column.key), from: this.#at(row, column.from), to: this.#at(row, column.to) }
  }

  sealAfterOf(row: number): number {
    return this.#at(row, column.sealAfter)
  }

  sealAfter(row: number, moment: number): void {
    this.#cells[row * width + column.sealAfter] = moment
  }

  /** Where a window is paged out; `undefined` while it is in memory. */
  pageOf(row: number): PageId | undefined {
    const page = this.#at(row, column.page)
    return page === inMemory ? undefined : page
  }

  /** The last event that a paged window saw, and how many players it lists. */
  pagedOf(row: number): { readonly position: number; readonly count: number } {
    return { position: this.#at(row, column.position), count: this.#at(row, column.count) }
  }

  /** Notes that a window was paged out. */
  pageOut(row: number, page: PageId, position: number, count: number): void {
    this.#cells.set([page, position, count], row * width + column.page)
  }

  /** Notes that a window is in memory again. */
  takeIn(row: number): void {
    this.#cells[row * width + column.page] = inMemory
  }

  /** All pages. O(n). */
  pages(): readonly PageId[] {
    const pages: PageId[] = []
    for (let row = 0; row < this.#size; row++) {
      const page = this.#at(row, column.page)
      if (page !== inMemory) pages.push(page)
    }
    return pages
  }

  /** All rows, lent: to be copied before the next event. */
  save(): Float64Array {
    return this.#cells.subarray(0, this.#size * width)
  }

  /** Replaces the empty table. @throws TypeError where the cells are no table of as many calendars */
  load(cells: Float64Array): void {
    this.#cells = cells
    this.#size = cells.length / width
    for (let row = 0; row < this.#size; row++) this.#enter(row)
  }

  #enter(row: number): void {
    const rows = this.#rows[this.#at(row, column.calendar)]
    if (!rows || !Number.isSafeInteger(this.#size))
      throw new TypeError('These are no saved windows of this leaderboard. Rebuild it.')
    rows.set(this.#at(row, column.key), row)
  }

  #at(row: number, at: number): number {
    return this.#cells[row * width + at]!
  }
}
