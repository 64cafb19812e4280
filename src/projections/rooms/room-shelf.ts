/**
 * The rooms as the directory keeps them: as texts by row, in maps and age lists that follow each event.
 *
 * INVARIANT. A room stands in `idle` while it waits, and in `open` while it also is open and has a seat for a person;
 * in each at the position of the event that put it there. A code leads to one room.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import { roomCapacityMax, type RoomCode, type RoomEvent, type RoomId } from '../../events/room-event.js'
import { partsOfModel, unpackModel } from '../checkpoints/packed-model.js'
import { SnapshotColumn } from '../columns/snapshot-column.js'
import { TextColumn } from '../columns/text-column.js'
import { isErased } from '../../events/erased-player.js'
import { AgeList, type AgedRow } from './age-list.js'
import { freeSeatsOf, roomAfter, type RoomRow } from './room.js'
import { roomOfText, textOfRoom } from './room-text.js'

/** A room in the list of open ones. */
export interface OpenRoom extends AgedRow {
  readonly free: number
}

/** The position of the room's last event, of what put it among the open ones (else 0), and of its creation. */
const lane = { active: 0, open: 1, created: 2 } as const

/** By how many seats a room is found among the open ones; 0 where it is not. */
const openSeatsOf = (room: RoomRow | undefined): number =>
  room && room.isOpen && room.playing === undefined ? freeSeatsOf(room) : 0

export class RoomShelf {
  readonly #texts = new TextColumn()
  readonly #places = new SnapshotColumn(Float64Array, 3)
  readonly #byId = new Map<RoomId, number>()
  readonly #byCode = new Map<RoomCode, number>()
  /** One room is the rule; then it is no set. */
  readonly #byPlayer = new Map<PlayerId, number | Set<number>>()
  readonly #open = Array.from({ length: roomCapacityMax + 1 }, () => new AgeList())
  readonly #idle = new AgeList()
  readonly #free: number[] = []
  #rows = 0

  get size(): number {
    return this.#byId.size
  }

  byId(roomId: RoomId): RoomRow | undefined {
    return this.#rowOr(this.#byId.get(roomId))
  }

  byCode(code: RoomCode): RoomRow | undefined {
    return this.#rowOr(this.#byCode.get(code))
  }

  ofPlayer(player: PlayerId): readonly RoomRow[] {
    const createdAt = (row: number): number => this.#places.get(row, lane.created)
    const found = this.#byPlayer.get(player) ?? []
    const rows = typeof found === 'number' ? [found] : [...found]
    rows.sort((one, other) => createdAt(one) - createdAt(other))
    return Object.freeze(rows.map((row) => this.rowAt(row)))
  }

  /** The room of a row, frozen. */
  rowAt(row: number): RoomRow {
    return roomOfText(this.#texts.get(row)!)
  }

  /** Open rooms, least full first, from behind a place: those with `free` seats since later, then those with fewer. */
  *open(free: number, since: number): Generator<OpenRoom, void, undefined> {
    for (let seats = Math.min(free, roomCapacityMax); seats > 0; seats--)
      for (const place of this.#open[seats]!.behind(seats === free ? since : 0))
        yield { ...place, free: seats }
  }

  /** Rooms that wait, longest idle first. */
  idle(): Iterable<AgedRow> {
    return this.#idle.behind(0)
  }

  /** Applies an event of a room. O(its seats). @throws Error where it cannot have happened */
  apply(envelope: EventEnvelope<RoomEvent>): void {
    const known = this.#byId.get(envelope.gameId)
    const old = this.#rowOr(known)
    const room = envelope.final ? undefined : roomAfter(old, envelope)
    const row = known ?? (room && this.#enter(room, envelope.position))
    if (row === undefined) return
    for (const player of old?.people ?? []) if (!room?.people.includes(player)) this.#leave(player, row)
    for (const player of room?.people ?? []) if (!old?.people.includes(player)) this.#come(player, row)
    this.#moveIdle(row, old, room, envelope.position)
    this.#moveOpen(row, openSeatsOf(old), openSeatsOf(room), envelope.position)
    if (room) this.#texts.set(row, textOfRoom(room))
    else this.#drop(row, old!)
  }

  /** All columns in one packed model, in parts that never change. */
  snapshot(): readonly Uint8Array[] {
    return partsOfModel({ rows: this.#rows }, [this.#texts.snapshot(), this.#places.snapshot(this.#rows)])
  }

  /** Enters all rooms of a snapshot. O(n log n). @throws TypeError where it is none */
  load(saved: Uint8Array): void {
    const [texts, places] = unpackModel(saved).columns
    if (!texts || !places) throw new TypeError('A saved room directory has 2 columns. Rebuild it.')
    this.#rows = this.#places.load(places)
    const isKept = (row: number): boolean => this.#places.get(row, lane.created) !== 0
    this.#texts.load(texts, isKept)
    const rows = Array.from({ length: this.#rows }, (_, row) => row)
    this.#free.push(...rows.filter((row) => !isKept(row)).reverse())
    const seats = new Map<number, number>()
    for (const row of this.#sorted(rows.filter(isKept), lane.active)) {
      const room = this.rowAt(row)
      this.#byId.set(room.roomId, row)
      this.#byCode.set(room.code, row)
      for (const player of room.people) this.#come(player, row)
      if (room.playing === undefined) this.#idle.add(row, this.#places.get(row, lane.active))
      if (openSeatsOf(room) > 0) seats.set(row, openSeatsOf(room))
    }
    for (const row of this.#sorted([...seats.keys()], lane.open))
      this.#open[seats.get(row)!]!.add(row, this.#places.get(row, lane.open))
  }

  #sorted(rows: readonly number[], by: number): readonly number[] {
    return rows.toSorted((one, other) => this.#places.get(one, by) - this.#places.get(other, by))
  }

  #rowOr(row: number | undefined): RoomRow | undefined {
    return row === undefined ? undefined : this.rowAt(row)
  }

  #enter({ roomId, code }: RoomRow, position: number): number {
    const other = this.#byCode.get(code)
    if (other !== undefined)
      throw new Error(
        `Room ${roomId} was given the code ${code} of room ${this.rowAt(other).roomId}. Rebuild the directory.`,
      )
    const row = this.#free.pop() ?? this.#rows++
    this.#byId.set(roomId, row)
    this.#byCode.set(code, row)
    this.#places.set(row, lane.created, position)
    return row
  }

  #drop(row: number, { roomId, code }: RoomRow): void {
    this.#byId.delete(roomId)
    this.#byCode.delete(code)
    this.#texts.delete(row)
    for (const each of Object.values(lane)) this.#places.set(row, each, 0)
    this.#free.push(row)
  }

  #moveIdle(row: number, old: RoomRow | undefined, room: RoomRow | undefined, position: number): void {
    if (old && old.playing === undefined) this.#idle.remove(this.#places.get(row, lane.active))
    if (room && room.playing === undefined) this.#idle.add(row, position)
    this.#places.set(row, lane.active, position)
  }

  /** A room that keeps its number of free seats keeps its place. */
  #moveOpen(row: number, old: number, seats: number, position: number): void {
    if (old === seats) return
    if (old > 0) this.#open[old]!.remove(this.#places.get(row, lane.open))
    if (seats > 0) this.#open[seats]!.add(row, position)
    this.#places.set(row, lane.open, seats > 0 ? position : 0)
  }

  #come(player: PlayerId, row: number): void {
    if (isErased(player)) return
    const rows = this.#byPlayer.get(player)
    if (rows === undefined) this.#byPlayer.set(player, row)
    else if (typeof rows === 'number') this.#byPlayer.set(player, new Set([rows, row]))
    else rows.add(row)
  }

  #leave(player: PlayerId, row: number): void {
    const rows = this.#byPlayer.get(player)
    if (rows === row) this.#byPlayer.delete(player)
    if (!(rows instanceof Set) || !rows.delete(row) || rows.size > 1) return
    const [last] = rows
    this.#byPlayer.set(player, last!)
  }
}
