/** What a leaderboard is made from, and what of it a saved board depends on. */
import type { EventEnvelope, GameEvent } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import type { Direction } from '../ranking/ranking.js'
import type { WindowOptions } from '../windows/window-rule.js'
import type { Scores } from './board-change.js'
import type { BoardRules } from './board.js'
import { operators, type Operator } from './operator.js'
import { checkRating, type AnyRating } from './rating.js'
import { tiesRules, type Ties } from './ties.js'

/** What all boards share. */
export interface BoardOptions<Event extends GameEvent = GameEvent> extends WindowOptions {
  /** Which scores rank first. @default 'desc' */
  readonly direction?: Direction
  /** Which rank equals get. @default 'competition' */
  readonly ties?: Ties
  /** Games that a player needs to be listed. @default 0 */
  readonly minGames?: number
  /**
   * Who leaves the board by an event: score, games and all else are forgotten, and they may start anew. Pure. It is
   * asked for the events that the board hears.
   */
  readonly remove?: (event: Event, envelope: EventEnvelope<Event>) => readonly PlayerId[]
  /** How long a rendered page is kept, in milliseconds, by the ledger's clock. @default 60 000 */
  readonly ttlMs?: number
  /** The kinds of games that count. @default all */
  readonly kinds?: readonly string[]
  /**
   * Raise it when `score`, `remove` or a rating of your own changes its meaning: the saved board is then rebuilt.
   * @default '1'
   */
  readonly version?: string
}

/** A board of scores. */
export interface ScoreBoardOptions<Event extends GameEvent = GameEvent> extends BoardOptions<Event> {
  /**
   * What an event is worth, by player: a record or pairs; `{}` where nothing. Pure: of the event and its envelope alone.
   * Not asked about the ledger's own `$closed`, which is worth nothing.
   */
  readonly score: (event: Event, envelope: EventEnvelope<Event>) => Scores
  /** What a value does to the score. @default 'sum' */
  readonly operator?: Operator
  /**
   * Orders players of equal score, before who reached it first: `score` then gives `[score, ...subs]`, and each
   * sub-score has a direction here (a bare score has zeros). Ranks go by the score alone. Not with `streak`. At most 8.
   * @default none
   */
  readonly tieBreak?: readonly Direction[]
  /** `'final'`: only the last event of each game is scored, by what its envelope says. @default 'all' */
  readonly on?: 'all' | 'final'
}

/** A board of ratings: finished games are rated by their outcome, so there is no `score`. */
export interface RatingBoardOptions<Event extends GameEvent = GameEvent> extends BoardOptions<Event> {
  /** `elo()`, `glicko2()`, or any `(ratings, result) => ratings`. */
  readonly operator: AnyRating
  readonly score?: never
  readonly tieBreak?: never
  readonly on?: 'final'
}

export type LeaderboardOptions<Event extends GameEvent = GameEvent> =
  ScoreBoardOptions<Event> | RatingBoardOptions<Event>

/** What a ranking takes; each costs 8 bytes a player. */
const tieBreaksMax = 8

const directions: readonly Direction[] = ['desc', 'asc']

/** The rules of a board, defaults filled in. @throws TypeError where an option is not what it must be */
export const rulesOf = (options: LeaderboardOptions<never>): BoardRules => {
  const { direction = 'desc', ties = 'competition', minGames = 0, ttlMs = 1, remove } = options
  const { operator = 'sum', tieBreak = [] } = options
  checkSource(options)
  if (!directions.includes(direction))
    throw new TypeError(`direction must be 'desc' or 'asc'; got ${String(direction)}.`)
  if (!tiesRules.includes(ties))
    throw new TypeError(`ties must be one of ${tiesRules.join(', ')}; got ${String(ties)}.`)
  if (!Number.isSafeInteger(minGames) || minGames < 0)
    throw new TypeError(`minGames must be a whole number from 0; got ${String(minGames)}.`)
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw new TypeError(`ttlMs must be a whole number of milliseconds from 1; got ${String(ttlMs)}.`)
  if (remove !== undefined && typeof remove !== 'function')
    throw new TypeError(`remove must be a function that gives the players who leave; got ${typeof remove}.`)
  checkTieBreak(operator, tieBreak)
  return Object.freeze({ operator, direction, tieBreak: Object.freeze([...tieBreak]), ties, minGames })
}

const checkSource = ({ score, operator = 'sum' }: LeaderboardOptions<never>): void => {
  const isRating = typeof operator === 'function' || (typeof operator === 'object' && operator !== null)
  if (isRating ? score !== undefined : typeof score !== 'function')
    throw new TypeError(
      `A leaderboard needs a \`score\` function, or a rating such as elo() as \`operator\` and no \`score\`; ` +
        `got ${typeof score} with operator ${isRating ? 'rating' : String(operator)}.`,
    )
  if (isRating) checkRating(operator)
  else if (!operators.includes(operator))
    throw new TypeError(
      `An operator is one of ${operators.join(', ')}, or a rating such as elo(); got ${String(operator)}.`,
    )
}

const checkTieBreak = (operator: BoardRules['operator'], tieBreak: readonly Direction[]): void => {
  if (!Array.isArray(tieBreak) || !tieBreak.every((direction) => directions.includes(direction)))
    throw new TypeError(
      `tieBreak must be a list of 'desc' and 'asc', one for each sub-score; got ${String(tieBreak)}.`,
    )
  if (tieBreak.length > tieBreaksMax)
    throw new TypeError(`tieBreak may have at most ${tieBreaksMax} sub-scores; got ${tieBreak.length}.`)
  if (tieBreak.length > 0 && (typeof operator !== 'string' || operator === 'streak'))
    throw new TypeError(
      `tieBreak needs an operator that takes values; got ${typeof operator === 'string' ? operator : 'a rating'}. Leave it out.`,
    )
}

/** All that a saved board depends on; the first number is that of its columns. */
export const boardVersionOf = (
  { operator, direction, tieBreak, minGames }: BoardRules,
  { kinds, on, version = '1' }: LeaderboardOptions<never>,
): string => {
  const rule =
    typeof operator === 'string' ? operator : `rating:${operator.version ?? ''}:${keptBy(operator)}`
  const order = [direction, ...tieBreak].join('+')
  return ['board4', rule, order, minGames, kinds?.join('+') ?? '*', on ?? '', version].join('/')
}

const keptBy = (rating: AnyRating): string => (typeof rating === 'function' ? '' : rating.keeps.join('+'))
