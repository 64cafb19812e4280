/**
 * Leaderboards: a projection that scores events and keeps the players in order.
 *
 *     leaderboard({ score: (e: TicTacToeEvent) => (e.type === 'Won' ? { [e.player]: 1 } : {}) })
 *     leaderboard({ operator: elo({ k: 20 }) })
 *
 * What an event changes is worked out once; then each window of time that it falls into is told.
 *
 * A board is a function of the log: equal logs give equal boards, down to the order of equals (who reached the score
 * first, by position in the log, never by wall time; then player id).
 */
import type { GameEvent } from '../../events/envelope.js'
import type { Projection, ProjectionContext, RunningProjection } from '../projection.js'
import { LeaderboardWindows, planWindows } from '../windows/leaderboard-windows.js'
import { changesBy } from './board-change.js'
import { boardVersionOf, rulesOf, type LeaderboardOptions } from './leaderboard-options.js'
import type { LeaderboardView } from './leaderboard-view.js'

/**
 * A leaderboard, for `openLedger({ projections })`. An event costs O(players it scores · log n); memory is about 100
 * bytes a player beside the ids, and never shrinks: who was once listed stays.
 * @throws TypeError where an option is not what it must be
 */
export const leaderboard = <Event extends GameEvent = GameEvent>(
  options: LeaderboardOptions<Event>,
): Projection<LeaderboardView> => {
  const rules = rulesOf(options)
  const plan = planWindows(rules, options)
  const { kinds, on, score, remove } = options
  const changeOf = changesBy<Event>({ score, remove }, rules.tieBreak.length)
  const hears = score ? on : 'final'
  return Object.freeze({
    version: `${boardVersionOf(rules, options)}/${plan.version}`,
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    ...(hears && { on: hears }),
    start: (context: ProjectionContext): RunningProjection<LeaderboardView> =>
      new LeaderboardWindows({ rules, plan, ttlMs: options.ttlMs, changeOf }, context),
  })
}
