/**
 * The time of a phase is over: all who have not acted are acted for.
 *
 *     redeal          silence is a decline
 *     declaration     what a bot would declare
 *     turn            the lowest pieces; who leads plays one
 *
 * `TimeOut` names nobody and is refused before it is due, so it does no harm whoever sends it and however late it comes.
 */
import { accept, reject, type DecideContext } from 'gameledger'
import { chooseDeclaration } from './choices.js'
import { isTimed } from './clock.js'
import { declared, declaringOf } from './declaration.js'
import type { LiapEvent } from './events.js'
import { lowestOf } from './hands.js'
import { redealDecided } from './preparation.js'
import { declaredSoFar, ringFrom, type LiapState } from './state.js'
import { played } from './turn.js'

const declaredForThem = (state: LiapState, context: DecideContext): readonly LiapEvent[] => {
  const numbers = [...declaredSoFar(state)]
  return ringFrom(state.starter)
    .slice(numbers.length)
    .map((seat) => {
      const piles = chooseDeclaration(state.seats[seat]!.hand, declaringOf(state, seat, numbers))
      numbers.push(piles)
      return declared(state, seat, piles, context)
    })
}

const playedForThem = (state: LiapState, context: DecideContext): readonly LiapEvent[] => {
  const size = state.plays[0]?.pieces.length ?? 1
  const silent = ringFrom(state.leader).slice(state.plays.length)
  const plays = silent.map((seat) => ({ seat, pieces: lowestOf(state.seats[seat]!.hand, size) }))
  return played(state, plays, context)
}

export const timeOut = (state: LiapState, context: DecideContext) => {
  if (!isTimed(state.phase) || context.now < state.dueAt) return reject('not-due')
  if (state.phase === 'preparation') return accept(...redealDecided(state, state.undecided, false, context))
  return accept(...(state.phase === 'turn' ? playedForThem : declaredForThem)(state, context))
}
