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
 * the model. A page that no kept model names is deleted when a newer model was saved. Damaged or absent pages throw a
 * `PageLostError`; the projection is then rebuilt.
 */
export interface Pages {
  /** Takes `bytes` over: they must not change any more. */
  put(bytes: Uint8Array): PageId
  /** For applying, which cannot wait. */
  get(page: PageId): Uint8Array
  /** For callers, who can. */
  read(page: PageId): Promise<Uint8Array>
}

/** The pages of one run of a projection. What several runs put, and what was saved, stands in one store. */
export interface RunPages extends Pages {
  /** Of all that was put through this room or saved, the run needs these alone; what nobody else needs may go. */
  keep(pages: readonly PageId[]): void
  /** The run is over and needs none. */
  end(): void
}

/** A page is damaged, or gone: the projection that named it has to be rebuilt. */
export class PageLostError extends Error {
  override readonly name = 'PageLostError'
  readonly code = 'page-lost'
  readonly page: PageId

  constructor(page: PageId, what: string, cause?: unknown) {
    super(`Page ${page} of a read model ${what}. Rebuild the projection.`, { cause })
    this.page = page
  }
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

/** Lends memory to save a model in, at least so many bytes: all of it is written over. Valid until it is saved. */
export type SaveRoom = (bytes: number) => Buffer

/** A running projection: one read model. Not to be shared between ledgers. */
export interface RunningProjection<View> {
  /** Applies one event; synchronous. Throwing detaches the projection until it is rebuilt. */
  apply(envelope: EventEnvelope): void
  /** What callers are handed. The same object for life; its answers follow the model. */
  readonly view: View
  /**
   * The model as bytes, at a moment between two events. Copies, for play goes on at once; so it stops the loop for as
   * long as copying takes. `room` lends memory to copy into that was used before: fresh memory costs many times more.
   */
  save(room?: SaveRoom): Uint8Array
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
  /**
   * `'final'`: hears one envelope a game, when it has ended: `event` is `{ type: '$final' }`, `players` are all of the
   * game, and beside them stands what the archive's index keeps (`finalSummary`). So it is rebuilt without opening a
   * game. @default 'all'
   */
  readonly on?: 'all' | 'final'
  start(context: ProjectionContext): RunningProjection<View>
}

/** A saved model, and where it stands. */
export interface ModelCheckpoint {
  readonly version: string
  readonly position: Position
  /** Of the newest event up to `position`, in milliseconds since 1970; 0 where there is none. */
  readonly recordedAt: number
  /** Lent to `save` until it resolves. */
  readonly model: Uint8Array
  /** The pages that the model refers to. @default none */
  readonly pages?: readonly PageId[]
  /** True where the model was made anew because its likes were in doubt: older ones of it are dropped with this save. */
  readonly isAfresh?: boolean
}

/**
 * The port of saved read models.
 *
 * LAW. `save` replaces atomically: a crash leaves the older or the newer model, whole, with its pages. Besides the newest
 * a store may keep older ones, as many as it likes, for `ledger.viewAt`. `load` gives the newest that stands at a position
 * or before it, and `undefined` for what is absent or damaged: that means "rebuild". `retract` forgets for good all
 * that stand behind a position: a crash took back what they have seen; all of them behind -1. `retain` forgets for good
 * whatever is saved under other names: of projections that are no more. Calls for one name do not overlap, but for
 * `load` and the pages.
 */
export interface CheckpointStore {
  save(name: string, checkpoint: ModelCheckpoint): Promise<void>
  load(name: string, atMost?: Position): Promise<ModelCheckpoint | undefined>
  retract(name: string, after: number): Promise<void>
  retain(names: readonly string[]): Promise<void>
  /** The room for the pages of one run. */
  pages(name: string): Promise<RunPages>
}
