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
import type { EventEnvelope, GameEvent } from '../../events/envelope.js'
import type { Projection, ProjectionContext, RunningProjection } from '../projection.js'
import { changesBy, type BoardChange } from './board-change.js'
import { Board, type BoardRules } from './board.js'
import { boardVersionOf, rulesOf, type LeaderboardOptions } from './leaderboard-options.js'
import { BoardView, type LeaderboardView } from './leaderboard-view.js'

/**
 * A leaderboard, for `openLedger({ projections })`. An event costs O(players it scores · log n); memory is about 120
 * bytes a player beside the ids, and never shrinks: who was once listed stays.
 * @throws TypeError where an option is not what it must be
 */
export const leaderboard = <Event extends GameEvent = GameEvent>(
  options: LeaderboardOptions<Event>,
): Projection<LeaderboardView> => {
  const rules = rulesOf(options)
  const { kinds, on, score, remove } = options
  const hears = score ? on : 'final'
  return Object.freeze({
    version: boardVersionOf(rules, options),
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    ...(hears && { on: hears }),
    start: (context: ProjectionContext): RunningProjection<LeaderboardView> => {
      const changeOf = changesBy<Event>({ score, remove }, rules.tieBreak.length)
      const windows = windowsOf(rules, options.ttlMs, context)
      return { ...windows, apply: (envelope) => windows.apply(changeOf(envelope), envelope) }
    },
  })
}

/** The boards of a leaderboard, one for each window of time. */
interface Windows extends Omit<RunningProjection<LeaderboardView>, 'apply'> {
  /** Tells each board that the event belongs to; all of them, where somebody is removed or a game ends. */
  apply(change: BoardChange, envelope: EventEnvelope): void
}

/** The one window `all`. */
const windowsOf = (
  rules: BoardRules,
  ttlMs: number | undefined,
  { clock, checkpoint }: ProjectionContext,
): Windows => {
  const board = new Board(rules, clock, ttlMs)
  return {
    view: new BoardView(board, checkpoint),
    apply: (change, envelope) => board.apply(change, envelope),
    save: () => board.save(),
    load: (saved) => board.load(saved),
    cacheStats: () => board.pages.stats,
  }
}
