/**
 * Rendered pages of a ranked list. A page is the rows [from, from + length) of the full order, as they were rendered.
 *
 * A page is *fresh* until a change touches one of its rows; then it is not thrown away but marked, for readers that
 * accept a page of some age. So a fresh read is never stale, a burst of readers renders once, and a change at the
 * bottom leaves the top pages alone. Extents of fresh pages stand in two typed arrays, scanned at each change: at
 * most `pagesMax` comparisons, none where nobody reads.
 *
 * lru-cache holds the pages: at most `pagesMax`, each for `ttlMs` of the ledger's clock. It takes an entry stored at
 * time 0 for one without an age, so its clock runs one millisecond ahead of ours.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../events/clock.js'
import type { RowRange } from './ties.js'

export interface ViewCacheOptions {
  readonly clock: Clock
  /** How long a page is kept, in milliseconds. @default 60 000 */
  readonly ttlMs?: number
  /** How many pages are kept. @default 256: a scan of their extents costs less than 0.3 us */
  readonly pagesMax?: number
}

/** Longer pages are rendered anew each time: 256 pages of a thousand rows are some 40 MB. */
const rowsMax = 1000

interface Page<Rows> {
  readonly rows: Rows
  readonly renderedAt: number
  /** Where its extent stands; -1 once it was touched. */
  slot: number
}

/** Pages of rows that a change drops exactly where it touches them. */
export class ViewCache<Rows extends object> {
  readonly #clock: Clock
  readonly #ttlMs: number
  readonly #pagesMax: number
  /** Made by the first reader: most boards of past windows are never read, and this is the larger part of them. */
  #pages: LRUCache<number, Page<Rows>> | undefined
  #froms = new Float64Array(0)
  #ends = new Float64Array(0)
  readonly #fresh: Page<Rows>[] = []
  #hits = 0
  #misses = 0

  /** @throws TypeError where an option is not a whole number from 1 */
  constructor({ clock, ttlMs = 60_000, pagesMax = 256 }: ViewCacheOptions) {
    for (const [name, value] of Object.entries({ ttlMs, pagesMax }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new TypeError(`${name} must be a whole number from 1; got ${String(value)}.`)
    this.#clock = clock
    this.#ttlMs = ttlMs
    this.#pagesMax = pagesMax
  }

  /** Reads answered from memory, reads rendered, and pages held. */
  get stats(): { readonly hits: number; readonly misses: number; readonly pages: number } {
    return { hits: this.#hits, misses: this.#misses, pages: this.#pages?.size ?? 0 }
  }

  /** True where no change can matter: nothing fresh is held. */
  get isIdle(): boolean {
    return this.#fresh.length === 0
  }

  /**
   * The page of `length` rows from `from`, rendered at most once until something touches it.
   * @param maxAgeMs accept a page that was touched, if it was rendered at most so many milliseconds ago. @default none
   */
  read(from: number, length: number, maxAgeMs: number | undefined, render: () => Rows): Rows {
    if (length > rowsMax) return render()
    const key = from * (rowsMax + 1) + length
    const pages = (this.#pages ??= this.#open())
    const held = pages.get(key)
    if (held && (held.slot >= 0 || this.#isAccepted(held, maxAgeMs))) {
      this.#hits++
      return held.rows
    }
    this.#misses++
    const page = { rows: render(), renderedAt: this.#clock.now(), slot: -1 }
    pages.set(key, page)
    this.#enter(page, from, from + length)
    return page.rows
  }

  /** Says that the rows of a range look different now. O(pages held). */
  touch({ from, to }: RowRange): void {
    for (let slot = this.#fresh.length - 1; slot >= 0; slot--)
      if (this.#froms[slot]! < to && this.#ends[slot]! > from) this.#spoil(this.#fresh[slot]!)
  }

  /** Forgets all pages. */
  clear(): void {
    this.#pages?.clear()
  }

  #open(): LRUCache<number, Page<Rows>> {
    this.#froms = new Float64Array(this.#pagesMax + 1)
    this.#ends = new Float64Array(this.#pagesMax + 1)
    return new LRUCache({
      max: this.#pagesMax,
      ttl: this.#ttlMs,
      ttlResolution: 0,
      perf: { now: () => this.#clock.now() + 1 },
      dispose: (page) => this.#spoil(page),
    })
  }

  #isAccepted({ renderedAt }: Page<Rows>, maxAgeMs: number | undefined): boolean {
    return maxAgeMs !== undefined && this.#clock.now() - renderedAt <= maxAgeMs
  }

  #enter(page: Page<Rows>, from: number, end: number): void {
    page.slot = this.#fresh.length
    this.#fresh.push(page)
    this.#froms[page.slot] = from
    this.#ends[page.slot] = end
  }

  /** Takes a page's extent out; the last one moves into its slot. */
  #spoil(page: Page<Rows>): void {
    if (page.slot < 0) return
    const last = this.#fresh.pop()!
    if (last !== page) {
      this.#fresh[page.slot] = last
      this.#froms[page.slot] = this.#froms[last.slot]!
      this.#ends[page.slot] = this.#ends[last.slot]!
      last.slot = page.slot
    }
    page.slot = -1
  }
}
