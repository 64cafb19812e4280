/**
 * Steps 5 to 7 of the life of one command: decide, evolve, and give the events their version, time and bytes.
 *
 * Nothing here is kept: the result is handed to the dispatcher, which commits it or lets it fall. Rules that throw
 * surface as RulesError. Events must be JSON values: they are what is on the disk, so what callers and listeners
 * are handed is made of the same bytes and shares nothing with the state or the command.
 */
import { isDeepStrictEqual } from 'node:util'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { encodeLine, type LineHead } from '../events/codec.js'
import type { GameEvent, GameResult } from '../events/envelope.js'
import { checkPlayerId, type PlayerId } from '../events/ids.js'
import { RulesError, rejectedBecause, type Rejected } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import type { LiveGame } from './live-game.js'
import type { StandardSchema } from './standard-schema.js'

/** One command or unit encodes to at most this: a journal record must stay a small part of a log file. */
export const commandBytesMax = 1024 * 1024

/** What surrounds the rules when they decide. */
export interface DecisionContext {
  readonly now: number
  readonly random: () => number
  readonly commandId: string | undefined
  readonly actor: string | undefined
  readonly occurredAt: number | undefined
  /** Freeze states, and compare what is encoded with what was decided. */
  readonly isChecked: boolean
}

/** Accepted, not yet committed. */
export interface Accepted {
  readonly events: readonly GameEvent[]
  readonly state: unknown
  readonly heads: readonly LineHead[]
  readonly lines: string
  readonly players: readonly PlayerId[]
  readonly isFinal: boolean
}

/** Decides a command on the newest state of the game. @throws RulesError, TypeError where it encodes to too much */
export const decideOn = (
  live: LiveGame,
  game: AnyGame,
  command: GameCommand,
  context: DecisionContext,
): Either<Rejected, Accepted | undefined> => {
  const invalid = game.validate?.command && issuesOf(game.validate.command, command)
  if (invalid) return left({ _tag: 'Rejected', reason: 'invalid-command', detail: invalid })
  const { now, random } = context
  const decision = guarded(live, 'threw when deciding', () =>
    game.decide(command, live.decidedState(), { now, random, version: live.version }),
  )
  if (isLeft(decision)) return left(rejectedBecause(decision.left))
  return right(decision.right.length === 0 ? undefined : accepted(live, game, decision.right, context))
}

const accepted = (
  live: LiveGame,
  game: AnyGame,
  decided: readonly GameEvent[],
  context: DecisionContext,
): Accepted => {
  const jsons = decided.map((event) => jsonOf(live, game, event, context.isChecked))
  const events = decided.map((event, index) => detached(event, jsons[index]!, context.isChecked))
  try {
    const copies = (): readonly GameEvent[] =>
      events.map((event, index) =>
        event === decided[index] ? event : (JSON.parse(jsons[index]!) as GameEvent),
      )
    const state = guarded(live, 'threw when evolving', () => live.evolve(events, copies, context.isChecked))
    const facts = guarded(live, 'threw when asked about the new state', () => factsOf(live, game, state))
    const heads = events.map((_, index) => headOf(live, game, context, facts, index + 1, events.length))
    const lines = heads.map((head, index) => encodeLine(head, jsons[index]!)).join('')
    checkSize(live, lines)
    return { events, state, heads, lines, players: facts.players, isFinal: facts.isFinal }
  } catch (cause) {
    live.dropState()
    throw cause
  }
}

interface Facts {
  readonly players: readonly PlayerId[]
  readonly haveChanged: boolean
  readonly isFinal: boolean
  readonly outcome: GameResult | undefined
}

const factsOf = (live: LiveGame, game: AnyGame, state: unknown): Facts => {
  const told = game.players?.(state) ?? live.players
  const haveChanged = !isSameList(told, live.players)
  const isFinal = game.isTerminal(state)
  return {
    players: haveChanged ? told.map(checkPlayerId) : live.players,
    haveChanged,
    isFinal,
    outcome: isFinal ? game.result?.(state) : undefined,
  }
}

const headOf = (
  live: LiveGame,
  game: AnyGame,
  { now, commandId, actor, occurredAt }: DecisionContext,
  { players, haveChanged, isFinal, outcome }: Facts,
  nth: number,
  count: number,
): LineHead => {
  const isLast = nth === count
  return {
    version: live.version + nth,
    recordedAt: now,
    occurredAt,
    commandId,
    actor,
    schema: game.schema,
    players: isLast && haveChanged ? players : undefined,
    final: isLast && isFinal,
    // The state may be changed in place later: what is recorded shares nothing with it.
    outcome: isLast && outcome ? (JSON.parse(JSON.stringify(outcome)) as GameResult) : undefined,
  }
}

const isSameList = (one: readonly PlayerId[], other: readonly PlayerId[]): boolean =>
  one === other || (one.length === other.length && one.every((player, index) => player === other[index]))

/** The event as JSON. An event that JSON cannot hold is a mistake in the rules. */
const jsonOf = (live: LiveGame, game: AnyGame, event: GameEvent, isChecked: boolean): string => {
  const refuse = (what: string): never => {
    throw new RulesError(live.kind, live.gameId, `decided an event that ${what}`)
  }
  if (typeof event?.type !== 'string' || event.type === '') return refuse('has no `type`')
  if (event.type.startsWith('$')) return refuse('has a type beginning with "$", which is the ledger\'s own')
  const invalid = game.validate?.event && issuesOf(game.validate.event, event)
  if (invalid) return refuse(`its own validator refuses (${invalid})`)
  const json = guarded(live, 'decided an event that is not JSON', () => JSON.stringify(event))
  if (isChecked && !isDeepStrictEqual(JSON.parse(json), event))
    return refuse(`is not the same after JSON (${json.slice(0, 200)}): use plain JSON values only`)
  return json
}

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

const checkSize = (live: LiveGame, lines: string): void => {
  if (lines.length * 3 <= commandBytesMax) return
  const bytes = Buffer.byteLength(lines)
  if (bytes > commandBytesMax)
    throw new TypeError(
      `One command may encode to at most ${commandBytesMax} bytes; ${live.stream} decided ${bytes}. ` +
        'Nothing was recorded. Split the command.',
    )
}

const issuesOf = (schema: StandardSchema, value: unknown): string | undefined => {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('Validators of games must answer synchronously.')
  return result.issues?.map(({ message }) => message).join('; ')
}

const guarded = <Result>(live: LiveGame, what: string, rules: () => Result): Result => {
  try {
    return rules()
  } catch (cause) {
    if (cause instanceof RulesError) throw cause
    throw new RulesError(live.kind, live.gameId, `${what}: ${String(cause)}`, cause)
  }
}
