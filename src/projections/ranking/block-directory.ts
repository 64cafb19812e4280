/**
 * Which blocks there are, in order, and what stands before each.
 *
 *     place      0        1        2      ...
 *     starts     901      17       384            the slot of the first entry: so it tells the block, and where it begins
 *     firsts     key and reach position of the first entry: a search needs no look into a block that it passes
 *     counts     how many entries; a counted row tells how many stand before a place, and finds the place of an ordinal
 *
 * A block put in or taken out shifts all behind it: a copy of some hundred kilobytes at a million players, once per some
 * three hundred updates.
 */
import { CountedRow } from './counted-row.js'
import { enlarged } from './enlarged.js'

export class BlockDirectory {
  starts = new Uint32Array(0)
  firstKeys = new Float64Array(0)
  firstReachedAts = new Float64Array(0)
  readonly counts = new CountedRow()

  /** How many blocks there are. */
  get length(): number {
    return this.counts.length
  }

  /** Bytes held. */
  get bytes(): number {
    const { starts, firstKeys, firstReachedAts, counts } = this
    return starts.byteLength + firstKeys.byteLength + firstReachedAts.byteLength + counts.bytes
  }

  /** Puts a block with so many entries in at a place. O(blocks), copying only. */
  insert(place: number, start: number, count: number): void {
    this.#reserve(this.length + 1)
    this.#shift(place, place + 1)
    this.starts[place] = start
    this.counts.insert(place, count)
  }

  /** Takes the block at a place out. O(blocks), copying only. */
  remove(place: number): void {
    this.#shift(place + 1, place)
    this.counts.remove(place)
  }

  /** Says what the first entry of the block at a place is. O(1). */
  noteFirst(place: number, key: number, reachedAt: number): void {
    this.firstKeys[place] = key
    this.firstReachedAts[place] = reachedAt
  }

  /** Replaces everything: blocks with these counts, whose starts and firsts are noted next. O(blocks). */
  load(counts: Uint8Array): void {
    this.#reserve(counts.length)
    this.counts.load(counts)
  }

  #shift(from: number, target: number): void {
    const { length } = this
    this.starts.copyWithin(target, from, length)
    this.firstKeys.copyWithin(target, from, length)
    this.firstReachedAts.copyWithin(target, from, length)
  }

  #reserve(length: number): void {
    this.starts = enlarged(this.starts, length)
    this.firstKeys = enlarged(this.firstKeys, length)
    this.firstReachedAts = enlarged(this.firstReachedAts, length)
  }
}
