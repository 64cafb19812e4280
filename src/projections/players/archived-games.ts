/**
 * The port through which the player index finds games that the archive holds; the roof hands it in.
 *
 * LAW. `has` is synchronous and exact for what is committed. `ofPlayer` lists games newest first, by the position of their
 * last event; a cursor goes on behind the row before it, also when games were archived since. Games that the archive
 * holds are never again in the index, and the other way round only between commit and release. A page that cannot be
 * read rejects.
 */
import type { GameResult } from '../../events/envelope.js'
import type { GameId, Kind, PlayerId, StreamId } from '../../events/ids.js'

/** One archived game of a player. */
export interface ArchivedGameRow {
  readonly kind: Kind
  readonly gameId: GameId
  /** How many events it has. */
  readonly version: number
  readonly players: readonly PlayerId[]
  /** Time of the first and of the last event, in milliseconds since 1970. */
  readonly startedAt: number
  readonly lastEventAt: number
  /** How it ended, where the game told. */
  readonly outcome?: GameResult
}

export interface ArchivedGamesQuery {
  readonly kind?: Kind
  /** Only games in which this player is, too. */
  readonly against?: PlayerId
  readonly cursor?: string
  readonly limit: number
}

export interface ArchivedGames {
  has(stream: StreamId): boolean
  ofPlayer(
    player: PlayerId,
    query: ArchivedGamesQuery,
  ): Promise<{ readonly games: readonly ArchivedGameRow[]; readonly cursor?: string }>
}
