/**
 * Cold storage in memory: for tests, and for ledgers that keep nothing. Gone with the process.
 *
 * Bytes are copied on the way in and on the way out, so nobody can change what is stored.
 */
import type { ColdStore } from '../cold-store.js'
import { checkKey } from './object-key.js'

/** A cold store that lives as long as the process. */
export const memoryColdStore = (): ColdStore => {
  const objects = new Map<string, Buffer>()
  return {
    async put(key, bytes) {
      if (objects.has(checkKey(key))) return 'exists'
      objects.set(key, Buffer.from(bytes))
      return 'stored'
    },
    async get(key, range) {
      const stored = objects.get(checkKey(key))
      return (
        stored && Buffer.from(range ? stored.subarray(range.offset, range.offset + range.length) : stored)
      )
    },
    async *list(prefix, after = '') {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after)
      yield* keys.sort()
    },
    async delete(key) {
      objects.delete(checkKey(key))
    },
    async close() {},
  }
}
