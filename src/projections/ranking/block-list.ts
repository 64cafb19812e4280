/**
 * All entries of a ranking in one long row, cut into blocks of at most 128. It knows places, not the order.
 *
 *     directory (by place)   ->   slabs (by block)
 *     ordinal = total of the counts before the place + index in the block
 *
 * An entry that is put in or taken out moves those behind it in its block, some thirty on average. A full block is cut
 * in two, and a small one joined to its neighbour; only then does the directory shift.
 *
 * INVARIANT: no block is empty, and the directory's firsts are those of the blocks.
 */
import { BlockDirectory } from './block-directory.js'
import { entriesMax, EntrySlabs } from './entry-slabs.js'

const entriesMin = entriesMax / 4
/** What a block holds after a bulk load or a join: room for inserts before the next cut. */
const entriesLoaded = 96

/** Entries by place in the directory and index in the block. */
export class BlockList {
  readonly slabs = new EntrySlabs()
  readonly directory = new BlockDirectory()
  #size = 0

  /** How many entries there are. */
  get size(): number {
    return this.#size
  }

  /** Bytes held. */
  get bytes(): number {
    return this.slabs.bytes + this.directory.bytes
  }

  /** Puts an entry in before the one at `index` in the block at `place`. O(log n), amortised O(n / 10 000) for cuts. */
  insert(place: number, index: number, key: number, reachedAt: number, handle: number): void {
    const { directory, slabs } = this
    if (directory.length === 0) directory.insert(0, slabs.take(), 0)
    if (directory.counts.at(place) === entriesMax) {
      this.#cut(place)
      if (index > entriesMax / 2) {
        place++
        index -= entriesMax / 2
      }
    }
    const start = directory.blocks[place]! * entriesMax
    slabs.shift(start + index, start + directory.counts.at(place), start + index + 1)
    slabs.put(start + index, key, reachedAt, handle)
    if (index === 0) this.#noteFirst(place)
    directory.counts.add(place, 1)
    this.#size++
  }

  /** Takes the entry at `index` in the block at `place` out. O(log n). */
  remove(place: number, index: number): void {
    const { directory, slabs } = this
    const start = directory.blocks[place]! * entriesMax
    slabs.shift(start + index + 1, start + directory.counts.at(place), start + index)
    directory.counts.add(place, -1)
    this.#size--
    const count = directory.counts.at(place)
    if (count === 0) this.#drop(place)
    else {
      if (index === 0) this.#noteFirst(place)
      if (count < entriesMin) this.#join(place)
    }
  }

  /** The handles from an ordinal on, at most `count`. O(log n + count). */
  slice(ordinal: number, count: number): number[] {
    const found: number[] = []
    const end = Math.min(ordinal + count, this.#size)
    if (ordinal >= end) return found
    const { blocks, counts } = this.directory
    const { handles } = this.slabs
    let place = counts.find(ordinal)
    let index = counts.rest
    for (let left = end - ordinal; left > 0; place++, index = 0) {
      const start = blocks[place]! * entriesMax
      const through = Math.min(counts.at(place), index + left)
      left -= through - index
      for (; index < through; index++) found.push(handles[start + index]!)
    }
    return found
  }

  /** The handle at an ordinal, which must be there. O(log n). */
  at(ordinal: number): number {
    const { blocks, counts } = this.directory
    const place = counts.find(ordinal)
    return this.slabs.handles[blocks[place]! * entriesMax + counts.rest]!
  }

  /** All handles in order. O(n), copying only. */
  save(): Uint32Array {
    const { blocks, counts } = this.directory
    const order = new Uint32Array(this.#size)
    for (let place = 0, to = 0; place < counts.length; place++) {
      const start = blocks[place]! * entriesMax
      const count = counts.at(place)
      order.set(this.slabs.handles.subarray(start, start + count), to)
      to += count
    }
    return order
  }

  /** Replaces everything by entries of these handles, in this order, filled in by `put`. O(n). */
  load(order: Uint32Array, put: (slot: number, handle: number) => void): void {
    const { directory, slabs } = this
    const counts = new Uint8Array(Math.ceil(order.length / entriesLoaded)).fill(entriesLoaded)
    if (counts.length > 0) counts[counts.length - 1] = order.length - (counts.length - 1) * entriesLoaded
    slabs.clear()
    slabs.reserve(counts.length)
    directory.load(counts)
    this.#size = order.length
    for (let place = 0, at = 0; place < counts.length; place++) {
      const start = slabs.take() * entriesMax
      for (let slot = start; slot < start + counts[place]!; slot++) put(slot, order[at++]!)
      this.#noteFirst(place)
    }
  }

  /** Moves the upper half of a full block into a new one behind it. */
  #cut(place: number): void {
    const { directory, slabs } = this
    const half = entriesMax / 2
    directory.insert(place + 1, slabs.take(), half)
    this.#move(place, half, place + 1, 0, half)
    directory.counts.add(place, -half)
    this.#noteFirst(place + 1)
  }

  /** Joins a nearly empty block with a neighbour, where both together leave room. */
  #join(place: number): void {
    const { counts } = this.directory
    const left = place + 1 < counts.length ? place : place - 1
    if (left < 0) return
    const there = counts.at(left)
    const count = counts.at(left + 1)
    if (there + count > entriesLoaded) return
    this.#move(left + 1, 0, left, there, count)
    counts.add(left, count)
    this.#drop(left + 1)
  }

  #drop(place: number): void {
    this.slabs.give(this.directory.blocks[place]!)
    this.directory.remove(place)
  }

  #move(place: number, index: number, target: number, targetIndex: number, count: number): void {
    const { blocks } = this.directory
    const from = blocks[place]! * entriesMax + index
    this.slabs.shift(from, from + count, blocks[target]! * entriesMax + targetIndex)
  }

  /** Enters the first entry of a block into the directory. */
  #noteFirst(place: number): void {
    const { directory, slabs } = this
    const first = directory.blocks[place]! * entriesMax
    directory.noteFirst(place, slabs.keys[first]!, slabs.reachedAts[first]!)
  }
}
