/**
 * What happens in a game of Liap.
 *
 *     Started, then each round:
 *       Dealt [RedealAccepted | RedealDeclined]... [Dealt ...]      dealt anew while a redeal is accepted
 *       Declared x 4
 *       (Played x 4, TurnWon)...                                    until the hands are empty
 *       RoundScored
 *     Ended                                                         after the last round
 *
 * BotTookOver and PlayerReturned come at any time. The hands stand in `Dealt` alone, so that a replay needs no chance.
 * `at` is when it happened, in milliseconds since 1970, in events that can begin a phase: its end follows from it.
 */
import type { Piece } from './pieces.js'

type ByPlayer = { readonly player: string }
type Timed = { readonly at: number }

/** The pieces that one player was dealt. */
export interface DealtHand extends ByPlayer {
  readonly pieces: readonly Piece[]
}

/** What one player made of a round. */
export interface RoundLine extends ByPlayer {
  readonly declared: number
  readonly captured: number
  /** With the multiplier. */
  readonly points: number
}

/** The 20 rounds are over, or somebody has the points to end it. */
export type EndReason = 'target-reached' | 'round-limit'

export type LiapEvent =
  | {
      readonly type: 'Started'
      readonly seats: readonly { readonly player: string; readonly isBot: boolean }[]
      readonly target: number
      readonly roundLimit: number | null
    }
  | ({
      readonly type: 'Dealt'
      readonly round: number
      /** 1, and one more for each redeal of the round. */
      readonly multiplier: number
      /** Declares first and leads the first turn. */
      readonly starter: string
      /** All four, in order of seats; a viewer gets their own alone. */
      readonly hands: readonly DealtHand[]
    } & Timed)
  | ({ readonly type: 'RedealAccepted' | 'RedealDeclined' } & ByPlayer & Timed)
  | ({ readonly type: 'Declared'; readonly piles: number } & ByPlayer & Timed)
  | ({ readonly type: 'Played'; readonly pieces: readonly Piece[] } & ByPlayer)
  /** Captured are as many piles as each played pieces. */
  | ({ readonly type: 'TurnWon'; readonly piles: number } & ByPlayer & Timed)
  | { readonly type: 'RoundScored'; readonly round: number; readonly lines: readonly RoundLine[] }
  | ({ readonly type: 'BotTookOver' | 'PlayerReturned' } & ByPlayer)
  | { readonly type: 'Ended'; readonly reason: EndReason }

export type EventOf<Type extends LiapEvent['type']> = Extract<LiapEvent, { readonly type: Type }>
