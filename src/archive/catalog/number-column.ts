/**
 * Numbers by row in chunks: growing copies nothing, so it never stops play, and there is no object a row.
 *
 *     chunks    [ rows 0 .. 16383 ] [ rows 16384 .. 32767 ] ...
 */
const chunkBits = 14
const chunkRows = 1 << chunkBits

type Numbers = Uint32Array | Float64Array

export class NumberColumn {
  readonly #of: new (length: number) => Numbers
  #chunks: Numbers[] = []
  #length = 0

  constructor(of: new (length: number) => Numbers) {
    this.#of = of
  }

  get length(): number {
    return this.#length
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** The number of a row, which must be there. O(1). */
  get(row: number): number {
    return this.#chunks[row >>> chunkBits]![row & (chunkRows - 1)]!
  }

  /** Writes a row that is there. O(1). */
  set(row: number, value: number): void {
    this.#chunks[row >>> chunkBits]![row & (chunkRows - 1)] = value
  }

  /** Adds a row. O(1). */
  push(value: number): void {
    if (this.#length === this.#chunks.length * chunkRows) this.#chunks.push(new this.#of(chunkRows))
    this.set(this.#length++, value)
  }

  /** Drops all rows from this one on. O(chunks). */
  truncate(length: number): void {
    this.#length = length
    this.#chunks.length = Math.ceil(length / chunkRows)
  }
}
