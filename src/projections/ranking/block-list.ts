/**
 * All entries of a ranking in one long row, cut into blocks of at most 64. It knows places, not the order.
 *
 *     directory (by place)   ->   slabs (by block)
 *     ordinal = total of the counts before the place + index in the block
 *
 * An entry that is put in or taken out moves the shorter side of its block by one slot, some twelve entries on average.
 * What is done to blocks that become full or small is told in block-balance.ts.
 *
 * INVARIANT: no block is empty, and the directory's firsts are those of the blocks.
 */
import { BlockBalance } from './block-balance.js'
import { BlockDirectory } from './block-directory.js'
import { entriesMax, EntrySlabs, firstOf } from './entry-slabs.js'
import type { Marks } from './marks.js'

/** What a block holds after a bulk load: room for inserts before the first one is full. */
const entriesLoaded = 48

/** Entries by place in the directory and index in the block. */
export class BlockList {
  readonly slabs = new EntrySlabs()
  readonly directory = new BlockDirectory()
  readonly #balance: BlockBalance
  #size = 0
  #saved = new Uint32Array(0)

  /** `marks` tell when a player who has an entry reached what they stand with. */
  constructor(marks: Pick<Marks, 'reachedAtOf'>) {
    this.#balance = new BlockBalance(this.slabs, this.directory, marks)
  }

  /** How many entries there are. */
  get size(): number {
    return this.#size
  }

  /** Bytes held. */
  get bytes(): number {
    return this.slabs.bytes + this.directory.bytes
  }

  /** Puts an entry in before the one at `index` in the block at `place`. O(log n), amortised O(n / 10 000) for cuts. */
  insert(place: number, index: number, key: number, handle: number): void {
    const { counts } = this.directory
    if (counts.length === 0) this.directory.insert(0, this.slabs.take(), 0)
    if (counts.at(place) < entriesMax) this.#put(place, index, key, handle)
    else {
      const balance = this.#balance
      balance.makeRoom(place, index)
      this.#put(balance.place, balance.index, key, handle)
    }
  }

  /** Takes the entry at `index` in the block at `place` out. O(log n). */
  remove(place: number, index: number): void {
    const { directory, slabs } = this
    const start = directory.starts[place]!
    const count = directory.counts.at(place)
    if (2 * index < count) {
      slabs.shift(start, start + index, start + 1)
      directory.starts[place] = start + 1
    } else slabs.shift(start + index + 1, start + count, start + index)
    directory.counts.add(place, -1)
    this.#size--
    if (index === 0) this.#balance.noteFirst(place)
    this.#balance.settle(place)
  }

  /** The handles from an ordinal on, at most `count`. O(log n + count). */
  slice(ordinal: number, count: number): number[] {
    const end = Math.min(ordinal + count, this.#size)
    if (ordinal >= end) return []
    const { starts, counts } = this.directory
    const { handles } = this.slabs
    const found = new Array<number>(end - ordinal)
    let place = counts.find(ordinal)
    let index = counts.rest
    for (let at = 0; at < found.length; place++, index = 0) {
      const start = starts[place]!
      const through = Math.min(counts.at(place), index + found.length - at)
      for (; index < through; index++) found[at++] = handles[start + index]!
    }
    return found
  }

  /** The handle at an ordinal, which must be there. O(log n). */
  at(ordinal: number): number {
    const { starts, counts } = this.directory
    const place = counts.find(ordinal)
    return this.slabs.handles[starts[place]! + counts.rest]!
  }

  /** All handles in order, lent until they are saved again: fresh memory would cost ten times as much. O(n), copying only. */
  save(): Uint32Array {
    const { starts, counts } = this.directory
    if (this.#saved.length < this.#size) this.#saved = new Uint32Array(Math.ceil(1.25 * this.#size))
    const order = this.#saved.subarray(0, this.#size)
    for (let place = 0, to = 0; place < counts.length; place++) {
      const start = starts[place]!
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
      const start = (directory.starts[place] = slabs.take())
      for (let slot = start; slot < start + counts[place]!; slot++) put(slot, order[at++]!)
      this.#balance.noteFirst(place)
    }
  }

  #put(place: number, index: number, key: number, handle: number): void {
    const { directory, slabs } = this
    slabs.put(this.#slotFor(place, index), key, handle)
    if (index === 0) this.#balance.noteFirst(place)
    directory.counts.add(place, 1)
    this.#size++
  }

  /**
   * Makes room before an index of a block that is not full: the shorter side moves by a slot; where it has none, the
   * whole block moves to the middle of its slots, so that the next ones find room. @returns the slot that is free now
   */
  #slotFor(place: number, index: number): number {
    const { directory, slabs } = this
    const start = directory.starts[place]!
    const count = directory.counts.at(place)
    const at = start + index
    const end = start + count
    const first = firstOf(start)
    const isBeforeShorter = 2 * index < count
    if (!isBeforeShorter && end < first + entriesMax) {
      slabs.shift(at, end, at + 1)
      return at
    }
    const begin = isBeforeShorter && start > first ? start - 1 : first + ((entriesMax - count - 1) >> 1)
    directory.starts[place] = begin
    if (begin > start) slabs.shift(at, end, begin + index + 1)
    slabs.shift(start, at, begin)
    if (begin <= start) slabs.shift(at, end, begin + index + 1)
    return begin + index
  }
}
