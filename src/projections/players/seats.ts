/**
 * Who sits in which game: one row a seat, in three linked lists on typed arrays, without an object.
 *
 *     game      -> its seats, in the order in which the game names its players
 *     player    -> seats in games that go on, newest first
 *     player    -> seats in games that are over, newest first
 *
 *     seats     game | player | next in game | newer | older | list       6 x u32; links are 1 + row, 0 ends a list
 *     since     position at which the seat came into its list             1 x f64
 *     heads     newest live | newest over | live games                    3 x u32 a player
 *
 * Positions only rise and a seat comes in at the front, so lists are in order without sorting. A seat that its player
 * left stays with its game, in no list of the player, for a player is counted once a game.
 */
import { SnapshotColumn } from '../columns/snapshot-column.js'

/** The list of a player that a seat stands in. */
export const seatList = { gone: 1, live: 2, over: 3 } as const
export type SeatList = (typeof seatList)[keyof typeof seatList]
/** A list in which a player's games are found. */
export type ListedSeats = Exclude<SeatList, typeof seatList.gone>

const lane = { game: 0, player: 1, next: 2, newer: 3, older: 4, list: 5 } as const
const headLane = { [seatList.live]: 0, [seatList.over]: 1 } as const
const liveCountLane = 2

export class Seats {
  readonly #seats = new SnapshotColumn(Uint32Array, 6)
  readonly #since = new SnapshotColumn(Float64Array, 1)
  readonly #heads = new SnapshotColumn(Uint32Array, 3)
  readonly #free: number[] = []
  #rows = 0

  /** A seat of a player in a game, in no list yet. O(1). */
  add(game: number, player: number): number {
    const seat = this.#free.pop() ?? this.#rows++
    this.#seats.set(seat, lane.game, game)
    this.#seats.set(seat, lane.player, player)
    this.#seats.set(seat, lane.list, seatList.gone)
    return seat
  }

  /** Moves a seat to the front of a list of its player, or out of all. O(1). */
  move(seat: number, list: SeatList, position: number): void {
    this.#unlink(seat)
    this.#seats.set(seat, lane.list, list)
    this.#since.set(seat, 0, position)
    if (list !== seatList.gone) this.#link(seat, list)
  }

  /** Lets go of a seat. O(1). */
  remove(seat: number): void {
    this.#unlink(seat)
    for (const each of Object.values(lane)) this.#seats.set(seat, each, 0)
    this.#free.push(seat)
  }

  gameOf(seat: number): number {
    return this.#seats.get(seat, lane.game)
  }

  playerOf(seat: number): number {
    return this.#seats.get(seat, lane.player)
  }

  listOf(seat: number): SeatList {
    return this.#seats.get(seat, lane.list) as SeatList
  }

  /** The position at which a seat came into its list. */
  sinceOf(seat: number): number {
    return this.#since.get(seat, 0)
  }

  /** The seats of a game, from its first one. */
  ofGame(first: number | undefined): readonly number[] {
    const seats: number[] = []
    for (let link = first === undefined ? 0 : first + 1; link !== 0;) {
      seats.push(link - 1)
      link = this.#seats.get(link - 1, lane.next)
    }
    return seats
  }

  /** Puts the seats of a game in order. @returns the first */
  chain(seats: readonly number[]): number | undefined {
    for (const [index, seat] of seats.entries())
      this.#seats.set(seat, lane.next, index + 1 < seats.length ? seats[index + 1]! + 1 : 0)
    return seats[0]
  }

  /** How many games of a player go on. O(1). */
  liveCount(player: number): number {
    return this.#heads.get(player, liveCountLane)
  }

  /** The seats of a player, newest first, that came into the list before a position. O(1) each, also for those passed. */
  *ofPlayer(player: number, list: ListedSeats, before = Infinity): Generator<number, void, undefined> {
    for (let link = this.#heads.get(player, headLane[list]); link !== 0;) {
      const seat = link - 1
      link = this.#seats.get(seat, lane.older)
      if (this.#since.get(seat, 0) < before) yield seat
    }
  }

  /** The columns for so many players, as bytes that never change. */
  snapshot(players: number): readonly (readonly Uint8Array[])[] {
    return [this.#seats.snapshot(this.#rows), this.#since.snapshot(this.#rows), this.#heads.snapshot(players)]
  }

  load(seats: Uint8Array, since: Uint8Array, heads: Uint8Array): void {
    this.#rows = this.#seats.load(seats)
    this.#heads.load(heads)
    if (this.#since.load(since) !== this.#rows)
      throw new TypeError('Saved seats have columns of different lengths. Rebuild them.')
    for (let seat = this.#rows - 1; seat >= 0; seat--)
      if (this.#seats.get(seat, lane.list) === 0) this.#free.push(seat)
  }

  #link(seat: number, list: ListedSeats): void {
    const player = this.playerOf(seat)
    const newest = this.#heads.get(player, headLane[list])
    this.#seats.set(seat, lane.older, newest)
    this.#seats.set(seat, lane.newer, 0)
    if (newest !== 0) this.#seats.set(newest - 1, lane.newer, seat + 1)
    this.#heads.set(player, headLane[list], seat + 1)
    if (list === seatList.live) this.#heads.set(player, liveCountLane, this.liveCount(player) + 1)
  }

  #unlink(seat: number): void {
    const list = this.listOf(seat)
    if (list === seatList.gone) return
    const player = this.playerOf(seat)
    const newer = this.#seats.get(seat, lane.newer)
    const older = this.#seats.get(seat, lane.older)
    if (newer === 0) this.#heads.set(player, headLane[list], older)
    else this.#seats.set(newer - 1, lane.older, older)
    if (older !== 0) this.#seats.set(older - 1, lane.newer, newer)
    if (list === seatList.live) this.#heads.set(player, liveCountLane, this.liveCount(player) - 1)
  }
}
