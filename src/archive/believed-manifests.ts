/**
 * The manifests of an archive that are believed, found from its objects alone, for who checks everything.
 *
 *     first     lists all keys, and reads of each manifest its first bytes; one that replaces others whole: who is replaced
 *     then      lists again, number by number:   42.manifest.json  42.ndjson.gz  42.rewritten-....ndjson.gz
 *               gives each manifest that nobody replaces; objects that no believed manifest names are left over
 *
 * What comes to the store meanwhile has higher numbers and is left out; what was there stays, for who checks has pinned it.
 * Left over is what a crash between two steps leaves: harmless, and deleted in time. Memory: a bit a batch.
 */
import { CorruptManifestError } from './archive-error.js'
import { batchOfManifestKey, batchOfSegmentKey, manifestKeyOf } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import { parseManifest, type Manifest } from './manifest.js'
import { PositionSet } from './position-set.js'
import { notesPrefix } from './rewriting-note.js'

type OnProblem = (code: string, message: string, key: string) => void

/** As a manifest of the second format begins. */
const replacingStart = '{"format":2,'

export class BelievedManifests {
  readonly #store: ColdStore
  readonly #add: OnProblem
  readonly #there = new PositionSet()
  readonly #replaced = new PositionSet()
  #lastBatch = 0
  #leftOver = 0

  /** @param onProblem hears of manifests that are missing or damaged */
  constructor(store: ColdStore, onProblem: OnProblem) {
    this.#store = store
    this.#add = onProblem
  }

  /** Objects that nobody names. */
  get leftOver(): number {
    return this.#leftOver
  }

  /** Once. In order of their numbers. @throws what the store throws, ArchiveTooNewError */
  async *read(): AsyncGenerator<Manifest, void, undefined> {
    await this.#findReplaced()
    this.#tellMissing()
    let believed: Manifest | undefined
    for await (const key of this.#store.list('')) {
      const batch = batchOfManifestKey(key)
      if (batch === undefined) this.#countLeftOver(key, believed)
      else if (this.#replaced.has(batch)) this.#leftOver++
      else if (batch <= this.#lastBatch) {
        believed = await this.#read(key)
        if (believed) yield believed
      }
    }
  }

  async #findReplaced(): Promise<void> {
    for await (const key of this.#store.list('')) {
      const batch = batchOfManifestKey(key)
      if (batch === undefined) continue
      this.#there.add(batch)
      this.#lastBatch = batch
      const start = await this.#store.get(key, { offset: 0, length: replacingStart.length })
      if (start?.toString() !== replacingStart) continue
      const manifest = await this.#readQuietly(key)
      for (const replaced of manifest?.replaces ?? []) this.#replaced.add(replaced)
    }
  }

  #tellMissing(): void {
    for (let batch = 1; batch <= this.#lastBatch; batch++)
      if (!this.#there.has(batch) && !this.#replaced.has(batch))
        this.#add(
          'manifest-missing',
          'later batches are there, this one is gone, and no other one replaces it',
          manifestKeyOf(batch),
        )
  }

  /** Of a number that is not taken a segment may be on its way. */
  #countLeftOver(key: string, believed: Manifest | undefined): void {
    const batch = batchOfSegmentKey(key)
    if (batch === undefined) this.#leftOver += key.startsWith(notesPrefix) ? 1 : 0
    else if (batch <= this.#lastBatch && believed?.segment !== key) this.#leftOver++
  }

  async #read(key: string): Promise<Manifest | undefined> {
    const bytes = await this.#store.get(key)
    try {
      return bytes && parseManifest(key, bytes)
    } catch (cause) {
      if (!(cause instanceof CorruptManifestError)) throw cause
      this.#add(cause.code, cause.message, key)
      return undefined
    }
  }

  /** What is wrong with it is told when it is read in its turn. */
  async #readQuietly(key: string): Promise<Manifest | undefined> {
    const bytes = await this.#store.get(key)
    try {
      return bytes && parseManifest(key, bytes)
    } catch {
      return undefined
    }
  }
}
