/** What players want: each command names its player, for whom it is sent by a person's client or by a bot. */
import type { Piece } from './pieces.js'

/** Who sits where when a game starts. */
export interface Seating {
  /** 1 to 50 characters; no two the same. */
  readonly player: string
  /** A seat that no person has: a bot plays it from the start to the end. @default false */
  readonly isBot?: boolean
}

/** What is played for. */
export interface LiapOptions {
  /** Who has so many points after a round ends the game; from 1. @default 50 */
  readonly target?: number
  /** The last round, from 1; `null` for none. @default 20 */
  readonly roundLimit?: number | null
}

type ByPlayer = { readonly player: string }

export type LiapCommand =
  /** Four seats, in the order of the ring: the host has seat 0. The first hands are dealt at once. */
  | { readonly type: 'Start'; readonly seats: readonly Seating[]; readonly options?: LiapOptions }
  /** Of a player with a weak hand: all four hands are to be dealt anew, and the round counts more. */
  | ({ readonly type: 'AcceptRedeal' } & ByPlayer)
  | ({ readonly type: 'DeclineRedeal' } & ByPlayer)
  /** How many of the eight piles the player means to capture. */
  | ({ readonly type: 'Declare'; readonly piles: number } & ByPlayer)
  | ({ readonly type: 'Play'; readonly pieces: readonly Piece[] } & ByPlayer)
  /** The player's connection is lost: a bot plays for them until they are back. Nothing happens where it does already. */
  | ({ readonly type: 'TakeOver' } & ByPlayer)
  /** The player is back and plays again. Nothing happens where they never left. */
  | ({ readonly type: 'Return' } & ByPlayer)
  /** The time of the phase is over: who has not acted is acted for. Sent by the ledger; refused before it is due. */
  | { readonly type: 'TimeOut' }

export type CommandOf<Type extends LiapCommand['type']> = Extract<LiapCommand, { readonly type: Type }>

/** Seats for these people, from seat 0; the others go to "Bot 2" to "Bot 4", or to four bots where nobody comes. */
export const seatsOf = (people: readonly string[] = []): readonly Seating[] =>
  [0, 1, 2, 3].map((seat) => {
    const player = people[seat]
    return player === undefined ? { player: `Bot ${seat + 1}`, isBot: true } : { player }
  })
