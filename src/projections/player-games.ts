/** Pages over all games of one player: first those that are not archived, newest first, then the archive's pages. */
import type { Kind, PlayerId } from '../events/ids.js'
import type { ArchivedGameRow, ArchivedGames } from './archived-games.js'
import { decodeCursor, encodeCursor } from './page-cursor.js'

/** A game as the index lists it. */
export interface PlayerGameRow extends ArchivedGameRow {
  /** True when the game is over. */
  readonly final: boolean
}

export interface PlayerGamesQuery {
  /** List games that are not archived. @default true */
  readonly live?: boolean
  /** List archived games. @default true */
  readonly archived?: boolean
  /** Of this kind alone. @default all */
  readonly kind?: Kind
  /** Of the page before. */
  readonly cursor?: string
  /** 1 to 1 000 rows a page. @default 50 */
  readonly limit?: number
}

type OpenRow = PlayerGameRow & { readonly lastPosition: number }

/** Either behind the open game with this last position, or somewhere in the archive's list. */
type Cursor = { readonly before: number } | { readonly archive: string | null }

interface Page {
  readonly games: readonly PlayerGameRow[]
  readonly cursor?: string
}

const isCursor = (parts: unknown): parts is Cursor =>
  typeof parts === 'object' && parts !== null && ('before' in parts || 'archive' in parts)

const limitMax = 1_000

export class PlayerGames {
  readonly #openGamesOf: (player: PlayerId) => readonly OpenRow[]
  readonly #archived: ArchivedGames | undefined

  constructor(openGamesOf: (player: PlayerId) => readonly OpenRow[], archived: ArchivedGames | undefined) {
    this.#openGamesOf = openGamesOf
    this.#archived = archived
  }

  async page(player: PlayerId, query: PlayerGamesQuery): Promise<Page> {
    const { live = true, archived = true, kind, limit = 50 } = query
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax)
      throw new TypeError(`limit must be a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
    const cursor: Cursor =
      query.cursor === undefined ? { before: Infinity } : decodeCursor(query.cursor, isCursor)
    const open = live && 'before' in cursor ? this.#openPage(player, cursor.before, kind, limit) : []
    if (open.length === limit) return pageOf(open, { before: open[limit - 1]!.lastPosition })
    if (!archived || !this.#archived) return pageOf(open)
    const from = 'archive' in cursor ? cursor.archive : null
    const rest = await this.#archived.ofPlayer(player, {
      limit: limit - open.length,
      ...(kind !== undefined && { kind }),
      ...(from !== null && { cursor: from }),
    })
    const rows = rest.games.map((row) => ({ ...row, final: true }))
    return pageOf([...open, ...rows], rest.cursor === undefined ? undefined : { archive: rest.cursor })
  }

  #openPage(player: PlayerId, before: number, kind: Kind | undefined, limit: number): readonly OpenRow[] {
    return this.#openGamesOf(player)
      .filter((row) => row.lastPosition < before && (kind === undefined || row.kind === kind))
      .slice(0, limit)
  }
}

const pageOf = (
  rows: readonly (PlayerGameRow & { readonly lastPosition?: number })[],
  next?: Cursor,
): Page => {
  const games = rows.map(({ kind, gameId, version, players, startedAt, lastEventAt, final }) =>
    Object.freeze({ kind, gameId, version, players, startedAt, lastEventAt, final }),
  )
  return next ? { games, cursor: encodeCursor(next) } : { games }
}
