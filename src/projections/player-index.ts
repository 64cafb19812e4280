/**
 * Who plays what, and what it came to: the games of a player, their numbers, and names by prefix.
 *
 * The index holds the games that the archive does not hold yet: a live game stays from its first event to its release,
 * listed as final in between. Archived games are asked of the archive, through a port, so nothing is held twice. Who
 * takes part is told by envelopes (`players`), how it ended by the outcome: no rules are needed. Entries of players
 * are never dropped: one small object for each that ever played; the table of games is bounded by the live games.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type GameId, type Kind, type PlayerId, type StreamId } from '../events/ids.js'
import { StreamMap } from '../events/stream-map.js'
import type { ArchivedGames } from './archived-games.js'
import { NameList } from './name-list.js'
import { isDraw, isWin } from './outcome.js'
import { float64sOf, packModel, unpackModel } from './packed-model.js'
import { PlayerGames, type PlayerGameRow, type PlayerGamesQuery } from './player-games.js'
import type { Projection, ProjectionContext, RunningProjection } from './projection.js'

/** What a player's games came to. */
export interface PlayerStats {
  /** Games that the player takes or took part in. */
  readonly games: number
  /** Of these, the ones that are not over. */
  readonly live: number
  readonly finished: number
  /** First place, alone or shared, while somebody came behind. */
  readonly wins: number
  /** All in one place. */
  readonly draws: number
  /** By when the events happened, in milliseconds since 1970. */
  readonly firstPlayedAt: number
  readonly lastPlayedAt: number
}

export interface PlayerIndexView {
  /** How many players were ever seen. */
  readonly count: number
  /** The games of a player, newest first: live ones, then archived ones. O(page). */
  gamesOf(
    player: PlayerId,
    query?: PlayerGamesQuery,
  ): Promise<{ readonly games: readonly PlayerGameRow[]; readonly cursor?: string }>
  /** What their games came to; `undefined` for a player never seen. O(1). */
  stats(player: PlayerId): PlayerStats | undefined
  /** Players whose id (or name, where the index reads names) begins so, in order of the alphabet. O(log n + limit), after new names O(n) once. */
  search(prefix: string, limit?: number): readonly { readonly player: PlayerId; readonly name: string }[]
}

export interface PlayerIndexOptions {
  /** Reads display names from events: `{ player: name }`. A later name replaces an earlier one. */
  readonly nameOf?: (envelope: EventEnvelope) => Readonly<Record<PlayerId, string>> | undefined
  /** @default '1' */
  readonly version?: string
}

interface Player {
  games: number
  finished: number
  wins: number
  draws: number
  firstPlayedAt: number
  lastPlayedAt: number
  readonly open: Set<StreamId>
}

interface OpenGame {
  readonly kind: Kind
  readonly gameId: GameId
  version: number
  players: readonly PlayerId[]
  readonly startedAt: number
  lastEventAt: number
  lastPosition: number
  final: boolean
}

const columns = ['games', 'finished', 'wins', 'draws', 'firstPlayedAt', 'lastPlayedAt'] as const

/** The player index. Every ledger has one as `views.players`. An event costs O(1), and O(players) where they change. */
export const playerIndex = (options: PlayerIndexOptions = {}): Projection<PlayerIndexView> =>
  Object.freeze({
    version: `players1/${options.version ?? '1'}`,
    start: (context: ProjectionContext) => new PlayerIndex(options, context),
  })

class PlayerIndex implements RunningProjection<PlayerIndexView> {
  readonly view: PlayerIndexView
  readonly #nameOf: PlayerIndexOptions['nameOf']
  readonly #archived: ArchivedGames | undefined
  readonly #players = new Map<PlayerId, Player>()
  readonly #open = new StreamMap<OpenGame>()
  readonly #names = new NameList()

  constructor({ nameOf }: PlayerIndexOptions, { archived }: ProjectionContext) {
    this.#nameOf = nameOf
    this.#archived = archived
    const games = new PlayerGames((player) => this.#openGamesOf(player), archived)
    const count = (): number => this.#players.size
    this.view = {
      get count() {
        return count()
      },
      gamesOf: (player, query = {}) => games.page(player, query),
      stats: (player) => this.#statsOf(player),
      search: (prefix, limit = 20) => this.#names.startingWith(prefix, limit),
    }
  }

  apply(envelope: EventEnvelope): void {
    const at = envelope.occurredAt ?? envelope.recordedAt
    const game = this.#open.get(envelope) ?? this.#begin(envelope, at)
    game.version = envelope.version
    game.lastEventAt = at
    game.lastPosition = envelope.position
    if (envelope.players) this.#seat(game, envelope.players, at)
    if (this.#nameOf)
      for (const [player, name] of Object.entries(this.#nameOf(envelope) ?? {})) this.#names.set(player, name)
    if (envelope.final) this.#end(game, envelope, at)
  }

  forget(streams: readonly StreamId[]): void {
    for (const stream of streams) {
      const game = this.#open.at(stream)
      if (!game?.final) continue
      this.#open.delete(game)
      for (const player of game.players) this.#players.get(player)?.open.delete(stream)
    }
  }

  save(): Uint8Array {
    const all = [...this.#players.values()]
    const numbers = columns.map((column) => Float64Array.from(all, (player) => player[column]))
    const head = {
      ids: [...this.#players.keys()],
      open: [...this.#open.entries()],
      names: this.#names.save(),
    }
    return packModel(head, numbers)
  }

  load(saved: Uint8Array): void {
    const { head, columns: packed } = unpackModel(saved)
    const { ids, open, names } = head as {
      ids: readonly PlayerId[]
      open: readonly (readonly [StreamId, OpenGame])[]
      names: readonly (readonly [PlayerId, string])[]
    }
    const numbers = packed.map(float64sOf)
    for (const [nth, id] of ids.entries()) {
      const player = this.#playerOf(id, 0)
      for (const [which, column] of columns.entries()) player[column] = numbers[which]![nth]!
    }
    for (const [stream, game] of open) {
      this.#open.set(game, game)
      for (const player of game.players) this.#players.get(player)?.open.add(stream)
    }
    for (const [player, name] of names) this.#names.set(player, name)
    // What the archive took over since the model was saved is listed there.
    this.forget(open.map(([stream]) => stream).filter((stream) => this.#archived?.has(stream)))
  }

  #begin({ kind, gameId }: EventEnvelope, at: number): OpenGame {
    const game = {
      kind,
      gameId,
      version: 0,
      players: [],
      startedAt: at,
      lastEventAt: at,
      lastPosition: 0,
      final: false,
    }
    this.#open.set(game, game)
    return game
  }

  #seat(game: OpenGame, players: readonly PlayerId[], at: number): void {
    const stream = streamIdOf(game.kind, game.gameId)
    for (const player of game.players) {
      if (players.includes(player)) continue
      const left = this.#players.get(player)!
      left.open.delete(stream)
      left.games--
    }
    for (const id of players) {
      const player = this.#playerOf(id, at)
      player.lastPlayedAt = Math.max(player.lastPlayedAt, at)
      if (player.open.has(stream)) continue
      player.open.add(stream)
      player.games++
    }
    game.players = players
  }

  #end(game: OpenGame, { outcome }: EventEnvelope, at: number): void {
    game.final = true
    for (const id of new Set(game.players)) {
      const player = this.#players.get(id)!
      player.finished++
      player.lastPlayedAt = Math.max(player.lastPlayedAt, at)
      const standing = outcome?.standings.find((one) => one.player === id)
      if (standing && outcome && isWin(standing, outcome)) player.wins++
      else if (standing && outcome && isDraw(outcome)) player.draws++
    }
    const stream = streamIdOf(game.kind, game.gameId)
    if (this.#archived?.has(stream)) this.forget([stream])
  }

  #playerOf(id: PlayerId, at: number): Player {
    const known = this.#players.get(id)
    if (known) return known
    const player = {
      games: 0,
      finished: 0,
      wins: 0,
      draws: 0,
      firstPlayedAt: at,
      lastPlayedAt: at,
      open: new Set<StreamId>(),
    }
    this.#players.set(id, player)
    this.#names.add(id)
    return player
  }

  #statsOf(id: PlayerId): PlayerStats | undefined {
    const player = this.#players.get(id)
    if (!player) return undefined
    const { games, finished, wins, draws, firstPlayedAt, lastPlayedAt } = player
    return Object.freeze({
      games,
      live: games - finished,
      finished,
      wins,
      draws,
      firstPlayedAt,
      lastPlayedAt,
    })
  }

  /** Newest first, as rows of their own; without those that the archive lists. */
  #openGamesOf(id: PlayerId): readonly (PlayerGameRow & { readonly lastPosition: number })[] {
    const open = [...(this.#players.get(id)?.open ?? [])]
      .filter((stream) => !this.#archived?.has(stream))
      .map((stream) => ({ ...this.#open.at(stream)! }))
    return open.toSorted((one, other) => other.lastPosition - one.lastPosition)
  }
}
