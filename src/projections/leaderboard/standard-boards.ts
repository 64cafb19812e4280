/**
 * The boards that every game with a `result` can have:
 *
 *     openLedger({ games: [chess], projections: { ...standardBoards(chess) } })
 *     ledger.views['win-rate'].top()
 *
 * They know the outcome alone, which the last event of a game carries, and no rules: so they hear final events only
 * and are rebuilt without the others.
 */
import type { Kind } from '../../events/ids.js'
import type { Projection } from '../projection.js'
import { elo } from './elo.js'
import type { BoardOptions } from './leaderboard-options.js'
import type { LeaderboardView } from './leaderboard-view.js'
import { leaderboard } from './leaderboard.js'
import { points, wins } from './outcome.js'

/** What these boards need of a game. */
export interface GameWithResult {
  readonly kind: Kind
  readonly result?: ((state: never) => unknown) | undefined
}

/** Options that all standard boards share: windows of time, ties, and so on. */
export type StandardBoardOptions = Omit<
  BoardOptions,
  'direction' | 'kinds' | 'minGames' | 'remove' | 'version'
>

/** Board by name. A win is place 1, alone or shared, while somebody has a worse place. */
export interface StandardBoards {
  /** Games won. */
  readonly wins: Projection<LeaderboardView>
  /** Games finished. */
  readonly games: Projection<LeaderboardView>
  /** Games won, of those finished; from the 10th game on. */
  readonly 'win-rate': Projection<LeaderboardView>
  /** The scores that standings name, added up. */
  readonly score: Projection<LeaderboardView>
  /** The highest score of one game. */
  readonly 'best-score': Projection<LeaderboardView>
  /** Games won one after the other, until now. */
  readonly streak: Projection<LeaderboardView>
  /** Elo with k = 20, from 1500. */
  readonly rating: Projection<LeaderboardView>
}

/** Fewer games make a rate of luck: one game won is 100 %. */
const gamesForRate = 10

/**
 * The standard boards of a game, to be spread into `openLedger({ projections })`. They hear its kind alone; of several
 * games, give each set names of its own. All rank high scores first.
 * @throws TypeError where the game has no `result`
 */
export const standardBoards = (game: GameWithResult, options: StandardBoardOptions = {}): StandardBoards => {
  if (typeof game.result !== 'function')
    throw new TypeError(
      `Game ${String(game.kind)} has no \`result\`, so nothing says who won. Define it, or make boards of your own with leaderboard().`,
    )
  const rated = { ...options, kinds: [game.kind] }
  const scored = { ...rated, on: 'final' as const }
  return Object.freeze({
    wins: leaderboard({ ...scored, score: wins }),
    games: leaderboard({ ...scored, score: wins, operator: 'count' }),
    'win-rate': leaderboard({ ...scored, score: wins, operator: 'rate', minGames: gamesForRate }),
    score: leaderboard({ ...scored, score: points }),
    'best-score': leaderboard({ ...scored, score: points, operator: 'best' }),
    streak: leaderboard({ ...scored, score: wins, operator: 'streak' }),
    rating: leaderboard({ ...rated, operator: elo({ k: 20 }) }),
  })
}
