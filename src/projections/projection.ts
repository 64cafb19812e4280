/**
 * A projection: what listens to the ledger, the read model that it keeps, and the view that callers are handed.
 *
 * A projection is a pure function of envelopes in order of position: rebuilding it from the archive and the journal
 * gives the same model as listening live. So `apply` looks at nothing but its envelope and its model.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { Clock } from '../events/clock.js'
import type { Position, StreamId } from '../events/ids.js'
import type { ArchivedGames } from './archived-games.js'

/** What the roof hands to a projection when it is started. */
export interface ProjectionContext {
  readonly clock: Clock
  /** The position that the projection is true for: also past events that it does not hear. Asked by views. */
  readonly checkpoint?: () => Position
  /** What the archive knows of games, where there is one. */
  readonly archived?: ArchivedGames
}

/** A running projection: one read model. Not to be shared between ledgers. */
export interface RunningProjection<View> {
  /** Applies one event; synchronous. Throwing detaches the projection until it is rebuilt. */
  apply(envelope: EventEnvelope): void
  /** What callers are handed. The same object for life; its answers follow the model. */
  readonly view: View
  /** The model as bytes, at a moment between two events. Copies; at most a few milliseconds. */
  save(): Uint8Array
  /** Replaces the (empty) model by a saved one. @throws where the bytes are none of its own */
  load(saved: Uint8Array): void
  /** The archive holds these games now and the journal lets go of them: what was kept only until then may go. */
  forget?(streams: readonly StreamId[]): void
  /** Hits and misses of its cached views since the start, where it caches. */
  cacheStats?(): { readonly hits: number; readonly misses: number }
}

/** A projection as given to `openLedger({ projections })`. `start` may be called again for a rebuild. */
export interface Projection<View = unknown> {
  /** Raise it when the code of the projection changes its meaning: a saved model of another version is rebuilt. */
  readonly version: string
  /** The kinds of games that it hears; all of them where absent. */
  readonly kinds?: readonly string[]
  /** `'final'`: hears only the last event of each game, and can be rebuilt without the others. @default 'all' */
  readonly on?: 'all' | 'final'
  start(context: ProjectionContext): RunningProjection<View>
}

/** Where a saved model stands. */
export interface ModelCheckpoint {
  readonly version: string
  readonly position: Position
  readonly model: Uint8Array
}

/**
 * The port of saved read models. `save` replaces atomically: a crash leaves the older or the newer model, whole.
 * `load` gives `undefined` for what is absent or damaged: both mean "rebuild".
 */
export interface CheckpointStore {
  save(name: string, checkpoint: ModelCheckpoint): Promise<void>
  load(name: string): Promise<ModelCheckpoint | undefined>
}
