/**
 * The model of one leaderboard: players, their order, what is remembered of them, and the rendered pages.
 *
 *     PlayerTable   id <-> handle
 *     Ranking       the order of those who are listed; `waiting` holds those with fewer than `minGames` games
 *     Distinct      distinct scores, for dense ranks only
 *     PlayRecord    games, attempts, last played
 *     ViewCache     pages; told of the rows that each change touches
 *
 * Only `credit` changes it. Everything but the pages is saved, as columns.
 */
import type { Clock } from '../../events/clock.js'
import type { EventEnvelope } from '../../events/envelope.js'
import { DistinctScores } from '../ranking/distinct-scores.js'
import { float64sOf, packModel, uint32sOf, unpackModel } from '../checkpoints/packed-model.js'
import { PlayRecord, type SavedOpenGames } from './play-record.js'
import { PlayerTable } from '../player-table.js'
import type { SaveRoom } from '../projection.js'
import { Ranking, type Direction } from '../ranking/ranking.js'
import { rankAt, touchedRows, type Standpoint, type Ties } from './ties.js'
import { ViewCache } from './view-cache.js'

/** How a board ranks. */
export interface BoardRules {
  readonly direction: Direction
  readonly ties: Ties
  /** Games that a player needs to be listed. */
  readonly minGames: number
}

interface Head {
  readonly position: number
  readonly openGames: SavedOpenGames
}

export class Board<Rows extends object> {
  readonly players = new PlayerTable()
  readonly ranking: Ranking
  readonly record = new PlayRecord()
  readonly pages: ViewCache<Rows>
  readonly #waiting: Ranking
  readonly #rules: BoardRules
  #distinct: DistinctScores | undefined
  /** The position of the last event that was applied. */
  position = 0

  constructor(rules: BoardRules, clock: Clock, ttlMs: number | undefined) {
    const { compare } = this.players
    this.#rules = rules
    this.ranking = new Ranking({ direction: rules.direction, compare })
    this.#waiting = new Ranking({ direction: rules.direction })
    this.pages = new ViewCache(ttlMs === undefined ? { clock } : { clock, ttlMs })
    if (rules.ties === 'dense') this.#distinct = new DistinctScores(rules.direction)
  }

  /** The score so far, of listed and waiting players. O(1). */
  scoreOf(handle: number): number | undefined {
    return this.ranking.scoreOf(handle) ?? this.#waiting.scoreOf(handle)
  }

  /** An event gave a player a value, and with it this score. O(log n). @throws TypeError where it is not finite */
  credit(handle: number, score: number, envelope: EventEnvelope): void {
    const before = this.pages.isIdle ? undefined : this.standpointOf(handle)
    const distinctBefore = this.#distinct?.size
    this.#place(handle, score, envelope)
    if (this.pages.isIdle) return
    const after = this.standpointOf(handle)
    if (!after) return
    this.pages.touch(touchedRows(this.#rules.ties, before, after, distinctBefore !== this.#distinct?.size))
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
    return rankAt(this.#rules.ties, standpoint, () => this.#distinct!.countBetter(score))
  }

  /** The model as bytes. O(n), copying only. */
  save(room?: SaveRoom): Uint8Array {
    const { record, openGames } = this.record.save(this.players.size)
    const head: Head = { position: this.position, openGames }
    const rankings = [this.ranking.save(), this.#waiting.save()]
    const columns = rankings.flatMap(({ order, marks }) => [order, marks])
    return packModel(head, [this.players.save(), record, ...columns], room)
  }

  /** Replaces the empty model. @throws TypeError where the bytes are no saved board */
  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    const [ids, record, order, marks, waitingOrder, waitingMarks] = columns
    if (!ids || !record || !order || !marks || !waitingOrder || !waitingMarks)
      throw new TypeError(`A saved board has 6 columns; got ${columns.length}. Rebuild it.`)
    const { position, openGames } = head as Head
    this.players.load(ids)
    this.record.load(record, openGames)
    this.ranking.load({ order: uint32sOf(order), marks: float64sOf(marks) })
    this.#waiting.load({ order: uint32sOf(waitingOrder), marks: float64sOf(waitingMarks) })
    this.position = position
    this.#recountDistinct()
    this.pages.clear()
  }

  #place(handle: number, score: number, envelope: EventEnvelope): void {
    const { record, ranking } = this
    record.note(handle, envelope)
    if (record.gamesOf(handle) < this.#rules.minGames) {
      this.#waiting.set(handle, score, envelope.position)
      return
    }
    const old = ranking.scoreOf(handle)
    const isKept = this.#waiting.scoreOf(handle) === score
    const reachedAt = isKept ? this.#waiting.reachedAtOf(handle)! : envelope.position
    if (!ranking.set(handle, score, reachedAt)) return
    this.#waiting.remove(handle)
    this.#distinct?.add(score)
    if (old !== undefined) this.#distinct?.remove(old)
  }

  #recountDistinct(): void {
    if (!this.#distinct) return
    this.#distinct = new DistinctScores(this.#rules.direction)
    for (const handle of this.ranking.save().order) this.#distinct.add(this.ranking.scoreOf(handle)!)
  }
}
