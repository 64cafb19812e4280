/**
 * Feeds every projection with every event that it wants, in order of position, once.
 *
 *     live:       publisher --apply--> each projection whose checkpoint is behind
 *     catching up: history --catchUp-> the same, in slices, before anything is dispatched
 *
 * A checkpoint says through which position a model is true, also past events that its projection does not hear. A
 * projection that throws is detached: its fault is reported once, its model is not saved any more, the others go on.
 * At the next opening it begins again from its last saved model, or from nothing. What is saved is never ahead of
 * what is durable; what cannot be loaded is made anew from the events.
 */
import type { Clock } from '../events/clock.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { Fault } from '../events/fault.js'
import type { Position, StreamId } from '../events/ids.js'
import type { ArchivedGames } from './archived-games.js'
import type { CheckpointStore, Projection, RunningProjection } from './projection.js'

export interface ProjectorPorts {
  readonly projections: { readonly [name: string]: Projection }
  readonly clock: Clock
  readonly archived: ArchivedGames
  /** Where models are saved; without one they are made anew at each opening. */
  readonly store?: CheckpointStore
  readonly onFault: (fault: Fault) => void
}

export type ProjectionState = 'catching-up' | 'live' | 'faulted'

export interface ProjectionStats {
  readonly state: ProjectionState
  /** The position through which the model is true. */
  readonly checkpoint: number
  /** Positions behind the newest published one. */
  readonly lag: number
  /** Of cached views, where there are any. */
  readonly cacheHits: number
  readonly cacheMisses: number
}

interface Fed {
  readonly name: string
  readonly projection: Projection
  running: RunningProjection<unknown>
  checkpoint: Position
  savedAt: Position
  state: ProjectionState
}

const sliceMs = 5

export class Projector {
  /** The views by name. */
  readonly views: { readonly [name: string]: unknown }
  readonly #ports: ProjectorPorts
  readonly #fed: readonly Fed[]
  #head = 0 as Position

  constructor(ports: ProjectorPorts) {
    this.#ports = ports
    this.#fed = Object.entries(ports.projections).map(([name, projection]) => this.#start(name, projection))
    const views = {}
    for (const fed of this.#fed)
      Object.defineProperty(views, fed.name, { enumerable: true, get: () => fed.running.view })
    this.views = Object.freeze(views)
  }

  /** Loads the saved models. Returns the position from which events are needed: the lowest checkpoint. */
  async open(head: Position): Promise<Position> {
    this.#head = head
    for (const fed of this.#fed) await this.#load(fed, head)
    return this.#fed.reduce((lowest, { checkpoint }) => (checkpoint < lowest ? checkpoint : lowest), head)
  }

  /** Applies stored events, each to those that are behind it; lets others run every few milliseconds. */
  async catchUp(events: AsyncIterable<EventEnvelope>, through: Position): Promise<void> {
    let until = performance.now() + sliceMs
    for await (const envelope of events) {
      for (const fed of this.#fed) if (fed.checkpoint < envelope.position) this.#feed(fed, envelope)
      if (performance.now() < until) continue
      await new Promise((resume) => setImmediate(resume))
      until = performance.now() + sliceMs
    }
    this.checkpointTo(through)
  }

  /** Applies a published event. Never throws. O(projections). */
  apply(envelope: EventEnvelope): void {
    this.#head = envelope.position
    for (const fed of this.#fed) this.#feed(fed, envelope)
  }

  /** No event is missing through this position. */
  checkpointTo(position: Position): void {
    for (const fed of this.#fed) {
      if (fed.state === 'faulted') continue
      if (fed.checkpoint < position) fed.checkpoint = position
      fed.state = 'live'
    }
  }

  /** The archive holds these games now, and the journal lets go of them. */
  forget(streams: readonly StreamId[]): void {
    for (const { running } of this.#fed) running.forget?.(streams)
  }

  /** Takes all models that moved, now; saves them once `durable` says that everything through here is on the disk. */
  async save(durable: () => Promise<void>): Promise<void> {
    const { store } = this.#ports
    if (!store) return
    const taken = this.#fed
      .filter(({ state, checkpoint, savedAt }) => state === 'live' && checkpoint > savedAt)
      .map((fed) => ({ fed, position: fed.checkpoint, model: fed.running.save() }))
    await durable()
    for (const { fed, position, model } of taken) {
      await store.save(fed.name, { version: fed.projection.version, position, model })
      fed.savedAt = position
    }
  }

  stats(): { readonly [name: string]: ProjectionStats } {
    const stats: { [name: string]: ProjectionStats } = {}
    for (const { name, state, checkpoint, running } of this.#fed) {
      const { hits, misses } = running.cacheStats?.() ?? { hits: 0, misses: 0 }
      stats[name] = {
        state,
        checkpoint,
        lag: Math.max(0, this.#head - checkpoint),
        cacheHits: hits,
        cacheMisses: misses,
      }
    }
    return stats
  }

  #start(name: string, projection: Projection): Fed {
    const { clock, archived } = this.#ports
    const fed: Fed = {
      name,
      projection,
      running: projection.start({ clock, archived, checkpoint: () => fed.checkpoint }),
      checkpoint: 0 as Position,
      savedAt: 0 as Position,
      state: 'catching-up',
    }
    return fed
  }

  async #load(fed: Fed, head: Position): Promise<void> {
    const saved = await this.#ports.store?.load(fed.name)
    // A model beyond the head holds events that a crash took back: it is made anew, as is one of other code.
    if (!saved || saved.version !== fed.projection.version || saved.position > head) return
    try {
      fed.running.load(saved.model)
      fed.checkpoint = fed.savedAt = saved.position
    } catch {
      fed.running = this.#start(fed.name, fed.projection).running
    }
  }

  #feed(fed: Fed, envelope: EventEnvelope): void {
    if (fed.state === 'faulted') return
    const { kinds, on } = fed.projection
    if ((on !== 'final' || envelope.final) && (!kinds || kinds.includes(envelope.kind))) {
      try {
        fed.running.apply(envelope)
      } catch (cause) {
        this.#detach(fed, envelope, cause)
        return
      }
    }
    fed.checkpoint = envelope.position
  }

  #detach(fed: Fed, { position }: EventEnvelope, cause: unknown): void {
    fed.state = 'faulted'
    this.#ports.onFault({
      code: 'projection-faulted',
      message:
        `The projection ${fed.name} threw at position ${position}: ${String(cause)}. It hears nothing more; the others ` +
        'go on. Mend it and open the ledger again: it is caught up from the events.',
      cause,
    })
  }
}
