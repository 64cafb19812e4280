/**
 * How a game ended, as one envelope that can be made from what the archive's index keeps of it: what projections with
 * `on: 'final'` hear. The same from the live game, from the journal and from a manifest, field by field, so that such
 * a projection is rebuilt without opening a game.
 */
import type { EventEnvelope, GameResult } from './envelope.js'
import type { GameId, Kind, PlayerId, Position, Version } from './ids.js'

/** What is kept of the end of a game; times in milliseconds since 1970. */
export interface GameEnd {
  readonly kind: Kind
  readonly gameId: GameId
  /** How many events the game has. */
  readonly version: number
  /** Of its final event, and so the time. */
  readonly position: Position
  readonly recordedAt: number
  readonly occurredAt?: number
  /** As last told, in order of seats. */
  readonly players: readonly PlayerId[]
  readonly outcome?: GameResult
}

const final = Object.freeze({ type: '$final' })

/** The summary of a game that is over. */
export const finalSummary = (end: GameEnd): EventEnvelope => ({
  kind: end.kind,
  gameId: end.gameId,
  version: end.version as Version,
  position: end.position,
  recordedAt: end.recordedAt,
  ...(end.occurredAt !== undefined && { occurredAt: end.occurredAt }),
  // Of the summary, whatever the shape of the game's own events.
  schema: 1,
  event: final,
  players: end.players,
  final: true,
  ...(end.outcome && { outcome: end.outcome }),
})
