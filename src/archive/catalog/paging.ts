/**
 * Keeps what is held within its bound: beyond it, seats and fingerprints leave memory for the scratch, down to three
 * quarters of it. What cannot leave are some 90 bytes a batch, 30 a player and 2 a game.
 *
 * The scratch is for one life: the next opening reads the saved catalog from its beginning, and pages again.
 */
import type { CatalogStore, Scratch } from './catalog-store.js'
import type { HeldGames } from './held-games.js'

export class Paging {
  readonly #place: CatalogStore
  readonly #bytesMax: number
  #scratch: Promise<Scratch> | undefined
  #last: Promise<void> = Promise.resolve()
  /** The scratch has failed: from then on all stays in memory. */
  #isBroken = false

  constructor(place: CatalogStore, bytesMax: number) {
    this.#place = place
    this.#bytesMax = bytesMax
  }

  /** Whether more is held than the bound. O(1). */
  isDue(held: HeldGames): boolean {
    return !this.#isBroken && held.bytes > this.#bytesMax
  }

  /** Makes room; behind what is being made already. @throws what the scratch throws, once: then what is left stays in memory */
  keep(held: HeldGames): Promise<void> {
    const keeping = this.#last.then(async () => {
      if (!this.isDue(held)) return
      this.#scratch ??= this.#place.scratch()
      await held.page(await this.#scratch, (3 * this.#bytesMax) / 4)
    })
    this.#last = keeping.catch(() => void (this.#isBroken = true))
    return keeping
  }

  /** Behind what is being made. Nothing that was paged can be asked for afterwards. */
  async close(): Promise<void> {
    await this.#last
    const scratch = await this.#scratch?.catch(() => undefined)
    this.#scratch = undefined
    await scratch?.close()
  }
}
