/**
 * Steps 5 to 7 of the life of one command: decide, evolve, and give the events their version, time and bytes.
 *
 * Nothing here is kept: the result is handed to whoever asked, who commits it or lets it fall. Rules that throw
 * surface as RulesError. Events must be JSON values: they are what is on the disk, so what callers and listeners
 * are handed is made of the same bytes and shares nothing with the state or the command.
 */
import { isDeepStrictEqual } from 'node:util'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { encodeLine, envelopeOf, type PlacedLater } from '../events/codec.js'
import type { GameEvent, GameResult } from '../events/envelope.js'
import {
  checkPlayerId,
  type GameId,
  type Kind,
  type PlayerId,
  type Position,
  type StreamId,
} from '../events/ids.js'
import { RulesError, rejectedBecause, type Rejected, type Unavailable } from './dispatch-error.js'
import type { DecisionContext } from './decision-context.js'
import type { AnyGame, Decision, GameCommand } from './game.js'
import { gameClosed, isOfLedger } from '../events/ledger-event.js'
import { isDecidedByLedger } from './ledger-rules.js'
import type { StandardSchema } from './standard-schema.js'

/** One command or unit encodes to at most this: a journal record must stay a small part of a log file. */
export const commandBytesMax = 1024 * 1024

/** So one command records at most this many events: no event line is shorter than 31 bytes. */
export const commandEventsMax = Math.floor(commandBytesMax / 31)

/** A game as it is decided on: a live one, or one as a unit of work sees it. */
export interface DecidedGame {
  readonly stream: StreamId
  readonly kind: Kind
  readonly gameId: GameId
  readonly version: number
  readonly players: readonly PlayerId[]
  /** Whether `evolve` changes the state in place, and may take the events apart. */
  readonly isInPlace: boolean
  /** Not to be kept or handed out. @throws what the rules throw when a log has to be folded */
  decidedState(): unknown
  /** The state after these events; frozen where `isChecked`. @throws what the rules throw */
  evolve(events: readonly GameEvent[], isChecked: boolean): unknown
  /** The decided state may be spoilt. */
  dropState(): void
}

/** Accepted, not yet committed. */
export interface Accepted {
  /** At least one; without their positions, which the journal gives. */
  readonly envelopes: readonly PlacedLater[]
  /** Their lines, as they are recorded. */
  readonly lines: string
  readonly state: unknown
  readonly players: readonly PlayerId[]
  readonly isFinal: boolean
}

/** Decides a command on the newest state of the game; `undefined`: a success without events. @throws RulesError, TypeError where it encodes to too much */
export const decideOn = (
  live: DecidedGame,
  game: AnyGame,
  command: GameCommand,
  context: DecisionContext,
): Either<Rejected | Unavailable, Accepted | undefined> => {
  if (context.isRefused?.(command, context) === true)
    return left({ _tag: 'Unavailable', code: 'player-being-erased' })
  const invalid = game.validate?.command && issuesOf(game.validate.command, command)
  if (invalid) return left({ _tag: 'Rejected', reason: 'invalid-command', detail: invalid })
  let decision: Decision<GameEvent, string>
  try {
    decision = game.decide(command, live.decidedState(), context)
  } catch (cause) {
    throw rulesError(live, 'threw when deciding', cause)
  }
  if (decision?._tag === 'Left') return left(rejectedBecause(decision.left))
  if (decision?._tag !== 'Right' || !Array.isArray(decision.right))
    throw new RulesError(live.kind, live.gameId, 'decided neither accept(...) nor reject(...)')
  return right(decision.right.length === 0 ? undefined : accepted(live, game, decision.right, context))
}

const accepted = (
  live: DecidedGame,
  game: AnyGame,
  decided: readonly GameEvent[],
  context: DecisionContext,
): Accepted => {
  const { isChecked } = context
  // Arrays of their exact size: growing ones would be the largest part of what a command allocates.
  const jsons = new Array<string>(decided.length)
  const events = new Array<GameEvent>(decided.length)
  for (let index = 0; index < decided.length; index++) {
    const event = decided[index]!
    const json = jsonOf(live, game, event, decided.length, isChecked)
    jsons[index] = json
    events[index] = detached(event, json, isChecked)
  }
  let isEvolved = false
  try {
    const own = live.isInPlace && !isChecked ? privateCopies(decided, events, jsons) : events
    const state = live.evolve(own, isChecked)
    isEvolved = true
    return recordOf(live, game, events, jsons, state, context)
  } catch (cause) {
    // An evolve in place may be half done, or done for nothing: the log is the truth.
    live.dropState()
    if (cause instanceof TypeError && cause.message.startsWith(tooLarge)) throw cause
    throw rulesError(live, isEvolved ? 'threw when asked about the new state' : 'threw when evolving', cause)
  }
}

/** What a fold in place may keep and take apart: copies, since listeners are handed the events themselves. */
const privateCopies = (
  decided: readonly GameEvent[],
  events: readonly GameEvent[],
  jsons: readonly string[],
): readonly GameEvent[] =>
  events.map((event, index) =>
    event === decided[index] ? { ...event } : (JSON.parse(jsons[index]!) as GameEvent),
  )

/** The envelopes and lines of events that lead to this state. */
const recordOf = (
  live: DecidedGame,
  game: AnyGame,
  events: readonly GameEvent[],
  jsons: readonly string[],
  state: unknown,
  context: DecisionContext,
): Accepted => {
  const { kind, gameId, version } = live
  // By the ledger's own event nothing changes, so the rules are not asked.
  const isClosed = isOfLedger(events[0]!)
  const told = (isClosed ? undefined : game.players?.(state)) ?? live.players
  const haveChanged = !isSameList(told, live.players)
  const players = haveChanged ? told.map(checkPlayerId) : live.players
  const isFinal = isClosed || game.isTerminal(state)
  const result = isFinal && !isClosed ? game.result?.(state) : undefined
  const unplaced = 0 as Position
  const envelopes = new Array<PlacedLater>(events.length)
  let lines = ''
  for (let index = 0; index < events.length; index++) {
    const isLast = index === events.length - 1
    const nth = version + index + 1
    const final = isLast && isFinal
    const envelope = envelopeOf(
      kind,
      gameId,
      nth,
      unplaced,
      context.now,
      game.schema,
      events[index]!,
      final,
      context,
    )
    if (isLast && haveChanged) envelope.players = players
    // The state may be changed in place later: what is recorded shares nothing with it.
    if (isLast && result) envelope.outcome = JSON.parse(JSON.stringify(result)) as GameResult
    lines += encodeLine(envelope, jsons[index]!)
    envelopes[index] = envelope
  }
  checkSize(live, lines)
  return { envelopes, lines, state, players, isFinal }
}

const isSameList = (one: readonly PlayerId[], other: readonly PlayerId[]): boolean =>
  one === other || (one.length === other.length && one.every((player, index) => player === other[index]))

/** The event as JSON. An event that JSON cannot hold is a mistake in the rules. */
const jsonOf = (
  live: DecidedGame,
  game: AnyGame,
  event: GameEvent,
  ofEvents: number,
  isChecked: boolean,
): string => {
  if (typeof event?.type !== 'string' || event.type === '') throw unfit(live, 'has no `type`')
  if (isOfLedger(event)) {
    if (isDeepStrictEqual(event, gameClosed) && ofEvents === 1 && live.version > 0 && isDecidedByLedger(game))
      return JSON.stringify(event)
    throw unfit(live, 'has a type beginning with "$", which is the ledger\'s own')
  }
  const invalid = game.validate?.event && issuesOf(game.validate.event, event)
  if (invalid) throw unfit(live, `its own validator refuses (${invalid})`)
  let json: string
  try {
    json = JSON.stringify(event)
  } catch (cause) {
    throw rulesError(live, 'decided an event that JSON cannot hold', cause)
  }
  if (isChecked && !isDeepStrictEqual(JSON.parse(json), event))
    throw unfit(live, `is not the same after JSON (${json.slice(0, 200)}): use plain JSON values only`)
  return json
}

const unfit = ({ kind, gameId }: DecidedGame, what: string): RulesError =>
  new RulesError(kind, gameId, `decided an event that ${what}`)

/** The event itself where it holds nothing that could change, else a copy of its own. */
const detached = (event: GameEvent, json: string, isChecked: boolean): GameEvent => {
  if (isChecked) return frozen(JSON.parse(json) as GameEvent)
  for (const key in event) {
    const value: unknown = event[key as keyof GameEvent]
    const type = typeof value
    if (
      type !== 'string' &&
      type !== 'boolean' &&
      value !== null &&
      !(type === 'number' && Number.isFinite(value))
    )
      return JSON.parse(json) as GameEvent
  }
  return event
}

const frozen = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) frozen(part)
  return value
}

const tooLarge = 'One command may encode to'

const checkSize = (live: DecidedGame, lines: string): void => {
  if (lines.length * 3 <= commandBytesMax) return
  const bytes = Buffer.byteLength(lines)
  if (bytes > commandBytesMax)
    throw new TypeError(
      `${tooLarge} at most ${commandBytesMax} bytes; ${live.stream} decided ${bytes}. ` +
        'Nothing was recorded. Split the command.',
    )
}

const issuesOf = (schema: StandardSchema, value: unknown): string | undefined => {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('Validators of games must answer synchronously.')
  return result.issues?.map(({ message }) => message).join('; ')
}

const rulesError = (live: DecidedGame, what: string, cause: unknown): RulesError =>
  cause instanceof RulesError
    ? cause
    : new RulesError(live.kind, live.gameId, `${what}: ${String(cause)}`, cause)
