/**
 * A file journal that is open: recovery first, then appends, reads and releases, and a close that leaves a mark.
 *
 * This class joins the parts and holds no bytes of its own: `Recovery` reads what is there, `restart` makes it a `Log`
 * that takes frames, `GroupCommit` fills them. After a close or a failure, reads in progress go on.
 */
import type { Position, StreamId } from '../ids.js'
import { withGap } from '../lost-gap.js'
import { withExtent } from './diagnosis.js'
import type { DirectoryLock } from './directory-lock.js'
import { GroupCommit } from './group-commit.js'
import type {
  CarriableGame,
  EventsRecord,
  JournalListener,
  JournalNumbers,
  JournalQuery,
  JournalRecord,
  OpenJournal,
  RecordChange,
  Recovery as RecoveryReport,
  Rewritten,
  StoredRecord,
  Ticket,
} from './journal.js'
import { JournalFailedError } from './journal-failed.js'
import { Log, type LogPlace } from './log.js'
import { isAsked, recordsFrom, sourcesFor } from './log-reader.js'
import type { Manifest } from './manifest.js'
import { readBack } from './reading-back.js'
import type { Recovery } from './recovery.js'
import type { Restart } from './restart.js'
import { isNoRoom, StorageFullError } from './storage-full.js'

/** What was found when the directory was opened. */
export interface Opening {
  readonly place: LogPlace
  readonly manifest: Manifest
  readonly isEmpty: boolean
}

/** What this opening keeps to. */
export interface Bounds {
  readonly batchBytesMax: number
  readonly eventsAtRisk: number
}

/** See the port. Appends cost one encoding; everything else happens behind them. */
export class OpenFileJournal implements OpenJournal {
  readonly ledgerId: string
  readonly isEmpty: boolean
  readonly #manifest: Manifest
  readonly #log: Log
  readonly #listener: JournalListener
  readonly #lock: DirectoryLock
  readonly #bounds: Bounds
  readonly #restart: Restart
  #group: GroupCommit | undefined
  #recovering: Promise<RecoveryReport> | undefined
  #closing: Promise<void> | undefined

  constructor(
    opening: Opening,
    listener: JournalListener,
    lock: DirectoryLock,
    bounds: Bounds,
    restart: Restart,
  ) {
    this.#manifest = opening.manifest
    this.isEmpty = opening.isEmpty
    this.ledgerId = opening.manifest.ledgerId
    this.#log = new Log(opening.place, opening.manifest)
    this.#listener = listener
    this.#lock = lock
    this.#bounds = bounds
    this.#restart = restart
  }

  get numbers(): JournalNumbers {
    const { files, carried } = this.#log
    return { ...this.#running().numbers, files: files.length + carried.length }
  }

  recover(visit: (record: StoredRecord) => void, after: Position): Promise<RecoveryReport> {
    if (this.#recovering !== undefined || this.#closing !== undefined)
      return Promise.reject(new Error('A journal recovers once, before all else. Open it again.'))
    const { disk, directory } = this.#log.place
    this.#recovering = this.#recover(visit, after).catch(async (error: unknown) => {
      throw await withExtent(error, disk, directory)
    })
    return this.#recovering
  }

  /** Without room for the files of a new start, nothing is begun. */
  async #start(manifest: Manifest, recovery: Recovery): Promise<void> {
    try {
      await this.#restart(this.#log, manifest, recovery)
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause
      const { directory, logFileBytesMax } = this.#log.place
      throw new StorageFullError(directory, { missingBytes: logFileBytesMax, cause })
    }
  }

  async #recover(visit: (record: StoredRecord) => void, after: Position): Promise<RecoveryReport> {
    const [log, manifest] = [this.#log, this.#manifest]
    const { recovery, asleep, lastPosition } = await readBack(log, manifest, visit)
    const isClean = manifest.closedAtFrame !== null
    const head = Math.max(lastPosition, after, isClean ? lastKept(manifest) : 0)
    if (!isClean) log.lost = withGap(manifest.lost, head, manifest.lastPosition, manifest.eventsAtRisk)
    log.lastPosition = Math.max(manifest.lastPosition, head, log.lost.at(-1)?.through ?? 0)
    log.eventsAtRisk = this.#bounds.eventsAtRisk
    await this.#start(manifest, recovery)
    log.supersede([...log.carriedGames.entries()].map(([stream]) => stream))
    const group = new GroupCommit(log, this.#listener, this.#bounds.batchBytesMax, recovery.lastFrame)
    log.run({
      failed: group.fail,
      space: (shortage) => this.#listener.space(shortage),
      damaged: (cause) => this.#listener.damaged(cause),
      noteOf: (stream, version) => this.#listener.noteOf?.(stream, version),
    })
    this.#group = group
    const { droppedBytes } = recovery
    const { quarantined, repairedThrough } = manifest
    return {
      lastPosition: head as Position,
      lost: log.lost,
      isClean,
      droppedBytes,
      asleep,
      ...(quarantined.length > 0 && { quarantined }),
      ...(repairedThrough > 0 && { repairedThrough: repairedThrough as Position }),
    }
  }

  append(record: JournalRecord): Ticket {
    const group = this.#running()
    if (this.#closing !== undefined) throw new Error('This journal is closed. Open it again.')
    if (group.failure !== undefined) throw new JournalFailedError(group.failure.cause)
    return group.append(record)
  }

  async *read(query: JournalQuery): AsyncGenerator<EventsRecord> {
    const [log, group] = [this.#log, this.#running()]
    const released = log.holdings.beginReading()
    const isReleased = (stream: StreamId): boolean => log.holdings.isReleased(stream, released)
    const { lastPosition } = group
    const sources = await log.upkeep.whileStartingToRead(async () => {
      await group.untilWritten()
      const chosen = sourcesFor(query, log, isReleased)
      for (const file of chosen.pins) file.pin()
      return chosen
    })
    try {
      for await (const record of recordsFrom(sources, log.place.disk))
        if (record.firstPosition <= lastPosition && isAsked(query, record))
          if (!isReleased(record.stream)) yield record
    } finally {
      log.holdings.endReading()
      for (const file of sources.pins) await file.unpin(log.place.disk)
    }
  }

  release(streams: readonly StreamId[]): void {
    this.#running().release(streams)
  }

  carry(games: readonly CarriableGame[]): Promise<void> {
    const group = this.#running()
    if (this.#closing !== undefined)
      return Promise.reject(new Error('This journal is closed. Open it again.'))
    if (group.failure !== undefined) return Promise.reject(new JournalFailedError(group.failure.cause))
    return this.#log.upkeep.carry(games)
  }

  async rewrite(change: RecordChange): Promise<Rewritten> {
    const group = this.#running()
    if (this.#closing !== undefined) throw new Error('This journal is closed. Open it again.')
    await group.turnOver()
    return this.#log.upkeep.rewrite(change)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await this.#recovering?.catch(() => undefined)
    const group = this.#group
    const before = group?.failure
    try {
      await this.#comeToRest(group)
    } catch (cause) {
      group?.fail(cause)
    }
    // After a failure their descriptors are good for nothing else, and may say so.
    await this.#log.close().catch(() => undefined)
    await this.#lock.release()
    const after = group?.failure
    if (before === undefined && after !== undefined) throw new JournalFailedError(after.cause)
  }

  async #comeToRest(group: GroupCommit | undefined): Promise<void> {
    this.#log.giveUpWaiting()
    await group?.untilIdle()
    await this.#log.settle()
    if (group === undefined || group.failure !== undefined) return
    try {
      await this.#log.save(group.lastFrame)
    } catch (cause) {
      // Without room for the mark it is closed as after a crash: all is synced, the next opening reads it again.
      if (!isNoRoom(cause)) throw cause
    }
  }

  #running(): GroupCommit {
    if (this.#group === undefined) throw new Error('A journal is recovered before it is used.')
    return this.#group
  }
}

/** The last position of an event, after a proper close; where a gap is the last that was noted, what stands before it. */
const lastKept = ({ lastPosition, lost }: Manifest): number => {
  const gap = lost.at(-1)
  return gap !== undefined && gap.through >= lastPosition ? gap.after : lastPosition
}
