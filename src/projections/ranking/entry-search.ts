/**
 * Where in the row of blocks a player stands, or a score would: a binary search in the directory, and one in the block
 * that it leads to.
 *
 * The order: lower key, then better sub-scores, then the earlier reach position, then `compare` of the handles. Keys
 * decide nearly always. Sub-scores are fetched from the players, a cache miss each, only where keys are equal and the
 * ranking has some.
 */
import type { BlockList } from './block-list.js'
import { entriesMax } from './entry-slabs.js'
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
   * Sets `place` and `index` to the entry of a player; or, where they have none yet, to where it belongs: the first
   * entry that does not stand before it, in the last block whose first entry is not after it. O(log n).
   */
  find(handle: number): void {
    const key = this.#marks.keyOf(handle)
    const reachedAt = this.#marks.reachedAtOf(handle)
    const { blocks, firstKeys, firstReachedAts, counts } = this.#list.directory
    if (counts.length === 0) {
      this.place = this.index = 0
      return
    }
    let low = 0
    let high = counts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = firstKeys[middle]!
      const isAfter =
        first === key
          ? this.#compareEqual(blocks[middle]! * entriesMax, firstReachedAts[middle]!, handle, reachedAt) > 0
          : first > key
      if (isAfter) high = middle - 1
      else low = middle
    }
    const { keys, reachedAts } = this.#list.slabs
    const start = blocks[low]! * entriesMax
    let from = start
    let to = start + counts.at(low)
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = keys[middle]!
      const isBefore =
        other === key ? this.#compareEqual(middle, reachedAts[middle]!, handle, reachedAt) < 0 : other < key
      if (isBefore) from = middle + 1
      else to = middle
    }
    this.place = low
    this.index = from - start
  }

  /** How many entries have a lower key; or, `hasEqual`, this one or a lower. Needs no player. O(log n). */
  countUpTo(key: number, hasEqual: boolean): number {
    const { blocks, firstKeys, counts } = this.#list.directory
    let low = 0
    let high = counts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const first = firstKeys[middle]!
      if (first < key || (hasEqual && first === key)) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const { keys } = this.#list.slabs
    const start = blocks[low - 1]! * entriesMax
    let from = start + 1
    let to = start + counts.at(low - 1)
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = keys[middle]!
      if (other < key || (hasEqual && other === key)) from = middle + 1
      else to = middle
    }
    return counts.before(low - 1) + from - start
  }

  /** Whether the entries rise strictly: also that nobody has two. O(n). */
  isInOrder(): boolean {
    const { blocks, counts } = this.#list.directory
    const { keys } = this.#list.slabs
    let before = -1
    for (let place = 0; place < counts.length; place++) {
      const start = blocks[place]! * entriesMax
      for (let slot = start; slot < start + counts.at(place); before = slot++)
        if (!Number.isFinite(keys[slot]) || (before >= 0 && !this.#isBefore(before, slot))) return false
    }
    return true
  }

  #isBefore(slot: number, other: number): boolean {
    const { keys, reachedAts, handles } = this.#list.slabs
    if (keys[slot] !== keys[other]) return keys[slot]! < keys[other]!
    return this.#compareEqual(slot, reachedAts[slot]!, handles[other]!, reachedAts[other]!) < 0
  }

  /** The entry in a slot against a player, keys being equal: below 0 where it stands before, 0 where it is theirs. */
  #compareEqual(slot: number, slotReachedAt: number, handle: number, reachedAt: number): number {
    if (this.#marks.subScoreCount > 0) {
      const order = this.#marks.compareSubScores(this.#list.slabs.handles[slot]!, handle)
      if (order !== 0) return order
    }
    if (slotReachedAt !== reachedAt) return slotReachedAt - reachedAt
    const other = this.#list.slabs.handles[slot]!
    return other === handle ? 0 : this.#compare(other, handle)
  }
}
