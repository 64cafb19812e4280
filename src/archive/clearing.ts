/**
 * Clears the store of what rewritings have left: what was replaced, and what died before its manifest.
 *
 *     replaced      clear     in the background: waits for readers, then manifests, segments, note
 *     lost          forget    the number went to somebody else: the segment that nobody will believe, note
 *     of a crash    resume    one listing of the notes, each told by what stands under its number:
 *
 *         number of the note      the manifest there      then
 *         not taken               -                       it stays: somebody may be about to take it
 *         taken                   the one it announced    cleared, as above
 *         taken                   another, or none left   forgotten
 *
 * At no time does a manifest name what is not there. The note goes last: until then a later opening finds the rest.
 */
import type { Fault } from '../events/fault.js'
import { manifestKeyOf } from './batch-key.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { Manifest } from './manifest.js'
import { notClearing, Patience, type PatienceOptions } from './patience.js'
import { notesPrefix, parseNote, type KeptNote } from './rewriting-note.js'

/** What its rewriter lends. */
export interface ClearingPorts {
  readonly store: ColdStore
  readonly catalog: Pick<Catalog, 'lastBatch' | 'hasBatch' | 'manifestOf' | 'released'>
  readonly ledgerId: string
  readonly onFault: (fault: Fault) => void
}

/** Rewritings whose deletions wait for readers; from there on the next rewriting waits, too. */
const unclearedMax = 64

export class Clearing {
  readonly #ports: ClearingPorts
  readonly #patience: Patience
  readonly #signal: AbortSignal
  /** By number of the replacing batch: deletions that are still to be done. */
  readonly #uncleared = new Map<number, Promise<void>>()

  /** Once `signal` is aborted nothing more is deleted: the rest is left to the next opening. */
  constructor(ports: ClearingPorts, options: PatienceOptions, signal: AbortSignal) {
    this.#ports = ports
    this.#patience = new Patience(ports.onFault, options, notClearing)
    this.#signal = signal
  }

  /** Whether what this batch replaced is still to be deleted. */
  has(batch: number): boolean {
    return this.#uncleared.has(batch)
  }

  /** Resolves when these batches may be rewritten again, and one more rewriting may leave something. */
  async settled(batches: readonly number[]): Promise<void> {
    for (const batch of batches) await this.#uncleared.get(batch)
    while (this.#uncleared.size >= unclearedMax) await Promise.race(this.#uncleared.values())
  }

  /** Resolves when all that was left so far is deleted, or never will be by this one. */
  async ended(): Promise<void> {
    await Promise.all(this.#uncleared.values())
  }

  /** Deletes what was replaced, in the background. */
  clear(note: KeptNote): void {
    const clearing = unlessAborted(this.#ports.catalog.released(), this.#signal)
      .then(() => this.#delete(keysOf(note)))
      // It was closed: what is left is deleted after the next opening.
      .catch(() => undefined)
      .finally(() => this.#uncleared.delete(note.batch))
    this.#uncleared.set(note.batch, clearing)
  }

  /** Takes away what nobody will believe. While the store fails it waits. */
  async forget({ key, segment }: KeptNote, standing: Manifest | undefined): Promise<void> {
    const isOwn = segment !== '' && segment !== standing?.segment
    await this.#delete(isOwn ? [segment, key] : [key])
  }

  /**
   * Finishes what crashes left.
   * @returns the notes whose number is not taken: of those it cannot be told whether somebody is about to take it
   * @throws what the store throws, CorruptManifestError, ArchiveTooNewError
   */
  async resume(): Promise<readonly string[]> {
    const { store, catalog, ledgerId } = this.#ports
    const open: string[] = []
    const keys: string[] = []
    for await (const key of store.list(notesPrefix)) keys.push(key)
    for (const key of keys) {
      const bytes = await store.get(key)
      const note = bytes && parseNote(key, bytes)
      if (!note || note.ledger !== ledgerId || this.#uncleared.has(note.batch)) continue
      if (note.batch > catalog.lastBatch) {
        open.push(key)
        continue
      }
      const manifest = catalog.hasBatch(note.batch) ? await catalog.manifestOf(note.batch) : undefined
      if (manifest && isOf(note, manifest)) this.clear(note)
      else await this.forget(note, manifest)
    }
    return open
  }

  async #delete(keys: readonly string[]): Promise<void> {
    const { store } = this.#ports
    for (const key of keys) await this.#patience.until(() => store.delete(key), this.#signal)
  }
}

/** Whether the manifest is the one that the note announced. */
const isOf = ({ segment, replaced }: KeptNote, manifest: Manifest): boolean =>
  manifest.segment === segment && replaced.every(({ batch }) => manifest.replaces?.includes(batch))

/** In this order: at no time does a manifest name what is not there. */
const keysOf = ({ key, replaced }: KeptNote): readonly string[] => [
  ...replaced.map(({ batch }) => manifestKeyOf(batch)),
  ...replaced.flatMap(({ segment }) => (segment === '' ? [] : [segment])),
  key,
]

const unlessAborted = (waiting: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    void waiting.then(resolve).finally(() => signal.removeEventListener('abort', stop))
  })
