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
import { parseManifest, type IndexedGame, type Manifest } from './manifest.js'

const bytesMax = 32 * 1024 * 1024
/** About what one game takes in a manifest, for those that were never read. */
const bytesAGame = 350

/** A manifest, and its games in order of their final position: the order of ordinals. */
export interface ShelvedManifest {
  readonly manifest: Manifest
  readonly games: readonly IndexedGame[]
}

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

  /** Keeps a manifest that is at hand. */
  keep(manifest: Manifest, bytes = manifest.games.length * bytesAGame): ShelvedManifest {
    const games = manifest.games.toSorted((one, other) => one.lastPosition - other.lastPosition)
    const shelved = { manifest, games }
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
    const key = manifestKeyOf(batch)
    const bytes = await this.#store.get(key)
    if (!bytes) throw new CorruptManifestError(key, 'it is gone')
    return this.keep(parseManifest(key, bytes), bytes.length)
  }
}
