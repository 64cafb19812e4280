/**
 * Numbers by 64-bit fingerprint, for millions of them: 16 bytes an entry on the average, no object, no long pause.
 *
 *     shard by the highest 8 bits     young      FingerprintTable of the newest, 24 to 48 bytes an entry
 *     of a fingerprint (256)          settled    [ low | high | value ] * n, sorted by low: 12 bytes an entry
 *
 * A shard settles its young ones when they are an eighth of it: sorts them, and merges the two. That takes some
 * milliseconds at ten million entries, and the shards come to it one after the other, since no hash is that even.
 * (A log-structured merge tree of two levels, O'Neil et al.) Entries are never taken out.
 *
 * What is settled may leave memory for the scratch, shard by shard (sorted-page.ts): then a filter of it stays, 1.5 bytes an
 * entry. "No" needs no reading, but for one in 250; "yes" reads one block.
 */
import { FingerprintTable, type Fingerprint } from '../../events/fingerprint.js'
import type { Scratch } from './catalog-store.js'
import { findSorted, lanes } from './sorted-entries.js'
import { SortedPage } from './sorted-page.js'

const shards = 256
/** Below this a shard is all young: sorting would not pay. */
const youngMin = 1_024

export class FingerprintIndex {
  readonly #shards = Array.from({ length: shards }, () => new Shard())
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Bytes held. O(1): 256 shards. */
  get bytes(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.bytes, 0)
  }

  /** Enters a value from 0 to 4 294 967 294. O(1) amortised. */
  add(fingerprint: Fingerprint, value: number): void {
    this.#shardOf(fingerprint).add(fingerprint, value)
    this.#size++
  }

  /** The first value under this fingerprint that `isIt` confirms, else `undefined`. O(log n). */
  find(fingerprint: Fingerprint, isIt: (value: number) => boolean = () => true): number | undefined {
    return this.#shardOf(fingerprint).find(fingerprint, isIt)
  }

  /** All values under this fingerprint: none, or, but for collisions, one. */
  candidates(fingerprint: Fingerprint): number[] {
    const found: number[] = []
    this.find(fingerprint, (value) => {
      found.push(value)
      return false
    })
    return found
  }

  /** Takes what is settled out of memory, until no more is held than this, or nothing is left to take. */
  async page(scratch: Scratch, bytesMax: number): Promise<void> {
    for (const shard of this.#shards) {
      if (this.bytes <= bytesMax) return
      await shard.page(scratch)
    }
  }

  #shardOf({ high }: Fingerprint): Shard {
    return this.#shards[high >>> 24]!
  }
}

class Shard {
  #young = new FingerprintTable()
  #settled: Uint32Array = noEntries
  /** On their way to the scratch. */
  #leaving: Uint32Array = noEntries
  readonly #pages: SortedPage[] = []

  get bytes(): number {
    const inMemory = this.#young.bytes + this.#settled.byteLength + this.#leaving.byteLength
    return this.#pages.reduce((sum, { bytes }) => sum + bytes, inMemory)
  }

  add(fingerprint: Fingerprint, value: number): void {
    this.#young.add(fingerprint, value)
    if (this.#young.size >= Math.max(youngMin, this.#settled.length / lanes / 8)) this.#settle()
  }

  /** @throws what the scratch throws */
  find(fingerprint: Fingerprint, isIt: (value: number) => boolean): number | undefined {
    const inMemory =
      this.#young.find(fingerprint, isIt) ??
      findSorted(this.#settled, fingerprint, isIt) ??
      findSorted(this.#leaving, fingerprint, isIt)
    if (inMemory !== undefined) return inMemory
    for (const page of this.#pages) {
      const found = page.find(fingerprint, isIt)
      if (found !== undefined) return found
    }
    return undefined
  }

  async page(scratch: Scratch): Promise<void> {
    this.#settle()
    this.#leaving = this.#settled
    this.#settled = noEntries
    try {
      if (this.#leaving.length > 0) this.#pages.push(await SortedPage.write(scratch, this.#leaving))
    } catch (cause) {
      this.#settled = merged(this.#leaving, this.#settled)
      throw cause
    } finally {
      this.#leaving = noEntries
    }
  }

  #settle(): void {
    this.#settled = merged(this.#settled, sorted(this.#young))
    this.#young = new FingerprintTable()
  }
}

const noEntries = new Uint32Array(0)

/** The entries of a table, by low. One float holds low and place: sorting floats calls no function of ours. */
const sorted = (table: FingerprintTable): Uint32Array => {
  const places = 2 ** 20
  const keys = new Float64Array(table.size)
  const entries = new Uint32Array(lanes * table.size)
  let at = 0
  table.forEach(({ high, low }, value) => {
    entries.set([low, high, value], lanes * at)
    keys[at] = low * places + at
    at++
  })
  const order = keys.sort()
  const result = new Uint32Array(entries.length)
  order.forEach((key, to) => {
    const from = lanes * (key % places)
    result[lanes * to] = entries[from]!
    result[lanes * to + 1] = entries[from + 1]!
    result[lanes * to + 2] = entries[from + 2]!
  })
  return result
}

/** Of two sorted lists of entries, one. */
const merged = (one: Uint32Array, other: Uint32Array): Uint32Array => {
  const result = new Uint32Array(one.length + other.length)
  let [from, also] = [0, 0]
  for (let to = 0; to < result.length; to += lanes) {
    const isOne = also === other.length || (from < one.length && one[from]! <= other[also]!)
    const source = isOne ? one : other
    const at = isOne ? from : also
    result[to] = source[at]!
    result[to + 1] = source[at + 1]!
    result[to + 2] = source[at + 2]!
    if (isOne) from += lanes
    else also += lanes
  }
  return result
}
