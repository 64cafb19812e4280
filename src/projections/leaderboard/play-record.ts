/**
 * What a board remembers of each player beside the score, by handle: games, attempts, when they last played, and the
 * best score that they were ever listed with (NaN before).
 *
 *     games u32 | attempts u32 | last played f64 | best f64      24 bytes a player, side by side: one cache miss
 *
 * A game counts once, however many values it gives a player. While a game goes on, the players that it has counted
 * already are remembered: one entry a game that goes on and has given anybody a value. The final event takes it out,
 * so this table is bounded by the unfinished games, and stays empty on boards that listen to final events only.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import { partsOfStream, type StreamId } from '../../events/ids.js'
import { StreamMap } from '../../events/stream-map.js'
import type { Direction } from '../ranking/ranking.js'
import type { StatedStanding } from './standings.js'

/** By stream, the players that an unfinished game has counted, as handles. */
export type SavedOpenGames = readonly (readonly [StreamId, readonly number[]])[]

const bytesEach = 24
const wordsEach = bytesEach / 4
const doublesEach = bytesEach / 8

export class PlayRecord {
  #counts = new Uint32Array(0)
  #doubles = new Float64Array(0)
  #openGames = new StreamMap<number[]>()

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

  /** Notes that an event gave a player a value. O(1), and O(players of the game) while it goes on. */
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
    if (this.#openGames.size > 0) this.#openGames.delete(envelope)
  }

  /** Forgets a player: what comes next is their first game. O(unfinished games). */
  clear(handle: number): void {
    this.#blank(handle, handle + 1)
    for (const [, counted] of this.#openGames.entries()) {
      const at = counted.indexOf(handle)
      if (at >= 0) counted.splice(at, 1)
    }
  }

  /** Everything, for `players` handles. `record` is lent: it changes with the next event. */
  save(players: number): { readonly record: Uint8Array; readonly openGames: SavedOpenGames } {
    if (doublesEach * players > this.#doubles.length) this.#reserve(players)
    const record = new Uint8Array(this.#doubles.buffer, 0, players * bytesEach)
    return { record, openGames: [...this.#openGames.entries()] }
  }

  load(record: Uint8Array, openGames: SavedOpenGames): void {
    if (record.length % bytesEach !== 0)
      throw new TypeError('A saved play record has half an entry. Rebuild it.')
    this.#reserve(record.length / bytesEach)
    new Uint8Array(this.#doubles.buffer).set(record)
    this.#openGames = new StreamMap()
    for (const [stream, handles] of openGames) this.#openGames.set(partsOfStream(stream), [...handles])
  }

  #isFirstOfGame(handle: number, envelope: EventEnvelope): boolean {
    const { final } = envelope
    if (final && this.#openGames.size === 0) return true
    const counted = this.#openGames.get(envelope)
    // A loop: a call for a handful of numbers costs ten times as much.
    if (counted) for (let at = 0; at < counted.length; at++) if (counted[at] === handle) return false
    if (counted) counted.push(handle)
    else if (!final) this.#openGames.set(envelope, [handle])
    return true
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
