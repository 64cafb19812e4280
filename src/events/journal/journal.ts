/**
 * The port of the durable memory of live games, and the records that cross it.
 *
 * LAW
 * - **Order.** Records are durable in the order of `append`, as a prefix: never a hole, never half a record. All
 *   events of one command, or of one unit of work, are one record.
 * - **Positions.** The journal gives each event its position: `firstPosition` of a record is set no later than
 *   the first watermark that covers its ticket. An embedded journal sets it inside `append`. A position that
 *   was ever published is never given to another event: who publishes before `synced` says at opening how many events
 *   may be at risk, and after an unclean stop so many positions are left out, as a lost gap.
 * - **Durability.** `append` is synchronous and never waits. The listener hears `written` when a prefix is in the
 *   operating system's hands (survives a killed process) and `synced` when it survives power loss. Both rise;
 *   `written` is never behind `synced`.
 * - **Bounds.** `append` never refuses: who calls it bounds what is in flight (records and bytes).
 * - **Room.** A disk without room is met before an event is written. `space` tells of it, and when there is room
 *   again. Meanwhile what is appended finds its place as far as space is reserved, and waits behind that; `release`
 *   goes on.
 * - **Failure.** The first failed write or sync is reported once by `failed`; from then on no watermark rises and
 *   `append` throws. Nothing is retried. Reopening recovers the last durable truth. Reads go on.
 * - **Release.** `release` says that the archive holds these games now. Their records may vanish at any time later;
 *   a reader that began earlier still meets them.
 * - **Carrying.** `carry` writes games anew, each in one piece, to be read back at one go and left alone by the next
 *   opening. It changes nothing that can be read: versions and positions stay. A crash leaves each game as it was before
 *   or carried, whole either way.
 * - **Rewriting.** `rewrite` is the one way in which what is recorded changes: lines, never their number, versions or
 *   positions. A crash leaves all records as they were or all as they were to be. Readers that began earlier may meet
 *   the old ones.
 *
 * The port lives in the room that uses the order it gives; adapters stand beside it, one file each.
 */
import type { DurationStats } from '../durations.js'
import type { EventLog } from '../event-log.js'
import type { PlayerId, Position, StreamId } from '../ids.js'
import type { LostGap } from '../lost-gap.js'
import type { Shortage } from './storage-full.js'

/** A record's number in order of `append`, from 1 at each opening. */
export type Ticket = number

/** Events of one stream that stand or fall together: what one command did. */
export interface EventsRecord {
  readonly type: 'events'
  readonly stream: StreamId
  readonly firstVersion: number
  readonly count: number
  /** Set by the journal; 0 until then. */
  firstPosition: Position
  /** Holds the event lines at [start, end). Valid only during the call that hands the record over: copy what you keep. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /**
   * The log of the whole stream, of which these lines are the end. It only ever grows: a journal in memory may keep it,
   * as far as it goes now, in place of a copy.
   */
  readonly log?: EventLog
}

/** The archiver is about to write this batch, with exactly these games. Kept until its `committed`. */
export interface IntentRecord {
  readonly type: 'intent'
  readonly batch: number
  readonly streams: readonly StreamId[]
}

/** The manifest of this batch stands in the archive. */
export interface CommittedRecord {
  readonly type: 'committed'
  readonly batch: number
  /** Of the segment, in hex. */
  readonly sha256: string
}

/** Events of several streams that stand or fall together: what one unit of work did. */
export interface UnitRecord {
  readonly type: 'unit'
  /** One or more, each of another stream. Positions run on from one to the next. */
  readonly parts: readonly EventsRecord[]
}

/** What is given back: a unit comes back as its parts. */
export type StoredRecord = EventsRecord | IntentRecord | CommittedRecord

export type JournalRecord = StoredRecord | UnitRecord

/** A game that was carried as a whole, idle for long and not over: it is left asleep when the journal is opened. */
export interface AsleepGame {
  readonly stream: StreamId
  readonly version: number
  readonly lastPosition: Position
  /** `recordedAt` of its last event. */
  readonly lastAt: number
  readonly players: readonly PlayerId[]
  /** What the ledger noted of it when it was carried at this version; absent where nothing was. */
  readonly note?: string | undefined
}

/** A game that is to be carried: all its events through a version, every one of them synced. */
export interface CarriableGame {
  readonly stream: StreamId
  readonly version: number
  /** In order of version; their bytes are copied. */
  records(): Iterable<EventsRecord>
}

/** Hears how far the journal is. Called in turns of the event loop of its own, never from inside `append`. */
export interface JournalListener {
  written(through: Ticket): void
  synced(through: Ticket): void
  /** There is no room for more than is reserved; `undefined`: there is again. */
  space(shortage: Shortage | undefined): void
  /** Something that was kept can no longer be read as it was written. What is appended is safe as before. */
  damaged(cause: unknown): void
  failed(cause: unknown): void
  /**
   * What to note of a game that is carried through this version, to be handed back by `recover`: a short text without
   * anything of its players. Asked in the background, of games that are not asleep; `undefined` where there is nothing to
   * note, or another version is the newest by now.
   */
  noteOf?(stream: StreamId, version: number): string | undefined
}

/** What recovery found. */
export interface Recovery {
  /** The highest position that an event has in the journal, or as told in `after`; 0 if there is none. */
  readonly lastPosition: Position
  /** Positions that crashes took back, in order; none of them is ever given again. */
  readonly lost: readonly LostGap[]
  /** True where the journal was closed properly, or is new. */
  readonly isClean: boolean
  /** Bytes of a torn, unacknowledged tail that were dropped. */
  readonly droppedBytes: number
  /** Games that were not visited: `read` gives their records. */
  readonly asleep: readonly AsleepGame[]
  /** Games that a repair set aside: nothing of them is here, and none may begin under these ids again. */
  readonly quarantined?: readonly StreamId[]
  /** Of the events up to this position a repair set some aside: who stands there has seen what is no more. */
  readonly repairedThrough?: Position
}

/** Which records to read: all of one stream, or those that hold a position in (after, through]. */
export type JournalQuery =
  { readonly stream: StreamId } | { readonly after: Position; readonly through: Position }

/** What a journal has done since it was opened. */
export interface JournalNumbers {
  /** Groups that were written and synced. */
  readonly commits: number
  readonly bytesWritten: number
  /** How long the disk took for each sync. */
  readonly syncs: DurationStats
  /** Log files, the spare ones not counted. */
  readonly files: number
}

/**
 * New lines for those of a record, as many as they were; `undefined` where they stay. Asked once a record, in no order
 * but that of the versions of a game; the record is valid only during the call.
 */
export type RecordChange = (record: EventsRecord) => string | undefined

/** What a rewriting leaves. */
export interface Rewritten {
  /** Resolves when no byte of the old records is left in any file: behind the last of those who were reading them. */
  vanished(): Promise<void>
}

/** A record as `change` makes it. */
export const changedBy = (change: RecordChange | undefined, record: EventsRecord): EventsRecord => {
  const lines = change?.(record)
  if (lines === undefined) return record
  const bytes = Buffer.from(lines)
  return { ...record, bytes, start: 0, end: bytes.length }
}

/** An opened journal, locked for this process: five verbs, one for games that leave memory, and one for erasures. */
export interface OpenJournal {
  /** The ledger's own id, a UUID, made with the journal. */
  readonly ledgerId: string
  /** True where nothing was ever recorded here. */
  readonly isEmpty: boolean
  /** For operators, where it counts. O(1). */
  readonly numbers?: JournalNumbers
  /**
   * Visits what is durable, once, before anything is appended: each game in order of its versions, and what was never
   * carried in order of position. Released games may be among it, each with all its records or none. Games that were
   * carried as a whole are not visited, unless they are over: the report names them. The next position is one more
   * than the highest of the journal's own, of `after` (the archive's), and of the lost gaps.
   * @throws CorruptLogError where acknowledged data is damaged
   */
  recover(visit: (record: StoredRecord) => void, after: Position): Promise<Recovery>
  append(record: JournalRecord): Ticket
  /**
   * Event records that are not released, in order of position (of version, for one stream), as they stood when the
   * reading began. Positions that are not yet durable may be among them: ask for no more than you know is published.
   */
  read(query: JournalQuery): AsyncIterable<EventsRecord>
  release(streams: readonly StreamId[]): void
  /**
   * Writes these games each in one piece; resolves when that is on the disk and in force. They may go on meanwhile: what
   * is appended to one stands behind the piece. Rejects where that cannot be, and then nothing has changed.
   * @throws StorageFullError
   */
  carry(games: readonly CarriableGame[]): Promise<void>
  /**
   * Writes every record that was appended before this call and is not released anew, with the lines that `change` gives.
   * Resolves when all of it is durable; rejects where that cannot be, and then all is as it was, or, after a failure of
   * the journal, found by the next opening as it was or as it was to be. Appends go on meanwhile; no batch of the archiver
   * may be open. One at a time. @throws CorruptLogError, StorageFullError
   */
  rewrite(change: RecordChange): Promise<Rewritten>
  /** Makes all durable, leaves a clean mark, gives the lock back. Idempotent. */
  close(): Promise<void>
}

/** A journal that can be opened: one shard of it, by one process at a time. */
export interface Journal {
  /** For messages: `'file journal ./data/journal'`. */
  readonly name: string
  /** True where nothing outlives the process: it takes any archive for its own. */
  readonly isEphemeral: boolean
  /**
   * `eventsAtRisk`: how many events may be published before they are synced, at most; 0 where none is.
   * @throws DataDirLockedError where another process has it
   */
  open(shard: number, listener: JournalListener, eventsAtRisk?: number): Promise<OpenJournal>
}

/** How safe an event is: decided in memory, handed to the operating system, or on the disk itself. */
export type Durability = 'memory' | 'written' | 'synced'

/** The degrees in order: a higher number is safer. */
export const strength: { readonly [degree in Durability]: number } = { memory: 0, written: 1, synced: 2 }
