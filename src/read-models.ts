/**
 * The read models of a ledger: fed with what is published, caught up and rebuilt behind play, saved, and asked about
 * the past. The rooms below know of each other through this file alone.
 *
 *     published --> Projector --views--> callers
 *                     ^    |
 *     history --> CatchingUp   saving --> checkpoints --> PastViews --> a view of the past
 */
import { ArchiveTooNewError, CorruptManifestError, CorruptSegmentError } from './archive/archive-error.js'
import type { EventEnvelope } from './events/envelope.js'
import type { Fault } from './events/fault.js'
import type { Kind, PlayerId, Position, StreamId } from './events/ids.js'
import { CorruptLogError } from './events/journal/corrupt-log.js'
import type { LostGap } from './events/lost-gap.js'
import { SchemaTooNewError, UpcasterError } from './events/upcaster.js'
import { historyShortened, shortenedFor } from './history-shortened.js'
import { projectionThrew, readModelsPaused } from './ledger-faults.js'
import { CatchingUp } from './projections/catching-up.js'
import type { ProjectionHistory } from './projections/history-pass.js'
import { PastViews, type Moment, type PastViewsPorts } from './projections/past-views.js'
import { PageLostError, type CheckpointStore, type Projection } from './projections/projection.js'
import { ProjectionFaultedError } from './projections/projection-faulted-error.js'
import type { ProjectionFault, ProjectionStats } from './projections/hosted-projection.js'
import { Projector } from './projections/projector.js'
import type { ProjectionRun } from './projections/projection-run.js'

/** How far a rebuild is. */
export interface RebuildProgress {
  /** The last position that the new model has applied, and the newest that was published. */
  readonly position: Position
  readonly head: Position
}

export interface RebuildOptions {
  /** Rebuild also where games were dropped from the archive: the projection will no longer count them. @default false */
  readonly shortened?: boolean
  /** Gives the rebuild up; the old model goes on. */
  readonly signal?: AbortSignal
  /** Often; must be quick. */
  readonly onProgress?: (progress: RebuildProgress) => void
}

/** The ledger was closed meanwhile. */
export class LedgerClosedError extends Error {
  override readonly name = 'LedgerClosedError'
  readonly code = 'closed'

  constructor(what: string) {
    super(`The ledger was closed; ${what} was given up. Open it again and ask once more.`)
  }
}

export interface ReadModelsPorts {
  readonly projections: { readonly [name: string]: Projection }
  readonly checkpoints: CheckpointStore | undefined
  readonly history: ProjectionHistory
  readonly lost: readonly LostGap[]
  readonly clock: { now(): number }
  readonly contextAt: (position: Position) => ReturnType<PastViewsPorts['contextAt']>
  readonly playersOf: (envelope: EventEnvelope) => readonly PlayerId[]
  /** Of each kind of which games were dropped: up to this position some are missing in the history. */
  readonly shortenedThrough: () => ReadonlyMap<Kind, Position>
  readonly onFault: (fault: Fault) => void
}

interface Waiter {
  readonly run?: ProjectionRun
  /** True when the wait is over; throws where it is in vain. */
  isMet(): boolean
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

export class ReadModels {
  readonly projector: Projector
  readonly #ports: ReadModelsPorts
  readonly #catchingUp: CatchingUp
  readonly #past: PastViews
  readonly #closing = new AbortController()
  #waiters: readonly Waiter[] = []

  constructor(ports: ReadModelsPorts) {
    const { projections, checkpoints, clock, contextAt, history, lost, playersOf } = ports
    this.#ports = ports
    this.projector = new Projector({
      projections,
      checkpoints,
      context: { clock, ...contextAt(Infinity as Position) },
      playersOf,
      onFault: (fault) => this.#threw(fault),
    })
    const { projector } = this
    this.#catchingUp = new CatchingUp({
      projector,
      history,
      onPaused: (cause) => ports.onFault(readModelsPaused(cause)),
      onMoved: () => this.#look(),
    })
    this.#past = new PastViews({
      projectionOf: (name) => projector.projectionOf(name),
      checkpoints,
      history,
      lost,
      head: () => projector.head,
      now: () => clock.now(),
      contextAt,
    })
  }

  /**
   * Loads what was saved and brings it to the head. Models that have to be made anew are made in the background, but
   * for those that have at most so many events before them. Never waits for a store that fails: then they are `paused`.
   */
  async open(head: Position, rebuildEventsMax: number): Promise<void> {
    await this.projector.open(head)
    this.#tellShortened()
    await this.#catchingUp.begin((run) => !this.projector.isRebuilding(run) || head <= rebuildEventsMax)
  }

  /** Models that are behind games which were dropped will never count them. */
  #tellShortened(): void {
    const names = Object.entries(this.stats()).flatMap(([name, { checkpoint }]) =>
      checkpoint < this.shortenedThrough(name) ? name : [],
    )
    const through = Math.max(...names.map((name) => this.shortenedThrough(name))) as Position
    if (names.length > 0) this.#ports.onFault(historyShortened(names, through))
  }

  /**
   * Up to this position games are missing in the history that the model would count; 0 where none is.
   * @throws TypeError where there is no such projection
   */
  shortenedThrough(name: string): Position {
    return shortenedFor(this.projector.projectionOf(name).kinds, this.#ports.shortenedThrough())
  }

  /** A published event. */
  apply(envelope: EventEnvelope): void {
    this.projector.apply(envelope)
  }

  /** The archive holds these games now. */
  forget(streams: readonly StreamId[]): void {
    this.projector.forget(streams)
  }

  /** See `Ledger.rebuild`. */
  async rebuild(name: string, { signal, onProgress }: Omit<RebuildOptions, 'shortened'> = {}): Promise<void> {
    signal?.throwIfAborted()
    await this.#untilMade(name, await this.projector.rebuild(name), { signal, onProgress })
  }

  /**
   * Makes all of them anew and forgets whatever was saved, and of views of the past what they had paged out: an erasure
   * has changed the past. Saving is suspended meanwhile, and nothing is saved before the next `save`. Resolves with the
   * names of those that threw: they answer no more.
   * @throws the reason of the signal, what makes the past unreadable, what the checkpoint store throws, LedgerClosedError
   */
  async remake({ signal, onProgress }: RebuildOptions = {}): Promise<readonly string[]> {
    const { projector } = this
    const names = Object.keys(projector.views)
    await this.#past.forget()
    await this.#forgetSaved(names)
    const faulted: string[] = []
    const remade = async (name: string, run: ProjectionRun): Promise<void> => {
      try {
        // One signal each: all of them wait at once.
        await this.#untilMade(name, run, { signal: signal && AbortSignal.any([signal]), onProgress })
      } catch (cause) {
        if (!(cause instanceof ProjectionFaultedError)) throw cause
        faulted.push(name)
        await projector.remake(name, true)
      }
    }
    const runs = await Promise.all(names.map((name) => projector.remake(name)))
    await Promise.all(names.map((name, at) => remade(name, runs[at]!)))
    return faulted
  }

  async #forgetSaved(names: readonly string[]): Promise<void> {
    const { checkpoints } = this.#ports
    for (const name of names) await checkpoints?.retract(name, -1)
    await checkpoints?.retain(names)
  }

  async #untilMade(
    name: string,
    run: ProjectionRun,
    { signal, onProgress }: { readonly [key in keyof RebuildOptions]: RebuildOptions[key] | undefined },
  ): Promise<void> {
    const { projector } = this
    this.#catchingUp.wake()
    const isMet = (): boolean => {
      onProgress?.({ position: run.checkpoint, head: projector.head })
      if (run.fault) throw new ProjectionFaultedError(name, run.fault)
      this.#demandReadable()
      return !projector.isRebuilding(run)
    }
    try {
      await this.#until(isMet, `the rebuild of ${name}`, run, signal)
    } catch (cause) {
      if (!this.#waiters.some((waiter) => waiter.run === run)) projector.drop(run)
      throw cause
    }
  }

  /** See `Ledger.caughtUp`. */
  caughtUp(position: Position = this.projector.head): Promise<void> {
    const isMet = (): boolean => {
      const holds = this.projector.holds(position)
      if (!holds) this.#demandReadable()
      return holds
    }
    if (!this.projector.holds(position)) this.#catchingUp.wake()
    return this.#until(isMet, 'the wait for its read models')
  }

  /** See `Ledger.viewAt`. */
  async viewAt(name: string, moment: Moment, signal?: AbortSignal): Promise<unknown> {
    const { signal: closing } = this.#closing
    return this.#past.at(name, moment, AbortSignal.any(signal ? [signal, closing] : [closing]))
  }

  stats(): { readonly [name: string]: ProjectionStats } {
    return this.projector.stats()
  }

  /** Stops what goes on in the background; published events are still heard. */
  async stop(): Promise<void> {
    this.#closing.abort(new LedgerClosedError('a view of the past'))
    await this.#catchingUp.close()
    this.#look()
  }

  #until(isMet: () => boolean, what: string, run?: ProjectionRun, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => waiter.reject(signal!.reason)
      const over = (settle: () => void): void => {
        this.#waiters = this.#waiters.filter((one) => one !== waiter)
        signal?.removeEventListener('abort', leave)
        settle()
      }
      const waiter: Waiter = {
        ...(run && { run }),
        isMet: () => {
          if (isMet()) return true
          if (this.#closing.signal.aborted) throw new LedgerClosedError(what)
          return false
        },
        resolve: () => over(resolve),
        reject: (cause) => over(() => reject(cause as Error)),
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiters = [...this.#waiters, waiter]
      if (signal?.aborted) leave()
      else look(waiter)
    })
  }

  #look(): void {
    for (const waiter of this.#waiters) look(waiter)
  }

  /** @throws what cannot be read, where trying again mends nothing */
  #demandReadable(): void {
    const { failure } = this.#catchingUp
    if (failure && lasting.some((error) => failure.cause instanceof error)) throw failure.cause
  }

  #threw(fault: ProjectionFault): void {
    this.#ports.onFault(projectionThrew(fault))
    this.#look()
    if (!(fault.cause instanceof PageLostError)) return
    // The model is not to blame, and nobody has to mend it: it is made anew at once.
    this.rebuild(fault.projection).catch(() => undefined)
  }
}

/** Damage stays until somebody puts a good copy in its place. */
const lasting = [
  ArchiveTooNewError,
  CorruptManifestError,
  CorruptSegmentError,
  CorruptLogError,
  SchemaTooNewError,
  UpcasterError,
]

const look = (waiter: Waiter): void => {
  try {
    if (waiter.isMet()) waiter.resolve()
  } catch (cause) {
    waiter.reject(cause)
  }
}
