/**
 * What a new value does to a player's score. An operator is a pure function of the score so far and the value, so a
 * board rebuilt from the log is the same board.
 */
import type { GameResult } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import type { Direction } from '../ranking/ranking.js'

/**
 * `sum`: all values added up. `best` and `worst`: the one that ranks highest or lowest in the board's direction.
 * `last`: the newest. `count`: how many values there were.
 */
export type Operator = 'sum' | 'best' | 'worst' | 'last' | 'count'

/** Score so far (`undefined` at first) and value to the next score. */
export type Accumulate = (score: number | undefined, value: number) => number

/**
 * Rates all players of a finished game at once: their ratings so far (players without one are absent) and the result,
 * to new ratings. Pure; who is not in the answer keeps their rating. `version` says when its meaning changed.
 */
export interface Rating {
  (ratings: ReadonlyMap<PlayerId, number>, result: GameResult): ReadonlyMap<PlayerId, number>
  readonly version?: string
}

const higher: Accumulate = (score, value) => (score === undefined || value > score ? value : score)
const lower: Accumulate = (score, value) => (score === undefined || value < score ? value : score)

const both = (accumulate: Accumulate) => ({ desc: accumulate, asc: accumulate })

const accumulators: { readonly [name in Operator]: { readonly [direction in Direction]: Accumulate } } = {
  sum: both((score, value) => (score ?? 0) + value),
  best: { desc: higher, asc: lower },
  worst: { desc: lower, asc: higher },
  last: both((_, value) => value),
  count: both((score) => (score ?? 0) + 1),
}

/** The function of an operator on a board of this direction. @throws TypeError where there is no such operator */
export const accumulatorOf = (operator: Operator, direction: Direction): Accumulate => {
  if (!Object.hasOwn(accumulators, operator))
    throw new TypeError(
      `An operator is one of ${Object.keys(accumulators).join(', ')}, or a rating such as elo(); got ${String(operator)}.`,
    )
  return accumulators[operator][direction]
}
