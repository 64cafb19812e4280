/**
 * Pages in memory: for ledgers that save no read models, and for views of the past, which put theirs beside what is
 * stored: `beside` has the pages up to `after`, memory those behind.
 */
import { PageLostError, type PageId, type Pages, type RunPages } from '../projection.js'

export class MemoryPages implements RunPages {
  readonly #pages = new Map<PageId, Uint8Array>()
  readonly #beside: Pages | undefined
  #last: PageId

  constructor(beside?: Pages, after: PageId = 0) {
    this.#beside = beside
    this.#last = after
  }

  /** Bytes held. O(pages). */
  get bytes(): number {
    return [...this.#pages.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  put(bytes: Uint8Array): PageId {
    this.#pages.set(++this.#last, bytes)
    return this.#last
  }

  get(page: PageId): Uint8Array {
    const bytes = this.#pages.get(page) ?? this.#beside?.get(page)
    if (!bytes) throw new PageLostError(page, 'is not there')
    return bytes
  }

  async read(page: PageId): Promise<Uint8Array> {
    return this.#pages.get(page) ?? this.#beside?.read(page) ?? this.get(page)
  }

  keep(pages: readonly PageId[]): void {
    const kept = new Set(pages)
    for (const page of this.#pages.keys()) if (!kept.has(page)) this.#pages.delete(page)
  }

  end(): void {
    this.#pages.clear()
  }
}
