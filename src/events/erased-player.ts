/**
 * Players whose data was erased. The erasure puts `erased:<n>` for their id wherever it stood, in events, too, so
 * that games and opponents' ratings stay what they were; but nothing that is shown names them.
 */
import type { PlayerId } from './ids.js'

const erasedPattern = /^erased:\d+$/

/** True where an id stands for a player whose data was erased. O(1). */
export const isErased = (player: PlayerId): boolean =>
  // Asked at every update: the first letter decides for nearly all.
  player.startsWith('erased:') && erasedPattern.test(player)
