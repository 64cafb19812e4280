/**
 * A game of Liap as the rules need it. Seats are 0 to 3 in a ring; events name players, the state counts seats.
 *
 *     waiting -> preparation -> declaration -> turn -> scoring -> preparation ... -> over
 *                 ^ hands are dealt; weak hands decide       ^ between the last turn and the next deal
 */
import type { EndReason } from './events.js'
import type { Piece } from './pieces.js'

export type Phase = 'waiting' | 'preparation' | 'declaration' | 'turn' | 'scoring' | 'over'

export interface Seat {
  player: string
  /** No person ever has this seat. */
  isBot: boolean
  /** A person's, who is away: a bot plays until they are back. */
  isAway: boolean
  hand: Piece[]
  /** In this round; `null` until it is their turn to declare. */
  declared: number | null
  /** Piles of this round. */
  captured: number
  /** How many rounds in a row, before this one, they declared 0. */
  zeroStreak: number
  score: number
  turnsWon: number
  /** Rounds in which they captured what they declared, and that was not 0. */
  perfectRounds: number
}

/** What one seat laid down in a turn. */
export interface TablePlay {
  seat: number
  pieces: Piece[]
}

export interface LiapState {
  phase: Phase
  target: number
  /** `null`: none. */
  roundLimit: number | null
  /** None while waiting, then four. */
  seats: Seat[]
  /** From 1; 0 while waiting. */
  round: number
  multiplier: number
  /** Declares first and leads the first turn of the round. */
  starter: number
  /** Leads this turn: the winner of the one before. */
  leader: number
  /** When this phase ends without those who have not acted, in milliseconds since 1970. */
  dueAt: number
  /** Seats with weak hands that have not decided about a redeal. */
  undecided: number[]
  /** Seats that want a redeal. */
  accepters: number[]
  /** Of this turn, in order of playing. */
  plays: TablePlay[]
  /** Of the turn before, for those who look after it is over. */
  lastTurn: { plays: TablePlay[]; winner: number } | null
  endedBy: EndReason | null
}

export const initialState: LiapState = {
  phase: 'waiting',
  target: 50,
  roundLimit: 20,
  seats: [],
  round: 0,
  multiplier: 1,
  starter: 0,
  leader: 0,
  dueAt: 0,
  undecided: [],
  accepters: [],
  plays: [],
  lastTurn: null,
  endedBy: null,
}

/** The four seats in order of playing, beginning with one. */
export const ringFrom = (first: number): readonly number[] => [0, 1, 2, 3].map((step) => (first + step) % 4)

/** The seat of a player; -1 for a stranger. */
export const seatOf = (seats: readonly { readonly player: string }[], player: string): number =>
  seats.findIndex((seat) => seat.player === player)

/** What was declared in this round so far, in order of declaring. */
export const declaredSoFar = ({ starter, seats }: LiapState): readonly number[] =>
  ringFrom(starter).flatMap((seat) => seats[seat]?.declared ?? [])

/** The seats whose action the game waits for: those with weak hands all at once, else one. */
export const seatsToAct = (state: LiapState): readonly number[] => {
  switch (state.phase) {
    case 'preparation':
      return state.undecided
    case 'declaration':
      return ringFrom(state.starter).slice(declaredSoFar(state).length).slice(0, 1)
    case 'turn':
      return ringFrom(state.leader).slice(state.plays.length).slice(0, 1)
    case 'waiting':
    case 'scoring':
    case 'over':
      return []
  }
}

/** The players whom the game waits for and whom a bot plays: of bots, and of people who are away. */
export const botSeats = (state: LiapState): readonly string[] =>
  seatsToAct(state)
    .map((seat) => state.seats[seat]!)
    .filter(({ isBot, isAway }) => isBot || isAway)
    .map(({ player }) => player)
