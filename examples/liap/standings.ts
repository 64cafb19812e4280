/** How a game of Liap ended: by score; players of equal score share a place, also the first one. */
import type { GameResult, Standing } from 'gameledger'
import type { LiapState } from './state.js'

/** A standing with what else the player did. */
export interface LiapStanding extends Standing {
  readonly score: number
  readonly turnsWon: number
  readonly perfectRounds: number
}

export interface LiapResult extends GameResult {
  readonly standings: readonly LiapStanding[]
}

/** Best first; equals in the order of seats. */
export const result = ({ seats, endedBy }: LiapState): LiapResult | undefined => {
  if (endedBy === null) return undefined
  const standings = seats.map(({ player, score, turnsWon, perfectRounds }) => ({
    player,
    place: 1 + seats.filter((other) => other.score > score).length,
    score,
    turnsWon,
    perfectRounds,
  }))
  return { standings: standings.sort((one, other) => one.place - other.place), reason: endedBy }
}
