/**
 * A cold store somewhere else, under a seed: slow, sometimes down, and never part of a crash. What was put stays. An
 * operation that is under way when the process dies has happened or not; so has one that answers with an error.
 */
import type { ColdStore } from 'gameledger'
import { world } from './world.js'

export interface StoreSettings {
  /** Of a thousand operations. */
  failuresPerMille: number
  delayMsMax: number
}

/** Longer than the archiver waits: it asks again while the first asking may still come true. */
const hangMsMax = 180_000

export class StoreDownError extends Error {
  readonly code = 'store-down'
}

/** What the store holds; `client` is the store as one process has it. */
export class SimulatedStore {
  readonly objects = new Map<string, Buffer>()
  readonly settings: StoreSettings
  isDown = false

  constructor(settings: StoreSettings) {
    this.settings = settings
  }

  client(): ColdStore {
    return {
      put: (key, bytes) => {
        const copy = Buffer.from(bytes)
        return this.#act(() => {
          if (this.objects.has(key)) return 'exists'
          this.objects.set(key, copy)
          return 'stored'
        })
      },
      get: (key, range) =>
        this.#act(() => {
          const object = this.objects.get(key)
          const wanted = range ? object?.subarray(range.offset, range.offset + range.length) : object
          return wanted && Buffer.from(wanted)
        }),
      list: (prefix, after) => this.#list(prefix, after),
      delete: (key) => this.#act(() => void this.objects.delete(key)),
      close: async () => undefined,
    }
  }

  async *#list(prefix: string, after = ''): AsyncGenerator<string> {
    const keys = await this.#act(() => [...this.objects.keys()].sort())
    for (const key of keys) if (key.startsWith(prefix) && key > after) yield key
  }

  async #act<Result>(done: () => Result): Promise<Result> {
    await world.pass(this.settings.delayMsMax)
    const isFailing = this.isDown || world.chance.next() * 1_000 < this.settings.failuresPerMille
    if (isFailing && world.chance.next() < 0.1) await world.pass(hangMsMax)
    if (isFailing && world.chance.next() < 0.5) throw new StoreDownError('The store does not answer.')
    const result = done()
    await world.pass(this.settings.delayMsMax)
    if (isFailing) throw new StoreDownError('The store answered, and the answer was lost.')
    return result
  }
}
