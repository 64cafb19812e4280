/**
 * Who plays where: games by player, what they came to, and players by prefix of id or name.
 *
 * The index itself holds only games that the archive does not: live ones, and finished ones until they are archived
 * (`forget`). The others it asks of the archive, through the port in archived-games.ts. A list is newest first:
 * games that go on, by when they began; then finished ones, by when they ended, here and then in the archive, whose
 * games all ended before. A game that moves while a reader turns pages moves down that list: it is never missed, and
 * may be met twice.
 */
import type { EventEnvelope, GameEvent } from '../../events/envelope.js'
import { partsOfStream, streamIdOf, type PlayerId, type StreamId } from '../../events/ids.js'
import type { ArchivedGames } from './archived-games.js'
import { decodeCursor, encodeCursor } from '../page-cursor.js'
import { PlayerDirectory, type FoundPlayer } from './player-directory.js'
import { PlayerGames, type KeptGame, type PlayerGameRow, type PlayerGamesQuery } from './player-games.js'
import { PlayerTallies, type Tally } from './player-tallies.js'
import { float64sOf, LentModel, uint32sOf, unpackModel } from '../checkpoints/packed-model.js'
import type { Projection, RunningProjection, SaveRoom } from '../projection.js'

/** What a player's games came to. */
export interface PlayerStats extends Tally {
  /** Games that go on. */
  readonly live: number
}

/** A page of games; without `cursor` it was the last. */
export interface PlayerGamesPage {
  readonly games: readonly PlayerGameRow[]
  readonly cursor?: string
}

/** The player index as it is read. */
export interface PlayerIndexView {
  /** How many players are known. O(1). */
  readonly count: number
  /**
   * The games of a player, newest first, by pages. Live ones come from memory in O(g log g) for the player's g games
   * there; archived ones cost what the archive takes for them.
   * @throws TypeError (as a rejection) where cursor or limit are none
   */
  gamesOf(player: PlayerId, query?: PlayerGamesQuery): Promise<PlayerGamesPage>
  /** What a player's games came to; `undefined` for one never seen. O(live games of the player). */
  stats(player: PlayerId): PlayerStats | undefined
  /**
   * Players whose id or name begins so, in upper or lower case, in order of what was found; at most `limit` (default
   * 20, at most 1 000). O(log n + m), and the sorting in of players who came since the last search.
   */
  search(prefix: string, limit?: number): readonly FoundPlayer[]
}

export interface PlayerIndexOptions<Event extends GameEvent = GameEvent> {
  /** The names that an event gives to players, by id, where it gives any. Ids are not names, and a rename is an event. */
  readonly nameOf?: (
    event: Event,
    envelope: EventEnvelope<Event>,
  ) => Readonly<Record<PlayerId, string>> | undefined
  /** Where archived games are found. @default what the ledger hands in */
  readonly archived?: ArchivedGames
  /** The kinds of games that are listed. @default all */
  readonly kinds?: readonly string[]
  /** Raise it when `nameOf` changes its meaning: a saved index is then rebuilt. @default '1' */
  readonly version?: string
}

/**
 * The player index, for `openLedger({ projections })`. An event costs O(1); one that changes the players or ends the
 * game O(players of the game). Memory: 64 bytes a player beside id and name, and the games that are not archived.
 */
export const playerIndex = <Event extends GameEvent = GameEvent>(
  options: PlayerIndexOptions<Event> = {},
): Projection<PlayerIndexView> => {
  const { nameOf, kinds, version = '1' } = options
  if (nameOf !== undefined && typeof nameOf !== 'function')
    throw new TypeError(`nameOf must be a function of event and envelope; got ${typeof nameOf}.`)
  return Object.freeze({
    version: `players1/${kinds?.join('+') ?? '*'}/${version}`,
    ...(kinds && { kinds: Object.freeze([...kinds]) }),
    start: ({ archived }) =>
      new RunningPlayerIndex(options.archived ?? archived, nameOf as PlayerIndexOptions['nameOf']),
  } satisfies Projection<PlayerIndexView>)
}

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

const rowOf = ({ kind, gameId, version, players, startedAt, lastEventAt, final }: KeptGame): PlayerGameRow =>
  Object.freeze({ kind, gameId, version, players, startedAt, lastEventAt, final, archived: false })

class RunningPlayerIndex implements RunningProjection<PlayerIndexView> {
  readonly view: PlayerIndexView
  readonly #archived: ArchivedGames | undefined
  readonly #nameOf: PlayerIndexOptions['nameOf']
  readonly #directory = new PlayerDirectory()
  readonly #games = new PlayerGames()
  readonly #tallies = new PlayerTallies()

  constructor(archived: ArchivedGames | undefined, nameOf: PlayerIndexOptions['nameOf']) {
    this.#archived = archived
    this.#nameOf = nameOf
    const directory = this.#directory
    this.view = Object.freeze({
      get count() {
        return directory.size
      },
      gamesOf: (player: PlayerId, query?: PlayerGamesQuery) => this.#gamesOf(player, query),
      stats: (player: PlayerId) => this.#stats(player),
      search: (prefix: string, limit?: number) => this.#search(prefix, limit),
    })
  }

  apply(envelope: EventEnvelope): void {
    const { game, joined } = this.#games.apply(envelope)
    for (const player of joined) this.#tallies.join(this.#directory.intern(player), game.lastEventAt)
    const names = this.#nameOf?.(envelope.event, envelope)
    for (const player in names) if (Object.hasOwn(names, player)) this.#directory.name(player, names[player]!)
    if (envelope.final) this.#finish(game, envelope)
  }

  forget(streams: readonly StreamId[]): void {
    for (const stream of streams) {
      const { kind, gameId } = partsOfStream(stream)
      this.#games.forget(kind, gameId)
    }
  }

  async #gamesOf(player: PlayerId, query: PlayerGamesQuery = {}): Promise<PlayerGamesPage> {
    const { live, archived, kind, limit = 50 } = query
    checkLimit(limit)
    const from =
      query.cursor === undefined ? (['live', Infinity] as const) : decodeCursor(query.cursor, isCursor)
    const isLiveWanted = live ?? archived !== true
    const isOverWanted = archived ?? live !== true
    const kept = this.#keptBehind(player, from, isLiveWanted, isOverWanted).filter(
      (game) => kind === undefined || game.kind === kind,
    )
    const games = kept.slice(0, limit).map(rowOf)
    if (kept.length > limit) return { games, cursor: encodeCursor(cursorOf(kept[limit - 1]!)) }
    if (!isOverWanted || !this.#archived) return { games }
    if (games.length === limit) return { games, cursor: encodeCursor(['archived', null]) }
    return this.#withArchived(
      player,
      query,
      games,
      from[0] === 'archived' ? (from[1] ?? undefined) : undefined,
    )
  }

  #stats(player: PlayerId): PlayerStats | undefined {
    const handle = this.#directory.handleOf(player)
    if (handle === undefined) return undefined
    const tally = this.#tallies.of(handle)
    let { lastPlayedAt } = tally
    for (const { lastEventAt } of this.#games.liveOf(player))
      lastPlayedAt = Math.max(lastPlayedAt, lastEventAt)
    return Object.freeze({ ...tally, lastPlayedAt, live: this.#games.liveCount(player) })
  }

  #search(prefix: string, limit = 20): readonly FoundPlayer[] {
    if (typeof prefix !== 'string') throw new TypeError(`A prefix must be a string; got ${typeof prefix}.`)
    return this.#directory.search(prefix, checkLimit(limit))
  }

  save(room?: SaveRoom): Uint8Array {
    const { ids, names } = this.#directory.save()
    const { counts, times } = this.#tallies.save(this.#directory.size)
    return new LentModel({ games: this.#games.save(), names }, [ids, counts, times]).copy(room)
  }

  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    const [ids, counts, times] = columns
    if (!ids || !counts || !times)
      throw new TypeError(`A saved index has 3 columns; got ${columns.length}. Rebuild it.`)
    const { games, names } = head as {
      games: readonly KeptGame[]
      names: readonly (readonly [PlayerId, string])[]
    }
    this.#directory.load(ids, names)
    this.#tallies.load(uint32sOf(counts), float64sOf(times))
    for (const game of games) if (!game.final || !this.#isArchived(game)) this.#games.restore(game)
  }

  #finish(game: KeptGame, { outcome }: EventEnvelope): void {
    for (const player of game.players) {
      const standing = outcome?.standings.find((each) => each.player === player)
      this.#tallies.finish(this.#directory.intern(player), game.lastEventAt, standing, outcome)
    }
    if (this.#isArchived(game)) this.#games.forget(game.kind, game.gameId)
  }

  #isArchived({ kind, gameId }: KeptGame): boolean {
    return this.#archived?.has(streamIdOf(kind, gameId)) ?? false
  }

  /** What stands here behind a cursor: live games, then finished ones that the archive does not have yet. */
  #keptBehind(
    player: PlayerId,
    [part, at]: CursorParts,
    isLive: boolean,
    isOver: boolean,
  ): readonly KeptGame[] {
    if (part === 'archived') return []
    const live = isLive && part === 'live' ? this.#games.live(player, at) : []
    const over = isOver ? this.#games.over(player, part === 'over' ? at : Infinity) : []
    return [...live, ...over.filter((game) => !this.#isArchived(game))]
  }

  async #withArchived(
    player: PlayerId,
    { kind, limit = 50 }: PlayerGamesQuery,
    kept: readonly PlayerGameRow[],
    cursor: string | undefined,
  ): Promise<PlayerGamesPage> {
    const asked = {
      limit: limit - kept.length,
      ...(kind !== undefined && { kind }),
      ...(cursor !== undefined && { cursor }),
    }
    const page = await this.#archived!.ofPlayer(player, asked)
    const listed = new Set(kept.map((row) => streamIdOf(row.kind, row.gameId)))
    const rows = page.games.filter((row) => !listed.has(streamIdOf(row.kind, row.gameId)))
    const games = [...kept, ...rows.map((row) => Object.freeze({ ...row, final: true, archived: true }))]
    return page.cursor === undefined ? { games } : { games, cursor: encodeCursor(['archived', page.cursor]) }
  }
}

const cursorOf = ({ final, firstPosition, lastPosition }: KeptGame): CursorParts =>
  final ? ['over', lastPosition] : ['live', firstPosition]
