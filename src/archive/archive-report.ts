/**
 * An archive as somebody sees it who does not open it: whose it is, and how much is in it.
 *
 * Reads `ledger.json` and what stands in `adopted/`, and counts names. In a directory, unlike a store's own listing, it
 * removes nothing, and syncs nothing. Whether the objects are as they were written is `verify`'s question.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import { batchOfManifestKey } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import { ledgersOf } from './identity.js'
import { fileColdStore } from './stores/file-cold-store.js'

/** What there is in an archive. */
export interface ArchiveReport {
  /** Where it is, if it is in a directory. */
  readonly directory?: string
  /** The ledgers that are at home in it, its maker first; empty where it is nobody's yet. */
  readonly ledgerIds: readonly string[]
  /** Objects: segments, manifests, and what says whose they are. */
  readonly objects: number
  /** Batches that are committed. */
  readonly batches: number
  /** What the next opening throws. */
  readonly refusal?: CorruptManifestError | ArchiveTooNewError
}

const namesBelow = async (directory: string, below = ''): Promise<string[]> => {
  const names: string[] = []
  for (const entry of await readdir(join(directory, below), { withFileTypes: true }))
    if (entry.name.startsWith('.')) continue
    else if (entry.isDirectory()) names.push(...(await namesBelow(directory, `${below}${entry.name}/`)))
    else names.push(below + entry.name)
  return names.sort()
}

const keysOf = async (store: ColdStore): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

/**
 * Looks at an archive: at its directory, which must be there, or at a store, which stays open. Changes nothing. O(objects).
 * @throws the system's or the store's error where something cannot be read
 */
export const lookAtArchive = async (place: string | ColdStore): Promise<ArchiveReport> => {
  const isDirectory = typeof place === 'string'
  const store = isDirectory ? fileColdStore(place) : place
  const keys = isDirectory ? await namesBelow(place) : await keysOf(store)
  const counts = {
    ...(isDirectory && { directory: place }),
    objects: keys.length,
    batches: keys.filter((key) => batchOfManifestKey(key) !== undefined).length,
  }
  try {
    return { ...counts, ledgerIds: await ledgersOf(store, keys) }
  } catch (refusal) {
    if (!(refusal instanceof CorruptManifestError || refusal instanceof ArchiveTooNewError)) throw refusal
    return { ...counts, ledgerIds: [], refusal }
  }
}
