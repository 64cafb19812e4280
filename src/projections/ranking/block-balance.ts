/**
 * Blocks that are neither too full nor too empty, after the B* tree (Knuth, The Art of Computer Programming, 6.2.4):
 *
 *     full     gives up to half the difference to a neighbour with at most 48 entries; else it is cut in two
 *     small    is joined with a neighbour where both together have at most 56
 *
 * Giving first is what keeps blocks full where players arrive at the end of a long row of equals: there a cut would
 * leave one half-full block after the other behind. And it spares the directory, which only a cut or a join shifts.
 *
 * INVARIANT: any two neighbours have more than 56 entries together. So blocks are at least 7/16 full on average,
 * whatever is done to them; the memory promised in ranking.ts counts on it. (A load alone may leave a last block that is
 * smaller.)
 */
import type { BlockDirectory } from './block-directory.js'
import { entriesMax, firstOf, type EntrySlabs } from './entry-slabs.js'
import type { Marks } from './marks.js'

/** A neighbour with more has too little room: the next cut would come soon after. */
const givenMax = 48
/** 48 and 56 came out alike at a million players; with this one the bound on memory is lower. */
const joinedMax = 56

/** How many entries a full block gives to a neighbour: half the difference, but so that the invariant holds for the other. */
const givenTo = (count: number, other: number): number =>
  Math.min((entriesMax - count) >> 1, entriesMax + other - joinedMax - 1)

export class BlockBalance {
  readonly #slabs: EntrySlabs
  readonly #directory: BlockDirectory
  readonly #marks: Pick<Marks, 'reachedAtOf'>
  /** Where the entry is to be put that `makeRoom` made room for. */
  place = 0
  index = 0

  constructor(slabs: EntrySlabs, directory: BlockDirectory, marks: Pick<Marks, 'reachedAtOf'>) {
    this.#slabs = slabs
    this.#directory = directory
    this.#marks = marks
  }

  /** Makes room for an entry before the one at `index` of a full block. Sets `place` and `index`. */
  makeRoom(place: number, index: number): void {
    const before = this.#countAt(place - 1)
    const after = this.#countAt(place + 1)
    if (before <= givenMax && before <= after) this.#giveBack(place, index, before, after)
    else if (after <= givenMax) this.#giveOn(place, index, after, before)
    else {
      this.#directory.insert(place + 1, this.#slabs.take(), 0)
      this.#giveOn(place, index, 0, before)
    }
  }

  /** Joins the block at a place, from which an entry was taken, with a neighbour where both are small. */
  settle(place: number): void {
    const count = this.#directory.counts.at(place)
    if (count + this.#countAt(place + 1) <= joinedMax) this.#join(place)
    else if (count + this.#countAt(place - 1) <= joinedMax) this.#join(place - 1)
    else if (count === 0) this.#drop(place)
  }

  /** Enters the first entry of a block into the directory. */
  noteFirst(place: number): void {
    const { keys, handles } = this.#slabs
    const first = this.#directory.starts[place]!
    this.#directory.noteFirst(place, keys[first]!, this.#marks.reachedAtOf(handles[first]!))
  }

  /** How many entries stand at a place; where there is none, a full block, which nobody gives to or joins. */
  #countAt(place: number): number {
    return place >= 0 && place < this.#directory.length ? this.#directory.counts.at(place) : entriesMax
  }

  /** A full block gives its first entries to the one before. */
  #giveBack(place: number, index: number, before: number, after: number): void {
    const { starts } = this.#directory
    const given = givenTo(before, after)
    const start = starts[place]!
    this.#slabs.shift(start, start + given, this.#roomBehind(place - 1, before, given))
    starts[place] = start + given
    this.#account(place - 1, given, place)
    this.noteFirst(place)
    const isThere = index <= given
    this.place = isThere ? place - 1 : place
    this.index = isThere ? before + index : index - given
  }

  /** A full block gives its last entries to the one behind. */
  #giveOn(place: number, index: number, after: number, before: number): void {
    const given = givenTo(after, before)
    const kept = entriesMax - given
    const start = this.#directory.starts[place]!
    this.#slabs.shift(start + kept, start + entriesMax, this.#roomBefore(place + 1, after, given))
    this.#account(place + 1, given, place)
    this.noteFirst(place + 1)
    const isThere = index > kept
    this.place = isThere ? place + 1 : place
    this.index = isThere ? index - kept : index
  }

  /** Joins the block behind a place to the one there. */
  #join(place: number): void {
    const { counts, starts } = this.#directory
    const there = counts.at(place)
    const moved = counts.at(place + 1)
    const start = starts[place + 1]!
    this.#slabs.shift(start, start + moved, this.#roomBehind(place, there, moved))
    this.#account(place, moved, place + 1)
    if (there === 0) this.noteFirst(place)
    this.#drop(place + 1)
  }

  #drop(place: number): void {
    this.#slabs.give(this.#directory.starts[place]!)
    this.#directory.remove(place)
  }

  #account(to: number, moved: number, from: number): void {
    this.#directory.counts.add(to, moved)
    this.#directory.counts.add(from, -moved)
  }

  /** Makes room for `more` entries behind those of a block. @returns the first slot of it */
  #roomBehind(place: number, count: number, more: number): number {
    const { starts } = this.#directory
    const start = starts[place]!
    const first = firstOf(start)
    if (start + count + more > first + entriesMax) {
      this.#slabs.shift(start, start + count, first)
      starts[place] = first
    }
    return starts[place]! + count
  }

  /** Makes room for `more` entries before those of a block, which begins with them then. @returns the first slot of it */
  #roomBefore(place: number, count: number, more: number): number {
    const { starts } = this.#directory
    const start = starts[place]!
    const first = firstOf(start)
    if (start - more < first) this.#slabs.shift(start, start + count, first + more)
    return (starts[place] = Math.max(first, start - more))
  }
}
