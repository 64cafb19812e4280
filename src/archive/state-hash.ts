/**
 * The final state of a game as a hash, so that a refold in ten years can be compared with what was played.
 * Folding is done in slices.
 */
import { createHash } from 'node:crypto'
import { evolveInPlace, foldOnDraft, isFoldableInPlace, privateInitialState } from '../commands/fold.js'
import type { AnyGame } from '../commands/game.js'
import type { GameEvent } from '../events/envelope.js'
import { canonicalJson } from './canonical-json.js'
import type { TimeSlice } from '../events/time-slice.js'

/** sha256 in hex. */
export const sha256Of = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex')

/** What was recorded of the final state of a game when it was archived, and by which rules. */
export interface RecordedState {
  readonly stateHash?: string
  readonly schema?: number
  readonly rules?: number
}

/** The recorded hash, where these rules can be held to it: theirs have the same `schema` and the same `rules` number. */
export const hashToCompare = (game: AnyGame, recorded: RecordedState | undefined): string | undefined =>
  recorded?.schema === game.schema && recorded.rules === game.rules ? recorded.stateHash : undefined

/** The hash of a state. */
export const stateHashOf = (state: unknown): string => sha256Of(canonicalJson(state))

/**
 * Folds a log in slices. `events` gives events that nobody else holds; it is called a second time where the game
 * turns out not to be foldable in place.
 * @throws what the rules, or reading the events, throw
 */
export const foldInSlices = async (
  game: AnyGame,
  events: () => Iterable<GameEvent>,
  slice: TimeSlice,
): Promise<unknown> => {
  if (isFoldableInPlace(game)) {
    try {
      return await foldBy(evolveInPlace, game, privateInitialState(game), events(), slice)
    } catch {
      // Either the rules throw, then the drafts below throw the same; or this game cannot be folded in place.
    }
  }
  return foldBy(evolveOnDraft, game, game.initialState, events(), slice)
}

type Evolve = (game: AnyGame, state: unknown, event: GameEvent) => unknown

const evolveOnDraft: Evolve = (game, state, event) => foldOnDraft(game, state, [event], false)

const foldBy = async (
  evolve: Evolve,
  game: AnyGame,
  initialState: unknown,
  events: Iterable<GameEvent>,
  slice: TimeSlice,
): Promise<unknown> => {
  let state = initialState
  for (const event of events) {
    state = evolve(game, state, event)
    if (slice.isOverAfterStep()) await slice.next()
  }
  return state
}
