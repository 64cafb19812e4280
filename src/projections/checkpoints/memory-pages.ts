/** Pages in memory: for ledgers that save no read models, and for tests. */
import type { PageId, Pages } from '../projection.js'

/** Keeps every page until `retain` drops it. */
export class MemoryPages implements Pages {
  readonly #pages = new Map<PageId, Uint8Array>()
  #last: PageId = 0

  /** Bytes held. O(pages). */
  get bytes(): number {
    return [...this.#pages.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  put(bytes: Uint8Array): PageId {
    this.#pages.set(++this.#last, bytes)
    return this.#last
  }

  get(page: PageId): Uint8Array {
    const bytes = this.#pages.get(page)
    if (!bytes) throw new Error(`There is no page ${page}. Rebuild the projection.`)
    return bytes
  }

  async read(page: PageId): Promise<Uint8Array> {
    return this.get(page)
  }

  /** Drops all pages but these. */
  retain(pages: ReadonlySet<PageId>): void {
    for (const page of this.#pages.keys()) if (!pages.has(page)) this.#pages.delete(page)
  }
}
