/**
 * The entries of a ranking, in blocks of at most 128: three columns, cut into slabs of one block each.
 *
 *     keys         f64   the score, signed so that a lower key is better
 *     reachedAts   f64   the position in the log at which it was reached
 *     handles      u32   whose it is
 *
 * Block b has the slots [128 b, 128 (b + 1)) of all three. Its entries stand side by side, in order, anywhere in there:
 * where one is put in or taken out, those on the shorter side move (block-list.ts). The reach position is here, and not
 * only by handle (marks.ts), because among many equals a search looks at it at each step: fetched from the players it
 * would be a cache miss each. 20 bytes an entry.
 */
import { enlarged } from './enlarged.js'

/** What a block can hold. 64, 96 and 128 came out alike at a million players; the directory is smallest with this one. */
export const entriesMax = 128

/** The first slot of the block to which a slot belongs. */
export const firstOf = (slot: number): number => slot - (slot % entriesMax)

/** Blocks of entries; which are in use, and in what order, is told by the directory. */
export class EntrySlabs {
  keys = new Float64Array(entriesMax)
  reachedAts = new Float64Array(entriesMax)
  handles = new Uint32Array(entriesMax)
  /** Blocks that were ever in use; those of them that are not now are in `#free`. */
  #used = 0
  readonly #free: number[] = []

  /** Bytes held, all columns. */
  get bytes(): number {
    return this.keys.byteLength + this.reachedAts.byteLength + this.handles.byteLength
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
    this.reachedAts = enlarged(this.reachedAts, blocks * entriesMax)
    this.handles = enlarged(this.handles, blocks * entriesMax)
  }

  /** Writes one entry. */
  put(slot: number, key: number, reachedAt: number, handle: number): void {
    this.keys[slot] = key
    this.reachedAts[slot] = reachedAt
    this.handles[slot] = handle
  }

  /**
   * Copies the slots [from, to) to `target` and behind, which may overlap. A loop, because for some sixty entries the
   * call of `copyWithin` costs more than the copying.
   */
  shift(from: number, to: number, target: number): void {
    const { keys, reachedAts, handles } = this
    const isForward = target < from
    const step = isForward ? 1 : -1
    let source = isForward ? from : to - 1
    let slot = isForward ? target : target + to - from - 1
    for (let left = to - from; left > 0; left--, source += step, slot += step) {
      keys[slot] = keys[source]!
      reachedAts[slot] = reachedAts[source]!
      handles[slot] = handles[source]!
    }
  }
}
