/** What the player index asks of the archive, answered by the catalog. */
import type { Catalog } from './archive/catalog.js'
import type { IndexedGame } from './archive/manifest.js'
import type { ArchivedGameRow, ArchivedGames } from './projections/players/archived-games.js'

export const archivedGames = (catalog: Catalog): ArchivedGames => ({
  has: (stream) => catalog.mayHave(stream),
  ofPlayer: async (player, query) => {
    const { games, cursor } = await catalog.ofPlayer(player, query)
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
