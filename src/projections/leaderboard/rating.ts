/**
 * Ratings: operators that take the result of a game and rate all its players at once.
 *
 * A plain `Rating` is a function that knows one number a player, their score on the board. A `DetailedRating` keeps some more beside it
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
}

/** A rating of several numbers a player. Else as `Rating`. */
export interface DetailedRating {
  /**
   * What the numbers are; the first is the score that ranks. One that is called `deviation` is shown in the rows of the
   * board. At most 8.
   */
  readonly keeps: readonly string[]
  readonly version?: string
  rate(
    ratings: ReadonlyMap<PlayerId, readonly number[]>,
    result: GameResult,
  ): ReadonlyMap<PlayerId, readonly number[]>
}

export type AnyRating = Rating | DetailedRating

/** 64 bytes a player: a line of the processor's cache. */
const keptMax = 8

/** @throws TypeError where a detailed rating does not say what it keeps, or lacks a part */
export const checkRating = (rating: AnyRating): void => {
  if (typeof rating === 'function') return
  const { keeps, rate } = rating
  if (!Array.isArray(keeps) || keeps.length < 1 || keeps.length > keptMax || typeof rate !== 'function')
    throw new TypeError(
      `A rating is a function, or an object of a function \`rate\` and \`keeps\`, the names of 1 to ${keptMax} numbers; ` +
        `got ${typeof rate} and ${String(keeps)}.`,
    )
}

/**
 * What a rating gives for the result of a game, by player.
 * @throws TypeError where it does not give as many finite numbers as it keeps
 */
export const ratedBy = (
  rating: DetailedRating,
  ratings: ReadonlyMap<PlayerId, readonly number[]>,
  result: GameResult,
): ReadonlyMap<PlayerId, readonly number[]> => {
  const { keeps } = rating
  const rated = rating.rate(ratings, result)
  for (const [player, numbers] of rated)
    if (numbers.length !== keeps.length || !numbers.every(Number.isFinite))
      throw new TypeError(
        `The rating gave [${numbers.join(', ')}] for player ${player}; give ${keeps.length} finite numbers.`,
      )
  return rated
}

/** A rating of any sort as one of several numbers; a plain one keeps the score alone. */
export const detailed = (rating: AnyRating): DetailedRating => {
  if (typeof rating !== 'function') return rating
  return {
    keeps: ['rating'],
    rate: (ratings, result) => {
      const scores = new Map<PlayerId, number>()
      for (const [player, [score]] of ratings) scores.set(player, score!)
      const next = new Map<PlayerId, readonly number[]>()
      for (const [player, score] of rating(scores, result)) next.set(player, [score])
      return next
    },
  }
}
