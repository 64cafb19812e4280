/**
 * Running totals over a row of counts: a binary indexed tree (Fenwick, "A new data structure for cumulative
 * frequency tables", 1994) on one Uint32Array. Cell `i` (from 1) holds the total of the `i & -i` counts that end at
 * `i`, so a total and a change both visit at most log2(n) cells.
 *
 * The row itself has no insert: when a count is put between two others, the tree is rebuilt, which is one pass.
 */
export class FenwickTree {
  #cells = new Uint32Array(17)
  #length = 0
  /** The highest power of two that is at most the length; where `find` begins. */
  #top = 0

  get bytes(): number {
    return this.#cells.byteLength
  }

  /** Replaces all counts by the first `length` of these. O(n). */
  rebuild(counts: Uint32Array, length: number): void {
    if (length >= this.#cells.length) this.#cells = new Uint32Array(2 * length + 1)
    const cells = this.#cells
    cells.fill(0, 1, length + 1)
    for (let at = 1; at <= length; at++) {
      const total = (cells[at]! += counts[at - 1]!)
      const parent = at + (at & -at)
      if (parent <= length) cells[parent]! += total
    }
    this.#length = length
    this.#top = length === 0 ? 0 : 1 << (31 - Math.clz32(length))
  }

  /** Adds `change` to one count. O(log n). */
  add(index: number, change: number): void {
    const cells = this.#cells
    for (let at = index + 1; at <= this.#length; at += at & -at) cells[at]! += change
  }

  /** The total of the counts before `index`. O(log n). */
  before(index: number): number {
    const cells = this.#cells
    let total = 0
    for (let at = index; at > 0; at -= at & -at) total += cells[at]!
    return total
  }

  /** The index of the count that holds the `ordinal`-th unit (from 0); the length, if there are fewer. O(log n). */
  find(ordinal: number): number {
    const cells = this.#cells
    let at = 0
    let left = ordinal
    for (let step = this.#top; step > 0; step >>= 1) {
      const next = at + step
      if (next <= this.#length && cells[next]! <= left) {
        at = next
        left -= cells[next]!
      }
    }
    return at
  }
}
