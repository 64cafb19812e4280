/**
 * The games that the archive does not hold, each with its players: live ones, and those that are over and wait for it.
 *
 *     rows      kind -> game id -> row
 *     games     1 + kind | 1 if over | version | 1 + first seat          4 x u32; kind 0 where the row is free
 *     times     started | last event                                     2 x f64
 *     ids       row -> game id, encoded
 *     outcomes  row -> outcome of a game that is over, as JSON
 *
 * Bounded by the games that the ledger itself holds: a game leaves when it is archived. About 250 bytes a game of two
 * players. A player's games are in order of what never changes while a reader turns pages: live ones by when the
 * player came in, finished ones by when they ended (seats.ts).
 */
import type { EventEnvelope, GameResult } from '../../events/envelope.js'
import type { GameId, Kind, PlayerId } from '../../events/ids.js'
import type { ArchivedGameRow } from './archived-games.js'
import type { PlayerDirectory } from './player-directory.js'
import { seatList, Seats, type ListedSeats } from './seats.js'
import { SnapshotColumn } from '../columns/snapshot-column.js'
import { TextColumn } from '../columns/text-column.js'

/** A game of a player, wherever it is. */
export interface PlayerGameRow extends ArchivedGameRow {
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
  /** Games in which this player is, too. */
  readonly against?: PlayerId
  /** Goes on behind the page that gave this cursor. */
  readonly cursor?: string
  /** @default 50, at most 1 000 */
  readonly limit?: number
}

/** A game of a player as a list passes it: its row, and the position that a cursor names. */
export interface ListedGame {
  readonly game: number
  readonly since: number
}

const lane = { kind: 0, over: 1, version: 2, firstSeat: 3 } as const

/** How the columns stand in a snapshot. */
export type GameColumns = readonly [
  games: Uint8Array,
  times: Uint8Array,
  ids: Uint8Array,
  outcomes: Uint8Array,
  seats: Uint8Array,
  since: Uint8Array,
  heads: Uint8Array,
]

export class PlayerGames {
  readonly #directory: PlayerDirectory
  readonly #rows = new Map<Kind, Map<GameId, number>>()
  readonly #kinds: Kind[] = []
  readonly #games = new SnapshotColumn(Uint32Array, 4)
  readonly #times = new SnapshotColumn(Float64Array, 2)
  readonly #ids = new TextColumn()
  readonly #outcomes = new TextColumn()
  readonly #seats = new Seats()
  readonly #free: number[] = []
  #size = 0

  constructor(directory: PlayerDirectory) {
    this.#directory = directory
  }

  /** Applies an event. O(players of the game) where they changed or the game ended, else O(1). @returns the game, and the handles of who is new in it */
  apply(envelope: EventEnvelope): { readonly game: number; readonly joined: readonly number[] } {
    const game = this.#rowFor(envelope)
    this.#games.set(game, lane.version, envelope.version)
    this.#times.set(game, 1, envelope.occurredAt ?? envelope.recordedAt)
    const joined = envelope.players ? this.#seat(game, envelope.players, envelope.position) : []
    if (envelope.final) this.#end(game, envelope)
    return { game, joined }
  }

  /** The players of a game, by handle, in its order. O(players of the game). */
  playersOf(game: number): readonly number[] {
    return this.#seatsOf(game)
      .filter((seat) => this.#seats.listOf(seat) !== seatList.gone)
      .map((seat) => this.#seats.playerOf(seat))
  }

  /** How many games of a player go on. O(1). */
  liveCount(player: number): number {
    return this.#seats.liveCount(player)
  }

  /** A player's games, newest first, that came into the list before a position. O(1) each, also for those passed. */
  *ofPlayer(player: number, list: ListedSeats, before?: number): Generator<ListedGame, void, undefined> {
    for (const seat of this.#seats.ofPlayer(player, list, before))
      yield { game: this.#seats.gameOf(seat), since: this.#seats.sinceOf(seat) }
  }

  /** When the last event of a game was, in milliseconds since 1970. */
  lastEventAt(game: number): number {
    return this.#times.get(game, 1)
  }

  /** A game as callers see it: frozen. O(players of the game). */
  rowOf(game: number): PlayerGameRow {
    const outcome = this.#outcomes.get(game)
    return Object.freeze({
      kind: this.#kinds[this.#games.get(game, lane.kind) - 1]!,
      gameId: this.#ids.get(game)!,
      version: this.#games.get(game, lane.version),
      players: Object.freeze(this.playersOf(game).map((player) => this.#directory.idOf(player))),
      startedAt: this.#times.get(game, 0),
      lastEventAt: this.#times.get(game, 1),
      final: this.#games.get(game, lane.over) === 1,
      ...(outcome !== undefined && { outcome: JSON.parse(outcome) as GameResult }),
      archived: false,
    })
  }

  /** Whether a game is here, and over as far as this model has heard. */
  isOver(kind: Kind, gameId: GameId): boolean {
    const game = this.#rows.get(kind)?.get(gameId)
    return game !== undefined && this.#games.get(game, lane.over) === 1
  }

  /** Lets go of a game, if it is there. O(players of the game). */
  forget(kind: Kind, gameId: GameId): void {
    const games = this.#rows.get(kind)
    const game = games?.get(gameId)
    if (game === undefined) return
    games!.delete(gameId)
    if (games!.size === 0) this.#rows.delete(kind)
    for (const seat of this.#seatsOf(game)) this.#seats.remove(seat)
    this.#ids.delete(game)
    this.#outcomes.delete(game)
    for (const each of Object.values(lane)) this.#games.set(game, each, 0)
    this.#free.push(game)
  }

  /** What stands in the head of a saved model: the names of kinds, in order of their numbers. */
  get kinds(): readonly Kind[] {
    return this.#kinds
  }

  /** All columns, as bytes that never change. */
  snapshot(): readonly (readonly Uint8Array[])[] {
    return [
      this.#games.snapshot(this.#size),
      this.#times.snapshot(this.#size),
      this.#ids.snapshot(),
      this.#outcomes.snapshot(),
      ...this.#seats.snapshot(this.#directory.size),
    ]
  }

  /** Enters all games of a snapshot. O(games). */
  load(kinds: readonly Kind[], [games, times, ids, outcomes, seats, since, heads]: GameColumns): void {
    this.#kinds.push(...kinds)
    this.#size = this.#games.load(games)
    if (this.#times.load(times) !== this.#size)
      throw new TypeError('Saved games have columns of different lengths. Rebuild them.')
    const isKept = (game: number): boolean => this.#games.get(game, lane.kind) !== 0
    this.#ids.load(ids, isKept)
    this.#outcomes.load(outcomes, (game) => this.#games.get(game, lane.over) === 1)
    this.#seats.load(seats, since, heads)
    for (let game = this.#size - 1; game >= 0; game--)
      if (isKept(game))
        this.#enter(this.#kinds[this.#games.get(game, lane.kind) - 1]!, this.#ids.get(game)!, game)
      else this.#free.push(game)
  }

  /** The games that are over. O(games). */
  *over(): Generator<{ readonly kind: Kind; readonly gameId: GameId }, void, undefined> {
    for (const [kind, games] of this.#rows)
      for (const [gameId, game] of games) if (this.#games.get(game, lane.over) === 1) yield { kind, gameId }
  }

  #rowFor({ kind, gameId, recordedAt, occurredAt }: EventEnvelope): number {
    const known = this.#rows.get(kind)?.get(gameId)
    if (known !== undefined) return known
    const game = this.#free.pop() ?? this.#size++
    this.#games.set(game, lane.kind, this.#numberOf(kind))
    this.#times.set(game, 0, occurredAt ?? recordedAt)
    this.#ids.set(game, gameId)
    this.#enter(kind, gameId, game)
    return game
  }

  #numberOf(kind: Kind): number {
    const at = this.#kinds.indexOf(kind)
    return at >= 0 ? at + 1 : this.#kinds.push(kind)
  }

  #enter(kind: Kind, gameId: GameId, game: number): void {
    const games = this.#rows.get(kind) ?? new Map<GameId, number>()
    this.#rows.set(kind, games.set(gameId, game))
  }

  #seatsOf(game: number): readonly number[] {
    const first = this.#games.get(game, lane.firstSeat)
    return this.#seats.ofGame(first === 0 ? undefined : first - 1)
  }

  #seat(game: number, players: readonly PlayerId[], position: number): readonly number[] {
    const known = new Map(this.#seatsOf(game).map((seat) => [this.#seats.playerOf(seat), seat]))
    const joined: number[] = []
    const seated = new Set<number>()
    for (const player of players) {
      const handle = this.#directory.intern(player)
      const seat = known.get(handle) ?? this.#seats.add(game, handle)
      if (seated.has(seat)) continue
      if (!known.has(handle)) joined.push(handle)
      known.set(handle, seat)
      seated.add(seat)
      if (this.#seats.listOf(seat) !== seatList.live) this.#seats.move(seat, seatList.live, position)
    }
    const gone = [...known.values()].filter((seat) => !seated.has(seat))
    for (const seat of gone) this.#seats.move(seat, seatList.gone, position)
    const first = this.#seats.chain([...seated, ...gone])
    this.#games.set(game, lane.firstSeat, first === undefined ? 0 : first + 1)
    return joined
  }

  #end(game: number, { kind, gameId, position, outcome }: EventEnvelope): void {
    this.#games.set(game, lane.over, 1)
    if (outcome) this.#outcomes.set(game, JSON.stringify(outcome))
    const seats = this.#seatsOf(game).filter((seat) => this.#seats.listOf(seat) === seatList.live)
    for (const seat of seats) this.#seats.move(seat, seatList.over, position)
    if (seats.length === 0) this.forget(kind, gameId)
  }
}
