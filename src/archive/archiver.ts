/**
 * Takes completed games to the archive, batch by batch, behind the game's back.
 *
 *     collect --> [ ids that wait, in order of final position ] --cut--> handover, one batch at a time --> onArchived
 *
 * A batch closes by games, by bytes or by age, whichever comes first. Only ids wait here: the game is asked for when
 * the batch is built, and stays in the journal until the archive has it. A store that fails is asked again for ever
 * (patience.ts), and for no longer than one batch at a time: no game is passed over, so none waits for ever. A forked
 * archive, or a journal that fails, ends archiving; play goes on, nothing is dropped, and the next opening does what is
 * left. Bounded by the completed games in the journal: what is collected is in there.
 *
 * Between two batches somebody else may take the next number: `between` lends it, to one after the other (batch-turns.ts),
 * and after each of them a batch that is due has its turn.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../events/clock.js'
import type { Fault } from '../events/fault.js'
import type { StreamId } from '../events/ids.js'
import type { IntentRecord } from '../events/journal/journal.js'
import { ArchiveForkedError, ArchivingStoppedError } from './archive-error.js'
import { BatchTurns, type BatchTurn } from './batch-turns.js'
import { completedOf, Handover, type HandoverPorts } from './handover.js'
import { Patience } from './patience.js'
import { Rate } from './rate.js'
import { WaitingGames } from './waiting-games.js'

/** The bounds of a batch, and of patience. */
export interface ArchiverOptions {
  /** @default 256 */
  readonly batchGamesMax?: number
  /** Of event lines. @default 4 MiB */
  readonly batchBytesMax?: number
  /** @default 1 000 */
  readonly batchAgeMaxMs?: number
  /** The first delay after a failure of the store; it doubles. @default 250 */
  readonly retryAfterMs?: number
  /** @default 30 000 */
  readonly retryAfterMsMax?: number
}

/** What the roof lends, and what it wants to hear. */
export interface ArchiverPorts extends HandoverPorts {
  readonly clock: Clock
  readonly onFault: (fault: Fault) => void
}

export interface ArchiverStats {
  /** Completed games that are not yet archived, those of the batch in hand included. */
  readonly gamesWaiting: number
  readonly bytesWaiting: number
  /** How long the oldest of them has waited; 0 when none does. */
  readonly oldestAgeMs: number
  /** Batches and games archived since the opening. */
  readonly batchesArchived: number
  readonly gamesArchived: number
  /** Over the last minute. */
  readonly gamesPerSecond: number
  readonly isStopped: boolean
  /** What the store answered last, while it fails; or why archiving has stopped. */
  readonly lastError?: string
}

interface Flush {
  readonly through: number
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

export class Archiver {
  readonly #ports: ArchiverPorts
  readonly #options: Required<ArchiverOptions>
  readonly #patience: Patience
  readonly #handover: Handover
  readonly #abort = new AbortController()
  #intents: IntentRecord[] = []
  #ofIntents = new Set<StreamId>()
  readonly #waiting = new WaitingGames()
  /** So many of the games collected are not to wait for more. */
  #closedThrough = 0
  #lastBatch: number
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #isClosed = false
  #stopped: unknown
  #flushes: Flush[] = []
  readonly #turns = new BatchTurns()
  #batchesArchived = 0
  #gamesArchived = 0
  readonly #rate = new Rate()

  constructor(ports: ArchiverPorts, options: ArchiverOptions = {}) {
    this.#ports = ports
    this.#options = {
      batchGamesMax: options.batchGamesMax ?? 256,
      batchBytesMax: options.batchBytesMax ?? 4 * 1024 * 1024,
      batchAgeMaxMs: options.batchAgeMaxMs ?? 1_000,
      retryAfterMs: options.retryAfterMs ?? 250,
      retryAfterMsMax: options.retryAfterMsMax ?? 30_000,
    }
    this.#patience = new Patience(ports.onFault, this.#options)
    this.#handover = new Handover(ports, this.#patience, this.#abort.signal)
    this.#lastBatch = ports.catalog.lastBatch
  }

  /** Batches that were begun before a crash: done first, as they were begun. To be called before `collect`, once. */
  resume(openIntents: readonly IntentRecord[]): void {
    this.#intents = openIntents.toSorted((one, other) => one.batch - other.batch)
    this.#ofIntents = new Set(openIntents.flatMap(({ streams }) => streams))
    this.#lastBatch = Math.max(this.#lastBatch, this.#intents.at(-1)?.batch ?? 0)
    this.#wake()
  }

  /** A game is over and published. In order of final position; `bytes` of its event lines. O(1), never waits. */
  collect(stream: StreamId, bytes: number): void {
    if (this.#isClosed || this.#ofIntents.has(stream)) return
    this.#waiting.add({ stream, bytes, since: this.#ports.clock.now() })
    this.#wake()
  }

  /**
   * Closes the open batch; resolves when all collected so far is archived. While the store fails, it waits.
   * @throws ArchivingStoppedError, ArchiveForkedError where that will not be
   */
  flush(): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    const through = this.#waiting.collected
    this.#closedThrough = through
    return new Promise((resolve, reject) => {
      this.#flushes.push({ through, resolve, reject })
      this.#wake()
    })
  }

  /**
   * Lends the next batch number between two batches: no batch is begun meanwhile, and batches that were begun before a
   * crash are done first. Whoever has put a manifest of that number, and only who has, resolves.
   * @throws what the work throws; ArchivingStoppedError, ArchiveForkedError where there will be no turn
   */
  between<Result>(work: (turn: BatchTurn) => Promise<Result>): Promise<Result> {
    return this.#lendTo(async (turn) => {
      const result = await work(turn)
      this.#lastBatch = turn.batch
      return result
    })
  }

  /** The same for work that needs no number: that no batch is begun meanwhile, and none is open. */
  whileResting<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#lendTo(work)
  }

  /** Archives what waits, within the deadline; what is left is done after the next opening. Idempotent. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosed = true
    const deadline = new AbortController()
    const drained = this.flush().catch(() => undefined)
    await Promise.race([
      drained,
      sleep(deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined),
    ])
    deadline.abort()
    clearTimeout(this.#timer)
    this.#stop(new ArchivingStoppedError('it was closed'))
  }

  stats(): ArchiverStats {
    const error = this.#stopped ?? this.#patience.lastError
    const { count, bytes, oldest } = this.#waiting
    return {
      gamesWaiting: count + this.#ofIntents.size,
      bytesWaiting: bytes,
      oldestAgeMs: oldest ? Math.max(0, this.#ports.clock.now() - oldest.since) : 0,
      batchesArchived: this.#batchesArchived,
      gamesArchived: this.#gamesArchived,
      gamesPerSecond: this.#rate.perSecond(this.#ports.clock.now()),
      isStopped: this.#stopped !== undefined,
      ...(error !== undefined && { lastError: error instanceof Error ? error.message : String(error) }),
    }
  }

  get #isIdle(): boolean {
    return this.#intents.length === 0 && this.#waiting.count === 0
  }

  get #isDue(): boolean {
    if (this.#stopped !== undefined) return false
    if (this.#intents.length > 0) return true
    const { count, taken } = this.#waiting
    return count > 0 && (this.#waiting.isFull(this.#options) || taken < this.#closedThrough)
  }

  #wake(): void {
    if (this.#isRunning) return
    if (this.#isDue || this.#turns.areWanted) {
      this.#isRunning = true
      void this.#run()
    } else if (this.#waiting.count > 0 && this.#timer === undefined && this.#stopped === undefined) {
      this.#timer = setTimeout(() => this.#closeByAge(), this.#options.batchAgeMaxMs)
      this.#timer.unref()
    }
  }

  #closeByAge(): void {
    this.#timer = undefined
    this.#closedThrough = this.#waiting.collected
    this.#wake()
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue || this.#turns.areWanted) {
        if (this.#isDue) {
          const intent = this.#intents[0]
          await (intent ? this.#resumeBatch(intent) : this.#archiveBatch())
          this.#settleFlushes()
        }
        if (this.#intents.length === 0) await this.#turns.lend(this.#turn)
      }
    } catch (cause) {
      this.#stop(cause)
    }
    this.#isRunning = false
    this.#wake()
  }

  #lendTo<Result>(work: (turn: BatchTurn) => Promise<Result>): Promise<Result> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    const lent = this.#turns.borrow(work)
    this.#wake()
    return lent
  }

  get #turn(): BatchTurn {
    return { batch: this.#lastBatch + 1, patience: this.#patience, signal: this.#abort.signal }
  }

  async #resumeBatch(intent: IntentRecord): Promise<void> {
    await this.#handover.resume(intent)
    this.#intents.shift()
    for (const stream of intent.streams) this.#ofIntents.delete(stream)
    this.#count(intent)
  }

  async #archiveBatch(): Promise<void> {
    const batch = this.#waiting.next(this.#options)
    const streams: StreamId[] = []
    for (const { stream } of batch)
      if (await completedOf(this.#ports, this.#patience, stream, this.#abort.signal)) streams.push(stream)
    if (streams.length > 0) {
      const intent: IntentRecord = { type: 'intent', batch: ++this.#lastBatch, streams }
      await this.#handover.begin(intent)
      this.#count(intent)
    }
    this.#waiting.take(batch)
  }

  #count({ streams }: IntentRecord): void {
    this.#batchesArchived++
    this.#gamesArchived += streams.length
    this.#rate.add(streams.length, this.#ports.clock.now())
  }

  #settleFlushes(): void {
    const isSettled = ({ through }: Flush) => this.#intents.length === 0 && this.#waiting.taken >= through
    for (const flush of this.#flushes) if (isSettled(flush)) flush.resolve()
    this.#flushes = this.#flushes.filter((flush) => !isSettled(flush))
  }

  #stop(cause: unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = cause
    this.#abort.abort(cause)
    for (const { reject } of this.#flushes.splice(0)) reject(cause)
    this.#turns.refuse(cause)
    if (cause instanceof ArchivingStoppedError) return
    const message = cause instanceof Error ? cause.message : String(cause)
    this.#ports.onFault({
      code: cause instanceof ArchiveForkedError ? cause.code : 'archiving-stopped',
      message,
      cause,
    })
  }
}
