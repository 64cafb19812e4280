/**
 * What each player's games came to, as counts by handle in typed arrays: 64 bytes a player.
 *
 *     counts   games | finished | wins | draws | place 1 | ... | place 7 | place 8 or worse     12 x u32
 *     times    first played | last played                                                       2 x f64
 */
import { isDraw, isWin } from '../leaderboard/outcome.js'
import type { GameResult, Standing } from '../../events/envelope.js'

/** Places that are counted one by one; what is worse counts with the last. */
const placesMax = 8
const countsEach = 4 + placesMax

/** The counts of one player. */
export interface Tally {
  /** Games that the player was ever in. */
  readonly games: number
  /** Those of them that are over. */
  readonly finished: number
  /** Finished in place 1, alone or shared, while somebody had a worse place. */
  readonly wins: number
  /** Finished with all players in one place. */
  readonly draws: number
  /** How often in place 1, 2, ... 7, and in place 8 or worse; without the trailing zeros. */
  readonly places: readonly number[]
  /** In milliseconds since 1970. */
  readonly firstPlayedAt: number
  readonly lastPlayedAt: number
}

export class PlayerTallies {
  #counts: Uint32Array = new Uint32Array(0)
  #times: Float64Array = new Float64Array(0)

  /** A player came into a game. O(1). */
  join(handle: number, at: number): void {
    this.#reserve(handle + 1)
    this.#counts[handle * countsEach]!++
    this.played(handle, at)
  }

  /** A player's game ended. O(players of the game) where it has a result. */
  finish(handle: number, at: number, standing: Standing | undefined, result: GameResult | undefined): void {
    this.#reserve(handle + 1)
    const start = handle * countsEach
    this.#counts[start + 1]!++
    this.played(handle, at)
    if (!standing || !result) return
    if (isWin(standing, result)) this.#counts[start + 2]!++
    if (isDraw(result)) this.#counts[start + 3]!++
    this.#counts[start + 3 + Math.min(Math.max(1, Math.trunc(standing.place)), placesMax)]!++
  }

  /** A player played at this time. O(1). */
  played(handle: number, at: number): void {
    const first = this.#times[2 * handle]!
    if (first === 0 || at < first) this.#times[2 * handle] = at
    if (at > this.#times[2 * handle + 1]!) this.#times[2 * handle + 1] = at
  }

  /** The counts of a player. O(1). */
  of(handle: number): Tally {
    this.#reserve(handle + 1)
    const [games, finished, wins, draws, ...counted] = this.#counts.subarray(
      handle * countsEach,
      (handle + 1) * countsEach,
    ) as unknown as [number, number, number, number, ...number[]]
    const places = counted.slice(0, counted.findLastIndex((count) => count > 0) + 1)
    const [firstPlayedAt, lastPlayedAt] = [this.#times[2 * handle]!, this.#times[2 * handle + 1]!]
    return { games, finished, wins, draws, places: Object.freeze(places), firstPlayedAt, lastPlayedAt }
  }

  /** The columns for so many players, lent: they change with the next event. */
  save(players: number): { counts: Uint32Array; times: Float64Array } {
    this.#reserve(players)
    return {
      counts: this.#counts.subarray(0, players * countsEach),
      times: this.#times.subarray(0, 2 * players),
    }
  }

  load(counts: Uint32Array, times: Float64Array): void {
    if (counts.length * 2 !== times.length * countsEach)
      throw new TypeError('Saved tallies have columns of different lengths. Rebuild them.')
    this.#counts = counts
    this.#times = times
  }

  #reserve(players: number): void {
    if (players * 2 <= this.#times.length) return
    const room = Math.max(players, 64, Math.ceil(this.#times.length * 0.75))
    const [counts, times] = [this.#counts, this.#times]
    this.#counts = new Uint32Array(room * countsEach)
    this.#times = new Float64Array(room * 2)
    this.#counts.set(counts)
    this.#times.set(times)
  }
}
