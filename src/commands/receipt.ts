/** What a caller gets for an accepted command. */
import type { GameEvent } from '../events/envelope.js'
import type { GameId, Kind, Position, Version } from '../events/ids.js'

/** Proof that the events are recorded, published, and durable to the degree that was asked for. */
export interface Receipt<Event extends GameEvent = GameEvent> {
  readonly kind: Kind
  readonly gameId: GameId
  /** The version after the command. */
  readonly version: Version
  /** Of the command's last event; where it had none, of the newest event of the game (0: none). */
  readonly position: Position
  /** What happened; empty where the command changed nothing. */
  readonly events: readonly Event[]
  /** True where the command id had been recorded before: this is the first receipt again. */
  readonly duplicate: boolean
}
