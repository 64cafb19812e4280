/** Declaration: in the order of seats from the starter, each says once how many piles they mean to capture. */
import { accept, reject, type DecideContext } from 'gameledger'
import type { EventOf } from './events.js'
import { legalDeclarations, type Declaring } from './rules.js'
import { declaredSoFar, seatsToAct, type LiapState } from './state.js'

/** What the rules ask about a seat that declares after these numbers. */
export const declaringOf = (state: LiapState, seat: number, declared: readonly number[]): Declaring => ({
  position: declared.length,
  declared,
  zeroStreak: state.seats[seat]!.zeroStreak,
})

export const declared = (
  state: LiapState,
  seat: number,
  piles: number,
  { now }: DecideContext,
): EventOf<'Declared'> => ({ type: 'Declared', player: state.seats[seat]!.player, piles, at: now })

export const declare = (seat: number, piles: number, state: LiapState, context: DecideContext) => {
  if (state.phase !== 'declaration') return reject('not-now')
  if (!seatsToAct(state).includes(seat)) return reject('not-your-turn')
  const declaring = declaringOf(state, seat, declaredSoFar(state))
  if (legalDeclarations(declaring).includes(piles)) return accept(declared(state, seat, piles, context))
  if (piles === 0 && !legalDeclarations({ ...declaring, position: 0 }).includes(0))
    return reject('third-zero', 'After two rounds of 0 declare 1 or more.')
  if (Number.isInteger(piles) && piles >= 0 && piles <= 8)
    return reject('total-of-eight', 'The last to declare may not bring the total to 8.')
  return reject('no-declaration', 'Declare a whole number from 0 to 8.')
}
