/**
 * Boards of windows that are paged out, for readers.
 *
 * A page never changes, so its board may be kept: lru-cache holds those read last, each for the `ttlMs` of rendered
 * pages by the ledger's clock. They are read without blocking; several readers of one page share one reading. Who holds
 * a board already may ask whether it is still the right one: it is until the window is reopened and paged out anew, or
 * somebody is removed.
 *
 * lru-cache takes an entry stored at time 0 for one without an age, so its clock runs a millisecond ahead of ours.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../events/clock.js'
import type { Board } from '../leaderboard/board.js'
import type { Pages } from '../projection.js'
import type { Windows } from './windows.js'

/** Who pages through the past looks at some windows at a time; a board of 100 000 players takes about 12 MB. */
const boardsMax = 16

export interface PagedBoardsOptions {
  readonly windows: Windows
  readonly pages: Pages
  readonly clock: Clock
  readonly ttlMs: number
  /** Told of a board that is dropped. */
  readonly onDrop: (board: Board) => void
}

export class PagedBoards {
  readonly #options: PagedBoardsOptions
  /** Made when a page is read first: most leaderboards have none, and an empty cache takes some kilobytes. */
  #boards: LRUCache<string, Board> | undefined
  readonly #keys = new WeakMap<Board, string>()
  readonly #reading = new Map<string, Promise<Board>>()

  constructor(options: PagedBoardsOptions) {
    this.#options = options
  }

  /** The boards that are kept. */
  boards(): Iterable<Board> {
    return this.#boards?.values() ?? []
  }

  /** The board of a paged window. O(n) where it is not kept. @throws what reading the page throws */
  async read(row: number): Promise<Board> {
    const key = this.#keyOf(row)
    const kept = this.#boards?.get(key)
    if (kept) return kept
    const reading = this.#reading.get(key) ?? this.#start(key, row)
    return reading
  }

  /** The same at once, for who cannot wait; `known` where it is still that. Blocks where neither is there. */
  readNow(row: number, known: Board | undefined): Board {
    const key = this.#keyOf(row)
    if (known && this.#keys.get(known) === key) return known
    return (
      this.#boards?.get(key) ??
      this.#keep(key, this.#options.pages.get(this.#options.windows.table.pageOf(row)!))
    )
  }

  /** Boards that were read before somebody was removed have another key. */
  #keyOf(row: number): string {
    return `${this.#options.windows.table.pageOf(row)}/${this.#options.windows.removals}`
  }

  #start(key: string, row: number): Promise<Board> {
    const reading = this.#options.pages
      .read(this.#options.windows.table.pageOf(row)!)
      .then((bytes) => this.#keep(key, bytes))
      .finally(() => this.#reading.delete(key))
    this.#reading.set(key, reading)
    return reading
  }

  #keep(key: string, bytes: Uint8Array): Board {
    const board = this.#options.windows.boardOf(bytes)
    this.#keys.set(board, key)
    this.#boards ??= this.#open()
    this.#boards.set(key, board)
    return board
  }

  #open(): LRUCache<string, Board> {
    const { clock, ttlMs, onDrop } = this.#options
    return new LRUCache({
      max: boardsMax,
      ttl: ttlMs,
      ttlResolution: 0,
      perf: { now: () => clock.now() + 1 },
      dispose: onDrop,
    })
  }
}
