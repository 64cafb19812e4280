/**
 * One run of a projection: a model on its way through the events. A projection has one that answers, and beside it a
 * second one while it is rebuilt; a view of the past is a run of its own.
 *
 * It hears each event once and in order: what stands at its checkpoint or before is passed over.
 */
import type { Clock } from '../events/clock.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { Position } from '../events/ids.js'
import { roomKind } from '../events/room-event.js'
import type {
  ModelCheckpoint,
  Projection,
  ProjectionContext,
  RunningProjection,
  RunPages,
  SaveRoom,
} from './projection.js'

/** What a run is started with. */
export interface RunContext extends Omit<ProjectionContext, 'checkpoint' | 'pages'> {
  readonly clock: Clock
  readonly pages: RunPages
}

/** What a run threw, and the position of the event that it threw at. */
export interface RunFault {
  readonly position: Position
  readonly cause: unknown
}

/** What is to be saved of a run, its model in parts that never change. */
export interface RunSnapshot extends Omit<ModelCheckpoint, 'model'> {
  readonly parts: readonly Uint8Array[]
}

export class ProjectionRun {
  readonly projection: Projection
  readonly running: RunningProjection<unknown>
  /** True where it hears the summaries of finished games alone. */
  readonly isOfFinals: boolean
  /** The last position that it has fully applied. */
  checkpoint = 0 as Position
  /** Of the newest event up to there that it knows of. */
  recordedAt = 0
  /** The checkpoint of what was last saved of it. */
  savedAt = 0 as Position
  fault: RunFault | undefined
  /** Nobody waits for it any more. */
  isOver = false
  readonly #pages: RunPages
  readonly #kinds: ReadonlySet<string> | undefined

  constructor(projection: Projection, context: RunContext) {
    this.projection = projection
    this.#pages = context.pages
    this.#kinds = projection.kinds && new Set(projection.kinds)
    this.isOfFinals = projection.on === 'final'
    this.running = projection.start({ ...context, checkpoint: () => this.checkpoint })
  }

  /** Whether events are still of use to it. */
  get isFed(): boolean {
    return this.fault === undefined && !this.isOver
  }

  /** Goes on from a saved model. @throws what its `load` throws: then it is of no more use */
  load({ position, recordedAt, model, pages = [] }: ModelCheckpoint): void {
    this.#pages.keep(pages)
    this.running.load(model)
    this.checkpoint = position
    this.recordedAt = recordedAt
    this.savedAt = position
  }

  /** Applies an event; one that finds it behind already, or that it does not hear, only moves it on. Never throws. */
  feed(envelope: EventEnvelope): void {
    if (envelope.position <= this.checkpoint) return
    if (this.#kinds ? this.#kinds.has(envelope.kind) : envelope.kind !== roomKind) {
      try {
        this.running.apply(envelope)
      } catch (cause) {
        this.fault = { position: envelope.position, cause }
        return
      }
    }
    this.reach(envelope.position, envelope.recordedAt)
  }

  /** Nothing that it hears stands up to here. */
  reach(position: Position, recordedAt = 0): void {
    if (position > this.checkpoint) this.checkpoint = position
    if (recordedAt > this.recordedAt) this.recordedAt = recordedAt
  }

  /** What a store saves of it now. `room` lends the memory. */
  save(room?: SaveRoom): ModelCheckpoint {
    const model = this.running.save(room)
    return { ...this.#standing(), model }
  }

  /** The same, where the model has parts that never change: these, in place of the model. */
  snapshot(): RunSnapshot | undefined {
    const parts = this.running.snapshot?.()
    return parts && { ...this.#standing(), parts }
  }

  /** Where the model just saved stands. */
  #standing(): Omit<ModelCheckpoint, 'model'> {
    const { checkpoint: position, recordedAt, running } = this
    const pages = running.pages?.() ?? []
    this.#pages.keep(pages)
    return { version: this.projection.version, position, recordedAt, pages }
  }

  /** It is of no more use. */
  end(): void {
    this.isOver = true
    this.#pages.end()
  }
}
