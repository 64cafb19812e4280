/**
 * A projection: what listens to the ledger, the read model that it keeps, and the view that callers are handed.
 *
 * A projection is a pure function of envelopes in order of position: rebuilding it from the archive and the journal
 * gives the same model as listening live. So `apply` looks at nothing but its envelope and its model.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { Clock } from '../events/clock.js'
import type { Position, StreamId } from '../events/ids.js'
import type { ArchivedGames } from './players/archived-games.js'

/** The name of a page: a number that was never given before, to nobody. */
export type PageId = number

/**
 * Room for parts of a model that are seldom touched: a projection puts them here and keeps their names.
 *
 * LAW. Pages are never changed: what changed is put anew, and gets another name. `put` is synchronous and may be lost by
 * a crash until a saved model names the page (`RunningProjection.pages`): the store makes the pages durable first, then
 * the model. A page that no kept model names is deleted when a newer model was saved. Damaged or absent pages throw;
 * the projection is then rebuilt.
 */
export interface Pages {
  put(bytes: Uint8Array): PageId
  /** For applying, which cannot wait. */
  get(page: PageId): Uint8Array
  /** For callers, who can. */
  read(page: PageId): Promise<Uint8Array>
}

/** What the roof hands to a projection when it is started. */
export interface ProjectionContext {
  readonly clock: Clock
  /** Where parts of the model are paged out. @default memory, for ledgers that save no read models */
  readonly pages?: Pages
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
  /**
   * A large model as parts whose bytes, one behind the other, are what `save` gives, and never change from now on: so
   * nothing is copied in the turn that takes them. @default what `save` gives
   */
  snapshot?(): readonly Uint8Array[]
  /** The pages that the model of the `save` just made refers to. @default none */
  pages?(): readonly PageId[]
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
  /** The kinds that it hears. @default all games, never rooms (kind `room`) */
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
  /** The pages that the model refers to. @default none */
  readonly pages?: readonly PageId[]
}

/**
 * The port of saved read models. `save` replaces atomically: a crash leaves the older or the newer model, whole.
 * `load` gives `undefined` for what is absent or damaged: both mean "rebuild".
 */
export interface CheckpointStore {
  save(name: string, checkpoint: ModelCheckpoint): Promise<void>
  load(name: string): Promise<ModelCheckpoint | undefined>
}
