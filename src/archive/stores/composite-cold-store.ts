/**
 * Several cold stores as one: every object in all of them, read from the first that has it.
 *
 *     stores        first            ...            last
 *     put           <------- written one after another -------     the last decides who wins a race
 *     get           ------- asked one after another ----->         passing over those that fail
 *     list          all at once, merged                            passing over those that fail
 *     delete        ------- deleted one after another --->
 *
 * Puts go from the last to the first and deletes from the first to the last. So at every moment, whatever was
 * interrupted: **what a store has, all stores behind it have**. The nearest store stands first and is the fast one to
 * read; the one that several machines share stands last.
 *
 * LAW
 * - **put** resolves when every store has the object, with the same bytes. `'stored'`: the last store took these
 *   bytes. `'exists'`: it had some already; these are what was written to the stores that lacked it. So a put that was
 *   interrupted is completed by the next one of the same key, whoever does it, and a store that was emptied is filled again
 *   by what is put. A store that fails makes `put` reject.
 * - **get** gives what the first store has that has the object. `undefined` only where every store says that it has
 *   none: while a store fails, nobody knows, and `get` rejects.
 * - **list** gives every key that a store which answers has, each once; it rejects when none answers any more.
 * - **delete** resolves when no store has the object. It must not race with a put of the same key.
 * - Different bytes under one key are a `ColdStoresDifferError`; nothing is overwritten. Damage is not seen here, since
 *   bytes are compared by `put` alone: `verify` each store.
 */
import type { ColdStore } from '../cold-store.js'
import { ColdStoreError, ColdStoresDifferError } from './cold-store-error.js'

/**
 * Keeps every object in all of `stores`: the nearest first, the one that machines share last. `put` costs one put in each
 * (twice, and reads, where something stands), `get` one in the first, `list` one in each.
 * @throws TypeError where it is given fewer than two
 */
export const composite = (stores: readonly ColdStore[]): ColdStore => {
  if (!Array.isArray(stores) || stores.length < 2 || new Set(stores).size < stores.length)
    throw new TypeError('composite needs two cold stores or more, no store twice.')
  return new CompositeColdStore([...stores] as ColdStore[])
}

type Range = { readonly offset: number; readonly length: number }

class CompositeColdStore implements ColdStore {
  readonly #stores: readonly ColdStore[]

  constructor(stores: readonly ColdStore[]) {
    this.#stores = stores
  }

  async put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    let truth = bytes
    const last = this.#stores.length - 1
    const answer = await this.#stores[last]!.put(key, truth)
    if (answer === 'exists') truth = await standingIn(this.#stores[last]!, key)
    for (let index = last - 1; index >= 0; index--) {
      const store = this.#stores[index]!
      if ((await store.put(key, truth)) === 'stored') continue
      if (!(await standingIn(store, key)).equals(truth)) throw new ColdStoresDifferError(key, index, last)
    }
    return answer
  }

  async get(key: string, range?: Range): Promise<Buffer | undefined> {
    const failures: unknown[] = []
    for (const store of this.#stores) {
      try {
        const bytes = await store.get(key, range)
        if (bytes) return bytes
      } catch (cause) {
        // The caller's mistake, not the store's failure.
        if (cause instanceof TypeError) throw cause
        failures.push(cause)
      }
    }
    if (failures.length > 0) throw this.#failed(`get ${key} from`, failures)
    return undefined
  }

  async *list(prefix: string, after?: string): AsyncGenerator<string, void, undefined> {
    const failures: unknown[] = []
    const listings = this.#stores.map((store) => new Listing(store.list(prefix, after), failures))
    try {
      await Promise.all(listings.map((listing) => listing.next()))
      for (;;) {
        if (failures.length === listings.length) throw this.#failed(`list ${prefix} in`, failures)
        const key = leastOf(listings)
        if (key === undefined) return
        yield key
        await Promise.all(listings.filter(({ head }) => head === key).map((listing) => listing.next()))
      }
    } finally {
      await Promise.all(listings.map((listing) => listing.end()))
    }
  }

  async delete(key: string): Promise<void> {
    for (const store of this.#stores) await store.delete(key)
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(this.#stores.map((store) => store.close()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  #failed(what: string, failures: readonly unknown[]): ColdStoreError {
    const [first] = failures
    const cause = failures.length === 1 ? first : new AggregateError(failures, messageOf(first))
    return new ColdStoreError(
      'cold-store-failed',
      `Could not ${what} ${failures.length} of ${this.#stores.length} stores`,
      cause,
    )
  }
}

/** The keys of one store, one ahead; a store that fails is at its end, and its failure noted. */
class Listing {
  readonly #keys: AsyncIterator<string>
  readonly #failures: unknown[]
  head: string | undefined

  constructor(keys: AsyncIterable<string>, failures: unknown[]) {
    this.#keys = keys[Symbol.asyncIterator]()
    this.#failures = failures
  }

  async next(): Promise<void> {
    try {
      const { value, done } = await this.#keys.next()
      this.head = done === true ? undefined : value
    } catch (cause) {
      this.head = undefined
      this.#failures.push(cause)
    }
  }

  /** Nobody asks for more. */
  async end(): Promise<void> {
    await this.#keys.return?.()
  }
}

const leastOf = (listings: readonly Listing[]): string | undefined => {
  let least: string | undefined
  for (const { head } of listings)
    if (head !== undefined && (least === undefined || head < least)) least = head
  return least
}

const standingIn = async (store: ColdStore, key: string): Promise<Buffer> => {
  const bytes = await store.get(key)
  if (!bytes) throw new Error(`${key} exists and is not there: it was deleted meanwhile. Put it again.`)
  return bytes
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
