/**
 * What a board remembers of each player beside the score: games, attempts, and when they last played; by handle, in
 * typed arrays. 16 bytes a player.
 *
 * A game counts once, however many values it gives a player. While a game goes on, the players that it has counted
 * already are remembered: one entry a game that goes on and has given anybody a value. The final event takes it out, so this
 * table is bounded by the unfinished games, and stays empty on boards that listen to final events only.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { partsOfStream, type StreamId } from '../events/ids.js'
import { StreamMap } from '../events/stream-map.js'

/** The columns of a record, as they are saved. */
export interface SavedPlayRecord {
  readonly games: Uint32Array
  readonly attempts: Uint32Array
  readonly lastPlayedAt: Float64Array
  readonly openGames: readonly (readonly [StreamId, readonly number[]])[]
}

export class PlayRecord {
  #games: Uint32Array = new Uint32Array(64)
  #attempts: Uint32Array = new Uint32Array(64)
  #lastPlayedAt: Float64Array = new Float64Array(64)
  #openGames = new StreamMap<number[]>()

  /** Games in which the player was given a value. O(1). */
  gamesOf(handle: number): number {
    return this.#games[handle] ?? 0
  }

  /** Values that the player was given. O(1). */
  attemptsOf(handle: number): number {
    return this.#attempts[handle] ?? 0
  }

  /** When the player was last given a value: the time it happened, in milliseconds since 1970. O(1). */
  lastPlayedAtOf(handle: number): number {
    return this.#lastPlayedAt[handle] ?? 0
  }

  /** Notes that an event gave a player a value. O(1), and O(players of the game) while it goes on. */
  note(handle: number, envelope: EventEnvelope): void {
    if (handle >= this.#games.length) this.#grow(handle)
    this.#attempts[handle]!++
    if (this.#isFirstOfGame(handle, envelope)) this.#games[handle]!++
    const playedAt = envelope.occurredAt ?? envelope.recordedAt
    if (playedAt > this.#lastPlayedAt[handle]!) this.#lastPlayedAt[handle] = playedAt
  }

  /** Forgets whom a game has counted: it is over. O(1). */
  close(envelope: EventEnvelope): void {
    if (this.#openGames.size > 0) this.#openGames.delete(envelope)
  }

  /** Copies of everything, for `players` handles. */
  save(players: number): SavedPlayRecord {
    if (players > this.#games.length) this.#grow(players - 1)
    return {
      games: this.#games.slice(0, players),
      attempts: this.#attempts.slice(0, players),
      lastPlayedAt: this.#lastPlayedAt.slice(0, players),
      openGames: [...this.#openGames.entries()],
    }
  }

  load({ games, attempts, lastPlayedAt, openGames }: SavedPlayRecord): void {
    this.#games = games
    this.#attempts = attempts
    this.#lastPlayedAt = lastPlayedAt
    this.#openGames = new StreamMap()
    for (const [stream, handles] of openGames) this.#openGames.set(partsOfStream(stream), [...handles])
  }

  #isFirstOfGame(handle: number, envelope: EventEnvelope): boolean {
    const { final } = envelope
    if (final && this.#openGames.size === 0) return true
    const counted = this.#openGames.get(envelope)
    if (counted?.includes(handle)) return false
    if (counted) counted.push(handle)
    else if (!final) this.#openGames.set(envelope, [handle])
    return true
  }

  #grow(handle: number): void {
    const length = Math.max(handle + 1, 64, Math.ceil(this.#games.length * 1.5))
    const [games, attempts, lastPlayedAt] = [this.#games, this.#attempts, this.#lastPlayedAt]
    this.#games = new Uint32Array(length)
    this.#attempts = new Uint32Array(length)
    this.#lastPlayedAt = new Float64Array(length)
    this.#games.set(games)
    this.#attempts.set(attempts)
    this.#lastPlayedAt.set(lastPlayedAt)
  }
}
