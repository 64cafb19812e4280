/**
 * A turn: the leader lays down 1 to 6 pieces that form a type, the others as many, in the order of seats. The best play of
 * the leader's type takes the piles, one for each piece that each of them played; the turn that empties the hands ends
 * the round.
 */
import { accept, reject, type DecideContext } from 'gameledger'
import type { LiapEvent } from './events.js'
import { handWithout } from './hands.js'
import { copyOfPiece, type Piece } from './pieces.js'
import { beats, playType } from './rules.js'
import { roundScored } from './scoring.js'
import { seatsToAct, type LiapState } from './state.js'

/** What a seat lays down. */
export interface SeatPlay {
  readonly seat: number
  readonly pieces: readonly Piece[]
}

/** The play that wins: a later one of the same type and strictly greater value takes over. The first is the leader's. */
export const winnerOf = (plays: readonly [SeatPlay, ...SeatPlay[]]): number =>
  plays.reduce((best, play) => (beats(play.pieces, best.pieces) ? play : best)).seat

/** These plays follow those on the table; and what follows from the fourth. */
export const played = (
  state: LiapState,
  next: readonly SeatPlay[],
  context: DecideContext,
): readonly LiapEvent[] => {
  const events = next.map(({ seat, pieces }): LiapEvent => ({
    type: 'Played',
    player: state.seats[seat]!.player,
    pieces: pieces.map(copyOfPiece),
  }))
  const [leading, ...following] = [...state.plays, ...next]
  return leading && following.length === 3
    ? [...events, ...turnWon(state, [leading, ...following], context)]
    : events
}

const turnWon = (
  state: LiapState,
  plays: readonly [SeatPlay, ...SeatPlay[]],
  context: DecideContext,
): readonly LiapEvent[] => {
  const winner = winnerOf(plays)
  const piles = plays[0].pieces.length
  const won = { type: 'TurnWon', player: state.seats[winner]!.player, piles, at: context.now } as const
  // The last to play still holds in the state what all held when the turn began.
  const lastHand = state.seats[plays.at(-1)!.seat]!.hand
  return lastHand.length === piles ? [won, ...roundScored(state, winner, piles, context)] : [won]
}

export const play = (seat: number, pieces: readonly Piece[], state: LiapState, context: DecideContext) => {
  if (state.phase !== 'turn') return reject('not-now')
  if (!seatsToAct(state).includes(seat)) return reject('not-your-turn')
  if (!handWithout(state.seats[seat]!.hand, pieces)) return reject('not-in-hand')
  const size = state.plays[0]?.pieces.length
  if (size === undefined && playType(pieces) === undefined)
    return reject('no-play', 'Who leads plays pieces that form a type.')
  if (size !== undefined && pieces.length !== size)
    return reject('wrong-count', `Play as many pieces as the leader: ${size}.`)
  return accept(...played(state, [{ seat, pieces }], context))
}
