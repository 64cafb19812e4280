/**
 * The games of each player that the archive does not hold: live ones, and those that are over and wait for it.
 *
 *     games      kind -> game id -> the game
 *     live       player -> games that go on
 *     over       player -> games that are final; they leave by `forget`
 *
 * Bounded by the games that the ledger itself holds: a game leaves when it is archived. Order is by what never
 * changes while a reader turns pages: live games by their first position, finished ones by their last.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { GameId, Kind, PlayerId } from '../../events/ids.js'

/** A game of a player. */
export interface PlayerGameRow {
  readonly kind: Kind
  readonly gameId: GameId
  /** How many events it has. */
  readonly version: number
  readonly players: readonly PlayerId[]
  /** Time of the first and of the last event, in milliseconds since 1970. */
  readonly startedAt: number
  readonly lastEventAt: number
  /** True where the game is over. */
  readonly final: boolean
  /** True where the archive gave this row. */
  readonly archived: boolean
}

/** Which games of a player to list. With neither `live` nor `archived`: all. With one of them true: only these. */
export interface PlayerGamesQuery {
  /** Games that go on. */
  readonly live?: boolean
  /** Games that are over, whether the archive holds them already or is about to. */
  readonly archived?: boolean
  readonly kind?: Kind
  /** Goes on behind the page that gave this cursor. */
  readonly cursor?: string
  /** @default 50, at most 1 000 */
  readonly limit?: number
}

/** A game as it is kept: changed in place, never handed out. */
export interface KeptGame {
  readonly kind: Kind
  readonly gameId: GameId
  readonly firstPosition: number
  readonly startedAt: number
  lastPosition: number
  lastEventAt: number
  version: number
  players: readonly PlayerId[]
  /** Who was ever in it. */
  everyone: readonly PlayerId[]
  final: boolean
}

type Lists = Map<PlayerId, Set<KeptGame>>

export class PlayerGames {
  readonly #games = new Map<Kind, Map<GameId, KeptGame>>()
  readonly #live: Lists = new Map()
  readonly #over: Lists = new Map()

  /** Applies an event. O(players of the game) where they changed or the game ended, else O(1). @returns the game, and who is new in it */
  apply(envelope: EventEnvelope): { readonly game: KeptGame; readonly joined: readonly PlayerId[] } {
    const game = this.#gameOf(envelope)
    game.version = envelope.version
    game.lastPosition = envelope.position
    game.lastEventAt = envelope.occurredAt ?? envelope.recordedAt
    const joined = envelope.players ? this.#seat(game, envelope.players) : []
    if (envelope.final) this.#end(game)
    return { game, joined }
  }

  /** How many games of a player go on. O(1). */
  liveCount(player: PlayerId): number {
    return this.#live.get(player)?.size ?? 0
  }

  /** The games of a player that go on, in no order. O(1). */
  liveOf(player: PlayerId): Iterable<KeptGame> {
    return this.#live.get(player) ?? []
  }

  /** The games of a player that go on, newest first, begun before a position. O(g log g) for their g games. */
  live(player: PlayerId, before: number): readonly KeptGame[] {
    return newestFirst(this.#live.get(player), before, ({ firstPosition }) => firstPosition)
  }

  /** The games of a player that are over, newest first, ended before a position. O(g log g) for their g games. */
  over(player: PlayerId, before: number): readonly KeptGame[] {
    return newestFirst(this.#over.get(player), before, ({ lastPosition }) => lastPosition)
  }

  /** Lets go of a game, if it is there. O(players of the game). */
  forget(kind: Kind, gameId: GameId): void {
    const games = this.#games.get(kind)
    const game = games?.get(gameId)
    if (!game) return
    games!.delete(gameId)
    if (games!.size === 0) this.#games.delete(kind)
    for (const player of game.players) leave(game.final ? this.#over : this.#live, player, game)
  }

  /** All games kept, to be saved. O(games). */
  save(): readonly KeptGame[] {
    return [...this.#games.values()].flatMap((games) => [...games.values()])
  }

  /** Enters a saved game. */
  restore(game: KeptGame): void {
    const kept = { ...game, players: Object.freeze([...game.players]) }
    this.#enter(kept)
    for (const player of kept.players) enter(kept.final ? this.#over : this.#live, player, kept)
  }

  #kept({ kind, gameId }: { readonly kind: Kind; readonly gameId: GameId }): KeptGame | undefined {
    return this.#games.get(kind)?.get(gameId)
  }

  #gameOf(envelope: EventEnvelope): KeptGame {
    const known = this.#kept(envelope)
    if (known) return known
    const { kind, gameId, position, version } = envelope
    const startedAt = envelope.occurredAt ?? envelope.recordedAt
    const times = { startedAt, lastEventAt: startedAt, firstPosition: position, lastPosition: position }
    const game: KeptGame = { kind, gameId, version, ...times, players: [], everyone: [], final: false }
    this.#enter(game)
    return game
  }

  #enter(game: KeptGame): void {
    const games = this.#games.get(game.kind) ?? new Map<GameId, KeptGame>()
    this.#games.set(game.kind, games.set(game.gameId, game))
  }

  #seat(game: KeptGame, players: readonly PlayerId[]): readonly PlayerId[] {
    const seated = Object.freeze([...new Set(players)])
    for (const player of game.players) if (!seated.includes(player)) leave(this.#live, player, game)
    for (const player of seated) enter(this.#live, player, game)
    const joined = seated.filter((player) => !game.everyone.includes(player))
    game.everyone = game.everyone.length === 0 ? seated : [...game.everyone, ...joined]
    game.players = seated
    return joined
  }

  #end(game: KeptGame): void {
    game.final = true
    for (const player of game.players) {
      leave(this.#live, player, game)
      enter(this.#over, player, game)
    }
    if (game.players.length === 0) this.forget(game.kind, game.gameId)
  }
}

const enter = (lists: Lists, player: PlayerId, game: KeptGame): void => {
  const games = lists.get(player)
  if (games) games.add(game)
  else lists.set(player, new Set([game]))
}

const leave = (lists: Lists, player: PlayerId, game: KeptGame): void => {
  const games = lists.get(player)
  games?.delete(game)
  if (games?.size === 0) lists.delete(player)
}

const newestFirst = (
  games: ReadonlySet<KeptGame> | undefined,
  before: number,
  positionOf: (game: KeptGame) => number,
): readonly KeptGame[] =>
  [...(games ?? [])]
    .filter((game) => positionOf(game) < before)
    .sort((game, other) => positionOf(other) - positionOf(game))
