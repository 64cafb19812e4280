/**
 * State = fold(initialState, log), in two ways that must agree.
 *
 * **On drafts** (immer): the state before stays as it was; what a caller was handed never changes. About 3 us an
 * event. **In place**: the same `evolve` writes straight into a state that nobody else holds. Many times faster;
 * recovery and replay fold so, and a live game does while its state was never handed out.
 *
 * In place is only right if `evolve` copies what it keeps: a constant of the module that it puts into a state
 * would be changed by the next event, and leak into every later game. So an event type is on probation the first
 * time it is met: it is folded on a frozen draft, which freezes whatever it put in, and the state goes on as a
 * clone. A later write into such a constant throws, the game is folded on drafts from then on, and nothing leaked.
 *
 * Either way the ledger's own events are skipped: no rules know them.
 */
import { enableMapSet, Immer } from 'immer'
import type { GameEvent } from '../events/envelope.js'
import { isOfLedger } from '../events/ledger-event.js'
import type { AnyGame } from './game.js'

enableMapSet()

const freezing = new Immer({ autoFreeze: true })
const thawed = new Immer({ autoFreeze: false })

/**
 * Folds on drafts; frozen where asked. The state given stays as it is, and so do the events. A draft an event: within
 * one draft immer hands out as it is whatever an event has put in, and the next event would write into a constant of
 * the module, or into the event before it.
 */
export const foldOnDraft = (
  game: AnyGame,
  state: unknown,
  events: readonly GameEvent[],
  isFrozen: boolean,
): unknown => {
  const immer = isFrozen ? freezing : thawed
  let folded = state
  for (const event of events)
    if (!isOfLedger(event))
      folded = immer.produce(folded, (draft: unknown) => game.evolve(draft, event) as unknown)
  return folded
}

interface Probation {
  readonly passed: Set<string>
  isOver: boolean
}

const probations = new WeakMap<AnyGame, Probation>()

const probationOf = (game: AnyGame): Probation => {
  let probation = probations.get(game)
  if (!probation) {
    // A state that cannot be cloned (functions, classes with private parts) is never changed in place.
    probation = { passed: new Set(), isOver: !isCloneable(game.initialState) }
    probations.set(game, probation)
  }
  return probation
}

const isCloneable = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

/** True while states of this game may be changed in place at all. */
export const isFoldableInPlace = (game: AnyGame): boolean => !probationOf(game).isOver

/** From now on this game is folded on drafts alone. */
export const stopFoldingInPlace = (game: AnyGame): void => {
  probationOf(game).isOver = true
}

/** A state to begin with that nobody else holds. */
export const privateInitialState = (game: AnyGame): unknown => copyOf(game.initialState)

/** A deep copy; by hand where there is plain data alone, which is many times faster than the general way. */
const copyOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key])
  return copy
}

/**
 * Applies one event to a state that nobody else holds, and returns the state to go on with, as private as before.
 * When it throws, the state given is spoilt: fold anew from the log.
 */
export const evolveInPlace = (game: AnyGame, state: unknown, event: GameEvent): unknown => {
  if (isOfLedger(event)) return state
  const probation = probationOf(game)
  if (!probation.passed.has(event.type)) {
    const folded = structuredClone(foldOnDraft(game, state, [event], true))
    probation.passed.add(event.type)
    return folded
  }
  const returned = game.evolve(state, event) as unknown
  return returned === undefined || returned === state ? state : structuredClone(returned)
}

/** A folded state; private where nobody else can hold a part of it. */
export interface Folded {
  readonly state: unknown
  readonly isPrivate: boolean
}

/**
 * Folds a whole log. `events` is called a second time where the game turns out not to be foldable in place.
 * @throws whatever `evolve` throws on drafts, too
 */
export const fold = (game: AnyGame, events: () => Iterable<GameEvent>): Folded => {
  if (isFoldableInPlace(game)) {
    try {
      let state = privateInitialState(game)
      for (const event of events()) state = evolveInPlace(game, state, event)
      return { state, isPrivate: true }
    } catch {
      // Either the rules throw, then the drafts below throw the same; or this game cannot be folded in place.
    }
  }
  let state: unknown = game.initialState
  for (const event of events()) state = foldOnDraft(game, state, [event], false)
  stopFoldingInPlace(game)
  return { state, isPrivate: false }
}
