/**
 * What each player stands with, by handle.
 *
 *     keys         f64   a handle: the score, signed by direction; NaN where the player is absent
 *     reachedAts   f64   a handle: the position in the log at which it was reached
 *     subScores    f64   k numbers for handle 0 | k for handle 1 | ...                   empty without `tieBreak`
 *
 * Who looks for a place needs the key, and hardly ever the rest: so keys stand by themselves, and twice as many fit into
 * the processor's cache. Keys and sub-scores are signed by direction: the lower one is always better, and nobody else
 * has to ask.
 */
import { enlarged } from './enlarged.js'

/** `'desc'`: the highest score is best. `'asc'`: the lowest is (laps, golf). */
export type Direction = 'desc' | 'asc'

/** The factor that turns scores of a direction into keys, and back. */
export const signOf = (direction: Direction): 1 | -1 => (direction === 'desc' ? -1 : 1)

/** By handle: a key (NaN where absent), a reach position, and as many sub-scores as the directions are. */
export interface SavedMarks {
  readonly keys: Float64Array
  readonly reachedAts: Float64Array
  readonly subScores: Float64Array
}

/** Keys, reach positions and sub-scores by handle. 16 bytes a handle, and 8 for each sub-score. */
export class Marks {
  readonly #signs: readonly number[]
  #keys = new Float64Array(0)
  #reachedAts = new Float64Array(0)
  #subScores = new Float64Array(0)
  /** One more than the highest handle that was ever given something. */
  #handles = 0
  #newest = -Infinity

  constructor(tieBreak: readonly Direction[]) {
    this.#signs = tieBreak.map(signOf)
  }

  /** How many sub-scores a player has. */
  get subScoreCount(): number {
    return this.#signs.length
  }

  /** No reach position that was ever given is higher. */
  get newest(): number {
    return this.#newest
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#keys.byteLength + this.#reachedAts.byteLength + this.#subScores.byteLength
  }

  /** NaN where the player is absent, or was never seen. O(1). */
  keyOf(handle: number): number {
    return handle < this.#handles ? this.#keys[handle]! : NaN
  }

  /** Of a player who is there. O(1). */
  reachedAtOf(handle: number): number {
    return this.#reachedAts[handle]!
  }

  /** Of a player who is there; empty without `tieBreak`. O(k). */
  subScoresOf(handle: number): number[] {
    return this.#signs.map((sign, nth) => sign * this.#subScores[handle * this.#signs.length + nth]! + 0)
  }

  /** Whether a player who is there has these sub-scores. O(k). */
  hasSubScores(handle: number, subScores: ArrayLike<number>): boolean {
    const signs = this.#signs
    for (let nth = 0, at = handle * signs.length; nth < signs.length; nth++, at++)
      if (this.#subScores[at] !== signs[nth]! * subScores[nth]!) return false
    return true
  }

  /** Which of two players of equal key has the better sub-scores: below 0 the first, 0 where they are the same. O(k). */
  compareSubScores(handle: number, other: number): number {
    const count = this.#signs.length
    for (let nth = 0, at = handle * count, there = other * count; nth < count; nth++, at++, there++) {
      const difference = this.#subScores[at]! - this.#subScores[there]!
      if (difference !== 0) return difference
    }
    return 0
  }

  /** Gives a player all of them. O(k), amortised. */
  put(handle: number, key: number, reachedAt: number, subScores: ArrayLike<number>): void {
    const signs = this.#signs
    if (handle >= this.#handles) this.#handles = handle + 1
    if (reachedAt > this.#newest) this.#newest = reachedAt
    this.#keys = enlarged(this.#keys, handle + 1, NaN)
    this.#reachedAts = enlarged(this.#reachedAts, handle + 1, NaN)
    this.#keys[handle] = key
    this.#reachedAts[handle] = reachedAt
    if (signs.length === 0) return
    this.#subScores = enlarged(this.#subScores, (handle + 1) * signs.length)
    for (let nth = 0, at = handle * signs.length; nth < signs.length; nth++, at++)
      this.#subScores[at] = signs[nth]! * subScores[nth]!
  }

  /** Says that a player is absent. O(1). */
  clear(handle: number): void {
    this.#keys[handle] = NaN
  }

  /** All columns, as long as the handles go; lent: they change with the next mark. */
  save(): SavedMarks {
    return {
      keys: this.#keys.subarray(0, this.#handles),
      reachedAts: this.#reachedAts.subarray(0, this.#handles),
      subScores: this.#subScores.subarray(0, this.#signs.length * this.#handles),
    }
  }

  /** Replaces everything. @returns whether the columns fit together */
  load({ keys, reachedAts, subScores }: SavedMarks): boolean {
    this.#keys = keys.slice()
    this.#reachedAts = reachedAts.slice()
    this.#subScores = subScores.slice()
    this.#handles = keys.length
    this.#newest = -Infinity
    for (const reachedAt of reachedAts) if (reachedAt > this.#newest) this.#newest = reachedAt
    return reachedAts.length === keys.length && subScores.length === this.#signs.length * keys.length
  }

  /** How many players are there. O(handles). */
  count(): number {
    let present = 0
    for (let handle = 0; handle < this.#handles; handle++) if (!Number.isNaN(this.#keys[handle])) present++
    return present
  }
}
