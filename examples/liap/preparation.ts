/**
 * Preparation: hands are dealt, and whoever has a weak one decides about a redeal. All of them decide at once; when the
 * last one has, any acceptance deals all four hands anew, and the round counts once more.
 */
import { accept, reject, type DecideContext } from 'gameledger'
import type { EventOf, LiapEvent } from './events.js'
import { dealHands } from './hands.js'
import type { Piece } from './pieces.js'
import { ringFrom, type LiapState } from './state.js'

/** What decides who begins a round. */
export interface Beginning {
  readonly round: number
  readonly hands: readonly (readonly Piece[])[]
  /** The seat whose acceptance led to these hands. */
  readonly accepter?: number
  /** The seat that won the last turn of the round before. */
  readonly lastWinner?: number
}

const hasRedGeneral = (hand: readonly Piece[]): boolean =>
  hand.some(({ kind, colour }) => kind === 'GENERAL' && colour === 'red')

/** The seat that begins: the accepter of a redeal; in round 1 the holder of the red general; the last winner; seat 0. */
export const starterOf = ({ round, hands, accepter, lastWinner }: Beginning): number =>
  accepter ?? (round === 1 ? hands.findIndex(hasRedGeneral) : (lastWinner ?? 0))

type Seated = readonly { readonly player: string }[]

const dealt = (
  seats: Seated,
  multiplier: number,
  beginning: Omit<Beginning, 'hands'>,
  { now, random }: DecideContext,
): EventOf<'Dealt'> => {
  const hands = dealHands(random)
  return {
    type: 'Dealt',
    round: beginning.round,
    multiplier,
    starter: seats[starterOf({ ...beginning, hands })]!.player,
    hands: seats.map(({ player }, seat) => ({ player, pieces: hands[seat]! })),
    at: now,
  }
}

/** Begins the first round. */
export const firstDeal = (seats: Seated, context: DecideContext): EventOf<'Dealt'> =>
  dealt(seats, 1, { round: 1 }, context)

/** Begins the round after this one. */
export const nextDeal = (
  { seats, round }: LiapState,
  lastWinner: number,
  context: DecideContext,
): EventOf<'Dealt'> => dealt(seats, 1, { round: round + 1, lastWinner }, context)

const redeal = (state: LiapState, accepters: readonly number[], context: DecideContext): EventOf<'Dealt'> => {
  const accepter = ringFrom(state.starter).find((seat) => accepters.includes(seat))!
  return dealt(state.seats, state.multiplier + 1, { round: state.round, accepter }, context)
}

/** These undecided seats decide; what follows once all have. */
export const redealDecided = (
  state: LiapState,
  seats: readonly number[],
  isAccepted: boolean,
  context: DecideContext,
): readonly LiapEvent[] => {
  const type = isAccepted ? 'RedealAccepted' : 'RedealDeclined'
  const decisions = seats.map(
    (seat) => ({ type, player: state.seats[seat]!.player, at: context.now }) as const,
  )
  const areAllDecided = state.undecided.every((seat) => seats.includes(seat))
  const accepters = isAccepted ? [...state.accepters, ...seats] : state.accepters
  return areAllDecided && accepters.length > 0 ? [...decisions, redeal(state, accepters, context)] : decisions
}

export const decideRedeal = (seat: number, isAccepted: boolean, state: LiapState, context: DecideContext) => {
  if (state.phase !== 'preparation') return reject('not-now')
  if (!state.undecided.includes(seat))
    return reject('no-redeal-to-decide', 'Only weak hands are asked, and once.')
  return accept(...redealDecided(state, [seat], isAccepted, context))
}
