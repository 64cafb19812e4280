/**
 * Runs all projections of a ledger: feeds them, watches how far each is, saves them, and rebuilds one that fell.
 *
 *                    open, behind the head            throws
 *     live  <--------------------- catching-up  ------------------>  faulted
 *       |     catchUp reached the head    ^                             |
 *       |                                 +----------- reset -----------+
 *       +-- throws --> faulted
 *
 * Live events go to live projections only, history to those that catch up only: so each hears each event once and in
 * order, whoever is behind. While a fallen one is rebuilt, its view answers from the old model; the new one is
 * put behind the same view when it has caught up.
 */
import { setImmediate } from 'node:timers/promises'
import type { EventEnvelope } from '../events/envelope.js'
import type { Position, StreamId } from '../events/ids.js'
import { roomKind } from '../events/room-event.js'
import { TimeSlice } from '../events/time-slice.js'
import type {
  CheckpointStore,
  ModelCheckpoint,
  Projection,
  ProjectionContext,
  RunningProjection,
} from './projection.js'
import { viewFacade } from './view-facade.js'

export type ProjectionState = 'live' | 'catching-up' | 'faulted'

/** A projection threw and was detached; `cause` is what it threw. Reset it, or fix and raise its version. */
export interface ProjectionFault {
  readonly code: 'projection-faulted'
  readonly projection: string
  /** Of the event that it threw at. */
  readonly position: Position
  readonly cause: unknown
}

export interface ProjectionStats {
  readonly state: ProjectionState
  /** The last position that it has fully applied. */
  readonly checkpoint: Position
  /** How many positions it is behind the newest that was published. */
  readonly lag: number
  readonly cache?: { readonly hits: number; readonly misses: number }
}

export interface ProjectorOptions {
  readonly projections: { readonly [name: string]: Projection }
  readonly context: Omit<ProjectionContext, 'checkpoint'>
  /** Where models are saved; without it, every opening rebuilds. */
  readonly checkpoints?: CheckpointStore | undefined
  readonly onFault: (fault: ProjectionFault) => void
}

/** History is fed for at most so long in one turn of the event loop. */
const sliceMs = 5

const start = 0 as Position

/** Parts of a model in one piece, copied in slices. */
const joined = async (parts: readonly Uint8Array[]): Promise<Uint8Array> => {
  const model = Buffer.allocUnsafeSlow(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  const slice = new TimeSlice()
  let at = 0
  for (const part of parts) {
    if (slice.isOverAfterStep()) await slice.next()
    model.set(part, at)
    at += part.byteLength
  }
  return model
}

/** A model as it runs, and how far it is. */
interface Run {
  readonly running: RunningProjection<unknown>
  checkpoint: Position
  savedAt: Position
}

interface Entry {
  readonly name: string
  readonly projection: Projection
  readonly kinds: ReadonlySet<string> | undefined
  readonly view: () => unknown
  state: ProjectionState
  /** What is fed. */
  run: Run
  /** What answers: `run`, but for the time of a rebuild. */
  serving: Run
}

export class Projector {
  readonly #entries = new Map<string, Entry>()
  readonly #context: ProjectorOptions['context']
  readonly #checkpoints: CheckpointStore | undefined
  readonly #onFault: ProjectorOptions['onFault']
  /** By name: what callers are handed. The same objects for life. */
  readonly views: { readonly [name: string]: unknown }
  #head = start
  #saving: Promise<void> = Promise.resolve()

  constructor({ projections, context, checkpoints, onFault }: ProjectorOptions) {
    this.#context = context
    this.#checkpoints = checkpoints
    this.#onFault = onFault
    const views = {}
    for (const [name, projection] of Object.entries(projections)) {
      const entry = this.#entryOf(name, projection)
      this.#entries.set(name, entry)
      Object.defineProperty(views, name, { get: entry.view, enumerable: true })
    }
    this.views = Object.freeze(views)
  }

  /** The lowest checkpoint of those that are not faulted: history is to be read from behind it; the head where all are there. */
  get lowest(): Position {
    const fed = [...this.#entries.values()].filter(({ state }) => state !== 'faulted')
    return Math.min(this.#head, ...fed.map(({ run }) => run.checkpoint)) as Position
  }

  /** The newest position that was published. */
  get head(): Position {
    return this.#head
  }

  /**
   * Loads saved models. One of another version, damaged, or saved beyond `head` (what it saw was lost) starts empty.
   * Call once, before anything is applied.
   * @returns the lowest checkpoint: where `catchUp` has to begin
   * @throws what the checkpoint store throws
   */
  async open(head: Position): Promise<Position> {
    this.#head = head
    for (const entry of this.#entries.values()) {
      const saved = await this.#checkpoints?.load(entry.name)
      if (saved && saved.version === entry.projection.version && saved.position <= head)
        this.#restore(entry, saved)
      entry.state = entry.run.checkpoint < head ? 'catching-up' : 'live'
    }
    return this.lowest
  }

  /** Applies a published event to every live projection. Synchronous; never throws. O(projections) beside their own work. */
  apply(envelope: EventEnvelope): void {
    if (envelope.position > this.#head) this.#head = envelope.position
    for (const entry of this.#entries.values()) if (entry.state === 'live') this.#feed(entry, envelope)
  }

  /** All live projections are true for this position: nothing up to it is still to come. */
  checkpointTo(position: Position): void {
    if (position > this.#head) this.#head = position
    for (const { state, run } of this.#entries.values())
      if (state === 'live' && position > run.checkpoint) run.checkpoint = position
  }

  /**
   * Feeds history to the projections that catch up: all events from behind `lowest` through `through`, in order, none
   * that is not yet published. Yields to the event loop every 5 ms. Those that have reached the head go live; events
   * may have been published meanwhile: call again until `lowest` is the head.
   */
  async catchUp(envelopes: AsyncIterable<EventEnvelope>, through: Position): Promise<void> {
    const behind = [...this.#entries.values()]
      .filter(({ state }) => state === 'catching-up')
      .map((entry) => ({ entry, run: entry.run }))
    let sliceEnd = performance.now() + sliceMs
    for await (const envelope of envelopes) {
      for (const { entry, run } of behind)
        if (entry.run === run && entry.state === 'catching-up') this.#feed(entry, envelope)
      if (performance.now() < sliceEnd) continue
      await setImmediate()
      sliceEnd = performance.now() + sliceMs
    }
    for (const { entry, run } of behind)
      if (entry.run === run && entry.state === 'catching-up') this.#reach(entry, through)
  }

  /**
   * Begins a projection anew, from the first position: it catches up by the next `catchUp`, and heals one that is
   * faulted. Its view answers from the old model until then.
   * @throws TypeError where there is no such projection
   */
  reset(name: string): void {
    const entry = this.#entries.get(name)
    if (!entry)
      throw new TypeError(
        `There is no projection ${JSON.stringify(name)}; there are ${[...this.#entries.keys()].join(', ')}.`,
      )
    entry.run = this.#runOf(entry.projection)
    entry.state = this.#head > start ? 'catching-up' : 'live'
    if (entry.state === 'live') entry.serving = entry.run
  }

  /** Tells projections that the archive holds these games and the journal lets go of them. */
  forget(streams: readonly StreamId[]): void {
    for (const { run, serving } of this.#entries.values()) {
      run.running.forget?.(streams)
      if (serving !== run) serving.running.forget?.(streams)
    }
  }

  /**
   * Saves every model that moved since it was last saved and stands no further than `syncedThrough`; never a faulted
   * one. Saves wait for each other. @throws the first error of the store, after all others were tried
   */
  save(syncedThrough: Position): Promise<void> {
    const saving = this.#saving.then(() => this.#saveAll(syncedThrough))
    this.#saving = saving.catch(() => undefined)
    return saving
  }

  /** How far each projection is. O(projections). */
  stats(): { readonly [name: string]: ProjectionStats } {
    return Object.fromEntries([...this.#entries].map(([name, entry]) => [name, this.#statsOf(entry)]))
  }

  #entryOf(name: string, projection: Projection): Entry {
    const run = this.#runOf(projection)
    const kinds = projection.kinds && new Set(projection.kinds)
    const entry: Entry = { name, projection, kinds, run, serving: run, state: 'live', view: () => view() }
    const view = viewFacade(() => entry.serving.running.view)
    return entry
  }

  #runOf(projection: Projection): Run {
    const checkpoint = (): Position => run.checkpoint
    const running = projection.start({ ...this.#context, checkpoint })
    const run: Run = { running, checkpoint: start, savedAt: start }
    return run
  }

  #restore(entry: Entry, { model, position }: ModelCheckpoint): void {
    try {
      entry.run.running.load(model)
      entry.run.checkpoint = position
      entry.run.savedAt = position
    } catch {
      // None of its own: a model is a cache of the log, so it is made anew. What was half loaded is thrown away.
      entry.run = this.#runOf(entry.projection)
      entry.serving = entry.run
    }
  }

  #feed(entry: Entry, envelope: EventEnvelope): void {
    const { run, projection, kinds } = entry
    if (envelope.position <= run.checkpoint) return
    const isHeard =
      (projection.on !== 'final' || envelope.final) &&
      (kinds ? kinds.has(envelope.kind) : envelope.kind !== roomKind)
    if (isHeard) {
      try {
        run.running.apply(envelope)
      } catch (cause) {
        entry.state = 'faulted'
        this.#report({
          code: 'projection-faulted',
          projection: entry.name,
          position: envelope.position,
          cause,
        })
        return
      }
    }
    run.checkpoint = envelope.position
  }

  /** Reports in a turn of its own: who listens can neither hold up nor break the feeding of the others. */
  #report(fault: ProjectionFault): void {
    queueMicrotask(() => this.#onFault(fault))
  }

  #reach(entry: Entry, through: Position): void {
    if (through > entry.run.checkpoint) entry.run.checkpoint = through
    if (entry.run.checkpoint < this.#head) return
    entry.state = 'live'
    entry.serving = entry.run
  }

  async #saveAll(syncedThrough: Position): Promise<void> {
    const store = this.#checkpoints
    if (!store) return
    const failures: unknown[] = []
    for (const entry of this.#entries.values()) {
      const { run, name, projection, state } = entry
      const position = run.checkpoint
      if (state === 'faulted' || position === run.savedAt || position > syncedThrough) continue
      try {
        const parts = run.running.snapshot?.()
        const model = parts ? await joined(parts) : run.running.save()
        await store.save(name, { version: projection.version, position, model })
        run.savedAt = position
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  #statsOf({ state, run }: Entry): ProjectionStats {
    const { checkpoint, running } = run
    const cache = running.cacheStats?.()
    const lag = this.#head - checkpoint
    return Object.freeze(cache ? { state, checkpoint, lag, cache } : { state, checkpoint, lag })
  }
}
