/**
 * Leaderboards: a projection that scores events and keeps the players in order.
 *
 *     leaderboard({ score: (e: TicTacToeEvent) => (e.type === 'Won' ? { [e.player]: 1 } : {}) })
 *     leaderboard({ operator: elo({ k: 20 }) })
 *
 * A board is a function of the log: equal logs give equal boards, down to the order of equals (who reached the score
 * first, by position in the log, never by wall time; then player id).
 */
import type { EventEnvelope, GameEvent } from '../../events/envelope.js'
import { Board } from './board.js'
import { BoardView, type LeaderboardRow, type LeaderboardView } from './leaderboard-view.js'
import { accumulatorOf, type Operator, type Rating } from './operator.js'
import type { Scores } from './outcome.js'
import type { Projection, ProjectionContext, RunningProjection } from '../projection.js'
import type { Direction } from '../ranking/ranking.js'
import { tiesRules, type Ties } from './ties.js'

interface BoardOptions {
  /** Which scores rank first. @default 'desc' */
  readonly direction?: Direction
  /** Which rank equals get. @default 'competition' */
  readonly ties?: Ties
  /** Games that a player needs to be listed. @default 0 */
  readonly minGames?: number
  /** How long a rendered page is kept, in milliseconds, by the ledger's clock. @default 60 000 */
  readonly ttlMs?: number
  /** The kinds of games that count. @default all */
  readonly kinds?: readonly string[]
  /** Raise it when `score` or a rating of your own changes its meaning: the saved board is then rebuilt. @default '1' */
  readonly version?: string
}

/** A board of scores. */
export interface ScoreBoardOptions<Event extends GameEvent = GameEvent> extends BoardOptions {
  /** What an event is worth, by player; `{}` where nothing. Pure: of the event and its envelope alone. */
  readonly score: (event: Event, envelope: EventEnvelope<Event>) => Scores
  /** What a value does to the score. @default 'sum' */
  readonly operator?: Operator
  /** `'final'`: only the last event of each game is scored. @default 'all' */
  readonly on?: 'all' | 'final'
}

/** A board of ratings: finished games are rated by their outcome, so there is no `score`. */
export interface RatingBoardOptions extends BoardOptions {
  /** `elo()`, or any `(ratings, result) => ratings`. */
  readonly operator: Rating
  readonly score?: never
  readonly on?: 'final'
}

export type LeaderboardOptions<Event extends GameEvent = GameEvent> =
  ScoreBoardOptions<Event> | RatingBoardOptions

/**
 * A leaderboard, for `openLedger({ projections })`. An event costs O(players it scores · log n); memory is about 100
 * bytes a player beside the ids, and never shrinks: who was once listed stays.
 * @throws TypeError where an option is not what it must be
 */
export const leaderboard = <Event extends GameEvent = GameEvent>(
  options: LeaderboardOptions<Event>,
): Projection<LeaderboardView> => {
  checkOptions(options)
  const { kinds, on, score } = options
  const hears = score ? on : 'final'
  return Object.freeze({
    version: versionOf(options),
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    ...(hears && { on: hears }),
    start: (context: ProjectionContext) => startBoard(options, context),
  })
}

const checkOptions = (options: LeaderboardOptions<never>): void => {
  const { score, operator, direction = 'desc', ties = 'competition', minGames = 0, ttlMs = 1 } = options
  if (typeof operator === 'function' ? score !== undefined : typeof score !== 'function')
    throw new TypeError(
      `A leaderboard needs a \`score\` function, or a rating such as elo() as \`operator\` and no \`score\`; ` +
        `got ${typeof score} with operator ${typeof operator === 'function' ? 'rating' : String(operator)}.`,
    )
  if (direction !== 'desc' && direction !== 'asc')
    throw new TypeError(`direction must be 'desc' or 'asc'; got ${String(direction)}.`)
  if (typeof operator !== 'function') accumulatorOf(operator ?? 'sum', direction)
  if (!tiesRules.includes(ties))
    throw new TypeError(`ties must be one of ${tiesRules.join(', ')}; got ${String(ties)}.`)
  if (!Number.isSafeInteger(minGames) || minGames < 0)
    throw new TypeError(`minGames must be a whole number from 0; got ${String(minGames)}.`)
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw new TypeError(`ttlMs must be a whole number of milliseconds from 1; got ${String(ttlMs)}.`)
}

/** All that a saved board depends on; the first number is that of its columns. */
const versionOf = ({
  operator = 'sum',
  direction = 'desc',
  minGames = 0,
  kinds,
  on,
  version = '1',
}: LeaderboardOptions<never>) => {
  const rule = typeof operator === 'function' ? `rating:${operator.version ?? ''}` : operator
  return ['board1', rule, direction, minGames, kinds?.join('+') ?? '*', on ?? '', version].join('/')
}

const startBoard = <Event extends GameEvent>(
  options: LeaderboardOptions<Event>,
  { clock, checkpoint }: ProjectionContext,
): RunningProjection<LeaderboardView> => {
  const { direction = 'desc', ties = 'competition', minGames = 0, ttlMs } = options
  const board = new Board<readonly LeaderboardRow[]>({ direction, ties, minGames }, clock, ttlMs)
  const apply = options.score ? scoring(options, board) : rating(options, board)
  return {
    view: new BoardView(board, ties, checkpoint),
    apply: (envelope) => {
      apply(envelope)
      if (envelope.final) board.record.close(envelope)
      board.position = envelope.position
    },
    save: (room) => board.save(room),
    load: (saved) => board.load(saved),
    cacheStats: () => board.pages.stats,
  }
}

/** What applying needs of a board. */
type Credited = Pick<Board<object>, 'players' | 'scoreOf' | 'credit'>

type Apply = (envelope: EventEnvelope) => void

const scoring = <Event extends GameEvent>(options: ScoreBoardOptions<Event>, board: Credited): Apply => {
  const { score, operator = 'sum', direction = 'desc' } = options
  const accumulate = accumulatorOf(operator, direction)
  return (envelope) => {
    const scores = score(envelope.event as Event, envelope as EventEnvelope<Event>)
    for (const player in scores) {
      if (!Object.hasOwn(scores, player)) continue
      const value = scores[player]!
      if (!Number.isFinite(value))
        throw new TypeError(
          `score gave ${String(value)} for player ${player}; give a finite number, or leave them out.`,
        )
      const handle = board.players.intern(player)
      board.credit(handle, accumulate(board.scoreOf(handle), value), envelope)
    }
  }
}

const rating = ({ operator }: RatingBoardOptions, board: Credited): Apply => {
  const { players } = board
  return (envelope) => {
    const { outcome } = envelope
    if (!envelope.final || !outcome) return
    const ratings = new Map<string, number>()
    for (const { player } of outcome.standings) {
      const score = board.scoreOf(players.intern(player))
      if (score !== undefined) ratings.set(player, score)
    }
    for (const [player, score] of operator(ratings, outcome))
      board.credit(players.intern(player), score, envelope)
  }
}
