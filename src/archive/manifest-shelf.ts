/**
 * Manifests as they are needed: read from the store, and the recently used ones kept.
 *
 *     slots    for who looks for one game of many     packed (packed-slots.ts), some 90 KB a batch of 256 games
 *     whole    for who goes through batches           parsed, about twice the text
 *
 * Both are bounded by bytes of text: 48 MiB of slots are those of some 500 such batches. A miss costs one read and one parse.
 */
import { LRUCache } from 'lru-cache'
import { CorruptManifestError } from './archive-error.js'
import { manifestKeyOf } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import { parseManifest, type Manifest } from './manifest.js'
import { PackedSlots } from './packed-slots.js'

const slotBytesMax = 48 * 1024 * 1024
const wholeBytesMax = 8 * 1024 * 1024
/** About what one game takes in a manifest, for those that were never read. */
const bytesAGame = 350

type MaybePromise<Value> = Value | Promise<Value>

export class ManifestShelf {
  readonly #store: ColdStore
  readonly #slots = new LRUCache<number, PackedSlots>({ maxSize: slotBytesMax })
  readonly #whole = new LRUCache<number, Manifest>({ maxSize: wholeBytesMax })
  readonly #reading = new Map<number, Promise<Manifest>>()

  constructor(store: ColdStore) {
    this.#store = store
  }

  /** The manifest of a batch. @throws CorruptManifestError, ArchiveTooNewError */
  async whole(batch: number): Promise<Manifest> {
    const kept = this.#whole.get(batch)
    if (kept) return kept
    const manifest = await this.read(batch)
    this.#whole.set(batch, manifest, { size: Math.max(1, manifest.games.length * bytesAGame) })
    return manifest
  }

  /** The slots of a batch; where they are at hand no promise is made of them. @throws as `whole` */
  slots(batch: number): MaybePromise<PackedSlots> {
    return this.#slots.get(batch) ?? this.read(batch).then((manifest) => this.keep(manifest))
  }

  /** The manifest, which is not kept: for who reads them all. Several who ask at once share one reading. */
  read(batch: number): Promise<Manifest> {
    const reading = this.#reading.get(batch) ?? this.#read(batch).finally(() => this.#reading.delete(batch))
    this.#reading.set(batch, reading)
    return reading
  }

  /** Keeps the slots of a manifest that is at hand. */
  keep(manifest: Manifest): PackedSlots {
    const slots = new PackedSlots(manifest)
    this.#slots.set(manifest.batch, slots, { size: Math.max(1, slots.bytes) })
    return slots
  }

  async #read(batch: number): Promise<Manifest> {
    const key = manifestKeyOf(batch)
    const bytes = await this.#store.get(key)
    if (!bytes) throw new CorruptManifestError(key, 'it is gone')
    return parseManifest(key, bytes)
  }
}
