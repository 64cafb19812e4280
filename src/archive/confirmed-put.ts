/**
 * Puts an object and reads it back: what a store says it stored is believed when it gives it back.
 *
 * An object that comes back with other bytes, and that nobody names yet, is discarded and put again. While a deletion is
 * under way nothing is put: a deletion that comes late would take what was put since (time-limited-store.ts).
 */
import type { ColdStore } from './cold-store.js'
import { within } from './time-limited-store.js'

/** So long is waited for a deletion before it is told that the store does not answer. */
const clearingMsMax = 30_000

export class ConfirmedPut {
  readonly #store: ColdStore
  /** A deletion under way: the next attempt puts nothing before it has ended, however long that takes. */
  #clearing: Promise<void> | undefined

  constructor(store: ColdStore) {
    this.#store = store
  }

  /**
   * Gives what stands under the key: these bytes, or others where the key was taken.
   * @throws what the store throws; an error where it lost what it stored
   */
  async put(key: string, bytes: Buffer): Promise<Buffer> {
    if (this.#clearing) await within(clearingMsMax, `delete ${key}`, this.#clearing)
    const answer = await this.#store.put(key, bytes)
    const stored = await this.#store.get(key)
    if (!stored) throw new Error(`${key} was put and is not there.`)
    if (answer === 'stored' && !stored.equals(bytes)) this.discard(key)
    return stored
  }

  /** Begins to delete an object that nobody names. @throws always: the caller begins again */
  discard(key: string): never {
    this.#clearing = this.#store.delete(key).finally(() => (this.#clearing = undefined))
    this.#clearing.catch(() => undefined)
    throw new Error(`${key} was read back with other bytes than were put.`)
  }
}
