/** What the player index asks of the archive, answered by the catalog: of all games, or of those that had ended by a moment. */
import type { Catalog } from './archive/catalog.js'
import type { IndexedGame } from './archive/manifest.js'
import type { ArchivedGameRow, ArchivedGames } from './projections/players/archived-games.js'

/** The games whose last event stands at a position or before it; Infinity for all. */
export const archivedGames = (catalog: Catalog, position: number): ArchivedGames => ({
  // For a game of after the moment, too: who asks has heard its end.
  has: (stream) => catalog.mayHave(stream),
  ofPlayer: async (player, query) => {
    // A cursor is the position before which the list goes on.
    const from = position === Infinity ? {} : { cursor: String(position + 1) }
    const { games, cursor } = await catalog.ofPlayer(player, { ...from, ...query })
    return { games: games.map(rowOf), ...(cursor !== undefined && { cursor }) }
  },
})

const rowOf = ({
  kind,
  gameId,
  events,
  players,
  firstAt,
  lastAt,
  occurredAt,
  outcome,
}: IndexedGame): ArchivedGameRow => ({
  kind,
  gameId,
  version: events,
  players,
  startedAt: occurredAt ?? firstAt,
  lastEventAt: occurredAt ?? lastAt,
  ...(outcome && { outcome }),
})
