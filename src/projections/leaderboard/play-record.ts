/**
 * What a board remembers of each player beside the score, by handle: games, attempts, when they last played, and the
 * best score that they were ever listed with (NaN before).
 *
 *     games u32 | attempts u32 | last played f64 | best f64 | counted f64     32 bytes a player: one cache miss
 *
 * A game counts once, however many values it gives a player. A game that goes on and has given anybody a value is *open*,
 * and named by the position of the first event that did so. `counted` is the open game that has counted the player, or
 * one that is over (0 before); only who plays in several open games at once stands besides in the lists of the others.
 * The final event takes a game out, so what is kept of games is bounded by the unfinished ones, and boards that listen
 * to final events only keep nothing.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import { partsOfStream, type Position, type StreamId } from '../../events/ids.js'
import { StreamMap } from '../../events/stream-map.js'
import type { Direction } from '../ranking/ranking.js'
import type { StatedStanding } from './standings.js'

/** Open games: the stream, the position that names it, and whom it has counted who were counted by another one, too. */
export type SavedOpenGames = readonly (readonly [StreamId, Position, ...others: number[]])[]

const bytesEach = 32
const wordsEach = bytesEach / 4
const doublesEach = bytesEach / 8

export class PlayRecord {
  #counts = new Uint32Array(0)
  #doubles = new Float64Array(0)
  /** The names of open games. */
  #names = new StreamMap<Position>()
  /** By name, the handles of whom they have counted but who have another game in `counted`. */
  readonly #others = new Map<number, number[] | undefined>()

  /** Games in which the player was given a value. O(1). */
  gamesOf(handle: number): number {
    return this.#counts[wordsEach * handle] ?? 0
  }

  /** Values that the player was given. O(1). */
  attemptsOf(handle: number): number {
    return this.#counts[wordsEach * handle + 1] ?? 0
  }

  /** When the player was last given a value: the time it happened, in milliseconds since 1970. O(1). */
  lastPlayedAtOf(handle: number): number {
    return this.#doubles[doublesEach * handle + 1] ?? 0
  }

  /** The best score that the player was ever listed with, NaN where they never were. O(1). */
  bestOf(handle: number): number {
    return this.#doubles[doublesEach * handle + 2] ?? NaN
  }

  /** Notes that an event gave a player a value. O(1), and O(players of the game) for who plays in several at once. */
  note(handle: number, envelope: EventEnvelope): void {
    this.#makeRoom(handle)
    this.#counts[wordsEach * handle + 1]!++
    if (this.#isFirstOfGame(handle, envelope)) this.#counts[wordsEach * handle]!++
    const playedAt = envelope.occurredAt ?? envelope.recordedAt
    const last = doublesEach * handle + 1
    if (playedAt > this.#doubles[last]!) this.#doubles[last] = playedAt
  }

  /** Notes that a player is listed with a score; they must have been given a value. O(1). */
  noteScore(handle: number, score: number, direction: Direction): void {
    const at = doublesEach * handle + 2
    const best = this.#doubles[at]!
    const isBetter = direction === 'desc' ? score > best : score < best
    if (isBetter || Number.isNaN(best)) this.#doubles[at] = score
  }

  /** Gives a player a record that was kept elsewhere, without a best score. O(1). */
  state(handle: number, { games, attempts, lastPlayedAt }: StatedStanding): void {
    this.#makeRoom(handle)
    this.#counts.set([games, attempts], wordsEach * handle)
    this.#doubles.set([lastPlayedAt, NaN], doublesEach * handle + 1)
  }

  /** Forgets whom a game has counted: it is over. O(1). */
  close(envelope: EventEnvelope): void {
    if (this.#names.size === 0) return
    const name = this.#names.get(envelope)
    if (name === undefined) return
    this.#names.delete(envelope)
    this.#others.delete(name)
  }

  /** Forgets a player: what comes next is their first game. O(unfinished games). */
  clear(handle: number): void {
    this.#blank(handle, handle + 1)
    for (const others of this.#others.values()) {
      const at = others?.indexOf(handle) ?? -1
      if (at >= 0) others!.splice(at, 1)
    }
  }

  /** Everything, for `players` handles. `record` is lent: it changes with the next event. */
  save(players: number): { readonly record: Uint8Array; readonly openGames: SavedOpenGames } {
    if (doublesEach * players > this.#doubles.length) this.#reserve(players)
    const record = new Uint8Array(this.#doubles.buffer, 0, players * bytesEach)
    const openGames = Array.from(
      this.#names.entries(),
      ([stream, name]) => [stream, name, ...(this.#others.get(name) ?? [])] as const,
    )
    return { record, openGames }
  }

  load(record: Uint8Array, openGames: SavedOpenGames): void {
    if (record.length % bytesEach !== 0)
      throw new TypeError('A saved play record has half an entry. Rebuild it.')
    this.#reserve(record.length / bytesEach)
    new Uint8Array(this.#doubles.buffer).set(record)
    this.#names = new StreamMap()
    this.#others.clear()
    for (const [stream, name, ...others] of openGames) {
      this.#names.set(partsOfStream(stream), name)
      this.#others.set(name, others.length > 0 ? others : undefined)
    }
  }

  #isFirstOfGame(handle: number, envelope: EventEnvelope): boolean {
    const at = doublesEach * handle + 3
    const counted = this.#doubles[at]!
    const name = this.#nameOf(envelope)
    if (counted === name) return false
    const others = this.#others.get(name)
    if (others?.includes(handle)) return false
    if (!this.#others.has(counted)) this.#doubles[at] = name
    else if (others) others.push(handle)
    else this.#others.set(name, [handle])
    return true
  }

  /** The name of a game, which is opened where it was not; not by its last event, where no game is open at all. */
  #nameOf(envelope: EventEnvelope): Position {
    const { position } = envelope
    if (envelope.final && this.#names.size === 0) return position
    const name = this.#names.get(envelope)
    if (name !== undefined) return name
    this.#names.set(envelope, position)
    this.#others.set(position, undefined)
    return position
  }

  #makeRoom(handle: number): void {
    if (doublesEach * handle >= this.#doubles.length)
      this.#reserve(Math.max(handle + 1, 8, Math.ceil((1.5 * this.#doubles.length) / doublesEach)))
  }

  #reserve(players: number): void {
    const known = this.#doubles.length / doublesEach
    const buffer = new ArrayBuffer(players * bytesEach)
    new Uint8Array(buffer).set(new Uint8Array(this.#doubles.buffer))
    this.#counts = new Uint32Array(buffer)
    this.#doubles = new Float64Array(buffer)
    this.#blank(known, players)
  }

  #blank(from: number, to: number): void {
    this.#doubles.fill(0, doublesEach * from, doublesEach * to)
    for (let handle = from; handle < to; handle++) this.#doubles[doublesEach * handle + 2] = NaN
  }
}
