/**
 * The log of one live game: its event lines as compact bytes, not as objects.
 *
 *     [ header | lines ] [ header | lines ] ...      a record (log-header.ts) a command, in order of version
 *
 * A hundred events kept as objects come to some 25 KiB; as lines they are what they are on disk. The bytes grow by
 * an eighth at a time, or a quarter, so at most a ninth of them is idle, below 5 KiB a fifth, and nothing in a log of one
 * record. A record's position is set when the journal has given it one; until then it is 0. Reading decodes on the way;
 * nothing decoded is kept.
 */
import { decodeLine } from './codec.js'
import type { EventEnvelope } from './envelope.js'
import type { GameId, Kind, Position } from './ids.js'
import {
  countOf,
  firstPositionOf,
  lengthOfLines,
  linesAt,
  loggedBytes,
  placeRecord,
  startOfLines,
  writeLogHeader,
} from './log-header.js'
import { logRoom } from './log-room.js'
import type { EventShape } from './upcaster.js'

const noBytes = Buffer.alloc(0)

/** Logs of this size grow by a quarter, all others by an eighth: with a few hundred bytes an eighth is not even one record. */
const middling = { from: 512, to: 4_096 }
const grown = (length: number): number =>
  Math.ceil(length * (length >= middling.from && length < middling.to ? 1.25 : 1.125))

/** One record of a log: the lines of what one command did. */
export interface LogRecord {
  /** Where the record begins, from the beginning of the log; what `place` takes. */
  readonly offset: number
  readonly firstVersion: number
  readonly count: number
  readonly firstPosition: Position
  /** The lines are `log.bytes` at [start, end). */
  readonly start: number
  readonly end: number
}

export class EventLog {
  /** The log is what lies at [start, end) of it; up to `#room` there is room for more. */
  #bytes: Buffer
  #start = 0
  #end: number
  #room: number
  #version: number

  /** An empty log; or one of whole records that fill `recovered`, which is the log's own from now on. */
  constructor(recovered?: Buffer, version = 0) {
    this.#bytes = recovered ?? noBytes
    this.#end = this.#room = recovered?.length ?? 0
    this.#version = version
  }

  /** The version after the last event; 0 when empty. */
  get version(): number {
    return this.#version
  }

  /** The bytes behind the records, and others; replaced when the log grows, so never keep it. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Bytes in use. */
  get byteLength(): number {
    return this.#end - this.#start
  }

  /** Appends the lines of `count` events, each ending in a line feed. Returns the record, without a position yet. */
  append(lines: string, count: number): LogRecord {
    const length = Buffer.byteLength(lines)
    const record = this.#begin(length, count)
    this.#bytes.write(lines, record.start)
    return record
  }

  /** Appends a copy of lines that are bytes already. */
  appendBytes(bytes: Buffer, start: number, end: number, count: number): LogRecord {
    const record = this.#begin(end - start, count)
    bytes.copy(this.#bytes, record.start, start, end)
    return record
  }

  /** Sets the position of the first event of the record at `offset`. */
  place(offset: number, firstPosition: Position): void {
    placeRecord(this.#bytes, this.#start + offset, firstPosition)
  }

  /** All records, or those from the one that holds `fromVersion`. O(records). */
  *records(fromVersion = 1): Generator<LogRecord> {
    let firstVersion = 1
    for (let offset = 0; offset < this.byteLength;) {
      const at = this.#start + offset
      const { start, end } = linesAt(this.#bytes, at)
      const count = countOf(this.#bytes, at)
      if (firstVersion + count > fromVersion)
        yield {
          offset,
          firstVersion,
          count,
          firstPosition: firstPositionOf(this.#bytes, at),
          start,
          end,
        }
      firstVersion += count
      offset += end - at
    }
  }

  /** Tells of all records that begin before `through`, without an object for each. O(records). */
  visit(
    told: (firstPosition: Position, count: number, start: number, end: number) => void,
    through = this.byteLength,
  ): void {
    const bytes = this.#bytes
    for (let at = this.#start; at < this.#start + through;) {
      const start = startOfLines(bytes, at)
      const end = start + lengthOfLines(bytes, at)
      told(firstPositionOf(bytes, at), countOf(bytes, at), start, end)
      at = end
    }
  }

  /** Copies the lines of all records to the beginning of `room`, `byteLength` bytes. @returns how many bytes they are */
  copyLines(room: Buffer): number {
    this.#bytes.copy(room, 0, this.#start, this.#end)
    let length = 0
    this.visit((_firstPosition, _count, start, end) => {
      room.copyWithin(length, start - this.#start, end - this.#start)
      length += end - start
    })
    return length
  }

  /** The events from `fromVersion` through `toVersion`, decoded one by one. */
  *envelopes(
    kind: Kind,
    gameId: GameId,
    shape: EventShape | undefined,
    fromVersion = 1,
    toVersion = this.#version,
  ): Generator<EventEnvelope> {
    for (const { firstVersion, firstPosition, start, end } of this.records(fromVersion)) {
      if (firstVersion > toVersion) return
      let version = firstVersion
      for (const line of linesOf(this.#bytes, start, end)) {
        if (version > toVersion) return
        if (version >= fromVersion)
          yield decodeLine(line, kind, gameId, (firstPosition + version - firstVersion) as Position, shape)
        version++
      }
    }
  }

  /** The position of the event of this version; 0 where there is none or it has none yet. O(records). */
  positionOf(version: number): Position {
    if (version >= 1 && version <= this.#version)
      for (const { firstVersion, firstPosition } of this.records(version))
        return (firstPosition === 0 ? 0 : firstPosition + version - firstVersion) as Position
    return 0 as Position
  }

  /**
   * The same log with other lines where `change` gives some for those of a record (as many as they were): versions and
   * positions stay. `undefined` where it gives none at all. O(bytes), and only for a log whose positions are all set.
   */
  rewritten(change: (bytes: Buffer, start: number, end: number) => string | undefined): EventLog | undefined {
    const rewritten = new EventLog()
    let isChanged = false
    for (const { count, firstPosition, start, end } of this.records()) {
      const changed = change(this.#bytes, start, end)
      if (changed !== undefined) isChanged = true
      const { offset } = rewritten.append(changed ?? this.#bytes.toString('utf8', start, end), count)
      rewritten.place(offset, firstPosition)
    }
    return isChanged ? rewritten : undefined
  }

  #begin(length: number, count: number): LogRecord {
    const offset = this.byteLength
    const needed = loggedBytes(length, count)
    if (this.#end + needed > this.#room) this.#grow(offset + needed)
    const start = writeLogHeader(this.#bytes, this.#end, length, count, 0 as Position)
    const end = start + length
    const firstVersion = this.#version + 1
    this.#end = end
    this.#version += count
    return { offset, firstVersion, count, firstPosition: 0 as Position, start, end }
  }

  #grow(needed: number): void {
    const { bytes, start, end } = logRoom(Math.max(needed, grown(this.#room - this.#start)))
    this.#bytes.copy(bytes, start, this.#start, this.#end)
    this.#end = start + this.byteLength
    this.#bytes = bytes
    this.#start = start
    this.#room = end
  }
}

const lineFeed = 0x0a

/** The lines in `bytes` at [start, end), each without its line feed. */
export function* linesOf(bytes: Buffer, start: number, end: number): Generator<string> {
  for (let from = start; from < end;) {
    const found = bytes.indexOf(lineFeed, from)
    const to = found < 0 || found > end ? end : found
    yield bytes.toString('utf8', from, to)
    from = to + 1
  }
}
