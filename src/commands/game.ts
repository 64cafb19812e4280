/**
 * What a game is to the ledger: a named Decider (initialState, decide, evolve, isTerminal; the functional
 * event-sourcing pattern of J. Chassaing) and what the ledger must know of it besides.
 *
 * Everything here is pure. Time and chance come in through the context of `decide` and go into the events, so
 * a fold of the events gives the state again, today and in ten years.
 */
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { GameEvent, GameResult } from '../events/envelope.js'
import { checkKind, type Kind, type PlayerId } from '../events/ids.js'
import type { Upcasters } from '../events/upcaster.js'
import type { StandardSchema } from './standard-schema.js'

/** The least that a command is: plain data with an imperative `type`. */
export interface GameCommand {
  readonly type: string
}

/** Who is looking. An operator sees all; a player sees their own; a spectator what anyone may see. */
export type Viewer =
  | { readonly as: 'operator' }
  | { readonly as: 'spectator' }
  | { readonly as: 'player'; readonly player: PlayerId }

/** What is not pure, handed to `decide`. */
export interface DecideContext {
  /** The time that the events will bear, in milliseconds since 1970. */
  readonly now: number
  /** An evenly drawn number in [0, 1). What comes of it belongs into the events. */
  readonly random: () => number
  /** The version that the game has now. */
  readonly version: number
}

/** Why the rules said no: a kebab-case reason, alone or with a detail for people. */
export type Refusal<Reason extends string> = Reason | { readonly reason: Reason; readonly detail: string }

/** What `decide` answers: a refusal, or the events that happen (none is a success, too). */
export type Decision<Event extends GameEvent, Reason extends string> = Either<
  Refusal<Reason>,
  readonly Event[]
>

/** A command that is due at a time, dispatched by the ledger. */
export interface Deadline<Command> {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly command: Command
}

/** What a game's author writes. `Event` is taken from `evolve`, so an event that `decide` misspells does not compile. */
export interface GameDefinition<
  State,
  Command extends GameCommand,
  Event extends GameEvent,
  Reason extends string,
> {
  /** Part of every stream id; 1 to 64 of `a-z`, `0-9`, `-`. Never change it. */
  readonly kind: string
  /** The shape of its events, from 1. Raise it when a shape changes, and add upcasters. @default 1 */
  readonly schema?: number
  /**
   * A number of the rules, from 1. Raise it when `evolve` makes another state of the same events: the archive compares
   * final states only with those that rules of the same `schema` and the same number have made. @default none
   */
  readonly rules?: number
  /** The state before the first event. Frozen by `defineGame`. */
  readonly initialState: State
  /** The rules: what happens, or why not. Pure; edits nothing. */
  decide(command: Command, state: State, context: DecideContext): Decision<NoInfer<Event>, Reason>
  /**
   * Applies one event to a draft; or returns a new state. Never refuses; copies what it keeps of an event or a constant. It
   * and the other rules never meet the ledger's own `$closed`.
   */
  evolve(draft: State, event: Event): void | State
  /** True when the game is over. Nothing is accepted afterwards. */
  isTerminal(state: State): boolean
  /** All players of the game, in order of seats; feeds the player index. */
  players?(state: State): readonly PlayerId[]
  /** How the game ended; asked once, when `isTerminal`. */
  result?(state: State): GameResult | undefined
  /** What a viewer may see of the state. Without it everybody sees all. */
  view?(state: State, viewer: Viewer): unknown
  /** What a viewer may see of an event. A game with `view` and without this shows its events to operators alone. */
  viewEvent?(event: Event, viewer: Viewer): unknown
  /** A board as text, for terminals and pages, of what `view` gave (of the state, where there is no `view`). */
  render?(view: unknown): string
  /** The next command that time itself gives. */
  deadline?(state: State): Deadline<NoInfer<Command>> | undefined
  /** The players for whom the game waits now and whom a bot plays: those of bots, and of people who are away. See `bots`. */
  botSeats?(state: State): readonly PlayerId[]
  /**
   * For `ledger.erase`: the event without the player, where it has more of them than strings that equal their id (a name
   * in a text, an address); `undefined` where it has not. Asked for every event of a game that names the player, in the
   * shape of today; strings and keys that equal the id become `alias` by themselves. Pure; keeps the type.
   */
  erase?(event: NoInfer<Event>, player: PlayerId, alias: PlayerId): NoInfer<Event> | undefined
  /** Old event shapes to new ones. */
  readonly upcasters?: Upcasters
  /** Validators of any library that speaks Standard Schema v1. They must answer synchronously. */
  readonly validate?: { readonly command?: StandardSchema; readonly event?: StandardSchema }
}

/** A defined game, ready for `openLedger({ games })`. */
export interface Game<
  State = unknown,
  Command extends GameCommand = GameCommand,
  Event extends GameEvent = GameEvent,
  Reason extends string = string,
> extends GameDefinition<State, Command, Event, Reason> {
  readonly kind: Kind
  readonly schema: number
}

/** Any game, where only the ledger's side of it matters. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a game's state, commands and events are invariant; only `any` stands for all of them
export type AnyGame = Game<any, any, any, any>

/** The command succeeded with these events; with none, nothing changes and that is a success, too. */
export const accept = <const Events extends readonly GameEvent[]>(
  ...events: Events
): Either<never, readonly Events[number][]> => right(events)

/** The command is refused: nothing is recorded. `detail` is for people; programs branch on the reason. */
export const reject = <const Reason extends string>(
  reason: Reason,
  detail?: string,
): Either<Refusal<Reason>, never> => left(detail === undefined ? reason : { reason, detail })

const deepFreeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return
  Object.freeze(value)
  for (const key of Reflect.ownKeys(value)) deepFreeze((value as Record<PropertyKey, unknown>)[key])
}

const hooks = ['decide', 'evolve', 'isTerminal'] as const

/**
 * Defines a game. All types are inferred: commands and state from the parameters of `decide`, events from
 * `evolve`, reasons as literals from every `reject`.
 * @throws TypeError where a part is missing or the kind is not one
 */
export const defineGame = <
  State,
  const Command extends GameCommand,
  Event extends GameEvent,
  const Reason extends string = never,
>(
  definition: GameDefinition<State, Command, Event, Reason>,
): Game<State, Command, Event, Reason> => {
  const kind = checkKind(definition.kind)
  const { schema = 1, rules = 1 } = definition
  if (!Number.isSafeInteger(schema) || schema < 1)
    throw new TypeError(`The schema of game ${kind} must be a whole number from 1; got ${String(schema)}.`)
  if (!Number.isSafeInteger(rules) || rules < 1)
    throw new TypeError(
      `The rules number of game ${kind} must be a whole number from 1; got ${String(rules)}.`,
    )
  for (const hook of hooks)
    if (typeof definition[hook] !== 'function')
      throw new TypeError(`Game ${kind} needs a function \`${hook}\`; got ${typeof definition[hook]}.`)
  deepFreeze(definition.initialState)
  return Object.freeze({ ...definition, kind, schema })
}
