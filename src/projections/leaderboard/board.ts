/**
 * The model of one leaderboard in one window of time: players, their order, what is remembered of them, and pages.
 *
 *     PlayerTable    id <-> handle
 *     Ranking        the order of those who are listed
 *     Standings      those who are not: with fewer than `minGames` games, or erased
 *     kept           what the operator keeps beside the score (the sums of a rate, the deviation of a rating)
 *     PlayRecord     games, attempts, last played, best score
 *     Distinct       distinct scores, for dense ranks only
 *     ViewCache      rendered pages; told of the rows that each change touches
 *
 * Only `apply` changes it, and passes over what it has applied before. All but the pages is saved, as columns. A board
 * of a few players takes a few kilobytes: a leaderboard may have hundreds of them.
 */
import type { Clock } from '../../events/clock.js'
import type { EventEnvelope, GameResult } from '../../events/envelope.js'
import type { PlayerId, Position } from '../../events/ids.js'
import {
  float64sOf,
  joinParts,
  partsOfModel,
  uint32sOf,
  unpackModel,
  type ModelParts,
} from '../checkpoints/packed-model.js'
import { isErased } from '../../events/erased-player.js'
import { PlayerTable } from '../player-table.js'
import { DistinctScores } from '../ranking/distinct-scores.js'
import { Ranking, type Direction } from '../ranking/ranking.js'
import type { BoardChange, Value } from './board-change.js'
import type { LeaderboardRows } from './leaderboard-rows.js'
import { accumulatorOf, type Accumulator, type Operator, type Turn } from './operator.js'
import { PlayRecord, type SavedOpenGames } from './play-record.js'
import { PlayerColumns } from './player-columns.js'
import { detailed, ratedBy, type AnyRating, type DetailedRating } from './rating.js'
import { Standings, type StatedStanding } from './standings.js'
import { rankAt, touchedRows, type Standpoint, type Ties } from './ties.js'
import { ViewCache } from './view-cache.js'

/** How a board ranks. */
export interface BoardRules {
  readonly operator: Operator | AnyRating
  readonly direction: Direction
  /** The direction of each sub-score. */
  readonly tieBreak: readonly Direction[]
  readonly ties: Ties
  /** Games that a player needs to be listed. */
  readonly minGames: number
}

interface Head {
  readonly position: number
  readonly openGames: SavedOpenGames
}

const columnsSaved = 8

export class Board {
  readonly rules: BoardRules
  readonly players = new PlayerTable()
  readonly ranking: Ranking
  readonly record = new PlayRecord()
  readonly pages: ViewCache<LeaderboardRows>
  readonly #accumulator: Accumulator | undefined
  readonly #rating: DetailedRating | undefined
  readonly #unlisted: Standings
  readonly #kept: PlayerColumns
  /** The turn, the standing and the value at hand: written anew for each, so that crediting allocates nothing. */
  readonly #turn: Turn = { handle: 0, isFirst: true, games: 0 }
  readonly #standing: Float64Array
  /** The sub-scores in `#standing`. */
  readonly #subScores: Float64Array
  readonly #value: Float64Array
  #distinct: DistinctScores | undefined
  #position = 0

  /** @param ttlMs how long a page is kept. @default that of `ViewCache` */
  constructor(rules: BoardRules, clock: Clock, ttlMs?: number) {
    const { operator, direction, tieBreak, ties } = rules
    const directions = [direction, ...tieBreak]
    this.rules = rules
    this.ranking = new Ranking({ direction, tieBreak, compare: this.players.compare })
    this.pages = new ViewCache(ttlMs === undefined ? { clock } : { clock, ttlMs })
    if (typeof operator === 'string') this.#accumulator = accumulatorOf(operator, directions)
    else this.#rating = detailed(operator)
    this.#kept = new PlayerColumns(this.#accumulator?.width ?? this.#rating!.keeps.length - 1)
    this.#unlisted = new Standings(directions.length)
    this.#standing = new Float64Array(directions.length)
    this.#subScores = this.#standing.subarray(1)
    this.#value = new Float64Array(directions.length)
    if (ties === 'dense') this.#distinct = new DistinctScores(direction)
  }

  /** The position of the last event that was applied. */
  get position(): Position {
    return this.#position as Position
  }

  /** How many players are listed. */
  get count(): number {
    return this.ranking.size
  }

  /**
   * Applies what an event changes, once: an event at or before `position` is passed over. The last event of a game has
   * to be applied even where it changes nothing, for then the board forgets the game. O(players in it · log n).
   * @throws TypeError where a score comes out that is not finite; the board is then to be rebuilt
   */
  apply(change: BoardChange, envelope: EventEnvelope): void {
    if (envelope.position <= this.#position) return
    for (const [player, value] of change.values) this.#credit(player, value, envelope)
    if (change.outcome && this.#rating) this.#rate(this.#rating, change.outcome, envelope)
    for (const player of change.removed) {
      const handle = this.players.handleOf(player)
      if (handle !== undefined) this.restate(handle, undefined)
    }
    if (envelope.final) this.record.close(envelope)
    this.#position = envelope.position
  }

  /** Replaces the standing of a player by one that was worked out elsewhere; `undefined` takes them off. O(log n). */
  restate(handle: number, stated: StatedStanding | undefined): void {
    const before = this.pages.isIdle ? undefined : this.standpointOf(handle)
    const distinctBefore = this.#distinct?.size
    this.#forget(handle)
    if (stated) {
      this.record.state(handle, stated)
      this.#standing.set(stated.numbers)
      this.#place(handle, stated.reachedAt)
    }
    if (!this.pages.isIdle) this.#touch(before, this.standpointOf(handle), distinctBefore)
  }

  /** A number that a detailed rating keeps of a player, by its name; `undefined` where it keeps none such. O(1). */
  keptOf(handle: number, name: string): number | undefined {
    const column = this.#rating?.keeps.indexOf(name) ?? -1
    return column > 0 ? this.#kept.at(handle, column - 1) : undefined
  }

  /** Where a listed player stands, `undefined` for others. O(log n). */
  standpointOf(handle: number): Standpoint | undefined {
    const ordinal = this.ranking.ordinal(handle)
    if (ordinal === undefined) return undefined
    const score = this.ranking.scoreOf(handle)!
    return { ordinal, from: this.ranking.countBetter(score), to: this.ranking.countBetterOrEqual(score) }
  }

  /** The rank of a score at a standpoint, by the rule of the board. O(1); dense: O(log n). */
  rankAt(standpoint: Standpoint, score: number): number {
    return rankAt(this.rules.ties, standpoint, () => this.#distinct!.countBetter(score))
  }

  /** The model as bytes. O(n), copying only. */
  save(): Uint8Array {
    return joinParts(this.parts())
  }

  /** The model in pieces, lent: they change with the next event. O(n) for the order alone. */
  parts(): ModelParts {
    const { record, openGames } = this.record.save(this.players.size)
    const head: Head = { position: this.#position, openGames }
    const { order, keys, reachedAts, subScores } = this.ranking.save()
    const others = [this.#unlisted, this.#kept].map((columns) => columns.save(this.players.size))
    return partsOfModel(head, [this.players.save(), record, order, keys, reachedAts, subScores, ...others])
  }

  /** Replaces the empty model. @throws TypeError where the bytes are no saved board */
  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    if (columns.length !== columnsSaved)
      throw new TypeError(`A saved board has ${columnsSaved} columns; got ${columns.length}. Rebuild it.`)
    const [ids, record, order, keys, reachedAts, subScores, unlisted, kept] = columns
    const { position, openGames } = head as Head
    this.players.load(ids!)
    this.record.load(record!, openGames)
    this.ranking.load({
      order: uint32sOf(order!),
      keys: float64sOf(keys!),
      reachedAts: float64sOf(reachedAts!),
      subScores: float64sOf(subScores!),
    })
    this.#unlisted.load(float64sOf(unlisted!))
    this.#kept.load(float64sOf(kept!))
    this.#position = position
    this.#recountDistinct()
    this.pages.clear()
  }

  #credit(player: PlayerId, value: Value, envelope: EventEnvelope): void {
    const handle = this.players.intern(player)
    this.record.note(handle, envelope)
    if (typeof value !== 'number') this.#value.set(value)
    else if (this.#value.length === 1) this.#value[0] = value
    else this.#value.fill(0)[0] = value
    const turn = this.#turn
    turn.handle = handle
    turn.isFirst = !this.#recall(handle)
    turn.games = this.record.gamesOf(handle)
    this.#accumulator!.next(this.#standing, this.#value, turn, this.#kept)
    this.#settle(handle, envelope)
  }

  #rate(rating: DetailedRating, outcome: GameResult, envelope: EventEnvelope): void {
    const known = new Map<PlayerId, readonly number[]>()
    for (const { player } of outcome.standings) {
      const handle = this.players.intern(player)
      if (!this.#recall(handle)) continue
      const others = rating.keeps.slice(1).map((_, column) => this.#kept.at(handle, column))
      known.set(player, [this.#standing[0]!, ...others])
    }
    for (const [player, [score, ...others]] of ratedBy(rating, known, outcome)) {
      const handle = this.players.intern(player)
      this.record.note(handle, envelope)
      for (const [column, number] of others.entries()) this.#kept.set(handle, column, number)
      this.#standing[0] = score!
      this.#settle(handle, envelope)
    }
  }

  #forget(handle: number): void {
    const score = this.ranking.scoreOf(handle)
    if (this.ranking.remove(handle)) this.#distinct?.remove(score!)
    this.#unlisted.clear(handle)
    this.#kept.clear(handle)
    this.record.clear(handle)
  }

  /** Puts the standing of a player into `#standing`; zeros where there is none. @returns whether there is one */
  #recall(handle: number): boolean {
    const score = this.ranking.scoreOf(handle)
    if (score === undefined) return this.#unlisted.read(handle, this.#standing.fill(0))
    this.#standing[0] = score
    if (this.#subScores.length > 0) this.#subScores.set(this.ranking.subScoresOf(handle)!)
    return true
  }

  /** Gives a player the standing in `#standing`, and tells the pages. */
  #settle(handle: number, { position }: EventEnvelope): void {
    const before = this.pages.isIdle ? undefined : this.standpointOf(handle)
    const distinctBefore = this.#distinct?.size
    this.#place(handle, position)
    if (!this.pages.isIdle) this.#touch(before, this.standpointOf(handle), distinctBefore)
  }

  #place(handle: number, position: Position): void {
    const isWaiting = !this.#isListed(handle)
    // Also for who is listed now: the standing may have been reached while they were not.
    if (isWaiting || this.#unlisted.reachedAtOf(handle) !== undefined)
      this.#unlisted.set(handle, this.#standing, position)
    if (isWaiting) return
    const score = this.#standing[0]!
    const old = this.ranking.scoreOf(handle)
    const reachedAt = this.#unlisted.reachedAtOf(handle) ?? position
    if (!this.ranking.set(handle, score, reachedAt, this.#subScores)) return
    this.#unlisted.clear(handle)
    this.#distinct?.add(score)
    if (old !== undefined) this.#distinct?.remove(old)
    this.record.noteScore(handle, score, this.rules.direction)
  }

  #isListed(handle: number): boolean {
    return this.record.gamesOf(handle) >= this.rules.minGames && !isErased(this.players.idOf(handle))
  }

  #touch(before: Standpoint | undefined, after: Standpoint | undefined, distinctBefore?: number): void {
    if (!before && !after) return
    this.pages.touch(touchedRows(this.rules.ties, before, after, distinctBefore !== this.#distinct?.size))
  }

  #recountDistinct(): void {
    if (!this.#distinct) return
    this.#distinct = new DistinctScores(this.rules.direction)
    for (const handle of this.ranking.save().order) this.#distinct.add(this.ranking.scoreOf(handle)!)
  }
}
