/**
 * The open end of the log in memory: records are encoded in place, and become one frame.
 *
 * One buffer, grown by doubling and used again for frame after frame. Its first bytes are kept for the frame's
 * header. Beside the bytes stands what the log must know of them once they lie in a file: streams, batches, positions.
 * Records bear the id of the file that is expected to take them; where it is full by then, they are moved to the next.
 */
import type { StreamId } from '../ids.js'
import { frameHeaderBytes, sealFrame } from './frame.js'
import type { CommittedRecord, EventsRecord, IntentRecord, JournalRecord, Ticket } from './journal.js'
import { indexEntryBytesMax } from './file-index.js'
import { encodeRecord, eventsBytes, moveRecords, recordBytesMax } from './record.js'

/** Holds some hundred events; a busier tick grows it once. */
const firstBytes = 64 * 1024

/** What the log must know of an events record once it lies in a file. */
export interface BatchedEvents {
  readonly stream: StreamId
  /** Of the record, but for padding. */
  readonly bytes: number
  readonly firstVersion: number
  readonly lastVersion: number
}

/** Records on their way to one frame. */
export class Batch {
  bytes = Buffer.allocUnsafeSlow(firstBytes)
  #view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
  /** Of the frame so far, its header included. */
  length = frameHeaderBytes
  records = 0
  lastTicket: Ticket = 0
  firstPosition = 0
  lastPosition = 0
  readonly events: BatchedEvents[] = []
  /** What an index of these streams needs, at most. */
  indexBytes = 0
  #fileId = 0
  readonly marks: (IntentRecord | CommittedRecord)[] = []

  /** Says to which file it will probably be written, while it is empty. */
  expect(fileId: number): this {
    this.#fileId = fileId
    return this
  }

  /** Encodes a record behind the others; an events record has its position. */
  add(record: JournalRecord, ticket: Ticket): void {
    const needed = this.length + recordBytesMax(record)
    if (needed > this.bytes.length) this.#grow(needed)
    this.length = encodeRecord(this.bytes, this.#view, this.length, record, this.#fileId)
    this.records++
    this.lastTicket = ticket
    if (record.type === 'events') this.#note(record)
    else if (record.type === 'unit') for (const part of record.parts) this.#note(part)
    else this.marks.push(record)
  }

  #note(record: EventsRecord): void {
    const { stream, firstVersion, firstPosition, count } = record
    if (this.firstPosition === 0) this.firstPosition = firstPosition
    this.lastPosition = firstPosition + count - 1
    const lastVersion = firstVersion + count - 1
    this.events.push({ stream, bytes: eventsBytes(record), firstVersion, lastVersion })
    this.indexBytes += indexEntryBytesMax(stream)
  }

  /** Makes the bytes at [0, length) a frame of this file. */
  seal(number: number, provenTo: number, fileId: number): void {
    if (fileId !== this.#fileId) moveRecords(this.bytes, frameHeaderBytes, this.length, fileId)
    this.#fileId = fileId
    sealFrame(this.bytes, this.length, { number, provenTo, records: this.records }, fileId)
  }

  /** Empties it for the next use. */
  clear(): void {
    this.length = frameHeaderBytes
    this.records = this.lastTicket = this.firstPosition = this.lastPosition = this.indexBytes = 0
    this.events.length = this.marks.length = 0
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.length)
  }
}
