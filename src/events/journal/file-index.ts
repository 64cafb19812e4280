/**
 * The end of a sealed log file: an index of the streams that have records in it, in a frame of its own.
 *
 *     frame, frame, ... frame, [ one record of kind `index`: a JSON array, a row a stream ]
 *
 *     generation 0   ["ttt/g1", first version, last version]
 *     generation 1   ["ttt/g1", first version, last version, first position, last position, offset, length,
 *                     recordedAt of the last event, 1 if it ended the game, players or null, note if there is one]
 *
 * In generation 0 it serves repair alone: damage that swallowed a record's header can still be told game by game. Of
 * generation 1 nothing but this is read when a journal is opened, so a million idle games cost a million rows.
 * A file
 * that a crash ended has none.
 */
import type { PlayerId, Position, StreamId } from '../ids.js'
import { frameHeaderBytes, sealFrame } from './frame.js'
import { encodeIndex, recordHeaderBytes, padded } from './record.js'

/** The versions of one stream in one file. */
export interface IndexEntry {
  readonly stream: StreamId
  readonly firstVersion: number
  readonly lastVersion: number
}

/** A run of records of one game without a gap between their versions, as it lies in a file of generation 1. */
export interface CarriedEntry extends IndexEntry {
  readonly firstPosition: Position
  readonly lastPosition: Position
  /** Its records are the bytes at [offset, offset + length) of the file. */
  readonly offset: number
  readonly length: number
  /** `recordedAt` of the last event. */
  readonly lastAt: number
  readonly isFinal: boolean
  /** As last told in the run, if they were. */
  readonly players: readonly PlayerId[] | undefined
  /** What the ledger noted of the game as it stands at the end of the run. */
  readonly note?: string | undefined
}

type Row = readonly [stream: StreamId, firstVersion: number, lastVersion: number]

type CarriedRow = readonly [
  ...Row,
  firstPosition: number,
  lastPosition: number,
  offset: number,
  length: number,
  lastAt: number,
  isFinal: 0 | 1,
  players: readonly PlayerId[] | null,
]

type NotedRow = readonly [...CarriedRow, note?: string]

/** Bytes of which the row of a stream in a file of generation 0 needs no more: two numbers of 16 digits beside it. */
export const indexEntryBytesMax = (stream: StreamId): number => 3 * stream.length + 40

/** Bytes of which an index frame needs no more, besides its rows. */
export const indexFrameBytesMax = frameHeaderBytes + recordHeaderBytes + 16

const rowOf = ({ stream, firstVersion, lastVersion }: IndexEntry): Row => [stream, firstVersion, lastVersion]

const carriedRowOf = (entry: CarriedEntry): NotedRow => {
  const row: CarriedRow = [
    ...rowOf(entry),
    entry.firstPosition,
    entry.lastPosition,
    entry.offset,
    entry.length,
    entry.lastAt,
    entry.isFinal ? 1 : 0,
    entry.players ?? null,
  ]
  return entry.note === undefined ? row : [...row, entry.note]
}

const frameOf = (rows: readonly (Row | NotedRow)[], number: number, fileId: number): Buffer => {
  const payload = Buffer.from(JSON.stringify(rows))
  const bytes = Buffer.alloc(frameHeaderBytes + padded(recordHeaderBytes + payload.length))
  encodeIndex(bytes, frameHeaderBytes, payload, rows.length, fileId)
  sealFrame(bytes, bytes.length, { number, provenTo: number - 1, records: 1 }, fileId)
  return bytes
}

/** The last frame of a file of generation 0. */
export const indexFrame = (entries: readonly IndexEntry[], number: number, fileId: number): Buffer =>
  frameOf(entries.map(rowOf), number, fileId)

/** The last frame of a file of generation 1. */
export const carriedIndexFrame = (entries: readonly CarriedEntry[], number: number, fileId: number): Buffer =>
  frameOf(entries.map(carriedRowOf), number, fileId)

/** The rows of an index record whose checksum holds. */
export const indexEntries = (payload: string): readonly IndexEntry[] =>
  (JSON.parse(payload) as Row[]).map(([stream, firstVersion, lastVersion]) => ({
    stream,
    firstVersion,
    lastVersion,
  }))

/** The same, of a file of generation 1. Games of the same players share one list of them. */
export const carriedEntries = (payload: string): CarriedEntry[] => {
  const lists = new Map<string, readonly PlayerId[]>()
  const shared = (players: readonly PlayerId[] | null): readonly PlayerId[] | undefined => {
    if (players === null) return undefined
    const text = JSON.stringify(players)
    const known = lists.get(text)
    if (known === undefined) lists.set(text, players)
    return known ?? players
  }
  return (JSON.parse(payload) as NotedRow[]).map((row) => ({
    stream: row[0],
    firstVersion: row[1],
    lastVersion: row[2],
    firstPosition: row[3] as Position,
    lastPosition: row[4] as Position,
    offset: row[5],
    length: row[6],
    lastAt: row[7],
    isFinal: row[8] === 1,
    players: shared(row[9]),
    note: row[10],
  }))
}
