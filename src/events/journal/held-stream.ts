/**
 * What a journal in memory holds of one stream: all its records, as a log.
 *
 *     live game --- log ---+
 *                          +---> | record | record | record |  what is appended next, or by a dead ledger ...
 *     held stream --- log -+                                ^ held so far
 *
 * A game in memory has its events as a log already, and hands it over with each record: so they share it, and no line
 * is there twice. A log only ever grows, and what stands behind the end that is held here is not of this journal: a
 * ledger that was taken over may still write there. Where a record comes without its log, or with another one than
 * goes on from what is held, the stream has a log of its own.
 */
import { EventLog, type LogRecord } from '../event-log.js'
import { loggedBytes } from '../log-header.js'
import type { Position, StreamId } from '../ids.js'
import { changedBy, type EventsRecord, type RecordChange } from './journal.js'

export class HeldStream {
  readonly stream: StreamId
  /** The number of the release that gave it up; 0 where none did. */
  released = 0
  #log = new EventLog()
  /** Nobody else has the log. */
  #isOwn = true
  /** Its lines are no more what they were when a live game wrote them. */
  #isRewritten = false
  /** Of the log, so much is held. */
  #end = 0

  constructor(stream: StreamId) {
    this.stream = stream
  }

  /** Takes a record, whose position is known. O(1), and O(bytes) where the log cannot be shared. */
  take(record: EventsRecord): void {
    const { log, bytes, start, end, count, firstPosition } = record
    const offset = this.#end
    this.#end += loggedBytes(end - start, count)
    if (log !== undefined && log.byteLength === this.#end && !this.#isRewritten) {
      this.#log = log
      this.#isOwn = false
    } else {
      this.#own(offset)
      this.#log.appendBytes(bytes, start, end, count)
    }
    this.#log.place(offset, firstPosition)
  }

  /** All that is held now, in order of version; also while more is taken. */
  *records(): Generator<EventsRecord> {
    const [log, through] = [this.#log, this.#end]
    for (const record of log.records()) {
      if (record.offset >= through) return
      yield this.#recordOf(log, record)
    }
  }

  /** Tells the first position of each record. */
  visitPositions(told: (firstPosition: Position) => void): void {
    this.#log.visit(told, this.#end)
  }

  /** Puts other lines in the place of some. Who reads goes on with the old ones. */
  rewrite(change: RecordChange): void {
    const rewritten = new EventLog()
    let isChanged = false
    for (const record of this.records()) {
      const changed = changedBy(change, record)
      isChanged ||= changed !== record
      const { offset } = rewritten.appendBytes(changed.bytes, changed.start, changed.end, changed.count)
      rewritten.place(offset, changed.firstPosition)
    }
    if (!isChanged) return
    this.#log = rewritten
    this.#end = rewritten.byteLength
    this.#isOwn = this.#isRewritten = true
  }

  /** Forgets all records: it was released, and nobody reads it any more. */
  empty(): void {
    this.#log = new EventLog()
    this.#isOwn = true
    this.#end = 0
  }

  /** Sees to it that nobody else has the log, of which so much is held. */
  #own(end: number): void {
    if (this.#isOwn) return
    const shared = this.#log
    this.#log = new EventLog()
    this.#isOwn = true
    for (const { offset, count, firstPosition, start, end: to } of shared.records()) {
      if (offset >= end) return
      this.#log.place(this.#log.appendBytes(shared.bytes, start, to, count).offset, firstPosition)
    }
  }

  #recordOf(
    { bytes }: EventLog,
    { firstVersion, count, firstPosition, start, end }: LogRecord,
  ): EventsRecord {
    return { type: 'events', stream: this.stream, firstVersion, count, firstPosition, bytes, start, end }
  }
}

/** Reads streams in the order of the journal: the next record of each when its turn comes. */
export class HeldReading {
  readonly #from: Position
  readonly #cursors = new Map<HeldStream, Generator<EventsRecord>>()

  /** @param from records before this position are passed over */
  constructor(from: Position) {
    this.#from = from
  }

  /** The next record of a stream that stands at `from` or behind. */
  next(held: HeldStream): EventsRecord | undefined {
    let cursor = this.#cursors.get(held)
    if (cursor === undefined) this.#cursors.set(held, (cursor = held.records()))
    for (let next = cursor.next(); next.done !== true; next = cursor.next())
      if (next.value.firstPosition >= this.#from) return next.value
    return undefined
  }
}
