/**
 * The inner bytes of a frame: records, each beginning at a multiple of 8. All numbers are little-endian.
 *
 *      0  4  CRC-32 of [4, length)        16  8  fingerprint of the stream (low, high), else 0
 *      4  4  length, padding excluded     24  4  first version, else 0
 *      8  2  kind                         28  4  file id: of the file it was written to (0 before format 3)
 *     10  2  bytes of the stream id       32  8  first position; of intent and committed: the batch number
 *     12  4  count of events, streams     40  -  payload
 *
 *     kind  name       payload
 *        1  events     stream id, then the event lines, each ended by a line feed
 *        2  intent     stream ids, each ended by a line feed
 *        3  committed  sha256 of the segment, in hex
 *        4  index      the streams of a sealed file, as JSON (file-index.ts): its last record
 *        5  unit       events records, whole: events of several streams that stand or fall together
 *        6  note       reserved: what concerns the journal alone
 *
 * The header names stream, versions and positions, and the record has a checksum of its own, so that damage inside
 * a frame can be told stream by stream. The file id tells it from one that a former life of the file left behind;
 * carrying copies records as they are, so in generation 1 it is that of the file they came from. Example: events record of `ttt/g1`, version 1, position 1, in file 7, 41 bytes of lines:
 *
 *     0000  xx xx xx xx 57 00 00 00  01 00 06 00 01 00 00 00  ....W...........
 *     0010  xx xx xx xx xx xx xx xx  01 00 00 00 07 00 00 00  ................
 *     0020  01 00 00 00 00 00 00 00  74 74 74 2f 67 31 7b 22  ........ttt/g1{"
 *     0030  76 22 3a 31 ...                                   v":1...
 */
import type { Position, StreamId } from '../ids.js'
import { fingerprintOf } from '../fingerprint.js'
import { crc32 } from './crc32.js'
import type { EventsRecord, JournalRecord, StoredRecord, UnitRecord } from './journal.js'

export const recordHeaderBytes = 40
const kinds = { events: 1, intent: 2, committed: 3, index: 4, unit: 5, note: 6 } as const

/** A multiple of 8, not below `length`. */
export const padded = (length: number): number => (length + 7) & ~7

/** Bytes of which an encoded record needs no more. A UTF-16 unit has at most three bytes in UTF-8. */
export const recordBytesMax = (record: JournalRecord): number => {
  if (record.type === 'events')
    return padded(recordHeaderBytes + 3 * record.stream.length + record.end - record.start)
  if (record.type === 'unit')
    return record.parts.reduce((sum, part) => sum + recordBytesMax(part), recordHeaderBytes)
  if (record.type === 'committed') return padded(recordHeaderBytes + 3 * record.sha256.length)
  return padded(record.streams.reduce((sum, stream) => sum + 3 * stream.length + 1, recordHeaderBytes))
}

/** What an events record takes in a log, but for padding: what is counted as live. */
export const eventsBytes = ({ stream, start, end }: EventsRecord): number =>
  recordHeaderBytes + stream.length + end - start

const writeText = (bytes: Buffer, text: string, at: number): number => {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return at + bytes.write(text, at, 'utf8')
    bytes[at + index] = unit
  }
  return at + text.length
}

const writeU64 = (view: DataView, value: number, at: number): void => {
  view.setUint32(at, value >>> 0, true)
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true)
}

const finish = (bytes: Buffer, view: DataView, at: number, end: number): number => {
  view.setUint32(at + 4, end - at, true)
  view.setUint32(at, crc32(view, at + 4, end), true)
  const next = padded(end)
  for (let pad = end; pad < next; pad++) bytes[pad] = 0
  return next
}

/** Writes an events record of this file at `at`, and returns where the next begins. `view` is over the same bytes. */
const encodeEvents = (
  bytes: Buffer,
  view: DataView,
  at: number,
  record: EventsRecord,
  fileId: number,
): number => {
  const { stream, start, end } = record
  const { low, high } = fingerprintOf(stream)
  const lines = writeText(bytes, stream, at + recordHeaderBytes)
  view.setUint16(at + 8, kinds.events, true)
  view.setUint16(at + 10, lines - at - recordHeaderBytes, true)
  view.setUint32(at + 12, record.count, true)
  view.setUint32(at + 16, low, true)
  view.setUint32(at + 20, high, true)
  view.setUint32(at + 24, record.firstVersion, true)
  view.setUint32(at + 28, fileId, true)
  writeU64(view, record.firstPosition, at + 32)
  record.bytes.copy(bytes, lines, start, end)
  return finish(bytes, view, at, lines + end - start)
}

const encodeUnit = (
  bytes: Buffer,
  view: DataView,
  at: number,
  { parts }: UnitRecord,
  fileId: number,
): number => {
  bytes.fill(0, at, at + recordHeaderBytes)
  view.setUint32(at + 28, fileId, true)
  view.setUint16(at + 8, kinds.unit, true)
  view.setUint32(at + 12, parts.length, true)
  writeU64(view, parts[0]!.firstPosition, at + 32)
  let end = at + recordHeaderBytes
  for (const part of parts) end = encodeEvents(bytes, view, end, part, fileId)
  return finish(bytes, view, at, end)
}

/** Writes an index record of this file at `at`. */
export const encodeIndex = (
  bytes: Buffer,
  at: number,
  payload: Buffer,
  rows: number,
  fileId: number,
): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  bytes.fill(0, at, at + recordHeaderBytes)
  view.setUint16(at + 8, kinds.index, true)
  view.setUint32(at + 12, rows, true)
  view.setUint32(at + 28, fileId, true)
  const end = at + recordHeaderBytes + payload.copy(bytes, at + recordHeaderBytes)
  finish(bytes, view, at, end)
}

/** The payload of the index record at [at, end) of checked bytes, or `undefined` where another kind stands there. */
export const indexPayloadAt = (bytes: Buffer, at: number, end: number): string | undefined =>
  recordKindAt(bytes, at) === kinds.index ? bytes.toString('utf8', at + recordHeaderBytes, end) : undefined

/** Writes any record of this file at `at`, and returns where the next begins. */
export const encodeRecord = (
  bytes: Buffer,
  view: DataView,
  at: number,
  record: JournalRecord,
  fileId: number,
): number => {
  if (record.type === 'events') return encodeEvents(bytes, view, at, record, fileId)
  if (record.type === 'unit') return encodeUnit(bytes, view, at, record, fileId)
  bytes.fill(0, at, at + recordHeaderBytes)
  const isIntent = record.type === 'intent'
  view.setUint16(at + 8, kinds[record.type], true)
  view.setUint32(at + 12, isIntent ? record.streams.length : 0, true)
  view.setUint32(at + 28, fileId, true)
  writeU64(view, record.batch, at + 32)
  const text = isIntent ? record.streams.map((stream) => `${stream}\n`).join('') : record.sha256
  return finish(bytes, view, at, writeText(bytes, text, at + recordHeaderBytes))
}

/** Makes the whole records at [at, end) those of another file, the parts of units too. O(their length). */
export const moveRecords = (bytes: Buffer, at: number, end: number, fileId: number): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let next = at; next < end;) {
    const length = recordLengthAt(bytes, next, end)
    if (length === 0) return
    if (recordKindAt(bytes, next) === kinds.unit)
      moveRecords(bytes, next + recordHeaderBytes, next + length, fileId)
    view.setUint32(next + 28, fileId, true)
    view.setUint32(next, crc32(view, next + 4, next + length), true)
    next += padded(length)
  }
}

/** The id in the header at `at`: of the file that the record was written to; 0 in formats before 3. */
export const recordFileIdAt = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 28)

/** The number of the kind in the header at `at`. */
export const recordKindAt = (bytes: Buffer, at: number): number => bytes.readUInt16LE(at + 8)

/** The length in the header at `at`, padding excluded; 0 where no record can begin. */
export const recordLengthAt = (bytes: Buffer, at: number, end: number): number => {
  if (at + recordHeaderBytes > end) return 0
  const length = bytes.readUInt32LE(at + 4)
  return length >= recordHeaderBytes && at + length <= end ? length : 0
}

const decodeEvents = (bytes: Buffer, at: number, end: number): EventsRecord => {
  const lines = at + recordHeaderBytes + bytes.readUInt16LE(at + 10)
  return {
    type: 'events',
    stream: bytes.toString('utf8', at + recordHeaderBytes, lines),
    firstVersion: bytes.readUInt32LE(at + 24),
    count: bytes.readUInt32LE(at + 12),
    firstPosition: numberAt(bytes, at) as Position,
    bytes,
    start: lines,
    end,
  }
}

const numberAt = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + 36) * 0x1_0000_0000 + bytes.readUInt32LE(at + 32)

/**
 * The records that stand at [at, end) of checked bytes: one, the parts of a unit, or none, where it is an index;
 * `undefined` where this program does not know the kind.
 */
export const decodeRecord = (bytes: Buffer, at: number, end: number): readonly StoredRecord[] | undefined => {
  const kind = recordKindAt(bytes, at)
  if (kind === kinds.events) return [decodeEvents(bytes, at, end)]
  if (kind === kinds.unit) return decodeUnit(bytes, at, end)
  if (kind === kinds.index) return []
  const text = bytes.toString('utf8', at + recordHeaderBytes, end)
  if (kind === kinds.committed) return [{ type: 'committed', batch: numberAt(bytes, at), sha256: text }]
  if (kind !== kinds.intent) return undefined
  return [{ type: 'intent', batch: numberAt(bytes, at), streams: text.split('\n').slice(0, -1) }]
}

/** The events record at `at`, its checksum compared; `undefined` where there is none, or it is damaged. */
export const eventsRecordAt = (bytes: Buffer, at: number, end: number): EventsRecord | undefined => {
  const length = recordLengthAt(bytes, at, end)
  if (length === 0 || recordKindAt(bytes, at) !== kinds.events) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (crc32(view, at + 4, at + length) !== bytes.readUInt32LE(at)) return undefined
  return decodeEvents(bytes, at, at + length)
}

const decodeUnit = (bytes: Buffer, at: number, end: number): readonly StoredRecord[] | undefined => {
  const parts: StoredRecord[] = []
  for (let next = at + recordHeaderBytes; next < end;) {
    const length = recordLengthAt(bytes, next, end)
    // A frame's checksum holds: parts that do not fill it are of a format to come.
    if (length === 0) return undefined
    parts.push(decodeEvents(bytes, next, next + length))
    next += padded(length)
  }
  return parts
}

/** Where the whole record lies of which `decodeRecord` gave this: header and padding included. */
export const rawRangeOf = ({ stream, start, end }: EventsRecord): { start: number; end: number } => {
  const from = start - Buffer.byteLength(stream) - recordHeaderBytes
  return { start: from, end: from + padded(end - from) }
}

/** Whether a record of a known kind begins at `at` and its own checksum holds. */
export const isRecordWhole = (bytes: Buffer, at: number, end: number): boolean => {
  const length = recordLengthAt(bytes, at, end)
  if (length === 0 || recordKindAt(bytes, at) < kinds.events || recordKindAt(bytes, at) > kinds.unit)
    return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return crc32(view, at + 4, at + length) === bytes.readUInt32LE(at)
}

/** What the header of a damaged record still tells. */
export interface DamagedHeader {
  /** Of an events record. */
  readonly stream?: StreamId
  readonly isUnit: boolean
  /** As it stands there: it may be damaged itself. */
  readonly length: number
}

/**
 * The header of a record whose checksum may not hold: that of events, told by the fingerprint of their stream, or of
 * another kind, told by the zeros in it and by how its payload begins. `undefined` where nothing is told.
 */
export const damagedHeaderAt = (bytes: Buffer, at: number, end: number): DamagedHeader | undefined => {
  if (at + recordHeaderBytes > end) return undefined
  const kind = recordKindAt(bytes, at)
  const length = bytes.readUInt32LE(at + 4)
  const idEnd = at + recordHeaderBytes + bytes.readUInt16LE(at + 10)
  if (kind === kinds.events && idEnd > at + recordHeaderBytes && idEnd <= end) {
    const stream = bytes.toString('utf8', at + recordHeaderBytes, idEnd)
    const { low, high } = fingerprintOf(stream)
    const isTold = low === bytes.readUInt32LE(at + 16) && high === bytes.readUInt32LE(at + 20)
    return isTold ? { stream, isUnit: false, length } : undefined
  }
  const isIndex = bytes.toString('latin1', at + recordHeaderBytes, at + recordHeaderBytes + 3) === '[["'
  const hasNoStream =
    bytes.readUInt16LE(at + 10) === 0 && bytes.subarray(at + 16, at + 28).every((byte) => byte === 0)
  if (isIndex || (hasNoStream && kind >= kinds.intent && kind <= kinds.unit))
    return { isUnit: kind === kinds.unit && !isIndex, length }
  return undefined
}
