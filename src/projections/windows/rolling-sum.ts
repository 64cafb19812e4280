/**
 * How entries of a rolling window are made and added up.
 *
 *     operator     within a bucket     across buckets
 *     sum          sum                 sum
 *     count        count               sum
 *     rate         sum                 sum, then divided by the games
 *     best, worst, last   the same     the same
 */
import type { Position } from '../../events/ids.js'
import type { BoardRules } from '../leaderboard/board.js'
import type { StatedStanding } from '../leaderboard/standings.js'
import { accumulatorOf, type Accumulator, type Operator } from '../leaderboard/operator.js'
import { PlayerColumns } from '../leaderboard/player-columns.js'
import type { RollingEntry } from './rolling-entries.js'

/** The operators below keep nothing beside the standing. */
const nothingKept = new PlayerColumns(0)

/** Makes sure that values can leave again. @throws TypeError for ratings and streaks, of which each value depends on all before */
export function checkRollingOperator(
  operator: BoardRules['operator'],
): asserts operator is Exclude<Operator, 'streak'> {
  if (typeof operator === 'string' && operator !== 'streak') return
  throw new TypeError(
    `A rolling window takes the operators sum, count, best, worst, last and rate, whose values can leave again; ` +
      `got ${typeof operator === 'function' ? 'a rating' : operator}. Use a window of the calendar.`,
  )
}

export class RollingSum {
  readonly #within: Accumulator
  readonly #across: Accumulator
  readonly #isRate: boolean
  readonly #isAdding: boolean
  readonly #length: number

  /** @throws TypeError where the operator cannot be worked out from a part of its values */
  constructor({ operator, direction, tieBreak }: Pick<BoardRules, 'operator' | 'direction' | 'tieBreak'>) {
    checkRollingOperator(operator)
    const directions = [direction, ...tieBreak]
    this.#isRate = operator === 'rate'
    this.#isAdding = operator === 'rate' || operator === 'sum' || operator === 'count'
    this.#length = directions.length
    this.#within = accumulatorOf(operator === 'rate' ? 'sum' : operator, directions)
    this.#across = accumulatorOf(this.#isAdding ? 'sum' : operator, directions)
  }

  /** Adds a value to an entry. O(1). @returns whether it changed what the entry is worth */
  add(entry: RollingEntry, value: Float64Array, isNewGame: boolean, playedAt: number): boolean {
    const isFirst = entry.attempts === 0
    const before = entry.numbers
    const standing = isFirst ? new Float64Array(this.#length) : before.slice()
    entry.attempts++
    if (isNewGame) entry.games++
    if (playedAt > entry.lastPlayedAt) entry.lastPlayedAt = playedAt
    this.#next(this.#within, standing, value, isFirst)
    entry.numbers = standing
    return isFirst || this.#isRate || standing.some((number, at) => number !== before[at])
  }

  /** The standing of a player with these entries, the oldest first; `undefined` where there are none. O(entries). */
  of(entries: readonly RollingEntry[]): StatedStanding | undefined {
    if (entries.length === 0) return undefined
    const numbers = new Float64Array(this.#length)
    const before = new Float64Array(this.#length)
    let reachedAt: number | undefined
    let [games, attempts, lastPlayedAt] = [0, 0, -Infinity]
    for (const [index, entry] of entries.entries()) {
      before.set(numbers)
      this.#next(this.#across, numbers, entry.numbers, index === 0)
      const isFirst = index === 0 && !this.#isAdding
      if (isFirst || this.#isRate || numbers.some((number, at) => number !== before[at]))
        reachedAt = this.#isAdding ? Math.max(reachedAt ?? 0, entry.reachedAt) : entry.reachedAt
      games += entry.games
      attempts += entry.attempts
      lastPlayedAt = Math.max(lastPlayedAt, entry.lastPlayedAt)
    }
    // A game whose first bucket has left goes on: it counts as one.
    games = Math.max(1, games)
    if (this.#isRate) for (let at = 0; at < numbers.length; at++) numbers[at]! /= games
    // Sums that are zero were reached with the first entry.
    const position = (reachedAt ?? entries[0]!.reachedAt) as Position
    return { numbers, reachedAt: position, games, attempts, lastPlayedAt }
  }

  #next(accumulator: Accumulator, standing: Float64Array, value: Float64Array, isFirst: boolean): void {
    accumulator.next(standing, value, { handle: 0, isFirst, games: 1 }, nothingKept)
  }
}
