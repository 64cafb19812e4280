/** Scoring: what a round gave each player, and whether the game is over by it. */
import type { DecideContext } from 'gameledger'
import type { EndReason, LiapEvent, RoundLine } from './events.js'
import { nextDeal } from './preparation.js'
import { roundScore } from './rules.js'
import type { LiapState, Seat } from './state.js'

/** The round is over by this turn's winner: its points, then the end of the game or the next deal. */
export const roundScored = (
  state: LiapState,
  winner: number,
  piles: number,
  context: DecideContext,
): readonly LiapEvent[] => {
  const lines = state.seats.map((seat, index) =>
    lineOf(seat, seat.captured + (index === winner ? piles : 0), state.multiplier),
  )
  const reason = endReasonOf(state, lines)
  return [
    { type: 'RoundScored', round: state.round, lines },
    reason ? { type: 'Ended', reason } : nextDeal(state, winner, context),
  ]
}

const lineOf = ({ player, declared }: Seat, captured: number, multiplier: number): RoundLine => ({
  player,
  declared: declared!,
  captured,
  points: roundScore(declared!, captured, multiplier),
})

const endReasonOf = (
  { seats, target, round, roundLimit }: LiapState,
  lines: readonly RoundLine[],
): EndReason | undefined => {
  if (seats.some(({ score }, seat) => score + lines[seat]!.points >= target)) return 'target-reached'
  return roundLimit !== null && round >= roundLimit ? 'round-limit' : undefined
}
