/**
 * What can still be read in a damaged stretch of a log file: single records, each by its own checksum.
 *
 *     | frame header? | events, whole | events: header reads, bytes differ | ???? | events, whole |
 *                       found           named                                hidden  found
 *
 * A record is *found* where its CRC-32 and its stream's fingerprint hold, and *named* where the fingerprint alone does.
 * The stretch is *tiled* where frame headers and such records lie end to end: then nothing else was in it. The length
 * in a damaged header is never believed: it must lead to where something readable begins.
 */
import { fingerprintOf } from '../fingerprint.js'
import type { StreamId } from '../ids.js'
import { declaredEnd, frameHeaderBytes, isFrameMagic } from './frame.js'
import type { CommittedRecord, EventsRecord, IntentRecord } from './journal.js'
import {
  damagedHeaderAt,
  decodeRecord,
  indexPayloadAt,
  isRecordWhole,
  padded,
  recordHeaderBytes,
  recordLengthAt,
} from './record.js'

/** Where a stretch lies, and what is in it. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly records: readonly EventsRecord[]
  readonly marks: readonly (IntentRecord | CommittedRecord)[]
  readonly named: ReadonlySet<StreamId>
  /** The payload of an index record, if one is whole. */
  readonly index: string | undefined
  /** Frames whose beginning is in it, as far as they can be told. */
  readonly frames: number
  readonly isTiled: boolean
}

const isZero = (bytes: Buffer, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

/** Whether the stream's fingerprint in the header is that of its name. */
export const isOwnStream = (bytes: Buffer, { stream, start }: EventsRecord): boolean => {
  const at = start - Buffer.byteLength(stream) - recordHeaderBytes
  const { low, high } = fingerprintOf(stream)
  return bytes.readUInt32LE(at + 16) === low && bytes.readUInt32LE(at + 20) === high
}

/** One walk over one stretch. */
class Search {
  readonly #bytes: Buffer
  readonly #to: number
  readonly records: EventsRecord[] = []
  readonly marks: (IntentRecord | CommittedRecord)[] = []
  readonly named = new Set<StreamId>()
  index: string | undefined
  frames = 0
  isTiled = true
  /** Where the last frame begins. */
  #frame: number
  /** Behind the last readable thing. */
  #end: number

  constructor(bytes: Buffer, from: number, to: number, isTail: boolean) {
    this.#bytes = bytes
    this.#to = to
    this.#frame = this.#end = from
    let at = from
    while (at < to) at = this.#step(at, at === from)
    // Behind the last frame of a file nothing says where it ended but its own header.
    if (isTail && this.#end !== declaredEnd(bytes, this.#frame)) this.isTiled = false
    if (!isTail && this.#end !== to) this.isTiled = false
  }

  /** Takes what stands at `at`, and returns where to go on. */
  #step(at: number, isFirst: boolean): number {
    const bytes = this.#bytes
    if (isRecordWhole(bytes, at, this.#to)) return this.#take(at)
    if (isFrameMagic(bytes, at) || (isFirst && !isZero(bytes, at, this.#to))) return this.#frameHeader(at)
    const header = damagedHeaderAt(bytes, at, this.#to)
    if (header !== undefined) {
      if (header.stream !== undefined) this.named.add(header.stream)
      // The parts of a unit are records by themselves.
      if (header.isUnit) return at + recordHeaderBytes
      const next = this.#nextReadable(at + 8)
      if (next !== at + padded(header.length)) this.isTiled = false
      this.#end = next
      return next
    }
    if (isZero(bytes, at, this.#to)) return this.#to
    this.isTiled = false
    return at + 8
  }

  /** A frame begins here, whether its header can be read or not. */
  #frameHeader(at: number): number {
    this.frames++
    this.#frame = at
    const next = this.#nextReadable(at + 8)
    if (next !== at + frameHeaderBytes) this.isTiled = false
    return next
  }

  #take(at: number): number {
    const bytes = this.#bytes
    const end = at + recordLengthAt(bytes, at, this.#to)
    this.index = indexPayloadAt(bytes, at, end) ?? this.index
    for (const record of decodeRecord(bytes, at, end) ?? [])
      if (record.type !== 'events') this.marks.push(record)
      else if (isOwnStream(bytes, record)) this.records.push(record)
    this.#end = padded(end)
    return this.#end
  }

  #nextReadable(from: number): number {
    const bytes = this.#bytes
    for (let at = from; at < this.#to; at += 8) {
      const isReadable =
        isRecordWhole(bytes, at, this.#to) ||
        isFrameMagic(bytes, at) ||
        damagedHeaderAt(bytes, at, this.#to) !== undefined
      if (isReadable) return at
    }
    return this.#endOfBytes(from)
  }

  /** Behind the last byte that is not zero, at a multiple of 8. */
  #endOfBytes(from: number): number {
    let end = this.#to
    while (end > from && this.#bytes[end - 1] === 0) end--
    return padded(end)
  }
}

/**
 * Searches the bytes at [from, to): a frame begins at `from`, and at `to`, where it is not the tail of the file.
 * O(length), more where it is damaged.
 */
export const searchStretch = (bytes: Buffer, from: number, to: number, isTail: boolean): Stretch => {
  const { records, marks, named, index, frames, isTiled } = new Search(bytes, from, to, isTail)
  return { from, to, records, marks, named, index, frames, isTiled }
}
