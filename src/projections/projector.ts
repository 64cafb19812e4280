/**
 * All projections of a ledger: each is fed what it has to hear, and tells how far it is.
 *
 *     published --> [ live runs ]        history (history-pass.ts) --> [ runs that are behind ]
 *
 * Live events go to live runs only, history to those that are behind: so each hears each event once and in order. What a
 * projection goes through from one to the other is hosted-projection.ts.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { finalSummary } from '../events/final-summary.js'
import type { PlayerId, Position, StreamId } from '../events/ids.js'
import { MemoryPages } from './checkpoints/memory-pages.js'
import { HostedProjection, type ProjectionFault, type ProjectionStats } from './hosted-projection.js'
import { ModelSaving } from './model-saving.js'
import type { CheckpointStore, Projection, ProjectionContext } from './projection.js'
import { ProjectionRun } from './projection-run.js'

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

export class Projector {
  /** By name: what callers are handed. The same objects for life. */
  readonly views: { readonly [name: string]: unknown }
  /** Whether history cannot be read now. */
  isPaused = false
  readonly #options: ProjectorOptions
  readonly #hosted = new Map<string, HostedProjection>()
  readonly #saving: ModelSaving | undefined
  #head = 0 as Position

  constructor(options: ProjectorOptions) {
    this.#options = options
    this.#saving = options.checkpoints && new ModelSaving(options.checkpoints)
    const views = {}
    for (const name of Object.keys(options.projections))
      Object.defineProperty(views, name, { get: () => this.#hostedAs(name).view(), enumerable: true })
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
      const standing = { isLoaded: loaded !== undefined, head }
      this.#hosted.set(name, new HostedProjection(name, projection, serving, standing, this.#options.onFault))
    }
  }

  /** Applies a published event to every live projection. Synchronous; never throws. O(projections) beside their own work. */
  apply(envelope: EventEnvelope): void {
    this.#head = envelope.position
    const summary = envelope.final ? once(() => this.#summaryOf(envelope)) : undefined
    for (const hosted of this.#hosted.values()) hosted.apply(envelope, summary)
  }

  /** Runs that history has to be fed to. O(projections). */
  behind(): readonly ProjectionRun[] {
    return [...this.#hosted.values()].flatMap(({ behind }) => behind)
  }

  /** Whether a run is still on its way to take the place of an older one, or to be the first. */
  isRebuilding(run: ProjectionRun): boolean {
    return [...this.#hosted.values()].some(({ next }) => next === run)
  }

  /** Takes note of how far runs have come: those that reached the head go live, those that threw are detached. */
  settle(): void {
    for (const hosted of this.#hosted.values()) hosted.settle(this.#head)
  }

  /**
   * Begins to make a projection anew, from the first event; one that is being rebuilt goes on. Its view answers from the
   * old model until the new one has reached the head.
   * @throws TypeError where there is no such projection
   */
  async rebuild(name: string): Promise<ProjectionRun> {
    const hosted = this.#hostedAs(name)
    if (hosted.next) return hosted.next
    const run = await this.#runOf(name, hosted.projection)
    // Another call may have been faster.
    if (hosted.next) return hosted.next
    hosted.build(run)
    return run
  }

  /**
   * Begins to make a projection anew, whatever is being made of it already: what that has heard is in doubt. With
   * `isAlone` the old model answers no longer. @throws TypeError where there is no such projection
   */
  async remake(name: string, isAlone = false): Promise<ProjectionRun> {
    const hosted = this.#hostedAs(name)
    const run = await this.#runOf(name, hosted.projection)
    hosted.remake(run, isAlone)
    return run
  }

  /** Gives up what `rebuild` began; not what is the only model. */
  drop(run: ProjectionRun): void {
    for (const hosted of this.#hosted.values()) hosted.drop(run)
  }

  /** Whether every view holds what was published up to a position; faulted ones, which will not, left out. O(projections). */
  holds(position: Position): boolean {
    return [...this.#hosted.values()].every((hosted) => hosted.holds(position))
  }

  /** What was given under this name. @throws TypeError where there is no such projection */
  projectionOf(name: string): Projection {
    return this.#hostedAs(name).projection
  }

  /** Tells projections that the archive holds these games and the journal lets go of them. */
  forget(streams: readonly StreamId[]): void {
    for (const { runs } of this.#hosted.values()) for (const run of runs) run.running.forget?.(streams)
  }

  /**
   * Saves every model that moved since it was last saved; none that is faulted, or not whole yet. A model is copied,
   * then kept back until `synced` resolves: all that it has seen must be on the disk. Saves wait for each other.
   * @throws the first error of the store, after all others were tried
   */
  async save(synced: () => Promise<void>): Promise<void> {
    await this.#saving?.save(this.#hosted.values(), synced)
  }

  /** How far each projection is. O(projections). */
  stats(): { readonly [name: string]: ProjectionStats } {
    return Object.fromEntries(
      [...this.#hosted].map(([name, hosted]) => [name, hosted.stats(this.#head, this.isPaused)]),
    )
  }

  #hostedAs(name: string): HostedProjection {
    const hosted = this.#hosted.get(name)
    if (!hosted)
      throw new TypeError(
        `There is no projection ${JSON.stringify(name)}; there are ${Object.keys(this.views).join(', ')}.`,
      )
    return hosted
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
}

const once = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined
  return () => (made ??= make())
}
