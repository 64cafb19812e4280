/**
 * Glicko-2 ratings (M. Glickman, "Example of the Glicko-2 system", http://www.glicko.net/glicko/glicko2.pdf).
 *
 * Beside the rating it keeps how unsure it is (deviation) and how steady the player plays (volatility): a newcomer
 * moves fast, a regular slowly. Each game is a rating period of its own, in which everybody meets all others by
 * place; all are rated at once, from what they were before. So deviations shrink by playing, and do not grow by not
 * playing: a board is a function of games, not of the calendar.
 *
 * The steps are numbered as in the paper. Its own scale is (rating - 1500) / 173.7178.
 */
import type { GameResult, Standing } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import { scoreAgainst } from './outcome.js'
import type { DetailedRating } from './rating.js'

export interface Glicko2Options {
  /** How much a volatility may change; the paper names 0.3 to 1.2. @default 0.5 */
  readonly tau?: number
  /** The rating before the first game. @default 1500 */
  readonly start?: number
  /** The deviation before the first game. @default 350 */
  readonly deviation?: number
  /** The volatility before the first game. @default 0.06 */
  readonly volatility?: number
}

type Numbers = readonly number[]

const scale = 173.7178
const origin = 1500
/** Of the volatility's logarithm: what the paper takes. */
const tolerance = 0.000001
/** Some 6 000 points apart an expected score rounds to 1, and a game would tell nothing at all: 1 / 0. */
const informationMin = 1e-12
/** The search gains at least one bit a step and has some thirty to gain; more means that numbers are out of hand. */
const stepsMax = 100

/**
 * Glicko-2 as the operator of a leaderboard: it rates finished games by `outcome` and needs no `score`. The score is
 * the rating; rows show the `deviation`, too. O(players²) a game.
 * @throws TypeError where an option is not a number above 0
 */
export const glicko2 = (options: Glicko2Options = {}): DetailedRating => {
  const { tau = 0.5, start = 1500, deviation = 350, volatility = 0.06 } = options
  for (const [name, value] of Object.entries({ tau, start, deviation, volatility }))
    if (!Number.isFinite(value) || value <= 0)
      throw new TypeError(`The ${name} of glicko2() must be a number above 0; got ${String(value)}.`)
  const newcomer = [start, deviation, volatility]
  return Object.freeze({
    keeps: ['rating', 'deviation', 'volatility'],
    version: `glicko2(tau=${tau},start=${newcomer.join('+')})`,
    rate: (ratings: ReadonlyMap<PlayerId, Numbers>, { standings }: GameResult) => {
      const numbersOf = ({ player }: Standing): Numbers => ratings.get(player) ?? newcomer
      return new Map(
        standings.map((standing) => {
          const others = standings.filter(({ player }) => player !== standing.player)
          const meetings = others.map((other) => ({
            numbers: numbersOf(other),
            score: scoreAgainst(standing, other),
          }))
          return [standing.player, afterPeriod(numbersOf(standing), meetings, tau)] as const
        }),
      )
    },
  })
}

interface Meeting {
  readonly numbers: Numbers
  /** 1, 1/2 or 0. */
  readonly score: number
}

/** The numbers of a player after a rating period. */
const afterPeriod = (before: Numbers, meetings: readonly Meeting[], tau: number): Numbers => {
  // Who met nobody keeps everything: a period without games is none.
  if (meetings.length === 0) return before
  const [rating, deviation, volatility] = before as [number, number, number]
  // Step 2
  const mu = (rating - origin) / scale
  const phi = deviation / scale
  // Steps 3 and 4
  let information = 0
  let surprise = 0
  for (const { numbers, score } of meetings) {
    const weight = weightOf(numbers[1]! / scale)
    const expected = 1 / (1 + Math.exp(-weight * (mu - (numbers[0]! - origin) / scale)))
    information += weight ** 2 * expected * (1 - expected)
    surprise += weight * (score - expected)
  }
  const variance = 1 / Math.max(information, informationMin)
  // Step 5
  const nextVolatility = volatilityAfter({ phi, volatility, variance, delta: variance * surprise, tau })
  // Steps 6 to 8
  const nextPhi = 1 / Math.sqrt(1 / (phi ** 2 + nextVolatility ** 2) + information)
  return [origin + scale * (mu + nextPhi ** 2 * surprise), scale * nextPhi, nextVolatility]
}

/** What a game against somebody of this deviation weighs: g(phi). */
const weightOf = (phi: number): number => 1 / Math.sqrt(1 + (3 * phi ** 2) / Math.PI ** 2)

interface Period {
  readonly phi: number
  readonly volatility: number
  readonly variance: number
  /** The improvement that the results speak of. */
  readonly delta: number
  readonly tau: number
}

/** Step 5: the root of f, the logarithm of the new variance of play, by the Illinois method. */
const volatilityAfter = ({ phi, volatility, variance, delta, tau }: Period): number => {
  const start = Math.log(volatility ** 2)
  const f = (x: number): number => {
    const spread = phi ** 2 + variance + Math.exp(x)
    return (Math.exp(x) * (delta ** 2 - spread)) / (2 * spread ** 2) - (x - start) / tau ** 2
  }
  let low = start
  let high = Math.log(delta ** 2 - phi ** 2 - variance)
  if (Number.isNaN(high) || high === -Infinity) {
    high = start - tau
    for (let step = 0; step < stepsMax && f(high) < 0; step++) high -= tau
  }
  let atLow = f(low)
  let atHigh = f(high)
  for (let step = 0; step < stepsMax && Math.abs(high - low) > tolerance; step++) {
    const middle = low + ((low - high) * atLow) / (atHigh - atLow)
    const atMiddle = f(middle)
    if (atMiddle * atHigh <= 0) [low, atLow] = [high, atHigh]
    else atLow /= 2
    ;[high, atHigh] = [middle, atMiddle]
  }
  return Math.exp(low / 2)
}
