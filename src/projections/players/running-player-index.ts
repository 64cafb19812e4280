/**
 * The player index as it runs: directory, games, tallies and pairs, fed with envelopes and asked by the view.
 *
 * A saved index is columns alone, taken without copying them (snapshot-column.ts):
 *
 *     head      { "kinds": [...] }
 *     columns   ids, names, order | tallies: counts, times | games: 7 columns | pairs: counts, times
 */
import type { EventEnvelope } from '../../events/envelope.js'
import { isOfLedger } from '../../events/ledger-event.js'
import {
  partsOfStream,
  streamIdOf,
  type GameId,
  type Kind,
  type PlayerId,
  type StreamId,
} from '../../events/ids.js'
import { joinParts, partsOfModel, uint32sOf, unpackModel } from '../checkpoints/packed-model.js'
import { decodeCursor, encodeCursor } from '../page-cursor.js'
import type { RunningProjection, SaveRoom } from '../projection.js'
import type { ArchivedGames } from './archived-games.js'
import { PairTable } from './pair-table.js'
import { PlayerDirectory, type FoundPlayer } from './player-directory.js'
import { PlayerGames, type GameColumns, type PlayerGameRow, type PlayerGamesQuery } from './player-games.js'
import { PlayerTallies } from './player-tallies.js'
import { seatList } from './seats.js'

import type {
  HeadToHead,
  PlayerGamesPage,
  PlayerIndexOptions,
  PlayerIndexView,
  PlayerStats,
} from './player-index.js'

type CursorParts = readonly ['live' | 'over', number] | readonly ['archived', string | null]

const isCursor = (parts: unknown): parts is CursorParts =>
  Array.isArray(parts) &&
  (parts[0] === 'archived'
    ? parts[1] === null || typeof parts[1] === 'string'
    : (parts[0] === 'live' || parts[0] === 'over') && Number.isFinite(parts[1]))

const limitMax = 1000

const checkLimit = (limit: number): number => {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  throw new TypeError(`A limit must be a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
}

/** How many columns a saved index has. */
const columnsSaved = 14

export class RunningPlayerIndex implements RunningProjection<PlayerIndexView> {
  readonly view: PlayerIndexView
  readonly #archived: ArchivedGames | undefined
  readonly #nameOf: PlayerIndexOptions['nameOf']
  readonly #directory = new PlayerDirectory()
  readonly #games = new PlayerGames(this.#directory)
  readonly #tallies = new PlayerTallies()
  readonly #pairs = new PairTable()

  constructor(archived: ArchivedGames | undefined, nameOf: PlayerIndexOptions['nameOf']) {
    this.#archived = archived
    this.#nameOf = nameOf
    const directory = this.#directory
    this.view = Object.freeze({
      get count() {
        return directory.listed
      },
      gamesOf: (player: PlayerId, query?: PlayerGamesQuery) => this.#gamesOf(player, query),
      liveCount: (player: PlayerId) => this.#liveCount(player),
      stats: (player: PlayerId) => this.#stats(player),
      headToHead: (player: PlayerId, other: PlayerId) => this.#headToHead(player, other),
      search: (prefix: string, limit?: number) => this.#search(prefix, limit),
    })
  }

  apply(envelope: EventEnvelope): void {
    const { game, joined } = this.#games.apply(envelope)
    const at = envelope.occurredAt ?? envelope.recordedAt
    for (const player of joined) this.#tallies.join(player, at)
    const names = isOfLedger(envelope.event) ? undefined : this.#nameOf?.(envelope.event, envelope)
    for (const player in names) if (Object.hasOwn(names, player)) this.#directory.name(player, names[player]!)
    if (envelope.final) this.#finish(game, at, envelope)
  }

  forget(streams: readonly StreamId[]): void {
    for (const stream of streams) {
      const { kind, gameId } = partsOfStream(stream)
      // A model that is being made may not have heard the end yet, and needs the game until then.
      if (this.#games.isOver(kind, gameId)) this.#games.forget(kind, gameId)
    }
  }

  async #gamesOf(player: PlayerId, query: PlayerGamesQuery = {}): Promise<PlayerGamesPage> {
    const { live, archived, limit = 50, against } = query
    checkLimit(limit)
    const from =
      query.cursor === undefined ? (['live', Infinity] as const) : decodeCursor(query.cursor, isCursor)
    const isOverWanted = archived ?? live !== true
    const handle = this.#directory.find(player)
    if (handle === undefined) return { games: [] }
    const other = against === undefined ? undefined : this.#directory.find(against)
    if (against !== undefined && other === undefined) return { games: [] }
    const kept = this.#keptBehind(handle, from, query, other, limit + 1)
    const games = kept.slice(0, limit).map(({ row }) => row)
    if (kept.length > limit) return { games, cursor: encodeCursor(kept[limit - 1]!.cursor) }
    if (!isOverWanted || !this.#archived) return { games }
    if (games.length === limit) return { games, cursor: encodeCursor(['archived', null]) }
    const cursor = from[0] === 'archived' ? (from[1] ?? undefined) : undefined
    return this.#withArchived(player, query, games, cursor)
  }

  #liveCount(player: PlayerId): number {
    const handle = this.#directory.find(player)
    return handle === undefined ? 0 : this.#games.liveCount(handle)
  }

  #stats(player: PlayerId): PlayerStats | undefined {
    const handle = this.#directory.find(player)
    if (handle === undefined) return undefined
    const tally = this.#tallies.of(handle)
    let { lastPlayedAt } = tally
    for (const { game } of this.#games.ofPlayer(handle, seatList.live))
      lastPlayedAt = Math.max(lastPlayedAt, this.#games.lastEventAt(game))
    return Object.freeze({ ...tally, lastPlayedAt, live: this.#games.liveCount(handle) })
  }

  #headToHead(player: PlayerId, other: PlayerId): HeadToHead | undefined {
    if (player === other)
      throw new TypeError(`Head to head is between two players; got ${JSON.stringify(player)} twice.`)
    const [one, two] = [this.#directory.find(player), this.#directory.find(other)]
    if (one === undefined || two === undefined) return undefined
    const { games = 0, ahead = 0, behind = 0, level = 0, lastAt } = this.#pairs.of(one, two) ?? {}
    const live = this.#liveOfBoth(one, two)
    const played = [
      ...(lastAt === undefined ? [] : [lastAt]),
      ...live.map((game) => this.#games.lastEventAt(game)),
    ]
    return Object.freeze({
      games,
      wins: ahead,
      losses: behind,
      draws: level,
      live: live.length,
      ...(played.length > 0 && { lastPlayedAt: Math.max(...played) }),
    })
  }

  #liveOfBoth(one: number, two: number): readonly number[] {
    const [fewer, more] = this.#games.liveCount(one) < this.#games.liveCount(two) ? [one, two] : [two, one]
    const games = Array.from(this.#games.ofPlayer(fewer, seatList.live), ({ game }) => game)
    return games.filter((game) => this.#games.playersOf(game).includes(more))
  }

  #search(prefix: string, limit = 20): readonly FoundPlayer[] {
    if (typeof prefix !== 'string') throw new TypeError(`A prefix must be a string; got ${typeof prefix}.`)
    return this.#directory.search(prefix, checkLimit(limit))
  }

  snapshot(): readonly Uint8Array[] {
    return partsOfModel({ kinds: this.#games.kinds }, [
      ...this.#directory.snapshot(),
      ...this.#tallies.snapshot(this.#directory.size),
      ...this.#games.snapshot(),
      ...this.#pairs.snapshot(),
    ])
  }

  save(room?: SaveRoom): Uint8Array {
    return joinParts(this.snapshot(), room)
  }

  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    if (columns.length !== columnsSaved)
      throw new TypeError(`A saved index has ${columnsSaved} columns; got ${columns.length}. Rebuild it.`)
    const at = (index: number): Uint8Array => columns[index]!
    const { kinds } = head as { readonly kinds: readonly string[] }
    this.#directory.load(at(0), at(1), uint32sOf(at(2)))
    this.#tallies.load(at(3), at(4))
    this.#games.load(kinds, columns.slice(5, 12) as unknown as GameColumns)
    this.#pairs.load(at(12), at(13))
    // What was archived after this was saved, the archive shows from now on.
    const archived = [...this.#games.over()].filter((game) => this.#isArchived(game))
    for (const { kind, gameId } of archived) this.#games.forget(kind, gameId)
  }

  #finish(game: number, at: number, { kind, gameId, outcome }: EventEnvelope): void {
    const players = this.#games.playersOf(game)
    const standings = players.map((player) => {
      const id = this.#directory.idOf(player)
      return outcome?.standings.find((each) => each.player === id)
    })
    for (const [index, player] of players.entries())
      this.#tallies.finish(player, at, standings[index], outcome)
    const places = standings.map((standing) => standing?.place)
    this.#pairs.finish(players, places, at)
    if (this.#isArchived({ kind, gameId })) this.#games.forget(kind, gameId)
  }

  #isArchived({ kind, gameId }: { readonly kind: Kind; readonly gameId: GameId }): boolean {
    return this.#archived?.has(streamIdOf(kind, gameId)) ?? false
  }

  /** What stands here behind a cursor: live games, then finished ones that the archive does not have yet; at most so many. */
  #keptBehind(
    player: number,
    [part, at]: CursorParts,
    { live, archived, kind }: PlayerGamesQuery,
    other: number | undefined,
    most: number,
  ): readonly KeptRow[] {
    const kept: KeptRow[] = []
    const list = (name: 'live' | 'over', before: number): void => {
      for (const { game, since } of this.#games.ofPlayer(player, seatList[name], before)) {
        if (kept.length === most) return
        if (other !== undefined && !this.#games.playersOf(game).includes(other)) continue
        const row = this.#games.rowOf(game)
        const isWanted = (kind === undefined || row.kind === kind) && !(row.final && this.#isArchived(row))
        if (isWanted) kept.push({ row, cursor: [name, since] })
      }
    }
    if (part === 'live' && (live ?? archived !== true)) list('live', at)
    if (part !== 'archived' && (archived ?? live !== true)) list('over', part === 'over' ? at : Infinity)
    return kept
  }

  async #withArchived(
    player: PlayerId,
    { kind, against, limit = 50 }: PlayerGamesQuery,
    kept: readonly PlayerGameRow[],
    cursor: string | undefined,
  ): Promise<PlayerGamesPage> {
    const asked = {
      limit: limit - kept.length,
      ...(kind !== undefined && { kind }),
      ...(against !== undefined && { against }),
      ...(cursor !== undefined && { cursor }),
    }
    const page = await this.#archived!.ofPlayer(player, asked)
    const listed = new Set(kept.map((row) => streamIdOf(row.kind, row.gameId)))
    const rows = page.games.filter((row) => !listed.has(streamIdOf(row.kind, row.gameId)))
    const games = [...kept, ...rows.map((row) => Object.freeze({ ...row, final: true, archived: true }))]
    return page.cursor === undefined ? { games } : { games, cursor: encodeCursor(['archived', page.cursor]) }
  }
}

/** A game that stands here, and the cursor that goes on behind it. */
interface KeptRow {
  readonly row: PlayerGameRow
  readonly cursor: CursorParts
}
