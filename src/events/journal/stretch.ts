/**
 * What can still be read in a damaged stretch of a log file: single records, each by its own checksum.
 *
 *     | frame header? | events, whole | events: header reads, bytes differ | ???? | events, whole |
 *                       found           named                                hidden  found
 *
 * A record is *found* where its CRC-32 and its stream's fingerprint hold, and *named* where the fingerprint alone does.
 * The stretch is *tiled* where frame headers and such records lie end to end: then nothing else was in it. The length
 * in a damaged header is never believed: it must lead to where something readable begins, or the frame ends.
 *
 * In a file that was used again a former life may show: behind the last frame always, between frames where a disk gave
 * back old sectors. Its records bear another file id, and its frames have numbers below the first of this life; neither
 * is readable here, whole or not, so nothing is found, named or tiled by them.
 */
import { fingerprintOf } from '../fingerprint.js'
import type { StreamId } from '../ids.js'
import { declaredEnd, frameHeaderBytes, frameNumberAt, isFrameMagic } from './frame.js'
import type { CommittedRecord, EventsRecord, IntentRecord } from './journal.js'
import {
  damagedHeaderAt,
  decodeRecord,
  indexPayloadAt,
  isRecordWhole,
  padded,
  recordFileIdAt,
  recordHeaderBytes,
  recordLengthAt,
  type DamagedHeader,
} from './record.js'

/** The file that a stretch lies in, in its present life. */
export interface StretchFile {
  readonly bytes: Buffer
  readonly id: number
  readonly generation: number
  /** The lowest number of a frame in it. */
  readonly firstFrame: number
}

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
  readonly #file: StretchFile
  readonly #bytes: Buffer
  readonly #to: number
  readonly #isTail: boolean
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

  constructor(file: StretchFile, from: number, to: number, isTail: boolean) {
    this.#file = file
    this.#bytes = file.bytes
    this.#to = to
    this.#isTail = isTail
    this.#frame = this.#end = from
    let at = from
    while (at < to) at = this.#step(at, at === from)
    // Behind the last frame of a file nothing says where it ended but its own header.
    if (isTail ? !this.#isToldEnd(this.#end) : this.#end !== to) this.isTiled = false
  }

  /** Whether a whole record of this life stands at `at`. */
  #isRecord(at: number): boolean {
    return isRecordWhole(this.#bytes, at, this.#to) && this.#isOwn(at)
  }

  /**
   * Formats before 3 gave records no file id, and what was written in one of them is never used again. Generation 1 is not
   * either, and its records keep the id of the file they were copied from.
   */
  #isOwn(at: number): boolean {
    return this.#file.generation === 1 || this.#isOfFile(at)
  }

  /** So says its header. An index is believed of its own file alone, in generation 1, too: another tells of other games. */
  #isOfFile(at: number): boolean {
    const id = recordFileIdAt(this.#bytes, at)
    return id === this.#file.id || id === 0
  }

  /** Whether a frame of this life may begin at `at`. */
  #isFrame(at: number): boolean {
    return isFrameMagic(this.#bytes, at) && frameNumberAt(this.#bytes, at) >= this.#file.firstFrame
  }

  #damagedHeader(at: number): DamagedHeader | undefined {
    const header = damagedHeaderAt(this.#bytes, at, this.#to)
    return header !== undefined && this.#isOwn(at) ? header : undefined
  }

  /** Whether this is where the last frame ends, as its header says, and so do the records in it. */
  #isToldEnd(at: number): boolean {
    return this.#isTail && at === declaredEnd(this.#bytes, this.#frame) && this.#isFrame(this.#frame)
  }

  /** Takes what stands at `at`, and returns where to go on. */
  #step(at: number, isFirst: boolean): number {
    const bytes = this.#bytes
    if (this.#isRecord(at)) return this.#take(at)
    if (this.#isFrame(at) || (isFirst && !isZero(bytes, at, this.#to))) return this.#frameHeader(at)
    const header = this.#damagedHeader(at)
    if (header !== undefined) {
      if (header.stream !== undefined) this.named.add(header.stream)
      // The parts of a unit are records by themselves.
      if (header.isUnit) return at + recordHeaderBytes
      const next = this.#nextReadable(at + 8)
      if (next !== at + padded(header.length)) this.isTiled = false
      this.#end = next
      return next
    }
    if (at === this.#end && this.#isToldEnd(at)) return this.#behind(at)
    if (isZero(bytes, at, this.#to)) return this.#to
    this.isTiled = false
    return at + 8
  }

  /** Behind the last frame that is told there should be nothing of this life: if there is, something stood before it. */
  #behind(at: number): number {
    const next = this.#nextReadable(at + 8)
    if (next !== this.#to) this.isTiled = false
    return next
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
    if (this.#isOfFile(at)) this.index = indexPayloadAt(bytes, at, end) ?? this.index
    for (const record of decodeRecord(bytes, at, end) ?? [])
      if (record.type !== 'events') this.marks.push(record)
      else if (isOwnStream(bytes, record)) this.records.push(record)
    this.#end = padded(end)
    return this.#end
  }

  #nextReadable(from: number): number {
    for (let at = from; at < this.#to; at += 8) {
      const isReadable =
        this.#isToldEnd(at) ||
        this.#isRecord(at) ||
        this.#isFrame(at) ||
        this.#damagedHeader(at) !== undefined
      if (isReadable) return at
    }
    return this.#to
  }
}

/**
 * Searches the bytes at [from, to): a frame begins at `from`, and at `to`, where it is not the tail of the file.
 * O(length), more where it is damaged.
 */
export const searchStretch = (file: StretchFile, from: number, to: number, isTail: boolean): Stretch => {
  const { records, marks, named, index, frames, isTiled } = new Search(file, from, to, isTail)
  return { from, to, records, marks, named, index, frames, isTiled }
}
