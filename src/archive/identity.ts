/**
 * Whose archive this is. `ledger.json` at its root is put once, by the first ledger that opens it, and never changes.
 *
 * A lost journal must not make an archive invisible. So an empty journal may *adopt* the archive of another one:
 * `adopted/<uuid>.json` is put, the archive keeps its identity, and from then on both ledgers are at home in it;
 * manifests name the ledger that wrote them, so what came from where stays known. Adopting is no licence for two
 * ledgers to write at a time: batch numbers meet, and the archiver of one stops with `archive-forked`.
 */
import { ArchiveOfAnotherLedgerError, ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import type { ColdStore } from './cold-store.js'
import * as check from './shape-check.js'

const identityFormat = 1
const identityKey = 'ledger.json'
const adoptedPrefix = 'adopted/'
const adoptedKeyOf = (ledgerId: string): string => `${adoptedPrefix}${ledgerId}.json`

/** Who is at home in an archive. */
export interface ArchiveIdentity {
  /** The ledger that the archive was made by. */
  readonly archiveId: string
  /** The ledger that opened it. */
  readonly ledgerId: string
  /** All ledgers whose manifests are believed. */
  readonly ledgerIds: ReadonlySet<string>
}

/**
 * Says whose archive this is; makes it this ledger's own where it is nobody's.
 * @param adopt take the archive of another ledger: given where the journal is empty and its owner wants it
 * @throws ArchiveOfAnotherLedgerError, CorruptManifestError, ArchiveTooNewError
 */
export const openIdentity = async (
  store: ColdStore,
  ledgerId: string,
  adopt: boolean,
): Promise<ArchiveIdentity> => {
  const own = encode({ format: identityFormat, ledger: ledgerId })
  const answer = await store.put(identityKey, own)
  const archiveId = answer === 'stored' ? ledgerId : await readLedger(store, identityKey)
  const ledgerIds = new Set([archiveId])
  for await (const key of store.list(adoptedPrefix)) ledgerIds.add(await readLedger(store, key))
  if (!ledgerIds.has(ledgerId)) {
    if (!adopt) throw new ArchiveOfAnotherLedgerError(identityKey, archiveId, ledgerId)
    await store.put(adoptedKeyOf(ledgerId), own)
    ledgerIds.add(ledgerId)
  }
  return { archiveId, ledgerId, ledgerIds }
}

/** The ledgers that are at home in a store which has these keys, its maker first; none where it is nobody's. Reads alone. */
export const ledgersOf = async (store: ColdStore, keys: readonly string[]): Promise<readonly string[]> => {
  const ledgerIds: string[] = []
  if (keys.includes(identityKey)) ledgerIds.push(await readLedger(store, identityKey))
  for (const key of keys) if (key.startsWith(adoptedPrefix)) ledgerIds.push(await readLedger(store, key))
  return ledgerIds
}

const encode = (identity: { readonly format: number; readonly ledger: string }): Buffer =>
  Buffer.from(`${JSON.stringify(identity)}\n`)

const readLedger = async (store: ColdStore, key: string): Promise<string> => {
  const bytes = await store.get(key)
  const parsed = bytes && check.parseObject(bytes.toString('utf8'))
  const { format, ledger } = parsed ?? {}
  if (typeof format === 'number' && format > identityFormat)
    throw new ArchiveTooNewError(key, format, identityFormat)
  if (format !== identityFormat || typeof ledger !== 'string' || ledger === '')
    throw new CorruptManifestError(key, 'it does not name a ledger')
  return ledger
}
