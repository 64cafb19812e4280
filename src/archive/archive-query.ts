/** What can be asked of the archive without opening a segment, and how it is answered. */
import type { Kind, PlayerId } from '../events/ids.js'
import type { IndexedGame } from './manifest.js'

/** Which games to list; all where nothing is said. */
export interface ArchiveQuery {
  readonly player?: PlayerId
  /** Beside `player`: only games in which this one is, too. */
  readonly against?: PlayerId
  readonly kind?: Kind
  /** Games that ended at this time or later, ms since 1970. */
  readonly from?: number
  /** Games that ended at this time or earlier, ms since 1970. */
  readonly to?: number
  /** Games that ended for this reason, in the game's words: `'checkmate'`. */
  readonly reason?: string
  /** Goes on behind the page that gave this cursor. */
  readonly cursor?: string
  /** @default 50, at most 1 000 */
  readonly limit?: number
}

/** A page of games, newest first. */
export interface ArchivePage {
  readonly games: readonly IndexedGame[]
  /** Absent on the last page. */
  readonly cursor?: string
}

/** How much a query names. */
export interface ArchiveCount {
  readonly games: number
  readonly events: number
}

const limitDefault = 50
const limitMax = 1_000

/** @throws TypeError where the limit is none */
export const limitOf = ({ limit = limitDefault }: ArchiveQuery): number => {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax)
    throw new TypeError(`A limit is a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
  return limit
}

/** The position before which a list goes on. @throws TypeError where the cursor is none */
export const positionOfCursor = ({ cursor }: ArchiveQuery): number => {
  if (cursor === undefined) return Infinity
  const position = Number(cursor)
  if (!Number.isSafeInteger(position) || position < 1)
    throw new TypeError(`A cursor is what the page before gave; got ${JSON.stringify(cursor)}.`)
  return position
}

/** Whether a game is one of those that a query names, its cursor left aside. */
export const isNamedBy = (
  { player, against, kind, from = -Infinity, to = Infinity, reason }: ArchiveQuery,
  game: IndexedGame,
): boolean =>
  game.lastAt >= from &&
  game.lastAt <= to &&
  (kind === undefined || game.kind === kind) &&
  (reason === undefined || game.outcome?.reason === reason) &&
  (player === undefined || game.players.includes(player)) &&
  (against === undefined || game.players.includes(against))
