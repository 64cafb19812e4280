/**
 * A projection and its runs: which one answers, which one is made to replace it, and who hears what.
 *
 *                    the model stands behind the head        throws
 *      live <------------------------------- catching-up ------------> faulted
 *        |  \                                                             |
 *        |   throws -> faulted                                            |
 *        +---------- rebuild ---> rebuilding <------- rebuild ------------+
 *                                  |  beside the old run, which hears what is published as before
 *                                  +-- reached the head: put in its place, behind the same view
 *
 * A projection without a saved model of its version has nothing older that could answer: its first run is the one that
 * is built, and answers for the position that it has reached.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { Position } from '../events/ids.js'
import type { Projection } from './projection.js'
import type { ProjectionRun } from './projection-run.js'
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

export class HostedProjection {
  readonly name: string
  readonly projection: Projection
  /** What callers are handed: where it is an object the same one for life, whichever run answers. */
  readonly view: () => unknown
  /** Its likes were in doubt: older saved models go with the next saving. */
  isAfresh = false
  readonly #onFault: (fault: ProjectionFault) => void
  #serving: ProjectionRun
  #next: ProjectionRun | undefined
  #isLive: boolean

  /** `serving` was loaded, or has everything before it; it is at the head, or has to be fed from history first. */
  constructor(
    name: string,
    projection: Projection,
    serving: ProjectionRun,
    { isLoaded, head }: { readonly isLoaded: boolean; readonly head: Position },
    onFault: (fault: ProjectionFault) => void,
  ) {
    this.name = name
    this.projection = projection
    this.#serving = serving
    this.#next = isLoaded || head === 0 ? undefined : serving
    this.#isLive = serving.checkpoint === head
    this.#onFault = onFault
    this.view = viewFacade(() => this.#serving.running.view)
  }

  /** What answers. */
  get serving(): ProjectionRun {
    return this.#serving
  }

  /** What is made anew; `serving` itself, where there is nothing older. */
  get next(): ProjectionRun | undefined {
    return this.#next
  }

  /** Both, each once. */
  get runs(): ReadonlySet<ProjectionRun> {
    return new Set(this.#next ? [this.#serving, this.#next] : [this.#serving])
  }

  /** Those that history has to be fed to. */
  get behind(): readonly ProjectionRun[] {
    const serving = this.#isLive || this.#serving === this.#next ? [] : [this.#serving]
    return [...(this.#next ? [this.#next] : []), ...serving].filter(({ isFed }) => isFed)
  }

  /** Hears a published event, where it is live; the summary of a final one is told instead where only ends are heard. */
  apply(envelope: EventEnvelope, summary: (() => EventEnvelope) | undefined): void {
    if (!this.#isLive) return
    const run = this.#serving
    if (!run.isOfFinals) run.feed(envelope)
    else if (summary) run.feed(summary())
    else run.reach(envelope.position, envelope.recordedAt)
    if (run.fault) this.#detach()
  }

  /** Takes note of how far its runs have come: what reached the head goes live, what threw is detached. */
  settle(head: Position): void {
    const next = this.#next
    if (next?.fault) this.#giveUp(next)
    else if (next && next.checkpoint >= head) this.#swap(next)
    const serving = this.#serving
    if (this.#isLive || serving === this.#next) return
    if (serving.isFed && serving.checkpoint >= head) this.#isLive = true
    else if (serving.fault && !serving.isOver) this.#detach()
  }

  /** From now on `run` is made to replace what answers. */
  build(run: ProjectionRun): void {
    this.#next = run
  }

  /** The same, whatever is being made already; with `isAlone` the old model answers no longer. */
  remake(run: ProjectionRun, isAlone: boolean): void {
    const [serving, next] = [this.#serving, this.#next]
    if (next && next !== serving) next.end()
    if (isAlone || next === serving) {
      serving.end()
      this.#serving = run
      this.#isLive = false
    }
    this.#next = run
    this.isAfresh = true
  }

  /** Gives up what is being made, if it is this run, and not the only model. */
  drop(run: ProjectionRun): void {
    if (this.#next !== run || this.#serving === run) return
    this.#next = undefined
    run.end()
  }

  /** Whether its view holds what was published up to a position, or never will, since it is faulted. */
  holds(position: Position): boolean {
    return this.#serving.checkpoint >= position || (this.#serving.fault !== undefined && !this.#next)
  }

  stats(head: Position, isPaused: boolean): ProjectionStats {
    const [serving, next] = [this.#serving, this.#next]
    const { checkpoint, running, fault } = serving
    const cache = running.cacheStats?.()
    const behind: ProjectionState = next ? 'rebuilding' : 'catching-up'
    const state = fault && !next ? 'faulted' : this.#isLive && !next ? 'live' : isPaused ? 'paused' : behind
    return Object.freeze({
      state,
      checkpoint,
      lag: head - checkpoint,
      ...(next && next !== serving && { rebuiltThrough: next.checkpoint }),
      ...(cache && { cache }),
    })
  }

  #swap(next: ProjectionRun): void {
    if (this.#serving !== next) {
      this.#serving.end()
      this.isAfresh = true
    }
    this.#serving = next
    this.#next = undefined
    this.#isLive = true
  }

  /** It threw while it was made anew: the older one goes on, if it can. */
  #giveUp(next: ProjectionRun): void {
    this.#next = undefined
    if (next === this.#serving) next.isOver = true
    else next.end()
    this.#report(next)
  }

  #detach(): void {
    this.#isLive = false
    this.#serving.isOver = true
    this.#report(this.#serving)
  }

  /** In a turn of its own: who listens can neither hold up nor break the feeding of the others. */
  #report({ fault }: ProjectionRun): void {
    queueMicrotask(() => this.#onFault({ code: 'projection-faulted', projection: this.name, ...fault! }))
  }
}
