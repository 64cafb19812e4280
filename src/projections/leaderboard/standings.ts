/**
 * Standings that are kept but not ranked: of players with too few games, and of erased ones, whose ratings still count
 * for their opponents.
 *
 *     reached at | score | sub-score ...        a row of columns by handle; NaN for who is not here
 */
import type { Position } from '../../events/ids.js'
import { PlayerColumns } from './player-columns.js'

/** A standing that was worked out elsewhere, whole, with the record that belongs to it: a rolling window does so. */
export interface StatedStanding {
  /** Score and sub-scores. */
  readonly numbers: Float64Array
  readonly reachedAt: Position
  readonly games: number
  readonly attempts: number
  readonly lastPlayedAt: number
}

export class Standings {
  readonly #columns: PlayerColumns

  /** @param length of a standing: the score and its sub-scores */
  constructor(length: number) {
    this.#columns = new PlayerColumns(1 + length)
  }

  /** The position at which a player reached their standing, `undefined` where there is none. O(1). */
  reachedAtOf(handle: number): number | undefined {
    return this.#columns.has(handle) ? this.#columns.at(handle, 0) : undefined
  }

  /** Writes the standing of a player over `standing`. O(1). @returns whether there is one; else nothing is written */
  read(handle: number, standing: Float64Array): boolean {
    if (!this.#columns.has(handle)) return false
    for (let at = 0; at < standing.length; at++) standing[at] = this.#columns.at(handle, at + 1)
    return true
  }

  /**
   * Gives a player a standing, reached at a position in the log; one that they have already keeps its position. O(1).
   * @throws TypeError where a number is not finite
   */
  set(handle: number, standing: Float64Array, reachedAt: number): void {
    const isKept = standing.every((number, at) => this.#columns.at(handle, at + 1) === number)
    if (isKept) return
    if (!standing.every(Number.isFinite))
      throw new TypeError(
        `A score must be a finite number; got ${standing.join(', ')}. Leave the player out.`,
      )
    this.#columns.set(handle, 0, reachedAt)
    for (let at = 0; at < standing.length; at++) this.#columns.set(handle, at + 1, standing[at]!)
  }

  /** Takes a player out. O(1). */
  clear(handle: number): void {
    this.#columns.clear(handle)
  }

  /** A copy, for so many players at most. */
  save(players: number): Float64Array {
    return this.#columns.save(players)
  }

  /** @throws TypeError where the numbers do not come out even */
  load(numbers: Float64Array): void {
    this.#columns.load(numbers)
  }
}
