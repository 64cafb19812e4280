/**
 * What a new value does to a player's score. An operator is a pure function of what was before and the value, so a
 * board rebuilt from the log is the same board.
 *
 * A *standing* is the score and, on a board with `tieBreak`, its sub-scores: `[score, ...subs]`. A value has the same
 * shape. What a standing alone cannot carry on (the sums of a rate) stands in columns of the operator's own.
 */
import type { Direction } from '../ranking/ranking.js'
import type { PlayerColumns } from './player-columns.js'

/**
 * `sum`: all values added up. `best` and `worst`: the one that ranks highest or lowest in the board's direction.
 * `last`: the newest. `count`: how many values there were. `rate`: the sum of the values per game that gave any.
 * `streak`: how many values above 0 came one after the other since the last that was not.
 *
 * Sub-scores: `sum` and `count` add them up, `rate` adds and divides them by the games, `best`, `worst` and `last`
 * take those of the attempt that they take; `streak` has none.
 */
export type Operator = 'sum' | 'best' | 'worst' | 'last' | 'count' | 'rate' | 'streak'

export const operators: readonly Operator[] = ['sum', 'best', 'worst', 'last', 'count', 'rate', 'streak']

/** What an operator may look at beside standing and value. One object serves all turns: nobody may keep it. */
export interface Turn {
  handle: number
  /** True where the player has no standing yet: it then holds zeros. */
  isFirst: boolean
  /** Games in which the player was given a value, this one included. */
  games: number
}

/** An operator on one board. */
export interface Accumulator {
  /** How many numbers it keeps of each player. */
  readonly width: number
  /** Writes the next standing over the last one. `value` is as long as it. */
  next(standing: Float64Array, value: Float64Array, turn: Turn, kept: PlayerColumns): void
}

type Next = Accumulator['next']

const stateless = (next: Next): Accumulator => ({ width: 0, next })

const add: Next = (standing, value) => {
  for (let at = 0; at < standing.length; at++) standing[at]! += value[at]!
}

const count: Next = (standing, value) => {
  standing[0]!++
  for (let at = 1; at < standing.length; at++) standing[at]! += value[at]!
}

const rate: Next = (standing, value, { handle, isFirst, games }, sums) => {
  for (let at = 0; at < standing.length; at++) {
    const sum = (isFirst ? 0 : sums.at(handle, at)) + value[at]!
    sums.set(handle, at, sum)
    standing[at] = sum / games
  }
}

const streak: Next = (standing, value) => {
  standing[0] = value[0]! > 0 ? standing[0]! + 1 : 0
}

/** Takes the value as a whole, where `isTaken` of the first two numbers that differ. */
const takeWhere =
  (directions: readonly Direction[], isTaken: (isBetter: boolean) => boolean): Next =>
  (standing, value, { isFirst }) => {
    const differs = isFirst ? -1 : value.findIndex((part, at) => part !== standing[at])
    const isMore = value[differs]! > standing[differs]!
    if (isFirst || (differs >= 0 && isTaken(isMore === (directions[differs] === 'desc')))) standing.set(value)
  }

/** An operator on a board whose score and sub-scores have these directions. */
export const accumulatorOf = (operator: Operator, directions: readonly Direction[]): Accumulator => {
  switch (operator) {
    case 'sum':
      return stateless(add)
    case 'count':
      return stateless(count)
    case 'last':
      return stateless((standing, value) => standing.set(value))
    case 'best':
      return stateless(takeWhere(directions, (isBetter) => isBetter))
    case 'worst':
      return stateless(takeWhere(directions, (isBetter) => !isBetter))
    case 'streak':
      return stateless(streak)
    case 'rate':
      return { width: directions.length, next: rate }
  }
}
