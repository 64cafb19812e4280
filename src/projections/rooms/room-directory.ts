/**
 * Where the rooms are: by id, by code, by player, those that anybody may join, and those where nothing happens.
 *
 *     texts     row -> the room as JSON: what a reader gets, parsed for each reading
 *     places    row -> position of its last event | of its place in `open` | of its creation        3 x f64
 *     maps      id, code, player -> rows
 *     open      seats that people may take -> rooms with so many, longest first          (age-list.ts)
 *     idle      rooms that wait, by their last event                                     (age-list.ts)
 *
 * An event moves its room between lists by appending to one of them: nothing is sorted, and reads are O(1) a room.
 * Bounded by the rooms that are not closed; one that closes leaves no trace, and its code is free.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import { roomKind, type RoomCode, type RoomEvent, type RoomId } from '../../events/room-event.js'
import { joinParts } from '../checkpoints/packed-model.js'
import { decodeCursor, encodeCursor } from '../page-cursor.js'
import type { Projection, RunningProjection, SaveRoom } from '../projection.js'
import { RoomShelf } from './room-shelf.js'
import type { RoomRow } from './room.js'

/** A page of open rooms; without `cursor` it was the last. */
export interface OpenRoomsPage {
  readonly rooms: readonly RoomRow[]
  readonly cursor?: string
}

export interface OpenRoomsQuery {
  /** @default 50, at most 1 000 */
  readonly limit?: number
  /** Goes on behind the page that gave this cursor. */
  readonly cursor?: string
}

export interface IdleRoomsQuery {
  /** Rooms whose last event was before this time, in milliseconds since 1970. */
  readonly before: number
  /** @default 50, at most 1 000 */
  readonly limit?: number
}

/** The rooms as they are read. Rows are frozen, and copies. */
export interface RoomDirectoryView {
  /** How many rooms are not closed. O(1). */
  readonly count: number
  /** O(1). */
  byId(roomId: RoomId): RoomRow | undefined
  /** Codes are found as they were given, letter for letter. O(1). */
  byCode(code: RoomCode): RoomRow | undefined
  /** The rooms in which a person sits, oldest first. O(1) a room. */
  ofPlayer(player: PlayerId): readonly RoomRow[]
  /**
   * Open rooms that wait and have a seat for a person, by pages: those with most such seats first (seats of bots count,
   * for bots give way), of equals the one that has had so many for longest. A room that changes meanwhile may be met
   * twice or passed over. O(log n + m). @throws TypeError where cursor or limit are none
   */
  open(query?: OpenRoomsQuery): OpenRoomsPage
  /** Rooms that wait and where nothing has happened since, longest idle first. A room whose game goes on is not idle. O(m). */
  idle(query: IdleRoomsQuery): readonly RoomRow[]
}

/**
 * The room directory, for `openLedger({ projections })`. An event costs some microseconds. Memory: about 750 bytes a
 * room of four (seen at 100 000 rooms).
 * What it does not do: reserve codes. That is done where rooms are created, before the event is decided.
 */
export const roomDirectory = (): Projection<RoomDirectoryView> =>
  Object.freeze({
    version: 'rooms2',
    kinds: Object.freeze([roomKind]),
    start: () => new RunningRoomDirectory(),
  } satisfies Projection<RoomDirectoryView>)

const limitMax = 1000

const checkLimit = (limit = 50): number => {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  throw new TypeError(`A limit must be a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
}

type CursorParts = readonly [free: number, since: number]

const isCursor = (parts: unknown): parts is CursorParts =>
  Array.isArray(parts) && parts.length === 2 && parts.every(Number.isSafeInteger)

class RunningRoomDirectory implements RunningProjection<RoomDirectoryView> {
  readonly view: RoomDirectoryView
  readonly #shelf = new RoomShelf()

  constructor() {
    const shelf = this.#shelf
    this.view = Object.freeze({
      get count() {
        return shelf.size
      },
      byId: (roomId: RoomId) => shelf.byId(roomId),
      byCode: (code: RoomCode) => shelf.byCode(code),
      ofPlayer: (player: PlayerId) => shelf.ofPlayer(player),
      open: (query?: OpenRoomsQuery) => this.#open(query),
      idle: (query: IdleRoomsQuery) => this.#idle(query),
    })
  }

  apply(envelope: EventEnvelope): void {
    this.#shelf.apply(envelope as EventEnvelope<RoomEvent>)
  }

  snapshot(): readonly Uint8Array[] {
    return this.#shelf.snapshot()
  }

  save(room?: SaveRoom): Uint8Array {
    return joinParts(this.#shelf.snapshot(), room)
  }

  load(saved: Uint8Array): void {
    this.#shelf.load(saved)
  }

  #open({ limit, cursor }: OpenRoomsQuery = {}): OpenRoomsPage {
    const most = checkLimit(limit)
    const [free, since] = cursor === undefined ? [Infinity, 0] : decodeCursor(cursor, isCursor)
    const rooms: RoomRow[] = []
    let last: CursorParts | undefined
    for (const place of this.#shelf.open(free, since)) {
      if (rooms.length === most)
        return Object.freeze({ rooms: Object.freeze(rooms), cursor: encodeCursor(last) })
      rooms.push(this.#shelf.rowAt(place.row))
      last = [place.free, place.since]
    }
    return Object.freeze({ rooms: Object.freeze(rooms) })
  }

  #idle({ before, limit }: IdleRoomsQuery): readonly RoomRow[] {
    const most = checkLimit(limit)
    if (!Number.isFinite(before))
      throw new TypeError(`\`before\` is a time in milliseconds since 1970; got ${String(before)}.`)
    const rooms: RoomRow[] = []
    for (const { row } of this.#shelf.idle()) {
      const room = this.#shelf.rowAt(row)
      // Times never go back along positions, so nothing behind this one is idle either.
      if (rooms.length === most || room.lastActivityAt >= before) break
      rooms.push(room)
    }
    return Object.freeze(rooms)
  }
}
