/**
 * Given events, when a command comes, then what: the specification of a game, readable as a sentence.
 *
 *     given(ticTacToe, [joined('ann'), joined('bob')]).when(mark('bob', 4)).thenRejected('not-your-turn')
 *
 * `given` holds the game to what the ledger relies on: the events are plain JSON, and both ways of folding agree,
 * also the second time (an `evolve` that keeps a constant of its module and writes into it later does not pass).
 */
import { AssertionError, deepStrictEqual } from 'node:assert/strict'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import type { GameEvent, GameResult } from '../events/envelope.js'
import { evolveInPlace, foldOnDraft, privateInitialState } from './fold.js'
import type { AnyGame, Decision, Game, GameCommand, Refusal } from './game.js'

/** What the command came to, to be held against what was expected. Each check throws an AssertionError, or returns the next. */
export interface Outcome<State, Event extends GameEvent, Reason extends string> {
  /** Exactly these events happened. */
  thenEvents(...events: readonly Event[]): Outcome<State, Event, Reason>
  /** It succeeded, and nothing changed. */
  thenNothing(): void
  /** It was refused for this reason. */
  thenRejected(reason: Reason): void
  /** It succeeded, and the state after it satisfies `check` (which throws, or answers false). */
  thenState(check: (state: State) => unknown): Outcome<State, Event, Reason>
  /** It succeeded, and the game is over; with this result, if one is given. */
  thenOver(result?: GameResult): Outcome<State, Event, Reason>
}

export interface Given<State, Command extends GameCommand, Event extends GameEvent, Reason extends string> {
  /** The state after the given events. */
  readonly state: State
  /** Sends a command. `context` sets what is not pure: time (default 1) and chance (default 0.5, always). */
  when(
    command: Command,
    context?: { readonly now?: number; readonly random?: () => number },
  ): Outcome<State, Event, Reason>
}

/** Begins a specification. @throws AssertionError where the folds disagree or an event is not plain JSON */
export const given = <State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
  game: Game<State, Command, Event, Reason>,
  events: readonly Event[],
): Given<State, Command, Event, Reason> => {
  const state = foldBothWays(game, events) as State
  return {
    state,
    when: (command, { now = 1, random = () => 0.5 } = {}) => {
      const decision = game.decide(command, state, { now, random, version: events.length })
      return outcomeOf(game, events, command, decision)
    },
  }
}

const outcomeOf = <State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
  game: Game<State, Command, Event, Reason>,
  before: readonly Event[],
  command: Command,
  decision: Decision<Event, Reason>,
): Outcome<State, Event, Reason> => {
  const accepted = (): readonly Event[] => {
    if (isRight(decision)) return decision.right
    throw failure(`${command.type} was refused: ${textOf(decision.left)}`)
  }
  const after = (): State => foldBothWays(game, [...before, ...accepted()]) as State
  const outcome: Outcome<State, Event, Reason> = {
    thenEvents: (...expected) => {
      deepStrictEqual(accepted(), expected)
      after()
      return outcome
    },
    thenNothing: () => deepStrictEqual(accepted(), []),
    thenRejected: (expected) => {
      if (!isLeft(decision)) throw failure(`${command.type} was accepted: ${JSON.stringify(decision.right)}`)
      const refusal: Refusal<Reason> = decision.left
      deepStrictEqual(typeof refusal === 'string' ? refusal : refusal.reason, expected)
    },
    thenState: (check) => {
      if (check(after()) === false)
        throw failure(`The state after ${command.type} is ${JSON.stringify(after())}`)
      return outcome
    },
    thenOver: (expected) => {
      const state = after()
      if (!game.isTerminal(state)) throw failure(`The game is not over after ${command.type}`)
      if (expected) deepStrictEqual(game.result?.(state), expected)
      return outcome
    },
  }
  return outcome
}

const foldBothWays = (game: AnyGame, events: readonly GameEvent[]): unknown => {
  for (const event of events)
    deepStrictEqual(JSON.parse(JSON.stringify(event)), event, 'Events are plain JSON values')
  const onDrafts = events.reduce(
    (state, event) => foldOnDraft(game, state, [event], true),
    game.initialState as unknown,
  )
  for (const attempt of ['first', 'second'])
    deepStrictEqual(
      inPlace(game, events),
      onDrafts,
      `The ${attempt} fold in place agrees with the fold on drafts`,
    )
  return onDrafts
}

const inPlace = (game: AnyGame, events: readonly GameEvent[]): unknown => {
  try {
    return events.reduce(
      (state, event) => evolveInPlace(game, state, structuredClone(event)),
      privateInitialState(game),
    )
  } catch (cause) {
    throw failure(
      `evolve cannot be folded in place: ${String(cause)}. It must copy what it keeps of an event or of a constant.`,
    )
  }
}

const textOf = (refusal: Refusal<string>): string =>
  typeof refusal === 'string' ? refusal : `${refusal.reason} (${refusal.detail})`

const failure = (message: string): AssertionError => new AssertionError({ message, stackStartFn: given })
