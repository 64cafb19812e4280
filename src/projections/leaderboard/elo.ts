/**
 * Elo ratings (A. Elo, "The Rating of Chessplayers, Past and Present", 1978) for any number of players.
 *
 * A game of n players counts as n (n - 1) / 2 pairings: each pair scores 1, 1/2 or 0 by place, is expected to score
 * 1 / (1 + 10^(difference / 400)), and moves by k / (n - 1) times the surprise. What one gains the other loses, so a
 * game makes no points; with two players it is plain Elo.
 */
import type { Standing } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import { scoreAgainst } from './outcome.js'
import type { Rating } from './rating.js'

export interface EloOptions {
  /** How far one game can move a rating. @default 20 */
  readonly k?: number
  /** The rating before the first game. @default 1500 */
  readonly start?: number
}

/**
 * Elo as the operator of a leaderboard: it rates finished games by `outcome` and needs no `score`. O(players²) a game.
 * @throws TypeError where `k` is not above 0 or `start` not finite
 */
export const elo = ({ k = 20, start = 1500 }: EloOptions = {}): Rating => {
  if (!Number.isFinite(k) || k <= 0) throw new TypeError(`The k of elo() must be a number above 0; got ${k}.`)
  if (!Number.isFinite(start))
    throw new TypeError(`The start of elo() must be a finite number; got ${start}.`)
  const rate: Rating = (ratings, { standings }) => {
    const ratingOf = (player: PlayerId): number => ratings.get(player) ?? start
    const next = new Map(standings.map(({ player }) => [player, ratingOf(player)]))
    for (const [first, second] of pairsOf(standings)) {
      const expected = 1 / (1 + 10 ** ((ratingOf(second.player) - ratingOf(first.player)) / 400))
      const gain = (k / (standings.length - 1)) * (scoreAgainst(first, second) - expected)
      next.set(first.player, next.get(first.player)! + gain)
      next.set(second.player, next.get(second.player)! - gain)
    }
    return next
  }
  return Object.assign(rate, { version: `elo(k=${k},start=${start})` })
}

function* pairsOf(standings: readonly Standing[]): Generator<readonly [Standing, Standing]> {
  for (const [index, first] of standings.entries())
    for (const second of standings.slice(index + 1)) if (first.player !== second.player) yield [first, second]
}
