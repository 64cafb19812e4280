/**
 * Players whose data was erased. The erasure puts `erased:<n>` for their id wherever it stood, in events, too, so
 * that games and opponents' ratings stay what they were; but nothing that is shown names them. n rises with each
 * erasure of a ledger; which player it stands for is written nowhere.
 */
import type { PlayerId } from './ids.js'

const prefix = 'erased:'
const erasedPattern = /^erased:\d+$/

/** The id that stands for the player of the n-th erasure, from 1. */
export const erasedPlayer = (n: number): PlayerId => `${prefix}${n}`

/** True where an id stands for a player whose data was erased. O(1). */
export const isErased = (player: PlayerId): boolean =>
  // Asked at every update: the first letter decides for nearly all.
  player.startsWith(prefix) && erasedPattern.test(player)
