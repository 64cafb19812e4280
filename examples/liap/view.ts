/**
 * What a player or a spectator may see of a game: their own hand, of the others how many pieces they hold.
 *
 * Hidden is also what only a hand can tell: who has a weak one, and what they decide about a redeal, until the new deal
 * shows it. So to others a redeal is only being decided. An operator sees every hand.
 */
import type { Viewer } from 'gameledger'
import type { DealtHand, EndReason, EventOf, LiapEvent } from './events.js'
import { copyOfPiece, type Piece } from './pieces.js'
import { legalDeclarations } from './rules.js'
import { declaringOf } from './declaration.js'
import { declaredSoFar, seatOf, seatsToAct, type LiapState, type Phase, type Seat } from './state.js'

/** A seat as everybody sees it. */
export interface SeatView {
  readonly player: string
  /** Whoever plays here now: a bot also for a person who is away. */
  readonly playedBy: 'person' | 'bot'
  /** Pieces in hand. */
  readonly pieces: number
  readonly declared: number | null
  /** Piles of this round. */
  readonly captured: number
  readonly zeroStreak: number
  readonly score: number
  readonly turnsWon: number
  readonly perfectRounds: number
  /** For the owner of the hand, and for an operator. */
  readonly hand?: readonly Piece[]
}

export interface PlayView {
  readonly seat: number
  readonly pieces: readonly Piece[]
}

/** JSON, like everything that a view gives. */
export interface LiapView {
  readonly phase: Phase
  readonly target: number
  readonly roundLimit: number | null
  readonly round: number
  readonly multiplier: number
  readonly starter: number
  readonly leader: number
  /** When the phase is over for those who have not acted, in milliseconds since 1970. */
  readonly dueAt: number
  /** The viewer's seat; `null` for spectators and operators. */
  readonly seat: number | null
  readonly seats: readonly SeatView[]
  /** The seats that the game waits for, as far as the viewer may know: while a redeal is decided, their own at most. */
  readonly toAct: readonly number[]
  /** What the viewer may declare now; empty where it is not their turn to. */
  readonly legalDeclarations: readonly number[]
  /** This turn so far, in order of playing. */
  readonly plays: readonly PlayView[]
  readonly lastTurn: { readonly plays: readonly PlayView[]; readonly winner: number } | null
  readonly endedBy: EndReason | null
}

const copiesOf = (pieces: readonly Piece[]): readonly Piece[] => pieces.map(copyOfPiece)

const playsOf = (plays: readonly PlayView[]): readonly PlayView[] =>
  plays.map(({ seat, pieces }) => ({ seat, pieces: copiesOf(pieces) }))

const seatView = (seat: Seat, isShown: boolean): SeatView => ({
  player: seat.player,
  playedBy: seat.isBot || seat.isAway ? 'bot' : 'person',
  pieces: seat.hand.length,
  declared: seat.declared,
  captured: seat.captured,
  zeroStreak: seat.zeroStreak,
  score: seat.score,
  turnsWon: seat.turnsWon,
  perfectRounds: seat.perfectRounds,
  ...(isShown && { hand: copiesOf(seat.hand) }),
})

export const view = (state: LiapState, viewer: Viewer): LiapView => {
  const own = viewer.as === 'player' ? seatOf(state.seats, viewer.player) : -1
  const isShown = (seat: number): boolean => viewer.as === 'operator' || seat === own
  const waitedFor = seatsToAct(state)
  const isDeclaring = state.phase === 'declaration' && waitedFor.includes(own)
  return {
    phase: state.phase,
    target: state.target,
    roundLimit: state.roundLimit,
    round: state.round,
    multiplier: state.multiplier,
    starter: state.starter,
    leader: state.leader,
    dueAt: state.dueAt,
    seat: own < 0 ? null : own,
    seats: state.seats.map((seat, index) => seatView(seat, isShown(index))),
    toAct: waitedFor.filter((seat) => state.phase !== 'preparation' || isShown(seat)),
    legalDeclarations: isDeclaring ? legalDeclarations(declaringOf(state, own, declaredSoFar(state))) : [],
    plays: playsOf(state.plays),
    lastTurn: state.lastTurn && { ...state.lastTurn, plays: playsOf(state.lastTurn.plays) },
    endedBy: state.endedBy,
  }
}

/** A deal as a viewer sees it: with their own hand at most. */
const dealtFor = (event: EventOf<'Dealt'>, viewer: Viewer): EventOf<'Dealt'> => {
  const isOwn = ({ player }: DealtHand): boolean => viewer.as === 'player' && player === viewer.player
  return { ...event, hands: event.hands.filter(isOwn) }
}

/** The event as this viewer may see it; `undefined` where they may not know of it. */
export const viewEvent = (event: LiapEvent, viewer: Viewer): LiapEvent | undefined => {
  if (viewer.as === 'operator') return event
  switch (event.type) {
    case 'Dealt':
      return dealtFor(event, viewer)
    case 'RedealAccepted':
    case 'RedealDeclined':
      return viewer.as === 'player' && viewer.player === event.player ? event : undefined
    case 'Started':
    case 'Declared':
    case 'Played':
    case 'TurnWon':
    case 'RoundScored':
    case 'BotTookOver':
    case 'PlayerReturned':
    case 'Ended':
      return event
  }
}
