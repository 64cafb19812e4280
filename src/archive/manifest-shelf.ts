/**
 * Manifests as they are needed: read from the store, and the recently used ones kept.
 *
 * Bounded by the text of the manifests (parsed they take about twice that). 32 MiB hold some 350 batches of 256
 * games; a miss costs one read and one parse of about 90 KB.
 */
import { LRUCache } from 'lru-cache'
import { CorruptManifestError } from './archive-error.js'
import { manifestKeyOf } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import { parseManifest, type GoneGame, type IndexedGame, type Manifest } from './manifest.js'

const bytesMax = 32 * 1024 * 1024
/** About what one game takes in a manifest, for those that were never read. */
const bytesAGame = 350

/** A manifest, and its games and those that are gone in order of their final position: the order of ordinals. */
export interface ShelvedManifest {
  readonly manifest: Manifest
  readonly slots: readonly (IndexedGame | GoneGame)[]
}

/** The slots of a manifest; none of them leaves its place when its game goes. O(n log n). */
export const slotsOf = ({ games, gone = [] }: Manifest): readonly (IndexedGame | GoneGame)[] =>
  [...games, ...gone].sort((one, other) => one.lastPosition - other.lastPosition)

/** The game in a slot; `undefined` where it is gone. */
export const gameIn = (slot: IndexedGame | GoneGame): IndexedGame | undefined =>
  'fingerprint' in slot ? undefined : slot

export class ManifestShelf {
  readonly #store: ColdStore
  readonly #cache = new LRUCache<number, ShelvedManifest>({ maxSize: bytesMax })
  readonly #reading = new Map<number, Promise<ShelvedManifest>>()

  constructor(store: ColdStore) {
    this.#store = store
  }

  /** The manifest of a batch. @throws CorruptManifestError, ArchiveTooNewError */
  get(batch: number): Promise<ShelvedManifest> | ShelvedManifest {
    return this.#cache.get(batch) ?? this.#reading.get(batch) ?? this.#read(batch)
  }

  /** The same, and does not keep it: for who reads them all. */
  async read(batch: number): Promise<Manifest> {
    return (await this.#fetch(batch)).manifest
  }

  /** Keeps a manifest that is at hand. */
  keep(manifest: Manifest, bytes = manifest.games.length * bytesAGame): ShelvedManifest {
    const shelved = { manifest, slots: slotsOf(manifest) }
    this.#cache.set(manifest.batch, shelved, { size: Math.max(1, bytes) })
    return shelved
  }

  /** Several who ask at once share one reading. */
  #read(batch: number): Promise<ShelvedManifest> {
    const reading = this.#load(batch).finally(() => this.#reading.delete(batch))
    this.#reading.set(batch, reading)
    return reading
  }

  async #load(batch: number): Promise<ShelvedManifest> {
    const { manifest, bytes } = await this.#fetch(batch)
    return this.keep(manifest, bytes)
  }

  async #fetch(batch: number): Promise<{ readonly manifest: Manifest; readonly bytes: number }> {
    const key = manifestKeyOf(batch)
    const bytes = await this.#store.get(key)
    if (!bytes) throw new CorruptManifestError(key, 'it is gone')
    return { manifest: parseManifest(key, bytes), bytes: bytes.length }
  }
}
