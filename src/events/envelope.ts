/**
 * What is recorded: a flat event of the game, and around it what the ledger adds.
 *
 * Projections and the archive are functions of envelopes alone. That is why an envelope carries the players
 * whenever their set changed, and the last one of a game carries the outcome: neither needs the rules.
 */
import type { GameId, Kind, PlayerId, Position, Version } from './ids.js'

/** The least that an event of a game is: plain, readonly JSON data with a `type` in the past tense. */
export interface GameEvent {
  readonly type: string
}

/** Where one player ended. */
export interface Standing {
  readonly player: PlayerId
  /** From 1; players who tie share a place. */
  readonly place: number
  /** The game's own points, if it has any. */
  readonly score?: number
}

/** How a game ended. */
export interface GameResult {
  readonly standings: readonly Standing[]
  /** Why it ended, in the game's words: `'checkmate'`, `'resignation'`. */
  readonly reason?: string
}

/** An event as recorded, with its place and time. */
export interface EventEnvelope<Event extends GameEvent = GameEvent> {
  readonly kind: Kind
  readonly gameId: GameId
  /** 1..n in the game, without gaps. */
  readonly version: Version
  /** 1.. in the ledger, strictly rising in publish order. */
  readonly position: Position
  /** Milliseconds since 1970 by the ledger's clock; never goes back. */
  readonly recordedAt: number
  /** When it really happened, in milliseconds since 1970, where the command said so (imports). */
  readonly occurredAt?: number
  /** The id that the caller gave the command; all events of one command share it. */
  readonly commandId?: string
  /** Who sent the command, where the caller said so. */
  readonly actor?: string
  /** The shape of `event`, from 1. What is read is upcast to the shape that the game knows today. */
  readonly schema: number
  readonly event: Event
  /** All players of the game; present when the set changed with this event. */
  readonly players?: readonly PlayerId[]
  /** True on the last event of a game, and only there. */
  readonly final: boolean
  /** How the game ended; only on the final event, and only where the game tells. */
  readonly outcome?: GameResult
}
