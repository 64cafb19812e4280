/**
 * Who stands where: players kept in order of score, so that a rank is looked up and never sorted for.
 *
 * The structure is a counted block list on typed arrays:
 *
 *     marks.ts             by handle: key, reach position, sub-scores
 *     entry-search.ts      the order of entries; binary searches
 *     block-list.ts        entries in one row, cut into blocks of at most 64
 *       block-directory.ts   first entry and count of each block, in order
 *         counted-row.ts       totals before a place: stripes of counts under a Fenwick tree (fenwick-tree.ts)
 *       entry-slabs.ts       the columns of the entries
 *
 * Redis keeps the same promise with a skip list whose links count what they jump over (t_zset.c; W. Pugh, "Skip lists: a
 * probabilistic alternative to balanced trees", 1990). The differences: an update touches a few cache lines instead of
 * some twenty nodes and allocates nothing; equals stand in the order in which they reached the score, not by name; and
 * bench/leaderboard.mjs, which has such a skip list beside it, says by how much it is faster.
 */
import { BlockList } from './block-list.js'
import { EntrySearch, type CompareHandles } from './entry-search.js'
import { Marks, signOf, type Direction, type SavedMarks } from './marks.js'

export type { Direction } from './marks.js'

export interface RankingOptions {
  /** @default 'desc' */
  readonly direction?: Direction
  /**
   * One direction for each sub-score. Sub-scores order players of equal score, the first before the second, and all
   * before the reach position; `countBetter` and `countBetterOrEqual` know nothing of them. @default none
   */
  readonly tieBreak?: readonly Direction[]
  /** Decides between players who reached the same at the same position. @default the lower handle first */
  readonly compare?: CompareHandles
}

/**
 * A ranking as typed arrays: all handles in order, and by handle what each stands with (marks.ts), signed by direction.
 * All but `order` are lent: they change with the ranking.
 */
export interface SavedRanking extends SavedMarks {
  readonly order: Uint32Array
}

/** At most so many: a handful is plenty, and each costs 8 bytes a player. */
const subScoresMax = 8

const none: ArrayLike<number> = []

/**
 * Players by dense handles (0, 1, 2, ...), in order of score.
 *
 * Memory: at most 50 bytes for each handle that was given, and 8 kB, at any time and after whatever was done: 16 for the
 * marks, 12 for an entry in blocks that are at least 7/16 full, an eighth of both for growth. Arrivals and random changes
 * leave it at 33 to 40 (bench/leaderboard.mjs). Each sub-score adds 8 to 9. It never shrinks.
 */
export class Ranking {
  readonly #sign: 1 | -1
  readonly #marks: Marks
  readonly #list: BlockList
  readonly #search: EntrySearch

  /** @throws TypeError where `tieBreak` has more than 8 directions */
  constructor({
    direction = 'desc',
    tieBreak = [],
    compare = (handle, other) => handle - other,
  }: RankingOptions = {}) {
    if (tieBreak.length > subScoresMax)
      throw new TypeError(
        `A tieBreak has at most ${subScoresMax} directions; got ${tieBreak.length}. Leave some out.`,
      )
    this.#sign = signOf(direction)
    this.#marks = new Marks(tieBreak)
    this.#list = new BlockList(this.#marks)
    this.#search = new EntrySearch(this.#list, this.#marks, compare)
  }

  /** How many players are ranked. */
  get size(): number {
    return this.#list.size
  }

  /** Bytes held, all arrays. */
  get bytes(): number {
    return this.#marks.bytes + this.#list.bytes
  }

  /** The score of a player, `undefined` where absent. O(1). */
  scoreOf(handle: number): number | undefined {
    const key = this.#marks.keyOf(handle)
    return Number.isNaN(key) ? undefined : this.#sign * key + 0
  }

  /** The position at which a player reached what they stand with, `undefined` where absent. O(1). */
  reachedAtOf(handle: number): number | undefined {
    return this.#has(handle) ? this.#marks.reachedAtOf(handle) : undefined
  }

  /** The sub-scores of a player, `undefined` where absent; empty without `tieBreak`. A copy. */
  subScoresOf(handle: number): number[] | undefined {
    return this.#has(handle) ? this.#marks.subScoresOf(handle) : undefined
  }

  /**
   * Gives a player a score, reached at a position in the log. A score that they have already, with the same sub-scores,
   * changes nothing: the earlier reach position stays. O(log n), and amortised O(n / 10 000) for cutting blocks.
   * @param subScores as many as `tieBreak` has directions
   * @returns whether anything changed
   * @throws TypeError where a score is not finite, or there are more or fewer sub-scores
   */
  set(handle: number, score: number, reachedAt: number, subScores: ArrayLike<number> = none): boolean {
    if (!Number.isFinite(score))
      throw new TypeError(`A score must be a finite number; got ${score}. Leave the player out.`)
    const marks = this.#marks
    if (subScores.length > 0 || marks.subScoreCount > 0) this.#check(subScores)
    const key = this.#sign * score
    const old = marks.keyOf(handle)
    if (old === key && marks.hasSubScores(handle, subScores)) return false
    if (!Number.isNaN(old)) this.#take(handle)
    const isNewest = reachedAt > marks.newest
    marks.put(handle, key, reachedAt, subScores)
    const search = this.#search
    if (isNewest && marks.subScoreCount === 0) search.findRoomBehind(key)
    else search.findRoom(handle)
    this.#list.insert(search.place, search.index, key, handle)
    return true
  }

  /** Takes a player out. O(log n). @returns whether they were there */
  remove(handle: number): boolean {
    if (!this.#has(handle)) return false
    this.#take(handle)
    this.#marks.clear(handle)
    return true
  }

  /** The place of a player in the full order, from 0; `undefined` where absent. O(log n). */
  ordinal(handle: number): number | undefined {
    if (!this.#has(handle)) return undefined
    const search = this.#search
    search.find(handle)
    return this.#list.directory.counts.before(search.place) + search.index
  }

  /** The player at a place in the full order, from 0; `undefined` beyond the end. O(log n). */
  at(ordinal: number): number | undefined {
    return ordinal >= 0 && ordinal < this.size ? this.#list.at(ordinal) : undefined
  }

  /** The players from a place on, at most `count`. O(log n + count). */
  slice(ordinal: number, count: number): number[] {
    return this.#list.slice(ordinal, count)
  }

  /** How many players have a strictly better score. Needs no player. O(log n). */
  countBetter(score: number): number {
    return this.#search.countUpTo(this.#sign * score, false)
  }

  /** How many players have this score or a better one. O(log n). */
  countBetterOrEqual(score: number): number {
    return this.#search.countUpTo(this.#sign * score, true)
  }

  /** What is to be saved, lent. O(n) for the order. */
  save(): SavedRanking {
    return { order: this.#list.save(), ...this.#marks.save() }
  }

  /**
   * Replaces everything by what `save` of a ranking of the same directions gave. O(n), without sorting.
   * @throws TypeError where the parts do not fit together or are out of order
   */
  load({ order, ...marks }: SavedRanking): void {
    if (!this.#marks.load(marks))
      throw new TypeError(
        `A saved ranking has ${marks.keys.length} keys, ${marks.reachedAts.length} reach positions and ` +
          `${marks.subScores.length} sub-scores, where each player has one, one and ` +
          `${this.#marks.subScoreCount}. Rebuild it.`,
      )
    const { slabs } = this.#list
    this.#list.load(order, (slot, handle) => {
      slabs.put(slot, this.#marks.keyOf(handle), handle)
    })
    if (this.#marks.count() !== order.length || !this.#search.isInOrder())
      throw new TypeError('A saved ranking is out of order. Rebuild it.')
  }

  #has(handle: number): boolean {
    return !Number.isNaN(this.#marks.keyOf(handle))
  }

  #take(handle: number): void {
    const search = this.#search
    search.find(handle)
    this.#list.remove(search.place, search.index)
  }

  #check(subScores: ArrayLike<number>): void {
    const { subScoreCount } = this.#marks
    if (subScores.length !== subScoreCount || !Array.prototype.every.call(subScores, Number.isFinite))
      throw new TypeError(
        `A player needs ${subScoreCount} finite sub-scores, as many as tieBreak has directions; got ` +
          `[${Array.from(subScores).join(', ')}].`,
      )
  }
}
