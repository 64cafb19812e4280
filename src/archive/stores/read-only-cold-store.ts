/**
 * A cold store to look into: it reads what another one holds, and changes nothing there. What is put or deleted is so for
 * this process alone, in memory, and forgotten with it.
 *
 * Opening a ledger writes to its archive (whose it is, what was left undone). Over this, an archive that somebody else
 * writes to, or that must not be written to, is opened all the same.
 */
import type { ColdStore } from '../cold-store.js'
import { memoryColdStore } from './memory-cold-store.js'

/** `store`, for reading. Closing it closes `store`. A put costs a read; what is put is kept in memory. */
export const readOnly = (store: ColdStore): ColdStore => {
  const own = memoryColdStore()
  const deleted = new Set<string>()
  return {
    async put(key, bytes) {
      const isThere = !deleted.has(key) && (await store.get(key, { offset: 0, length: 1 })) !== undefined
      return isThere ? 'exists' : own.put(key, bytes)
    },
    async get(key, range) {
      return (await own.get(key, range)) ?? (deleted.has(key) ? undefined : store.get(key, range))
    },
    async *list(prefix, after) {
      const ours: string[] = []
      for await (const key of own.list(prefix, after)) ours.push(key)
      for await (const key of store.list(prefix, after)) {
        while (ours[0] !== undefined && ours[0] < key) yield ours.shift()!
        if (!deleted.has(key)) yield key
      }
      yield* ours
    },
    async delete(key) {
      await own.delete(key)
      deleted.add(key)
    },
    close: () => store.close(),
  }
}
