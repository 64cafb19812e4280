/**
 * Events of the ledger's own: their types begin with `$`, which no game's may. They stand in a game's log like any other,
 * with a version and a position; no rules know them, so every fold skips them.
 */
import type { GameEvent } from './envelope.js'

/**
 * Nobody had played the game for long (`idleCloseMs`): it is over, without an outcome. Always its game's last event. The
 * state stays as it was.
 */
export interface GameClosed extends GameEvent {
  readonly type: '$closed'
}

/** The one that is recorded. */
export const gameClosed: GameClosed = Object.freeze({ type: '$closed' })

/** True for the ledger's own events, which no game's rules know. */
export const isOfLedger = (event: GameEvent): boolean => event.type.startsWith('$')
