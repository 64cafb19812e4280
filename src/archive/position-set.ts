/** Which positions were met: one bit each, in pages that are made when a position falls into them. */
const pageBits = 1 << 20

export class PositionSet {
  readonly #pages = new Map<number, Uint32Array>()

  /** Enters a position; false if it was there. O(1). */
  add(position: number): boolean {
    const number = Math.floor(position / pageBits)
    let page = this.#pages.get(number)
    if (!page) this.#pages.set(number, (page = new Uint32Array(pageBits / 32)))
    const bit = position % pageBits
    const mask = 1 << (bit & 31)
    const word = page[bit >>> 5]!
    page[bit >>> 5] = word | mask
    return (word & mask) === 0
  }

  /** O(1) */
  has(position: number): boolean {
    const bit = position % pageBits
    const word = this.#pages.get(Math.floor(position / pageBits))?.[bit >>> 5] ?? 0
    return (word & (1 << (bit & 31))) !== 0
  }
}
