/**
 * Ratings: operators that take the result of a game and rate all its players at once.
 *
 * A plain `Rating` knows one number a player, their score on the board. A `DetailedRating` keeps some more beside it
 * (glicko2: how sure it is, how steady the player plays), which the board holds in columns and saves.
 */
import type { GameResult } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'

/**
 * Rates all players of a finished game at once: their ratings so far (players without one are absent) and the result,
 * to new ratings. Pure; who is not in the answer keeps their rating. `version` says when its meaning changed.
 */
export interface Rating {
  (ratings: ReadonlyMap<PlayerId, number>, result: GameResult): ReadonlyMap<PlayerId, number>
  readonly version?: string
  readonly keeps?: never
}

/**
 * A rating of several numbers a player, in the order of `keeps`; the first is the score that ranks. A number that is
 * called `deviation` is shown in the rows of the board. Else as `Rating`.
 */
export interface DetailedRating {
  (
    ratings: ReadonlyMap<PlayerId, readonly number[]>,
    result: GameResult,
  ): ReadonlyMap<PlayerId, readonly number[]>
  readonly version?: string
  readonly keeps: readonly [score: string, ...others: string[]]
}

export type AnyRating = Rating | DetailedRating

/** A rating keeps at most so many numbers a player: 64 bytes, a line of the processor's cache. */
export const keptMax = 8

const plainKeeps = ['rating'] as const

/** A rating of any sort as one of several numbers; a plain one keeps the score alone. */
export const detailed = (rating: AnyRating): DetailedRating => {
  if (rating.keeps !== undefined) return rating
  const rate = (
    ratings: ReadonlyMap<PlayerId, readonly number[]>,
    result: GameResult,
  ): ReadonlyMap<PlayerId, readonly number[]> => {
    const scores = new Map<PlayerId, number>()
    for (const [player, [score]] of ratings) scores.set(player, score!)
    const next = new Map<PlayerId, readonly number[]>()
    for (const [player, score] of rating(scores, result)) next.set(player, [score])
    return next
  }
  return Object.assign(rate, { keeps: plainKeeps })
}
