/**
 * A board of the last days: what players did leaves it again, bit by bit.
 *
 *     now - days                                        now
 *        |  b-255  |  b-254  |   ...    |   b-1   |   b    |        256 buckets, each 1/256 of the days long
 *                     |                     |
 *        player ->  { score and sub-scores of the bucket, games, attempts, reached at }
 *
 * A player has an entry for each bucket in which they were given a value. Their standing is worked out from all their
 * entries that are left, in order of time, whenever one comes or goes: sums are added up anew, so nothing drifts. An
 * entry leaves between 255/256 and 256/256 of the days after it happened. Its time is `occurredAt`, but not later than
 * it was recorded.
 *
 * What is kept depends on events alone: entries are dropped as events are recorded. What is shown depends on the clock,
 * too: readers move the board on to their time, which hides entries and drops none. So a rebuild agrees.
 *
 * Who reached a score first: sums and counts, by the newest entry that added to it; `best` and `worst`, by the first
 * entry that has it; `last`, by the last entry that changed it. A game that lasts over several buckets counts in the
 * first that gave the player a value.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { Position } from '../../events/ids.js'
import { float64sOf, partsOfModel, unpackModel, type ModelParts } from '../checkpoints/packed-model.js'
import type { BoardChange, Value } from '../leaderboard/board-change.js'
import type { Board } from '../leaderboard/board.js'
import { PlayRecord, type SavedOpenGames } from '../leaderboard/play-record.js'
import { RollingEntries, type RollingEntry } from './rolling-entries.js'
import { RollingSum } from './rolling-sum.js'

/** Two weeks come in pieces of 79 minutes; a player has at most so many entries. */
export const bucketsMax = 256
const dayMs = 86_400_000

export class RollingBoard {
  /** Stands where `show` has put it last. */
  readonly board: Board
  readonly days: number
  readonly #sum: RollingSum
  readonly #entries: RollingEntries
  /** Tells the first value of a game from the others. */
  readonly #games = new PlayRecord()
  /** The value and the entry at hand: written anew for each. */
  readonly #value: Float64Array
  readonly #entry: RollingEntry
  #position = 0
  /** The bucket in which the last event was recorded. */
  #newest = -Infinity
  /** The bucket that the board is shown at; never before `#newest`. */
  #shown = -Infinity

  /** @param board empty, of rules whose operator takes values one by one */
  constructor(board: Board, days: number) {
    this.board = board
    this.days = days
    this.#sum = new RollingSum(board.rules)
    const length = 1 + board.rules.tieBreak.length
    this.#value = new Float64Array(length)
    this.#entries = new RollingEntries(length)
    const numbers = new Float64Array(length)
    this.#entry = { numbers, reachedAt: 0, games: 0, attempts: 0, lastPlayedAt: 0 }
  }

  /** The last event that was applied. */
  get position(): Position {
    return this.#position as Position
  }

  /** The first and the last moment that are shown at a time. */
  spanAt(now: number): { readonly from: number; readonly to: number } {
    const bucket = Math.max(this.#newest, this.#bucketOf(now))
    return { from: (bucket - bucketsMax + 1) * this.#bucketMs, to: (bucket + 1) * this.#bucketMs }
  }

  /** Applies what an event changes. O(players in it · (256 + log n)), and what leaves with it. */
  apply(change: BoardChange, envelope: EventEnvelope): void {
    const { position, recordedAt, occurredAt = recordedAt } = envelope
    if (position <= this.#position) return
    this.#position = position
    this.#moveOn(this.#bucketOf(recordedAt))
    const bucket = this.#bucketOf(Math.min(occurredAt, recordedAt))
    if (bucket > this.#newest - bucketsMax)
      for (const [player, value] of change.values)
        this.#credit(this.board.players.intern(player), value, bucket, envelope)
    for (const player of change.removed) this.#remove(this.board.players.handleOf(player))
    if (envelope.final) this.#games.close(envelope)
  }

  /** Moves the board to a time, for readers. O(players whose entries leave · (256 + log n)); nearly always nothing. */
  show(now: number): Board {
    this.#showAt(Math.max(this.#newest, this.#bucketOf(now)))
    return this.board
  }

  /** The model in pieces, lent: what events left, not what is shown. O(entries). */
  parts(): ModelParts {
    const { record, openGames } = this.#games.save(this.board.players.size)
    const moment = Float64Array.of(this.#position, this.#newest)
    return partsOfModel(openGames, [moment, this.board.players.save(), record, this.#entries.save()])
  }

  /** Replaces the empty model. O(entries · log n). @throws TypeError where the bytes are none of its own */
  load(saved: Uint8Array): void {
    const { head, columns } = unpackModel(saved)
    const [moment, players, record, entries] = columns
    if (!moment || !players || !record || !entries)
      throw new TypeError('This is no saved rolling window. Rebuild the leaderboard.')
    const [position, newest] = float64sOf(moment)
    this.#position = position!
    this.#newest = newest!
    this.#shown = newest!
    this.board.players.load(players)
    this.#games.load(record, head as SavedOpenGames)
    this.#entries.load(float64sOf(entries))
    for (let handle = 0; handle < this.board.players.size; handle++) this.#restate(handle)
  }

  /** Whole: a day has 256 times 337 500 ms. */
  get #bucketMs(): number {
    return (this.days * dayMs) / bucketsMax
  }

  #bucketOf(time: number): number {
    return Math.floor(time / this.#bucketMs)
  }

  #moveOn(bucket: number): void {
    if (bucket <= this.#newest) return
    this.#newest = bucket
    if (bucket > this.#shown) this.#showAt(bucket)
    this.#entries.dropThrough(bucket - bucketsMax)
  }

  #showAt(bucket: number): void {
    if (bucket === this.#shown) return
    const from = Math.min(bucket, this.#shown) - bucketsMax
    const through = Math.max(bucket, this.#shown) - bucketsMax
    this.#shown = bucket
    for (const handle of this.#entries.playersBetween(from, through)) this.#restate(handle)
  }

  #credit(handle: number, value: Value, bucket: number, envelope: EventEnvelope): void {
    if (typeof value === 'number') this.#value.fill(0)[0] = value
    else this.#value.set(value)
    const gamesBefore = this.#games.gamesOf(handle)
    this.#games.note(handle, envelope)
    const isNewGame = this.#games.gamesOf(handle) > gamesBefore
    const playedAt = envelope.occurredAt ?? envelope.recordedAt
    const row = this.#entries.rowOf(handle, bucket)
    this.#entries.read(row, this.#entry)
    const isChanged = this.#sum.add(this.#entry, this.#value, isNewGame, playedAt)
    if (isChanged) this.#entry.reachedAt = envelope.position
    this.#entries.write(row, this.#entry)
    this.#restate(handle)
  }

  #remove(handle: number | undefined): void {
    if (handle === undefined) return
    this.#entries.dropAll(handle)
    this.#games.clear(handle)
    this.#restate(handle)
  }

  #restate(handle: number): void {
    const hidden = this.#shown - bucketsMax
    let row = this.#entries.oldestOf(handle)
    while (row >= 0 && this.#entries.bucketOf(row) <= hidden) row = this.#entries.newerThan(row)
    if (row < 0) return this.board.restate(handle, undefined)
    this.#sum.begin()
    for (; row >= 0; row = this.#entries.newerThan(row)) {
      this.#entries.read(row, this.#entry)
      this.#sum.take(this.#entry)
    }
    this.board.restate(handle, this.#sum.end())
  }
}
