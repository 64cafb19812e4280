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
import { accumulatorOf, type Accumulator, type Operator, type Turn } from '../leaderboard/operator.js'
import { PlayerColumns } from '../leaderboard/player-columns.js'
import type { RollingEntry } from './rolling-entries.js'

/** The operators below keep nothing beside the standing. */
const nothingKept = new PlayerColumns(0)
/** They look at neither player nor games. */
const firstTurn: Turn = { handle: 0, isFirst: true, games: 1 }
const laterTurn: Turn = { handle: 0, isFirst: false, games: 1 }

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
  /** The standing at hand, and what it was before: written anew for each, so that adding allocates nothing. */
  readonly #standing: Float64Array
  readonly #before: Float64Array
  #firstReachedAt = 0
  #reachedAt = 0
  #games = 0
  #attempts = 0
  #lastPlayedAt = -Infinity

  /** @throws TypeError where the operator cannot be worked out from a part of its values */
  constructor({ operator, direction, tieBreak }: Pick<BoardRules, 'operator' | 'direction' | 'tieBreak'>) {
    checkRollingOperator(operator)
    const directions = [direction, ...tieBreak]
    this.#isRate = operator === 'rate'
    this.#isAdding = operator === 'rate' || operator === 'sum' || operator === 'count'
    this.#standing = new Float64Array(directions.length)
    this.#before = new Float64Array(directions.length)
    this.#within = accumulatorOf(operator === 'rate' ? 'sum' : operator, directions)
    this.#across = accumulatorOf(this.#isAdding ? 'sum' : operator, directions)
  }

  /** Adds a value to an entry. O(1). @returns whether it changed what the entry is worth */
  add(entry: RollingEntry, value: Float64Array, isNewGame: boolean, playedAt: number): boolean {
    const isFirst = entry.attempts === 0
    this.#standing.set(entry.numbers)
    this.#before.set(entry.numbers)
    this.#next(this.#within, value, isFirst)
    entry.numbers.set(this.#standing)
    entry.attempts++
    if (isNewGame) entry.games++
    if (playedAt > entry.lastPlayedAt) entry.lastPlayedAt = playedAt
    return isFirst || this.#isRate || this.#isChanged()
  }

  /** Begins the standing of a player, who has at least one entry. */
  begin(): void {
    this.#standing.fill(0)
    this.#firstReachedAt = 0
    this.#reachedAt = 0
    this.#games = 0
    this.#attempts = 0
    this.#lastPlayedAt = -Infinity
  }

  /** Takes the next entry, the oldest first. O(1). */
  take({ numbers, reachedAt, games, attempts, lastPlayedAt }: RollingEntry): void {
    const isFirst = this.#attempts === 0
    if (isFirst) this.#firstReachedAt = reachedAt
    this.#before.set(this.#standing)
    this.#next(this.#across, numbers, isFirst)
    if (this.#isRate || (isFirst && !this.#isAdding) || this.#isChanged())
      this.#reachedAt = this.#isAdding ? Math.max(this.#reachedAt, reachedAt) : reachedAt
    this.#games += games
    this.#attempts += attempts
    if (lastPlayedAt > this.#lastPlayedAt) this.#lastPlayedAt = lastPlayedAt
  }

  /** The standing of the entries taken. Its numbers are lent until the next call. */
  end(): StatedStanding {
    // A game whose first bucket has left goes on: it counts as one.
    const games = Math.max(1, this.#games)
    const numbers = this.#standing
    if (this.#isRate) for (let at = 0; at < numbers.length; at++) numbers[at]! /= games
    // Positions count from 1: a sum that is still zero was reached with the first entry.
    const reachedAt = (this.#reachedAt > 0 ? this.#reachedAt : this.#firstReachedAt) as Position
    return { numbers, reachedAt, games, attempts: this.#attempts, lastPlayedAt: this.#lastPlayedAt }
  }

  #isChanged(): boolean {
    const [standing, before] = [this.#standing, this.#before]
    for (let at = 0; at < standing.length; at++) if (standing[at] !== before[at]) return true
    return false
  }

  #next(accumulator: Accumulator, value: Float64Array, isFirst: boolean): void {
    accumulator.next(this.#standing, value, isFirst ? firstTurn : laterTurn, nothingKept)
  }
}
