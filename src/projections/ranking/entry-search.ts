/**
 * Where in the row of blocks a player stands, or a score would: a binary search in the directory, and one in the block
 * that it leads to.
 *
 * The order: lower key, then better sub-scores, then the earlier reach position, then `compare` of the handles. Keys
 * decide nearly always, so a block is searched by its keys alone; what else there is (marks.ts) would be a cache miss
 * each, and is looked at only among equals.
 */
import type { BlockList } from './block-list.js'
import { lowest, lowestAbove, lowestNear } from './key-search.js'
import type { Marks } from './marks.js'

/** Less than 0 where the first handle stands before the other, more where behind; never 0 for two that differ. */
export type CompareHandles = (handle: number, other: number) => number

/** Searches in a block list. The marks of a player must be those of their entry. */
export class EntrySearch {
  readonly #list: BlockList
  readonly #marks: Marks
  readonly #compare: CompareHandles
  /** Where `find` stopped: place in the directory, and index in that block. */
  place = 0
  index = 0

  constructor(list: BlockList, marks: Marks, compare: CompareHandles) {
    this.#list = list
    this.#marks = marks
    this.#compare = compare
  }

  /**
   * Sets `place` and `index` to the entry of a player, who must have one. O(log n), among equals O(block).
   * @throws Error where it is out of order, since `compare` does not answer alike each time
   */
  find(handle: number): void {
    let slot = this.#lowestSlot(handle)
    const { handles } = this.#list.slabs
    const start = this.#list.directory.starts[this.place]!
    const end = start + this.#list.directory.counts.at(this.place)
    // Their number tells them from their equals, of whom nothing else has to be fetched.
    while (handles[slot] !== handle) if (++slot >= end) throw new Error(`Player ${handle} is out of order.`)
    this.index = slot - start
  }

  /**
   * Sets `place` and `index` to where the entry of a player belongs who has none yet: before the first that does not
   * stand before it, in the last block whose first entry is not after it. O(log n).
   */
  findRoom(handle: number): void {
    const { starts, counts } = this.#list.directory
    if (counts.length === 0) {
      this.place = this.index = 0
      return
    }
    const slot = this.#lowestSlot(handle)
    const start = starts[this.place]!
    this.index = this.#slotAmongEquals(slot, start + counts.at(this.place), handle) - start
  }

  /** The same for a key, behind all equals: they came first. O(log n). */
  findRoomBehind(key: number): void {
    const { starts, firstKeys, counts } = this.#list.directory
    const { keys } = this.#list.slabs
    if (counts.length === 0) {
      this.place = this.index = 0
      return
    }
    const place = Math.max(0, lowestAbove(firstKeys, 0, counts.length, key) - 1)
    const start = starts[place]!
    const end = start + counts.at(place)
    const slot = lowestNear(keys, start, end, key, this.#guess(place, start, end, key))
    this.place = place
    this.index = (keys[slot] === key ? lowestAbove(keys, slot, end, key) : slot) - start
  }

  /** How many entries have a lower key; or, `hasEqual`, this one or a lower. Needs no player. O(log n). */
  countUpTo(key: number, hasEqual: boolean): number {
    const { starts, firstKeys, counts } = this.#list.directory
    const { keys } = this.#list.slabs
    const search = hasEqual ? lowestAbove : lowest
    const place = search(firstKeys, 0, counts.length, key) - 1
    if (place < 0) return 0
    const start = starts[place]!
    return counts.before(place) + search(keys, start, start + counts.at(place), key) - start
  }

  /** Whether the entries rise strictly: also that nobody has two. O(n). */
  isInOrder(): boolean {
    const { starts, counts } = this.#list.directory
    const { keys } = this.#list.slabs
    let before = -1
    for (let place = 0; place < counts.length; place++) {
      const start = starts[place]!
      for (let slot = start; slot < start + counts.at(place); before = slot++)
        if (!Number.isFinite(keys[slot]) || (before >= 0 && !this.#rises(before, slot))) return false
    }
    return true
  }

  #rises(slot: number, other: number): boolean {
    const { keys, handles } = this.#list.slabs
    return keys[slot] === keys[other] ? this.#isBefore(slot, handles[other]!) : keys[slot]! < keys[other]!
  }

  /** Sets `place` to the block of a player. @returns the first slot in there that has their key or a higher one */
  #lowestSlot(handle: number): number {
    const { starts, counts } = this.#list.directory
    const key = this.#marks.keyOf(handle)
    const place = this.#placeFor(key, handle)
    const start = starts[place]!
    const end = start + counts.at(place)
    this.place = place
    return lowestNear(this.#list.slabs.keys, start, end, key, this.#guess(place, start, end, key))
  }

  /** Where a key would stand if those of a block lay evenly between its first and that of the next block; NaN for none. */
  #guess(place: number, start: number, end: number, key: number): number {
    const { firstKeys, counts } = this.#list.directory
    if (place + 1 >= counts.length) return NaN
    const first = firstKeys[place]!
    return start + ((end - start) * (key - first)) / (firstKeys[place + 1]! - first)
  }

  /** The last block whose first entry is not after a player; the first block where there is none. */
  #placeFor(key: number, handle: number): number {
    const { starts, firstKeys, firstReachedAts, counts } = this.#list.directory
    let low = 0
    let high = counts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = firstKeys[middle]!
      const isAfter =
        first === key
          ? this.#compareEqual(starts[middle]!, firstReachedAts[middle]!, handle) > 0
          : first > key
      if (isAfter) high = middle - 1
      else low = middle
    }
    return low
  }

  /**
   * The first entry in [slot, end) that does not stand before a player. `slot` is the first one that has their key or a
   * higher one. Who comes last is asked first: they nearly always stand before somebody who reached the score now.
   */
  #slotAmongEquals(slot: number, end: number, handle: number): number {
    const { keys } = this.#list.slabs
    const key = this.#marks.keyOf(handle)
    if (slot === end || keys[slot] !== key) return slot
    let from = slot
    let to = lowestAbove(keys, slot, end, key)
    for (let middle = to - 1; from < to; middle = (from + to) >>> 1)
      if (this.#isBefore(middle, handle)) from = middle + 1
      else to = middle
    return from
  }

  /** Whether the entry in a slot stands before a player, keys being equal. */
  #isBefore(slot: number, handle: number): boolean {
    return this.#compareEqual(slot, this.#marks.reachedAtOf(this.#list.slabs.handles[slot]!), handle) < 0
  }

  /** The entry in a slot against a player, keys being equal: below 0 where it stands before, 0 where it is theirs. */
  #compareEqual(slot: number, slotReachedAt: number, handle: number): number {
    const marks = this.#marks
    const other = this.#list.slabs.handles[slot]!
    if (marks.subScoreCount > 0) {
      const order = marks.compareSubScores(other, handle)
      if (order !== 0) return order
    }
    const reachedAt = marks.reachedAtOf(handle)
    if (slotReachedAt !== reachedAt) return slotReachedAt - reachedAt
    return other === handle ? 0 : this.#compare(other, handle)
  }
}
