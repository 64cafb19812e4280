/**
 * What each player's games came to, as counts by handle in typed arrays: 64 bytes a player.
 *
 *     counts   games | finished | wins | draws | place 1 | ... | place 7 | place 8 or worse     12 x u32
 *     times    first played | last played                                                       2 x f64
 */
import { isDraw, isWin } from '../leaderboard/outcome.js'
import type { GameResult, Standing } from '../../events/envelope.js'
import { SnapshotColumn } from '../columns/snapshot-column.js'

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
  readonly #counts = new SnapshotColumn(Uint32Array, countsEach)
  readonly #times = new SnapshotColumn(Float64Array, 2)

  /** A player came into a game. O(1). */
  join(handle: number, at: number): void {
    this.#counts.increment(handle, 0)
    this.played(handle, at)
  }

  /** A player's game ended. O(players of the game) where it has a result. */
  finish(handle: number, at: number, standing: Standing | undefined, result: GameResult | undefined): void {
    this.#counts.increment(handle, 1)
    this.played(handle, at)
    if (!standing || !result) return
    if (isWin(standing, result)) this.#counts.increment(handle, 2)
    if (isDraw(result)) this.#counts.increment(handle, 3)
    this.#counts.increment(handle, 3 + Math.min(Math.max(1, Math.trunc(standing.place)), placesMax))
  }

  /** A player played at this time. O(1). */
  played(handle: number, at: number): void {
    const first = this.#times.get(handle, 0)
    if (first === 0 || at < first) this.#times.set(handle, 0, at)
    if (at > this.#times.get(handle, 1)) this.#times.set(handle, 1, at)
  }

  /** The counts of a player. O(1). */
  of(handle: number): Tally {
    const count = (lane: number): number => this.#counts.get(handle, lane)
    const counted = Array.from({ length: placesMax }, (_, at) => count(4 + at))
    const places = counted.slice(0, counted.findLastIndex((each) => each > 0) + 1)
    return {
      games: count(0),
      finished: count(1),
      wins: count(2),
      draws: count(3),
      places: Object.freeze(places),
      firstPlayedAt: this.#times.get(handle, 0),
      lastPlayedAt: this.#times.get(handle, 1),
    }
  }

  /** The columns for so many players, as bytes that never change. */
  snapshot(players: number): readonly (readonly Uint8Array[])[] {
    return [this.#counts.snapshot(players), this.#times.snapshot(players)]
  }

  load(counts: Uint8Array, times: Uint8Array): void {
    if (this.#counts.load(counts) !== this.#times.load(times))
      throw new TypeError('Saved tallies have columns of different lengths. Rebuild them.')
  }
}
