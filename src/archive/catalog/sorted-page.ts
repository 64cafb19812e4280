/**
 * Sorted entries of fingerprints that have left memory.
 *
 *     scratch   [ block of 256 entries ] [ block ] ...     12 bytes an entry, sorted by low
 *     fences    low of the first entry of each block        4 bytes a block
 *     filter    12 bits an entry, 7 of them set: says "no" itself but for 4 of 1 000     (Bloom 1970)
 */
import type { Fingerprint } from '../../events/fingerprint.js'
import type { Scratch } from './catalog-store.js'
import { findSorted, firstAtLeast, lanes } from './sorted-entries.js'

const blockEntries = 256
const entryBytes = 4 * lanes
const bitsAnEntry = 12
const bitsSet = 7

export class SortedPage {
  readonly #scratch: Scratch
  readonly #offset: number
  readonly #count: number
  readonly #fences: Uint32Array
  readonly #filter: Uint32Array

  /** Writes entries to the scratch. @throws what it throws */
  static async write(scratch: Scratch, entries: Uint32Array): Promise<SortedPage> {
    const offset = await scratch.append(
      new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength),
    )
    return new SortedPage(scratch, offset, entries)
  }

  private constructor(scratch: Scratch, offset: number, entries: Uint32Array) {
    this.#scratch = scratch
    this.#offset = offset
    this.#count = entries.length / lanes
    const fence = (_: unknown, block: number): number => entries[lanes * blockEntries * block]!
    this.#fences = Uint32Array.from({ length: Math.ceil(this.#count / blockEntries) }, fence)
    this.#filter = new Uint32Array(Math.ceil((this.#count * bitsAnEntry) / 32))
    for (let at = 0; at < entries.length; at += lanes)
      for (let nth = 0; nth < bitsSet; nth++) {
        const bit = this.#bitOf(entries[at + 1]!, entries[at]!, nth)
        this.#filter[bit >>> 5]! |= 1 << (bit & 31)
      }
  }

  /** Bytes held in memory. */
  get bytes(): number {
    return this.#fences.byteLength + this.#filter.byteLength
  }

  /** The first value that `isIt` confirms. Reads a block, or where many lows are equal, some. @throws what the scratch throws */
  find(fingerprint: Fingerprint, isIt: (value: number) => boolean): number | undefined {
    const { high, low } = fingerprint
    for (let nth = 0; nth < bitsSet; nth++) {
      const bit = this.#bitOf(high, low, nth)
      if ((this.#filter[bit >>> 5]! & (1 << (bit & 31))) === 0) return undefined
    }
    const behind = firstAtLeast(this.#fences.length, (block) => this.#fences[block]!, low)
    // Equal lows may begin in the block before.
    for (let block = Math.max(0, behind - 1); block < this.#fences.length; block++) {
      if (this.#fences[block]! > low) return undefined
      const found = findSorted(this.#block(block), fingerprint, isIt)
      if (found !== undefined) return found
    }
    return undefined
  }

  #block(block: number): Uint32Array {
    const first = block * blockEntries
    const count = Math.min(blockEntries, this.#count - first)
    // A copy of its own: numbers may not lie at any address.
    const bytes = new Uint8Array(this.#scratch.read(this.#offset + entryBytes * first, entryBytes * count))
    return new Uint32Array(bytes.buffer, 0, lanes * count)
  }

  /** Double hashing: both halves are hashes already, but for the highest bits, which are the same in a shard. */
  #bitOf(high: number, low: number, nth: number): number {
    const step = (Math.imul(high, 0x9e3779b1) | 1) >>> 0
    return (low + nth * step) % (32 * this.#filter.length)
  }
}
