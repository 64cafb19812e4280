/**
 * An archive in a directory as somebody sees it who does not open it: whose it is, and how much is in it.
 *
 * Reads `ledger.json` and what stands in `adopted/`, and counts names. Unlike a store's own listing it removes nothing,
 * and syncs nothing. Whether the objects are as they were written is `verify`'s question.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import { batchOfManifestKey } from './batch-key.js'
import { ledgersOf } from './identity.js'
import { fileColdStore } from './stores/file-cold-store.js'

/** What there is in the directory of an archive. */
export interface ArchiveReport {
  readonly directory: string
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

/**
 * Looks at the directory of an archive, which must be there; changes nothing. O(objects).
 * @throws the system's error where something cannot be read
 */
export const lookAtArchive = async (directory: string): Promise<ArchiveReport> => {
  const keys = await namesBelow(directory)
  const counts = {
    directory,
    objects: keys.length,
    batches: keys.filter((key) => batchOfManifestKey(key) !== undefined).length,
  }
  try {
    return { ...counts, ledgerIds: await ledgersOf(fileColdStore(directory), keys) }
  } catch (refusal) {
    if (!(refusal instanceof CorruptManifestError || refusal instanceof ArchiveTooNewError)) throw refusal
    return { ...counts, ledgerIds: [], refusal }
  }
}
