/**
 * How a catalog comes into memory: from what was saved, and from the manifests that came after it.
 *
 *     saved catalog --> games held --> is its newest manifest there, and the same? --> list keys behind it, read those
 *          |                               |no
 *          +-- none, or not believed ------+--> read all manifests, save
 *
 * Manifests never change, so a saved catalog is true as long as they stand. That is looked for where it can be without
 * listing them all: the manifest with the highest number has to be there, with the same segment (or a newer one that
 * replaces it, with the same games). So an archive that was
 * restored from a back-up, or emptied, is noticed. A manifest that was taken out of the middle is not: its games stay
 * known, their ids taken, and reading one says that the manifest is gone; so does `verify`.
 */
import type { Fault } from '../../events/fault.js'
import { TimeSlice } from '../../events/time-slice.js'
import { batchOfManifestKey, manifestKeyOf } from '../batch-key.js'
import type { ColdStore } from '../cold-store.js'
import { parseManifest, type Manifest } from '../manifest.js'
import type { ManifestShelf } from '../manifest-shelf.js'
import { checkOf, decodeDigest, type BatchDigest } from './batch-digest.js'
import { catalogRebuilt, catalogUnsaved } from './catalog-faults.js'
import { DigestSpool } from './digest-spool.js'
import { HeldGames } from './held-games.js'
import type { Paging } from './paging.js'
import { UnfitCatalog, type SavedCatalog } from './saved-catalog.js'

/** Manifests read at a time: hides the latency of a remote store, and bounds memory. */
const readsMax = 16
/** Digests of replaced batches that are left in a saved catalog, beside as many again as there are batches. */
const replacedMax = 1_024

export interface CatalogOpeningPorts {
  readonly store: ColdStore
  readonly shelf: ManifestShelf
  readonly saved: SavedCatalog | undefined
  readonly paging: Paging | undefined
  /** @throws ArchiveOfAnotherLedgerError */
  readonly digestOf: (manifest: Manifest) => BatchDigest
}

export class CatalogOpening {
  readonly #ports: CatalogOpeningPorts
  readonly #faults: Fault[] = []

  constructor(ports: CatalogOpeningPorts) {
    this.#ports = ports
  }

  /** @throws CorruptManifestError, ArchiveTooNewError, ArchiveOfAnotherLedgerError, what the store throws */
  async run(): Promise<{ readonly held: HeldGames; readonly faults: readonly Fault[] }> {
    const { saved } = this.#ports
    const held = (saved && (await this.#load(saved))) ?? (await this.#readAll())
    return { held, faults: this.#faults }
  }

  /** What was saved, and what came after it; `undefined` where it is not believed. */
  async #load(saved: SavedCatalog): Promise<HeldGames | undefined> {
    const held = new HeldGames()
    try {
      const entered = await this.#believed(() => saved.load((digest) => this.#enter(held, digest)))
      if (entered === 0) return undefined
      const spool = await this.#spool(held.newest.batch)
      // It may have been replaced, and deleted, after the last saving: then its games are compared as they are entered.
      if (!spool.hasReplaced(held.newest.batch)) await this.#checkNewest(held)
      if (entered > 2 * held.table.size + replacedMax) await this.#trySaving(() => saved.compact())
      await this.#believed(() =>
        enterAll(spool, async (digest) => {
          await this.#enter(held, digest)
          saved.note(digest)
        }),
      )
      return held
    } catch (unfit) {
      if (!(unfit instanceof UnfitCatalog)) throw unfit
      this.#faults.push(catalogRebuilt(unfit.reason))
      return undefined
    }
  }

  async #readAll(): Promise<HeldGames> {
    const held = new HeldGames()
    const spool = await this.#spool(0)
    await enterAll(spool, (digest) => this.#enter(held, digest))
    const { saved } = this.#ports
    if (saved) await this.#trySaving(() => saved.writeAnew(spool))
    return held
  }

  async #enter(held: HeldGames, digest: BatchDigest): Promise<void> {
    const { paging } = this.#ports
    held.enter(digest)
    if (paging?.isDue(held)) await this.#trySaving(() => paging.keep(held))
  }

  /** Digests of all manifests behind a number, as they are listed. */
  async #spool(after: number): Promise<DigestSpool> {
    const { store, shelf, digestOf } = this.#ports
    const spool = new DigestSpool()
    const slice = new TimeSlice()
    const reading: Promise<Manifest>[] = []
    const take = async () => {
      spool.add(digestOf(await reading.shift()!))
      if (slice.isOver()) await slice.next()
    }
    for await (const key of store.list('', after === 0 ? undefined : manifestKeyOf(after))) {
      const batch = batchOfManifestKey(key)
      if (batch === undefined) continue
      const manifest = shelf.read(batch)
      manifest.catch(() => undefined)
      reading.push(manifest)
      if (reading.length >= readsMax) await take()
    }
    while (reading.length > 0) await take()
    return spool
  }

  /** What is wrong here is wrong with the saved catalog: the manifests are what counts. */
  async #believed<Result>(load: () => Promise<Result>): Promise<Result> {
    try {
      return await load()
    } catch (cause) {
      if (cause instanceof UnfitCatalog) throw cause
      throw new UnfitCatalog(`it does not agree with the archive, or cannot be read (${String(cause)})`)
    }
  }

  async #checkNewest({ newest }: HeldGames): Promise<void> {
    const key = manifestKeyOf(newest.batch)
    const bytes = await this.#ports.store.get(key)
    if (!bytes) throw new UnfitCatalog(`the archive has no ${key}, which it names`)
    if (checkOf(parseManifest(key, bytes)) !== newest.check)
      throw new UnfitCatalog(`${key} in the archive is another one than it names`)
  }

  async #trySaving(save: () => Promise<void>): Promise<void> {
    try {
      await save()
    } catch (cause) {
      this.#faults.push(catalogUnsaved(cause))
    }
  }
}

const enterAll = async (spool: DigestSpool, enter: (digest: BatchDigest) => Promise<void>): Promise<void> => {
  const slice = new TimeSlice()
  for (const bytes of spool.inOrder()) {
    await enter(decodeDigest(bytes))
    if (slice.isOver()) await slice.next()
  }
}
