/** Pages in memory that a crash can take: what no saved model names is gone. Counts what is asked of it. */
import type { PageId, Pages } from '../../../src/projections/projection.js'

export class LossyPages implements Pages {
  readonly #pages = new Map<PageId, Uint8Array>()
  #last: PageId = 0
  /** How often a page was put, got at once, and read without blocking. */
  readonly asked = { puts: 0, gets: 0, reads: 0 }

  put(bytes: Uint8Array): PageId {
    this.asked.puts++
    this.#pages.set(++this.#last, bytes)
    return this.#last
  }

  get(page: PageId): Uint8Array {
    this.asked.gets++
    return this.#of(page)
  }

  async read(page: PageId): Promise<Uint8Array> {
    this.asked.reads++
    return this.#of(page)
  }

  /** The power goes off: pages that the saved model does not name are lost. */
  lose(named: readonly PageId[]): void {
    for (const page of this.#pages.keys()) if (!named.includes(page)) this.#pages.delete(page)
  }

  #of(page: PageId): Uint8Array {
    const bytes = this.#pages.get(page)
    if (!bytes) throw new Error(`There is no page ${page}.`)
    return bytes
  }
}
