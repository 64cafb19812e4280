/**
 * All projections of a ledger: who hears what, whose view answers, and how far each is.
 *
 *                    the model stands behind the head        throws
 *      live <------------------------------- catching-up ------------> faulted
 *        |  \                                                             |
 *        |   throws -> faulted                                            |
 *        +---------- rebuild ---> rebuilding <------- rebuild ------------+
 *                                  |  beside the old run, which hears what is published as before
 *                                  +-- reached the head: put in its place, behind the same view
 *
 * Live events go to live runs only, history (history-pass.ts) to those that are behind: so each hears each event once and
 * in order. A projection without a saved model of its version has nothing older that could answer: its first run is
 * the one that is built, and answers for the position that it has reached.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { finalSummary } from '../events/final-summary.js'
import type { PlayerId, Position, StreamId } from '../events/ids.js'
import { MemoryPages } from './checkpoints/memory-pages.js'
import { WarmRoom } from './checkpoints/warm-room.js'
import type { CheckpointStore, Projection, ProjectionContext, ModelCheckpoint } from './projection.js'
import { ProjectionRun } from './projection-run.js'
import { viewFacade } from './view-facade.js'

/** `paused`: events of the past are needed, and cannot be read now; it is tried again. */
export type ProjectionState = 'live' | 'catching-up' | 'rebuilding' | 'paused' | 'faulted'

/** A projection threw and was detached; `cause` is what it threw. A rebuild heals it, if it does not throw again. */
export interface ProjectionFault {
  readonly code: 'projection-faulted'
  readonly projection: string
  /** Of the event that it threw at. */
  readonly position: Position
  readonly cause: unknown
}

export interface ProjectionStats {
  readonly state: ProjectionState
  /** The last position that the answering model has fully applied. */
  readonly checkpoint: Position
  /** How many positions it is behind the newest that was published. */
  readonly lag: number
  /** While another model is built to replace it: how far that one is. */
  readonly rebuiltThrough?: Position
  readonly cache?: { readonly hits: number; readonly misses: number }
}

export interface ProjectorOptions {
  readonly projections: { readonly [name: string]: Projection }
  readonly context: Omit<ProjectionContext, 'checkpoint' | 'pages'>
  /** Where models are saved; without it, every opening rebuilds. */
  readonly checkpoints?: CheckpointStore | undefined
  /** All players of the game of a final event. */
  readonly playersOf: (envelope: EventEnvelope) => readonly PlayerId[]
  /** In a turn of its own: who listens can neither hold up nor break the feeding of the others. */
  readonly onFault: (fault: ProjectionFault) => void
}

interface Entry {
  readonly name: string
  readonly projection: Projection
  readonly view: () => unknown
  /** What answers. */
  serving: ProjectionRun
  /** What is made anew; `serving` itself, where there is nothing older. */
  next: ProjectionRun | undefined
  /** Hears what is published. */
  isLive: boolean
  /** Its likes were in doubt: older saved models go with the next saving. */
  isAfresh: boolean
}

export class Projector {
  /** By name: what callers are handed. The same objects for life. */
  readonly views: { readonly [name: string]: unknown }
  /** Whether history cannot be read now. */
  isPaused = false
  readonly #options: ProjectorOptions
  readonly #entries = new Map<string, Entry>()
  readonly #room = new WarmRoom()
  #head = 0 as Position
  #saving: Promise<void> = Promise.resolve()

  constructor(options: ProjectorOptions) {
    this.#options = options
    const views = {}
    for (const name of Object.keys(options.projections))
      Object.defineProperty(views, name, { get: () => this.#entryOf(name).view(), enumerable: true })
    this.views = Object.freeze(views)
  }

  /** The newest position that was published. */
  get head(): Position {
    return this.#head
  }

  /**
   * Loads saved models. One of another version, damaged, or saved beyond `head` (what it saw was lost) is none. Call
   * once, before anything else. @throws what the checkpoint store throws
   */
  async open(head: Position): Promise<void> {
    this.#head = head
    for (const [name, projection] of Object.entries(this.#options.projections)) {
      await this.#options.checkpoints?.retract(name, head)
      const loaded = await this.#load(name, projection)
      const serving = loaded ?? (await this.#runOf(name, projection))
      const entry: Entry = {
        name,
        projection,
        serving,
        next: loaded || head === 0 ? undefined : serving,
        isLive: serving.checkpoint === head,
        isAfresh: false,
        view: () => view(),
      }
      const view = viewFacade(() => entry.serving.running.view)
      this.#entries.set(name, entry)
    }
  }

  /** Applies a published event to every live projection. Synchronous; never throws. O(projections) beside their own work. */
  apply(envelope: EventEnvelope): void {
    this.#head = envelope.position
    const { final, position, recordedAt } = envelope
    let summary: EventEnvelope | undefined
    for (const entry of this.#entries.values()) {
      if (!entry.isLive) continue
      const run = entry.serving
      if (!run.isOfFinals) run.feed(envelope)
      else if (final) run.feed((summary ??= this.#summaryOf(envelope)))
      else run.reach(position, recordedAt)
      if (run.fault) this.#detach(entry)
    }
  }

  /** Runs that history has to be fed to. O(projections). */
  behind(): readonly ProjectionRun[] {
    return [...this.#entries.values()]
      .flatMap(({ serving, next, isLive }) => [next, isLive || serving === next ? undefined : serving])
      .filter((run): run is ProjectionRun => run?.isFed === true)
  }

  /** Whether a run is still on its way to take the place of an older one, or to be the first. */
  isRebuilding(run: ProjectionRun): boolean {
    return [...this.#entries.values()].some(({ next }) => next === run)
  }

  /** Takes note of how far runs have come: those that reached the head go live, those that threw are detached. */
  settle(): void {
    for (const entry of this.#entries.values()) {
      const { next } = entry
      if (next?.fault) this.#giveUp(entry, next)
      else if (next && next.checkpoint >= this.#head) this.#swap(entry, next)
      const { serving, isLive } = entry
      if (isLive || serving === entry.next) continue
      if (serving.isFed && serving.checkpoint >= this.#head) entry.isLive = true
      else if (serving.fault && !serving.isOver) this.#detach(entry)
    }
  }

  /**
   * Begins to make a projection anew, from the first event; one that is being rebuilt goes on. Its view answers from the
   * old model until the new one has reached the head.
   * @throws TypeError where there is no such projection
   */
  async rebuild(name: string): Promise<ProjectionRun> {
    const entry = this.#entryOf(name)
    if (entry.next) return entry.next
    const run = await this.#runOf(name, entry.projection)
    // Another call may have been faster.
    if (entry.next) return entry.next
    entry.next = run
    return run
  }

  /**
   * Begins to make a projection anew, whatever is being made of it already: what that has heard is in doubt. With
   * `isAlone` the old model answers no longer. @throws TypeError where there is no such projection
   */
  async remake(name: string, isAlone = false): Promise<ProjectionRun> {
    const entry = this.#entryOf(name)
    const run = await this.#runOf(name, entry.projection)
    const { serving, next } = entry
    if (next && next !== serving) next.end()
    if (isAlone || next === serving) {
      serving.end()
      entry.serving = run
      entry.isLive = false
    }
    entry.next = run
    entry.isAfresh = true
    return run
  }

  /** Gives up what `rebuild` began; not what is the only model. */
  drop(run: ProjectionRun): void {
    for (const entry of this.#entries.values()) {
      if (entry.next !== run || entry.serving === run) continue
      entry.next = undefined
      run.end()
    }
  }

  /** Whether every view holds what was published up to a position; faulted ones, which will not, left out. O(projections). */
  holds(position: Position): boolean {
    return [...this.#entries.values()].every(
      ({ serving, next }) => serving.checkpoint >= position || (serving.fault && !next),
    )
  }

  /** A run of its own, that answers nobody yet. @throws TypeError where there is no such projection */
  projectionOf(name: string): Projection {
    return this.#entryOf(name).projection
  }

  /** Tells projections that the archive holds these games and the journal lets go of them. */
  forget(streams: readonly StreamId[]): void {
    for (const { serving, next } of this.#entries.values())
      for (const run of new Set([serving, next])) run?.running.forget?.(streams)
  }

  /**
   * Saves every model that moved since it was last saved; none that is faulted, or not whole yet. A model is copied,
   * then kept back until `synced` resolves: all that it has seen must be on the disk. Saves wait for each other.
   * @throws the first error of the store, after all others were tried
   */
  save(synced: () => Promise<void>): Promise<void> {
    const saving = this.#saving.then(() => this.#saveAll(synced))
    this.#saving = saving.catch(() => undefined)
    return saving
  }

  /** How far each projection is. O(projections). */
  stats(): { readonly [name: string]: ProjectionStats } {
    return Object.fromEntries([...this.#entries].map(([name, entry]) => [name, this.#statsOf(entry)]))
  }

  #entryOf(name: string): Entry {
    const entry = this.#entries.get(name)
    if (!entry)
      throw new TypeError(
        `There is no projection ${JSON.stringify(name)}; there are ${Object.keys(this.views).join(', ')}.`,
      )
    return entry
  }

  async #runOf(name: string, projection: Projection): Promise<ProjectionRun> {
    const pages = (await this.#options.checkpoints?.pages(name)) ?? new MemoryPages()
    return new ProjectionRun(projection, { ...this.#options.context, pages })
  }

  async #load(name: string, projection: Projection): Promise<ProjectionRun | undefined> {
    const saved = await this.#options.checkpoints?.load(name)
    if (saved?.version !== projection.version || saved.position > this.#head) return undefined
    const run = await this.#runOf(name, projection)
    try {
      run.load(saved)
      return run
    } catch {
      // None of its own: a model is a cache of the log, so it is made anew. What was half loaded is thrown away.
      run.end()
      return undefined
    }
  }

  #summaryOf(envelope: EventEnvelope): EventEnvelope {
    return finalSummary({ ...envelope, players: this.#options.playersOf(envelope) })
  }

  #swap(entry: Entry, next: ProjectionRun): void {
    const { serving } = entry
    if (serving !== next) {
      serving.end()
      entry.isAfresh = true
    }
    entry.serving = next
    entry.next = undefined
    entry.isLive = true
  }

  /** It threw while it was made anew: the older one goes on, if it can. */
  #giveUp(entry: Entry, next: ProjectionRun): void {
    entry.next = undefined
    if (next === entry.serving) next.isOver = true
    else next.end()
    this.#report(entry, next)
  }

  #detach(entry: Entry): void {
    entry.isLive = false
    entry.serving.isOver = true
    this.#report(entry, entry.serving)
  }

  #report({ name: projection }: Entry, { fault }: ProjectionRun): void {
    queueMicrotask(() => this.#options.onFault({ code: 'projection-faulted', projection, ...fault! }))
  }

  async #saveAll(synced: () => Promise<void>): Promise<void> {
    const store = this.#options.checkpoints
    if (!store) return
    const failures: unknown[] = []
    for (const entry of this.#entries.values())
      try {
        await this.#save(store, entry, synced)
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
  }

  async #save(store: CheckpointStore, entry: Entry, synced: () => Promise<void>): Promise<void> {
    const { serving: run, next, name, isAfresh } = entry
    if (run === next || run.checkpoint === run.savedAt) return
    const saved = await this.#savedOf(run)
    if (!saved) return
    await synced()
    await store.save(name, isAfresh ? { ...saved, isAfresh } : saved)
    run.savedAt = saved.position
    if (isAfresh) entry.isAfresh = false
  }

  /** A run as it is now: copied in one turn, or, where its parts never change, in slices behind it. */
  async #savedOf(run: ProjectionRun): Promise<ModelCheckpoint | undefined> {
    const snapshot = run.fault ? undefined : run.snapshot()
    if (!snapshot) return this.#room.save((room) => (run.fault ? undefined : run.save(room)))
    const { parts, ...standing } = snapshot
    return { ...standing, model: await this.#room.join(parts) }
  }

  #statsOf({ serving, next, isLive }: Entry): ProjectionStats {
    const { checkpoint, running, fault } = serving
    const cache = running.cacheStats?.()
    const behind: ProjectionState = next ? 'rebuilding' : 'catching-up'
    const state = fault && !next ? 'faulted' : isLive && !next ? 'live' : this.isPaused ? 'paused' : behind
    return Object.freeze({
      state,
      checkpoint,
      lag: this.#head - checkpoint,
      ...(next && next !== serving && { rebuiltThrough: next.checkpoint }),
      ...(cache && { cache }),
    })
  }
}
