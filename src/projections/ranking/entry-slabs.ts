/**
 * The entries of a ranking, in blocks of at most 64: two columns, cut into slabs of one block each.
 *
 *     keys      f64   the score, signed so that a lower key is better
 *     handles   u32   whose it is; by it, what else they stand with (marks.ts)
 *
 * Block b has the slots [64 b, 64 (b + 1)) of both. Its entries stand side by side, in order, anywhere in there: where
 * one is put in or taken out, those on the shorter side move (block-list.ts). 12 bytes an entry: what moves is short.
 */
import { enlarged } from './enlarged.js'

/**
 * What a block can hold. 128 took an eighth longer for an update, and heavy ties take a fifth longer with 32, at a million
 * players.
 */
export const entriesMax = 64

/** The first slot of the block to which a slot belongs. */
export const firstOf = (slot: number): number => slot - (slot % entriesMax)

/** Blocks of entries; which are in use, and in what order, is told by the directory. */
export class EntrySlabs {
  keys = new Float64Array(entriesMax)
  handles = new Uint32Array(entriesMax)
  /** Blocks that were ever in use; those of them that are not now are in `#free`. */
  #used = 0
  readonly #free: number[] = []

  /** Bytes held, all columns. */
  get bytes(): number {
    return this.keys.byteLength + this.handles.byteLength
  }

  /** The first slot of a block that nobody uses. O(1), and a copy of all columns where there is none left. */
  take(): number {
    const first = this.#free.pop()
    if (first !== undefined) return first
    this.reserve(this.#used + 1)
    return this.#used++ * entriesMax
  }

  /** Gives back the block to which a slot belongs. O(1). */
  give(slot: number): void {
    this.#free.push(firstOf(slot))
  }

  /** Gives all blocks back. */
  clear(): void {
    this.#free.length = 0
    this.#used = 0
  }

  /** Makes room for so many blocks. */
  reserve(blocks: number): void {
    this.keys = enlarged(this.keys, blocks * entriesMax)
    this.handles = enlarged(this.handles, blocks * entriesMax)
  }

  /** Writes one entry. */
  put(slot: number, key: number, handle: number): void {
    this.keys[slot] = key
    this.handles[slot] = handle
  }

  /**
   * Copies the slots [from, to) to `target` and behind, which may overlap. A loop, because for some thirty entries the
   * call of `copyWithin` costs more than the copying.
   */
  shift(from: number, to: number, target: number): void {
    const { keys, handles } = this
    const isForward = target < from
    const step = isForward ? 1 : -1
    let source = isForward ? from : to - 1
    let slot = isForward ? target : target + to - from - 1
    for (let left = to - from; left > 0; left--, source += step, slot += step) {
      keys[slot] = keys[source]!
      handles[slot] = handles[source]!
    }
  }
}
