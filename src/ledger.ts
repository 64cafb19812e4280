/**
 * The roof: opens the rooms in order, wires them, and closes them in order.
 *
 *     dispatcher --append--> journal --watermarks--> publisher --> projector, archiver, recent events, events$
 *         ^                     ^                                              |
 *         +---- live games <----+------------- release ------------------------+
 *
 * Everything below this file is handed what it needs; nothing below it knows the others.
 */
import type { Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import type { Archive } from './archive/archive.js'
import type { PlaybackOptions, PlaybackStep } from './archive/playback.js'
import type { Replay, ReplayError, ReplayOptions } from './archive/replay.js'
import type { VerifyOptions, VerifyReport } from './archive/verification.js'
import type { DispatchError } from './commands/dispatch-error.js'
import type { Game, GameCommand } from './commands/game.js'
import type { Receipt } from './commands/receipt.js'
import type { CommandOptions } from './commands/command-options.js'
import type { Unit } from './commands/unit-of-work.js'
import type { EventEnvelope, GameEvent } from './events/envelope.js'
import type { Fault } from './events/fault.js'
import type { GameId, PlayerId } from './events/ids.js'
import type { ImportOptions, ImportReport } from './events-import.js'
import type { ErasureOptions, ErasureReport } from './erasure.js'
import type { GameHandle } from './game-handle.js'
import { resolveOptions, type LedgerOptions } from './options.js'
import { OpenedLedger } from './opened-ledger.js'
import type { HistoryQuery } from './past-events.js'
import type { PlayerIndexView } from './projections/players/player-index.js'
import type { Moment } from './projections/past-views.js'
import type { RoomDirectoryView } from './projections/rooms/room-directory.js'
import type { Projection } from './projections/projection.js'
import type { RebuildOptions } from './read-models.js'
import type { Rooms } from './rooms.js'
import type { LedgerStats, LiveGameRow } from './stats.js'

/** One view per projection, by its name, and the ledger's own: `players` and `rooms`. */
export type ViewsOf<Projections> = {
  readonly [Name in keyof Projections]: Projections[Name] extends Projection<infer View> ? View : never
} & { readonly players: PlayerIndexView; readonly rooms: RoomDirectoryView }

export interface Ledger<Views = unknown> {
  /** The ledger's own id, a UUID, made with its journal. */
  readonly id: string
  /** One game, whether it exists yet or not. @throws TypeError for a bad id or a game that was not given to `openLedger` */
  game<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
  ): GameHandle<State, Command, Event, Reason>
  /** Tables with a code, where games are played one after another. */
  readonly rooms: Rooms
  /**
   * A unit of work: commands to several games, all of them or none. `build` is synchronous and may run several times, so
   * it has no side effects; it reads the newest decided states and its own writes. A refusal inside refuses the unit, also
   * where `build` goes on; what it throws rejects. One journal record, one publication, one `recordedAt`. Answers with a
   * receipt for each game that was written to, in the order in which `build` first touched them; resolves like `dispatch`.
   * Decided at once where all games are in memory, else when they have been found; commands to them do not wait meanwhile.
   * Under a `commandId` that was recorded before, the receipts of those games that `build` touches again.
   * At most 100 games and 1 MiB of events.
   * @throws TypeError on misuse: an async `build`, a unit or a dispatch inside a unit, too many games
   */
  transact(
    build: (tx: Unit) => void,
    options?: CommandOptions,
  ): Promise<Either<DispatchError, readonly Receipt[]>>
  /** Hot, in order of position, only what is durable. A subscriber that throws is reported on `faults$` and harms nobody. */
  readonly events$: Observable<EventEnvelope>
  /** What failed, each once; what failed before anybody subscribed is told to the first who does. */
  readonly faults$: Observable<Fault>
  /** All events after a position, then live; the reader sets the pace. Ends with the ledger or the signal. @throws CheckpointLostError */
  eventsFrom(checkpoint: number, options?: { readonly signal?: AbortSignal }): AsyncIterable<EventEnvelope>
  /**
   * All events up to now, in order of position: of all games or of some kinds, live and archived. Ends with the newest event
   * that was published when it was called. The reader sets the pace, and nothing is kept for it. Reading everything
   * unpacks the archive; recent events come from memory.
   * @throws CheckpointLostError; what makes the past unreadable; TypeError for a position that is none
   */
  history(query?: HistoryQuery): AsyncIterable<EventEnvelope>
  /**
   * The same as an observable: cold, each subscription reads anew and ends where the ledger stood when it began. The next
   * event is read when `next` has returned, and none after unsubscribing. For work that takes its time use `history`: an
   * operator that waits keeps what comes meanwhile.
   */
  history$(query?: HistoryQuery): Observable<EventEnvelope>
  /** What the projections are asked. */
  readonly views: Views
  /** A game step by step, live or archived: to a version, to a time, as a viewer may see it. */
  replay<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
    options?: ReplayOptions,
  ): Promise<Either<ReplayError, Replay<State, Event>>>
  /**
   * A game at its own pace, for spectators: a step before the first event (or at `from`), then one after each, through `view`
   * and `viewEvent`. Pauses are those of play, divided by `factor`, at most `maxPauseMs`. A game that goes on is followed;
   * one that is not there yet begins with its first command. Ends with the game, its signal, or the ledger.
   * @throws UnknownEventError, SchemaTooNewError, GameQuarantinedError, what makes the past unreadable; TypeError
   */
  playback<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
    options?: PlaybackOptions,
  ): AsyncIterable<PlaybackStep<unknown, Event>>
  /** The same as an observable: cold, each subscription plays anew; unsubscribing ends it, in the midst of a pause, too. */
  playback$<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
    options?: PlaybackOptions,
  ): Observable<PlaybackStep<unknown, Event>>
  /**
   * Takes in what `archive.export()` of another ledger wrote (NDJSON): the same games under the same ids, at new
   * positions, with the time of their recording as `occurredAt`. Run again, it passes over what is there. Games whose
   * rules were not given, or that differ from one of the same id, are left out and told. Until the last line nobody acts on
   * what is imported: time limits, bots and rooms look at the games behind it, as behind an opening.
   * @throws ExportedLineError, ImportStoppedError; what came before is imported
   */
  importEvents(
    lines: AsyncIterable<string> | Iterable<string>,
    options?: ImportOptions,
  ): Promise<ImportReport>
  /** The games that are not archived: those in memory, and those asleep in the journal. O(games). */
  liveGames(): readonly LiveGameRow[]
  /** The completed games. */
  readonly archive: Archive
  /**
   * Checks archive and journal: every checksum, every game that sleeps, and that every position is in one place. `deep`
   * folds every archived game again. Reads everything.
   */
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /** Numbers for operators. O(projections). */
  stats(): LedgerStats
  /** Resolves when all accepted so far is durable, published and, if over, archived. @throws LedgerFaultedError */
  settled(): Promise<void>
  /**
   * Resolves when all views hold this receipt, or without one all that is published now: at once, but for views that
   * are being made (`catching-up`, `rebuilding`, `paused`); `faulted` ones are not waited for.
   * @throws what makes the past unreadable, where trying again mends nothing; LedgerClosedError
   */
  caughtUp(receipt?: Receipt): Promise<void>
  /**
   * Makes a projection anew from archive and journal, in the background, in slices of some milliseconds. Its view answers
   * from the old model, which goes on hearing what happens, until the new one has reached the head and takes its place.
   * Heals a faulted one. Several at once share the reading.
   * Games that were dropped from the archive cannot be counted again: then it is refused, unless `shortened` is given.
   * @throws TypeError where there is no such projection; HistoryShortenedError; ProjectionFaultedError where it throws (again); the reason of
   * the signal, what makes the past unreadable, LedgerClosedError
   */
  rebuild(projection: keyof Views & string, options?: RebuildOptions): Promise<void>
  /**
   * The view of a projection as it was behind a position, or behind all that was recorded up to a time (ms since 1970):
   * one that no longer changes. Costs the events since the nearest kept model, in slices; one is built at a time.
   * @throws CheckpointLostError behind the head or in a lost gap; PastViewsBusyError where 32 wait; TypeError;
   * ProjectionFaultedError, the reason of the signal, what makes the past unreadable, LedgerClosedError
   */
  viewAt<Name extends keyof Views & string>(
    projection: Name,
    moment: Moment,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Views[Name]>
  /**
   * Erases a player, by pseudonymisation: every string that equals their id in a recorded event, as a value or a key, and
   * what the game's `erase` adds, becomes `erased:<n>`, in the journal, the archive and the read models; `dryRun` says
   * what that would be. Games, positions, versions and the scores of all others stay; such ids count in ratings and are
   * never listed. Commands that name the player are refused meanwhile (`player-being-erased`); take none of them any
   * more before. Reads the whole archive (`everywhere`), makes all read models anew, waits for those who are reading what
   * was replaced. What was interrupted goes on when it is run again.
   * @throws TypeError where it is no player's id; HistoryShortenedError, unless `shortened` is given; StorageFullError, CorruptLogError, ErasureStoppedError, the reason of the
   * signal, what a game's `erase` throws
   */
  erase(player: PlayerId, options?: ErasureOptions): Promise<ErasureReport>
  /** Refuses new commands, finishes what is in flight, archives what is over (within `closeDeadlineMs`), saves read models, releases the directory. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a ledger: recovers the live games, catches the saved read models up, and goes on with what the archive was owed.
 * Models that have to be made anew from a long history are made in the background (`rebuildAtOpenEventsMax`).
 * @throws DataDirLockedError, CorruptLogError, StorageFullError, SchemaTooNewError, ArchiveOfAnotherLedgerError, TypeError
 */
export const openLedger = async <
  Projections extends { readonly [name: string]: Projection } = Record<never, never>,
>(
  options: LedgerOptions<Projections>,
): Promise<Ledger<ViewsOf<Projections>>> => {
  const opened = await OpenedLedger.open(resolveOptions(options))
  return opened as unknown as Ledger<ViewsOf<Projections>>
}
