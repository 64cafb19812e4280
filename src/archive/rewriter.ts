/**
 * Rewrites batches: a run of neighbours becomes one batch with the same games, or some of them changed, or gone.
 * Compaction, retention and erasure are all done by it, one run at a time, beside play.
 *
 *     1 build       memory               the new segment, from the old ones
 *     2 note        store                what is being made, and what will be deleted
 *     3 segment     store                named by its content; read back, compared
 *     4 manifest    store, if absent     <- the commit point: readers believe it instead of those that it replaces
 *     5 catalog     memory
 *     6 wait        memory               for readers that pinned the archive as it was
 *     7 delete      store                replaced manifests, then replaced segments, then the note
 *
 * 2 to 5 (replacing.ts) are done between two batches of the archiver, which lends the number; 6 and 7 (clearing.ts) in
 * the background. A crash before 4 leaves a note and a segment that nobody believes; a crash after it leaves manifests
 * that nobody believes, for the replacing one names them. Either is cleared at a later opening (docs/formats/archive.md
 * has the table), or at once by `takeAbandoned`.
 *
 * Whoever loses the number to another process has harmed nobody: its segment has a name of its own, and goes.
 * A batch whose rewriting has not ended with 7 is not rewritten again before it has.
 */
import type { Fault } from '../events/fault.js'
import {
  ArchiveForkedError,
  ArchiveTooNewError,
  ArchivingStoppedError,
  CorruptManifestError,
  CorruptSegmentError,
} from './archive-error.js'
import type { Archiver } from './archiver.js'
import { manifestKeyOf } from './batch-key.js'
import type { Catalog } from './catalog.js'
import { Clearing } from './clearing.js'
import type { ColdStore } from './cold-store.js'
import type { Rules } from './completed-game.js'
import type { Manifest } from './manifest.js'
import { notReading, Patience, type PatienceOptions } from './patience.js'
import { Replacing } from './replacing.js'
import { rewriteSegments, type Rewrite } from './rewritten-segment.js'

/** What the roof lends. */
export interface RewriterPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  readonly archiver: Pick<Archiver, 'between'>
  /** The ledger that opened the archive. */
  readonly ledgerId: string
  readonly rules: Rules
  readonly onFault: (fault: Fault) => void
  /** Games are gone from the archive: who keeps events of theirs elsewhere lets go of them. */
  readonly onDropped: () => void
}

/** What one rewriting has done. */
export interface Rewriting {
  /** The replacing manifest. */
  readonly manifest: Manifest
  readonly batchesReplaced: number
  readonly gamesChanged: number
  readonly gamesDropped: number
}

/**
 * Rewrites a run of batches that are neighbours in order of final position. `undefined` where that would change
 * nothing, one batch and every game the same, but for `evenSame`. After it every reader finds the games as they are now; what was
 * replaced is deleted when those who read before it have ended (`cleared`). While the store fails it waits.
 * @throws CorruptSegmentError where a segment is not whole: nothing is changed then; TypeError where the batches are no
 * such run; ArchivingStoppedError, ArchiveForkedError; what aborted the pass; what `rewrite` throws
 */
export type RewriteRun = (
  batches: readonly number[],
  rewrite: Rewrite,
  options?: { readonly evenSame?: boolean },
) => Promise<Rewriting | undefined>

export class Rewriter {
  readonly #ports: RewriterPorts
  readonly #reading: Patience
  readonly #clearing: Clearing
  readonly #replacing: Replacing
  readonly #abort = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #resumed: Promise<void> | undefined

  constructor(
    ports: RewriterPorts,
    options: PatienceOptions = { retryAfterMs: 250, retryAfterMsMax: 30_000 },
  ) {
    this.#ports = ports
    this.#reading = new Patience(ports.onFault, options, notReading)
    this.#clearing = new Clearing(ports, options, this.#abort.signal)
    this.#replacing = new Replacing(ports, this.#clearing)
  }

  /** Whether what this batch replaced is still to be deleted: so long it is not rewritten again. */
  isUncleared(batch: number): boolean {
    return this.#clearing.has(batch)
  }

  /**
   * Finishes what crashes left. Idempotent; done before the first rewriting in any case. While the store fails it waits.
   * @throws CorruptManifestError, ArchiveTooNewError
   */
  resume(): Promise<void> {
    if (!this.#resumed) {
      this.#resumed = this.#read(() => this.#clearing.resume(), this.#abort.signal).then(() => undefined)
      this.#resumed.catch(() => (this.#resumed = undefined))
    }
    return this.#resumed
  }

  /**
   * A pass of rewritings without anybody else's between them: batches that were listed in it stay what they are until it
   * rewrites them itself, but for new ones behind them. Passes are done one after the other. What aborted the pass's
   * `signal`, or closing, ends it.
   * @throws what `work` throws, CorruptManifestError, ArchiveTooNewError
   */
  pass<Result>(work: (rewrite: RewriteRun) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const aborted = this.#untilAborted(signal)
    const passing = this.#last.then(async () => {
      aborted.throwIfAborted()
      await this.resume()
      return work((batches, rewrite, { evenSame = false } = {}) =>
        this.#rewrite(batches, rewrite, evenSame, aborted),
      )
    })
    this.#last = passing.catch(() => undefined)
    return passing
  }

  /** The manifest of a batch. While the store fails it waits. @throws CorruptManifestError, ArchiveTooNewError; what aborted `signal` */
  manifestOf(batch: number, signal?: AbortSignal): Promise<Manifest> {
    return this.#read(() => this.#ports.catalog.manifestOf(batch), this.#untilAborted(signal))
  }

  /** A pass of one rewriting. */
  rewrite(
    batches: readonly number[],
    rewrite: Rewrite,
    signal?: AbortSignal,
  ): Promise<Rewriting | undefined> {
    return this.pass((run) => run(batches, rewrite), signal)
  }

  /**
   * Leaves no note and no segment of rewritings that died before their manifest. Where a note's number is not taken, it is
   * taken by a batch that is rewritten as it is: so nobody can believe that segment any more when it goes. Every note stays
   * where no batch is whole.
   * @returns the notes that stay
   * @throws as a pass
   */
  takeAbandoned(signal?: AbortSignal): Promise<readonly string[]> {
    return this.pass(async (rewrite) => {
      const aborted = this.#untilAborted(signal)
      for (;;) {
        const open = await this.#read(() => this.#clearing.resume(), aborted)
        if (open.length === 0 || !(await this.#takeNumber(rewrite))) return open
      }
    }, signal)
  }

  #untilAborted(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal
  }

  /** Whether a batch could be rewritten as it is; the smallest is. */
  async #takeNumber(rewrite: RewriteRun): Promise<boolean> {
    const batches = this.#ports.catalog.batches().toSorted((one, other) => one.bytes - other.bytes)
    for (const { batch } of batches)
      try {
        await rewrite([batch], () => 'same', { evenSame: true })
        return true
      } catch (cause) {
        if (!(cause instanceof CorruptSegmentError || cause instanceof CorruptManifestError)) throw cause
      }
    return false
  }

  /** Resolves when all that was replaced so far is deleted. @throws ArchivingStoppedError where it was closed before */
  async cleared(): Promise<void> {
    await this.#last
    await this.#clearing.ended()
    this.#abort.signal.throwIfAborted()
  }

  /** Ends what is under way; what is not deleted is deleted after the next opening. */
  close(): void {
    this.#abort.abort(new ArchivingStoppedError('it was closed'))
  }

  async #rewrite(
    batches: readonly number[],
    rewrite: Rewrite,
    evenSame: boolean,
    signal: AbortSignal,
  ): Promise<Rewriting | undefined> {
    const { catalog, rules, archiver } = this.#ports
    await this.#clearing.settled(batches)
    signal.throwIfAborted()
    if (!catalog.areNeighbours(batches))
      throw new TypeError(
        `Batches ${batches.join(', ')} are not neighbours in the archive: only such become one.`,
      )
    const run: Manifest[] = []
    for (const batch of batches) run.push(await this.manifestOf(batch, signal))
    const read = (manifest: Manifest) => this.#reading.until(() => this.#readSegment(manifest), signal)
    const made = await rewriteSegments(read, run, rewrite, rules, signal)
    const { changed, dropped } = made
    if (!evenSame && run.length === 1 && changed === 0 && dropped === 0) return undefined
    const { manifest, note } = await archiver.between((turn) => this.#replacing.commit(run, made, turn))
    this.#clearing.clear(note)
    return { manifest, batchesReplaced: run.length, gamesChanged: changed, gamesDropped: dropped }
  }

  /** @throws ArchiveForkedError where another process has replaced the batch */
  async #readSegment({ batch, segment }: Manifest): Promise<Buffer | undefined> {
    const { store } = this.#ports
    const bytes = await store.get(segment)
    const key = manifestKeyOf(batch)
    if (!bytes && !(await store.get(key, { offset: 0, length: 1 })))
      throw new ArchiveForkedError(key, 'another process has replaced it')
    return bytes
  }

  /** While the store fails, it waits; what is damaged is told at once. */
  async #read<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const read = await this.#reading.until(async () => {
      try {
        return { result: await work() }
      } catch (damage) {
        if (damage instanceof CorruptManifestError || damage instanceof ArchiveTooNewError) return { damage }
        throw damage
      }
    }, signal)
    if ('damage' in read) throw read.damage
    return read.result
  }
}
