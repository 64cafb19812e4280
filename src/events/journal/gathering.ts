/**
 * Live records on their way from several files into one: copied as they are, and put in order game by game.
 *
 *     arena  | g1 v3 | g2 v1 | g1 v4 | g3 v9 | g1 v8 |      runs  g1: v3 v4   g1: v8   g2: v1   g3: v9
 *
 * A run has no gap between its versions. The arena grows by doubling; a record costs a row beside its bytes.
 */
import { linesOf } from '../event-log.js'
import type { PlayerId, Position, StreamId } from '../ids.js'
import type { CarriedEntry } from './file-index.js'
import type { EventsRecord } from './journal.js'
import { encodeRecord, eventsRecordAt, rawRangeOf, recordBytesMax } from './record.js'

/** A record as it stands in the file of this id. O(its length) */
export const asWritten = (record: EventsRecord, fileId: number): EventsRecord => {
  const bytes = Buffer.alloc(recordBytesMax(record))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return eventsRecordAt(bytes, 0, encodeRecord(bytes, view, 0, record, fileId))!
}

/** What to note of a game whose events through this version are carried. */
export type NoteOf = (stream: StreamId, lastVersion: number) => string | undefined

interface Piece {
  readonly firstVersion: number
  readonly count: number
  readonly firstPosition: Position
  /** Whole records, padding included: the arena's bytes at [start, start + length). */
  readonly start: number
  readonly length: number
  /** Their lines, in the arena. */
  readonly lines: readonly [start: number, end: number]
}

/** A run, ready to be written. */
export interface Gathered {
  readonly entry: Omit<CarriedEntry, 'offset' | 'length'>
  readonly records: number
  readonly length: number
  /** Copies its records to `at` of `bytes`. */
  copy(bytes: Buffer, at: number): void
}

const firstBytes = 256 * 1024

export class Gathering {
  #arena = Buffer.allocUnsafeSlow(firstBytes)
  #length = 0
  readonly #pieces = new Map<StreamId, Piece[]>()

  /** Copies a record. O(its length) */
  add(record: EventsRecord): void {
    const { start, end } = rawRangeOf(record)
    const length = end - start
    if (this.#length + length > this.#arena.length) this.#grow(length)
    record.bytes.copy(this.#arena, this.#length, start, end)
    const shift = this.#length - start
    const { stream, firstVersion, count, firstPosition } = record
    const piece: Piece = {
      firstVersion,
      count,
      firstPosition,
      start: this.#length,
      length,
      lines: [record.start + shift, record.end + shift],
    }
    const pieces = this.#pieces.get(stream)
    if (pieces === undefined) this.#pieces.set(stream, [piece])
    else pieces.push(piece)
    this.#length += length
  }

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#pieces.size === 0
  }

  /** All of it, by game and version. */
  runs(noteOf: NoteOf = () => undefined): Gathered[] {
    const runs: Gathered[] = []
    for (const [stream, pieces] of this.#pieces) {
      pieces.sort((one, other) => one.firstVersion - other.firstVersion)
      for (let first = 0; first < pieces.length;) {
        let next = first + 1
        while (next < pieces.length && follows(pieces[next - 1]!, pieces[next]!)) next++
        runs.push(this.#run(stream, pieces.slice(first, next), noteOf))
        first = next
      }
    }
    return runs
  }

  #run(stream: StreamId, pieces: readonly Piece[], noteOf: NoteOf): Gathered {
    const arena = this.#arena
    const [first, last] = [pieces[0]!, pieces.at(-1)!]
    const lastVersion = last.firstVersion + last.count - 1
    return {
      entry: {
        stream,
        firstVersion: first.firstVersion,
        lastVersion,
        firstPosition: first.firstPosition,
        lastPosition: (last.firstPosition + last.count - 1) as Position,
        ...lastOf(arena, pieces),
        note: noteOf(stream, lastVersion),
      },
      records: pieces.length,
      length: pieces.reduce((sum, { length }) => sum + length, 0),
      copy: (bytes, at) => {
        let to = at
        for (const { start, length } of pieces) to += arena.copy(bytes, to, start, start + length)
      },
    }
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#length + needed, 2 * this.#arena.length))
    this.#arena.copy(grown, 0, 0, this.#length)
    this.#arena = grown
  }
}

const follows = (one: Piece, other: Piece): boolean => other.firstVersion === one.firstVersion + one.count

/** What the newest lines of a run tell of the game. */
const lastOf = (
  arena: Buffer,
  pieces: readonly Piece[],
): Pick<CarriedEntry, 'lastAt' | 'isFinal' | 'players'> => {
  let last: Told | undefined
  let players: readonly PlayerId[] | undefined
  for (const { lines } of pieces.toReversed()) {
    for (const line of [...linesOf(arena, ...lines)].toReversed()) {
      if (last !== undefined && !line.includes('"p":[')) continue
      const told = JSON.parse(line) as Told
      last ??= told
      players = told.p
      if (players !== undefined) break
    }
    if (players !== undefined) break
  }
  return { lastAt: last?.t ?? 0, isFinal: last?.f === 1, players }
}

/** What of a line concerns the game as a whole (docs/formats/event-line.md). */
interface Told {
  readonly t?: number
  readonly f?: 1
  readonly p?: readonly PlayerId[]
}
