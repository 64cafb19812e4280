/** Plays a game by its rules alone: folds on frozen drafts and in place, side by side, and holds them to agree. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Game, GameCommand, GameEvent } from 'gameledger'
import { expect } from 'vitest'
import { evolveInPlace, foldOnDraft, privateInitialState } from '../../src/commands/fold.js'

const context = { now: 0, random: () => 0.5, version: 0 }

/** The state and the events after the commands, all of which must be accepted. */
export const played = <State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
  game: Game<State, Command, Event, Reason>,
  commands: readonly Command[],
): { state: State; events: Event[] } => {
  let state = game.initialState
  let inPlace = privateInitialState(game)
  const all: Event[] = []
  for (const command of commands) {
    if (game.isTerminal(state)) throw new Error(`${JSON.stringify(command)} comes after the end.`)
    const decision = game.decide(command, state, context)
    if (isLeft(decision)) throw new Error(`${JSON.stringify(command)}: ${JSON.stringify(decision.left)}`)
    state = foldOnDraft(game, state, decision.right, true) as State
    for (const event of decision.right) inPlace = evolveInPlace(game, inPlace, event)
    all.push(...decision.right)
  }
  expect(inPlace).toEqual(state)
  return { state, events: all }
}

/** What the rules answer to a command after others: the refusal, or the events. */
export const answer = <State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
  game: Game<State, Command, Event, Reason>,
  commands: readonly Command[],
  command: Command,
): unknown => {
  const decision = game.decide(command, played(game, commands).state, context)
  return isLeft(decision) ? decision.left : decision.right
}
