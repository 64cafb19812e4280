/**
 * What an event means to a leaderboard: worked out once, then applied to each of its boards (windows of time).
 *
 *     event, envelope --score(), remove()--> BoardChange --Board.apply--> today's board, this week's, ...
 */
import type { EventEnvelope, GameEvent, GameResult } from '../../events/envelope.js'
import { gameClosed } from '../../events/ledger-event.js'
import type { PlayerId } from '../../events/ids.js'

/** A score, or `[score, ...subs]` on a board with `tieBreak`. */
export type Value = number | readonly number[]

/**
 * What an event is worth, by player; who is not in it is not touched. As a record `{ [player]: value }`, or as pairs
 * `[[player, value]]`: these cost a microsecond less a player, which V8 takes to make an object of a key that it has
 * not met. Who stands in two pairs is given both values.
 */
export type Scores = Readonly<Record<PlayerId, Value>> | readonly (readonly [PlayerId, Value])[]

/** What one event changes on a board. */
export interface BoardChange {
  /** Who is given what, in the order that `score` said. */
  readonly values: readonly (readonly [PlayerId, Value])[]
  /** How the game ended: what ratings rate. */
  readonly outcome?: GameResult
  /** Who leaves the board, after the rest was applied. */
  readonly removed: readonly PlayerId[]
}

/** What is asked of an event. */
export interface ChangeSource<Event extends GameEvent> {
  readonly score?: ((event: Event, envelope: EventEnvelope<Event>) => Scores) | undefined
  readonly remove?: ((event: Event, envelope: EventEnvelope<Event>) => readonly PlayerId[]) | undefined
}

const nobody: readonly never[] = Object.freeze([])
/** What most events are worth: the moves of a game. */
const nothing: BoardChange = Object.freeze({ values: nobody, removed: nobody })

/** A function from envelopes to changes. `subs`: how many sub-scores a value may have. The function throws TypeErrors. */
export const changesBy = <Event extends GameEvent>(
  { score, remove }: ChangeSource<Event>,
  subs: number,
): ((envelope: EventEnvelope) => BoardChange) => {
  const valuesOf = (envelope: EventEnvelope<Event>): BoardChange['values'] =>
    score ? checkedEntries(score(envelope.event, envelope), subs) : nobody
  const removedBy = (envelope: EventEnvelope<Event>): BoardChange['removed'] =>
    remove ? checkedPlayers(remove(envelope.event, envelope)) : nobody
  return (given) => {
    // What no game decided is worth nothing: whoever scores events need not know of it.
    if (given.event.type === gameClosed.type) return nothing
    const envelope = given as EventEnvelope<Event>
    const values = valuesOf(envelope)
    const removed = removedBy(envelope)
    if (!score && envelope.final && envelope.outcome) return { values, removed, outcome: envelope.outcome }
    return values.length + removed.length === 0 ? nothing : { values, removed }
  }
}

const checkedPlayers = (players: readonly PlayerId[]): readonly PlayerId[] => {
  if (Array.isArray(players)) return players
  throw new TypeError(`remove gave ${String(players)}; give a list of players, empty where nobody leaves.`)
}

const checkedEntries = (scores: Scores | undefined, subs: number): BoardChange['values'] => {
  const entries = isPairs(scores) ? scores : Object.entries(scores ?? {})
  for (const pair of entries) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError(`score gave ${shown(pair)} in a list; give pairs [player, value].`)
    checkValue(pair[0], pair[1], subs)
  }
  return entries
}

const isPairs = (scores: Scores | undefined): scores is BoardChange['values'] => Array.isArray(scores)

const checkValue = (player: PlayerId, value: Value, subs: number): void => {
  if (typeof value === 'number' ? Number.isFinite(value) : isRow(value, 1 + subs)) return
  const shape = subs === 0 ? 'a finite number' : `a finite number or [score, ...${subs} sub-scores]`
  throw new TypeError(`score gave ${shown(value)} for player ${player}; give ${shape}, or leave them out.`)
}

const shown = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))

const isRow = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every((part) => Number.isFinite(part))
