/**
 * Who stands where: players kept in order of score, so that a rank is looked up and never sorted for.
 *
 * The structure is a counted block list on typed arrays. All players stand in one long order, cut into blocks of at
 * most 128 entries (a float64 key, a float64 reach position and a uint32 player handle, in three slabs; the position
 * stands in the entry, too, because among many equals a look at each player's own would be a cache miss each). A
 * directory holds the first key and reach position of each block, in order; a counted row (a Fenwick tree) tells how many entries stand in the blocks before. Three steps answer everything:
 *
 *     directory (binary search) -> block (binary search) -> ordinal = Fenwick total before the block + index in it
 *
 * A full block is cut in two and a nearly empty one joined to its neighbour; only then do directory and tree shift
 * (a copy of a few kilobytes per some sixty inserts). Redis keeps the same promise with a skip list whose links count
 * what they jump over (t_zset.c); on typed arrays the blocks were about three times as fast at a million players,
 * for they touch fewer cache lines and allocate nothing.
 *
 * The order: score (best first), then the earlier reach position (where in the log the player got this score), then
 * `compare` of the handles (a board compares ids). INVARIANT: no two entries are equal, no block is empty.
 */
import { CountedRow } from './counted-row.js'

/** `'desc'`: the highest score is best. `'asc'`: the lowest is (laps, golf). */
export type Direction = 'desc' | 'asc'

export interface RankingOptions {
  /** @default 'desc' */
  readonly direction?: Direction
  /** Decides between players who reached the same score at the same position. @default the lower handle first */
  readonly compare?: (handle: number, other: number) => number
}

/** A ranking as typed arrays. They are lent: they change with the ranking, and with the next saving. */
export interface SavedRanking {
  /** Handles, in order. */
  readonly order: Uint32Array
  /** By handle a pair: the key (the score, signed by direction; NaN where absent) and the reach position. */
  readonly marks: Float64Array
}

/** 64, 96 and 128 came out alike at a million players (bench/ranking.mjs); the directory is smallest with this one. */
const entriesMax = 128
const entriesMin = entriesMax / 4
/** What a block holds after a bulk load: room for inserts before the first cut. */
const entriesLoaded = 96

/** Players by dense handles (0, 1, 2, ...), in order of score. Memory: 50 to 86 bytes a player. */
export class Ranking {
  readonly #sign: 1 | -1
  readonly #compare: (handle: number, other: number) => number
  /**
   * By handle a pair, side by side so that it is one cache miss: the key (the score, negated where high is best, so
   * that keys always rise; NaN where absent) and the position in the log at which it was reached.
   */
  #marks = new Float64Array(0)
  /** By block and index in it. */
  #keys = new Float64Array(entriesMax)
  #reachedAts = new Float64Array(entriesMax)
  #handles = new Uint32Array(entriesMax)
  /** By place in the directory: the block, and the key and reach position of its first entry. */
  #order = new Uint32Array(1)
  #firstKeys = new Float64Array(1)
  #firstReachedAts = new Float64Array(1)
  /** By place in the directory: how many entries. */
  readonly #counts = new CountedRow()
  /** Blocks that were given up. */
  readonly #free: number[] = []
  #size = 0
  /** Where the order is written when it is saved: fresh memory would cost ten times as much. */
  #saved = new Uint32Array(0)
  /** Where `#locate` stopped: place in the directory, and index in that block. */
  #place = 0
  #index = 0

  constructor({ direction = 'desc', compare = (handle, other) => handle - other }: RankingOptions = {}) {
    this.#sign = direction === 'desc' ? -1 : 1
    this.#compare = compare
  }

  /** How many players are ranked. */
  get size(): number {
    return this.#size
  }

  /** Bytes held, all arrays. */
  get bytes(): number {
    const arrays = [this.#marks, this.#keys, this.#reachedAts, this.#handles]
    const directory = [this.#order, this.#firstKeys, this.#firstReachedAts]
    return [...arrays, ...directory].reduce((sum, { byteLength }) => sum + byteLength, this.#counts.bytes)
  }

  /** The score of a player, `undefined` where absent. O(1). */
  scoreOf(handle: number): number | undefined {
    const key = this.#marks[2 * handle]
    return key === undefined || Number.isNaN(key) ? undefined : this.#sign * key + 0
  }

  /** The position at which a player reached their score, `undefined` where absent. O(1). */
  reachedAtOf(handle: number): number | undefined {
    return this.scoreOf(handle) === undefined ? undefined : this.#marks[2 * handle + 1]
  }

  /**
   * Gives a player a score, reached at a position in the log. A score that they have already changes nothing: the
   * earlier reach position stays. O(log n), and amortised O(n / 10 000) for cutting blocks.
   * @returns whether anything changed
   * @throws TypeError where the score is not finite
   */
  set(handle: number, score: number, reachedAt: number): boolean {
    if (!Number.isFinite(score))
      throw new TypeError(`A score must be a finite number; got ${score}. Leave the player out.`)
    if (2 * handle >= this.#marks.length) this.#grow(handle)
    const key = this.#sign * score
    const old = this.#marks[2 * handle]!
    if (old === key) return false
    if (!Number.isNaN(old)) this.#take(old, handle)
    this.#marks[2 * handle] = key
    this.#marks[2 * handle + 1] = reachedAt
    this.#insert(key, reachedAt, handle)
    return true
  }

  /** Takes a player out. O(log n). @returns whether they were there */
  remove(handle: number): boolean {
    const key = this.#marks[2 * handle]
    if (key === undefined || Number.isNaN(key)) return false
    this.#take(key, handle)
    this.#marks[2 * handle] = NaN
    return true
  }

  /** The place of a player in the full order, from 0; `undefined` where absent. O(log n). */
  ordinal(handle: number): number | undefined {
    const key = this.#marks[2 * handle]
    if (key === undefined || Number.isNaN(key)) return undefined
    this.#locate(key, this.#marks[2 * handle + 1]!, handle)
    return this.#counts.before(this.#place) + this.#index
  }

  /** The player at a place in the full order, from 0; `undefined` beyond the end. O(log n). */
  at(ordinal: number): number | undefined {
    if (!(ordinal >= 0 && ordinal < this.#size)) return undefined
    const place = this.#counts.find(ordinal)
    return this.#handles[this.#order[place]! * entriesMax + this.#counts.rest]
  }

  /** The players from a place on, at most `count`. O(log n + count). */
  slice(ordinal: number, count: number): number[] {
    const found: number[] = []
    const end = Math.min(ordinal + count, this.#size)
    if (ordinal >= end) return found
    let place = this.#counts.find(ordinal)
    let index = this.#counts.rest
    for (let left = end - ordinal; left > 0; place++, index = 0) {
      const start = this.#order[place]! * entriesMax
      const through = Math.min(this.#counts.at(place), index + left)
      left -= through - index
      for (; index < through; index++) found.push(this.#handles[start + index]!)
    }
    return found
  }

  /** How many players have a strictly better score. Needs no player. O(log n). */
  countBetter(score: number): number {
    return this.#countUpTo(this.#sign * score, false)
  }

  /** How many players have this score or a better one. O(log n). */
  countBetterOrEqual(score: number): number {
    return this.#countUpTo(this.#sign * score, true)
  }

  /** Copies of what is to be saved: all handles in order, and the marks by handle. O(n), copying only. */
  save(): SavedRanking {
    if (this.#saved.length < this.#size) this.#saved = new Uint32Array(Math.ceil(1.25 * this.#size))
    const order = this.#saved.subarray(0, this.#size)
    for (let place = 0, to = 0; place < this.#counts.length; place++) {
      const start = this.#order[place]! * entriesMax
      const count = this.#counts.at(place)
      order.set(this.#handles.subarray(start, start + count), to)
      to += count
    }
    return { order, marks: this.#marks }
  }

  /**
   * Replaces everything by what `save` of a ranking of the same direction gave. O(n), without sorting.
   * @throws TypeError where the parts do not fit together or are out of order
   */
  load({ order, marks }: SavedRanking): void {
    if (marks.length % 2 !== 0) throw new TypeError('A saved ranking has half a mark. Rebuild it.')
    this.#marks = marks.slice()
    this.#size = order.length
    this.#free.length = 0
    const counts = new Uint8Array(Math.ceil(order.length / entriesLoaded))
    this.#reserve(Math.max(1, counts.length))
    for (let block = 0; block < counts.length; block++) {
      const from = block * entriesLoaded
      const count = Math.min(entriesLoaded, order.length - from)
      for (let index = 0; index < count; index++) this.#restore(block, index, order, from + index)
      this.#order[block] = block
      counts[block] = count
      this.#noteFirst(block)
    }
    this.#counts.load(counts)
  }

  #restore(block: number, index: number, order: Uint32Array, at: number): void {
    const handle = order[at]!
    const key = this.#marks[2 * handle]
    if (key === undefined || !Number.isFinite(key) || (at > 0 && key < this.#marks[2 * order[at - 1]!]!))
      throw new TypeError('A saved ranking is out of order. Rebuild it.')
    this.#keys[block * entriesMax + index] = key
    this.#reachedAts[block * entriesMax + index] = this.#marks[2 * handle + 1]!
    this.#handles[block * entriesMax + index] = handle
  }

  #countUpTo(key: number, hasEqual: boolean): number {
    let low = 0
    let high = this.#counts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = this.#firstKeys[middle]!
      if (first < key || (hasEqual && first === key)) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const start = this.#order[low - 1]! * entriesMax
    let from = start + 1
    let to = start + this.#counts.at(low - 1)
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = this.#keys[middle]!
      if (other < key || (hasEqual && other === key)) from = middle + 1
      else to = middle
    }
    return this.#counts.before(low - 1) + from - start
  }

  /** Whether the entry at a place in the slabs stands after, or before, this player, all else being equal. */
  #isAfter(at: number, handle: number): boolean {
    const other = this.#handles[at]!
    return other !== handle && this.#compare(other, handle) > 0
  }

  #isBefore(at: number, handle: number): boolean {
    const other = this.#handles[at]!
    return other !== handle && this.#compare(other, handle) < 0
  }

  /** Finds the first entry that does not stand before this one, in the last block whose first entry is not after it. */
  #locate(key: number, reachedAt: number, handle: number): void {
    const keys = this.#keys
    const reachedAts = this.#reachedAts
    const firstKeys = this.#firstKeys
    const firstReachedAts = this.#firstReachedAts
    let low = 0
    let high = this.#counts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = firstKeys[middle]!
      let isAfter = first > key
      if (first === key) {
        const at = firstReachedAts[middle]!
        isAfter =
          at > reachedAt || (at === reachedAt && this.#isAfter(this.#order[middle]! * entriesMax, handle))
      }
      if (isAfter) high = middle - 1
      else low = middle
    }
    const start = this.#order[low]! * entriesMax
    let from = start
    let to = start + this.#counts.at(low)
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = keys[middle]!
      let isBefore = other < key
      if (other === key) {
        const at = reachedAts[middle]!
        isBefore = at < reachedAt || (at === reachedAt && this.#isBefore(middle, handle))
      }
      if (isBefore) from = middle + 1
      else to = middle
    }
    this.#place = low
    this.#index = from - start
  }

  #insert(key: number, reachedAt: number, handle: number): void {
    if (this.#counts.length === 0) this.#addBlock(0, 0)
    this.#locate(key, reachedAt, handle)
    if (this.#counts.at(this.#place) === entriesMax) {
      this.#cut(this.#place)
      this.#locate(key, reachedAt, handle)
    }
    const start = this.#order[this.#place]! * entriesMax
    const at = start + this.#index
    this.#shift(at, start + this.#counts.at(this.#place), at + 1)
    this.#keys[at] = key
    this.#reachedAts[at] = reachedAt
    this.#handles[at] = handle
    if (this.#index === 0) this.#noteFirst(this.#place)
    this.#counts.add(this.#place, 1)
    this.#size++
  }

  #take(key: number, handle: number): void {
    this.#locate(key, this.#marks[2 * handle + 1]!, handle)
    const place = this.#place
    const start = this.#order[place]! * entriesMax
    const at = start + this.#index
    this.#shift(at + 1, start + this.#counts.at(place), at)
    this.#counts.add(place, -1)
    this.#size--
    const count = this.#counts.at(place)
    if (count === 0) this.#dropBlock(place)
    else {
      if (this.#index === 0) this.#noteFirst(place)
      if (count < entriesMin) this.#join(place)
    }
  }

  /** Moves the upper half of a full block into a new one behind it. */
  #cut(place: number): void {
    const half = entriesMax / 2
    this.#addBlock(place + 1, half)
    this.#move(this.#order[place]!, half, this.#order[place + 1]!, 0, half)
    this.#counts.add(place, -half)
    this.#noteFirst(place + 1)
  }

  /** Joins a nearly empty block with a neighbour, where both together leave room. */
  #join(place: number): void {
    const left = place + 1 < this.#counts.length ? place : place - 1
    if (left < 0) return
    const there = this.#counts.at(left)
    const count = this.#counts.at(left + 1)
    if (there + count > entriesLoaded) return
    this.#move(this.#order[left + 1]!, 0, this.#order[left]!, there, count)
    this.#counts.add(left, count)
    this.#dropBlock(left + 1)
  }

  #move(from: number, index: number, to: number, toIndex: number, count: number): void {
    const source = from * entriesMax + index
    this.#shift(source, source + count, to * entriesMax + toIndex)
  }

  /**
   * Copies the entries [from, to) of the slabs to another place, which may overlap. A loop, because for some sixty
   * entries the call of `copyWithin` costs more than the copying.
   */
  #shift(from: number, to: number, target: number): void {
    const keys = this.#keys
    const reachedAts = this.#reachedAts
    const handles = this.#handles
    const isForward = target < from
    const step = isForward ? 1 : -1
    let source = isForward ? from : to - 1
    let at = isForward ? target : target + to - from - 1
    for (let left = to - from; left > 0; left--, source += step, at += step) {
      keys[at] = keys[source]!
      reachedAts[at] = reachedAts[source]!
      handles[at] = handles[source]!
    }
  }

  /** Enters the first entry of a block into the directory. */
  #noteFirst(place: number): void {
    const first = this.#order[place]! * entriesMax
    this.#firstKeys[place] = this.#keys[first]!
    this.#firstReachedAts[place] = this.#reachedAts[first]!
  }

  /** Moves the directory from a place on. */
  #shiftDirectory(from: number, target: number): void {
    const { length } = this.#counts
    this.#order.copyWithin(target, from, length)
    this.#firstKeys.copyWithin(target, from, length)
    this.#firstReachedAts.copyWithin(target, from, length)
  }

  #addBlock(place: number, count: number): void {
    const { length } = this.#counts
    if (this.#free.length === 0) this.#reserve(length + 1)
    this.#shiftDirectory(place, place + 1)
    this.#order[place] = this.#free.pop() ?? length
    this.#counts.insert(place, count)
  }

  #dropBlock(place: number): void {
    this.#free.push(this.#order[place]!)
    this.#shiftDirectory(place + 1, place)
    this.#counts.remove(place)
  }

  /** Makes room for so many blocks. Doubles up to 4 096 blocks, then grows by a quarter. */
  #reserve(blocks: number): void {
    if (blocks <= this.#order.length) return
    const grown = Math.max(blocks, Math.ceil(this.#order.length * (this.#order.length < 4096 ? 2 : 1.25)))
    this.#keys = enlarged(this.#keys, grown * entriesMax, Float64Array)
    this.#reachedAts = enlarged(this.#reachedAts, grown * entriesMax, Float64Array)
    this.#handles = enlarged(this.#handles, grown * entriesMax, Uint32Array)
    this.#order = enlarged(this.#order, grown, Uint32Array)
    this.#firstKeys = enlarged(this.#firstKeys, grown, Float64Array)
    this.#firstReachedAts = enlarged(this.#firstReachedAts, grown, Float64Array)
  }

  #grow(handle: number): void {
    const { length } = this.#marks
    const players = Math.max(handle + 1, 64, Math.ceil(0.75 * length))
    this.#marks = enlarged(this.#marks, 2 * players, Float64Array).fill(NaN, length)
  }
}

const enlarged = <Column extends Float64Array | Uint32Array>(
  column: Column,
  length: number,
  Type: new (length: number) => Column,
): Column => {
  const larger = new Type(length)
  larger.set(column)
  return larger
}
