/**
 * What stands before the lines of a record in the log of a game (event-log.ts).
 *
 *     byteLength u16 | count u8 | firstPosition u48 | lines ...
 *     0xffff         | 0        | firstPosition u48 | byteLength u32 | count u32 | lines ...      a large one
 */
import type { Position } from './ids.js'

/** In place of the byte length of a large record. */
const large = 0xff_ff
const largeCount = 0x1_00
const countAt = 2
const positionAt = 3
const positionBytes = 6
const headerBytes = positionAt + positionBytes
const largeHeaderBytes = headerBytes + 8

const isLarge = (byteLength: number, count: number): boolean => byteLength >= large || count >= largeCount

/** What a record of so many bytes of lines comes to in a log. */
export const loggedBytes = (byteLength: number, count: number): number =>
  byteLength + (isLarge(byteLength, count) ? largeHeaderBytes : headerBytes)

/** Writes what stands before the lines of a record. @returns where they begin @throws RangeError from position 2^48 on */
export const writeLogHeader = (
  bytes: Buffer,
  offset: number,
  byteLength: number,
  count: number,
  firstPosition: Position,
): number => {
  placeRecord(bytes, offset, firstPosition)
  if (!isLarge(byteLength, count)) {
    bytes.writeUInt16LE(byteLength, offset)
    bytes[offset + countAt] = count
    return offset + headerBytes
  }
  bytes.writeUInt16LE(large, offset)
  bytes[offset + countAt] = 0
  bytes.writeUInt32LE(byteLength, offset + headerBytes)
  bytes.writeUInt32LE(count, offset + headerBytes + 4)
  return offset + largeHeaderBytes
}

/** Where the lines of the record at an offset begin. */
export const startOfLines = (bytes: Buffer, offset: number): number =>
  offset + (bytes.readUInt16LE(offset) < large ? headerBytes : largeHeaderBytes)

/** How many bytes they are. */
export const lengthOfLines = (bytes: Buffer, offset: number): number => {
  const byteLength = bytes.readUInt16LE(offset)
  return byteLength < large ? byteLength : bytes.readUInt32LE(offset + headerBytes)
}

/** Where the lines of the record at an offset begin and end. */
export const linesAt = (bytes: Buffer, offset: number): { readonly start: number; readonly end: number } => {
  const start = startOfLines(bytes, offset)
  return { start, end: start + lengthOfLines(bytes, offset) }
}

/** How many events it has. */
export const countOf = (bytes: Buffer, offset: number): number =>
  bytes[offset + countAt]! || bytes.readUInt32LE(offset + headerBytes + 4)

/** The position of its first event; 0 before it has one. */
export const firstPositionOf = (bytes: Buffer, offset: number): Position =>
  bytes.readUIntLE(offset + positionAt, positionBytes) as Position

/** Sets that position. @throws RangeError from position 2^48 on */
export const placeRecord = (bytes: Buffer, offset: number, firstPosition: Position): void => {
  bytes.writeUIntLE(firstPosition, offset + positionAt, positionBytes)
}
