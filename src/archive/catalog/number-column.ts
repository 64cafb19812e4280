/**
 * Numbers by row in chunks: growing copies nothing, so it never stops play, and there is no object a row.
 *
 *     chunks    [ rows 0 .. 2047 ] [ rows 2048 .. 4095 ] ...
 *
 * Chunks that are full may leave memory for the scratch; a number of such a chunk is read from there, and stays as it is.
 */
import type { Scratch } from './catalog-store.js'

/** Small enough that a column of few rows costs little, large enough that millions are some thousand objects. */
const chunkBits = 11
const chunkRows = 1 << chunkBits

type Numbers = Uint32Array | Float64Array

interface NumbersOf {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): Numbers
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers
}

export class NumberColumn {
  readonly #of: NumbersOf
  #chunks: Numbers[] = []
  #length = 0
  /** The first chunks, by where they are in the scratch. */
  #paged: number[] = []
  #scratch: Scratch | undefined

  constructor(of: NumbersOf) {
    this.#of = of
  }

  get length(): number {
    return this.#length
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes
  }

  /** The number of a row, which must be there. O(1). @throws what the scratch throws */
  get(row: number): number {
    const chunk = (row >>> chunkBits) - this.#paged.length
    if (chunk < 0) return this.#pagedAt(row)
    return this.#chunks[chunk]![row & (chunkRows - 1)]!
  }

  /** Writes a row that is there, in memory. O(1). */
  set(row: number, value: number): void {
    this.#chunks[(row >>> chunkBits) - this.#paged.length]![row & (chunkRows - 1)] = value
  }

  /** Adds a row. O(1). */
  push(value: number): void {
    if (this.#length === (this.#paged.length + this.#chunks.length) * chunkRows)
      this.#chunks.push(new this.#of(chunkRows))
    this.set(this.#length++, value)
  }

  /** Takes the chunks that are full out of memory; their rows are never written again. One call at a time. */
  async page(scratch: Scratch): Promise<void> {
    this.#scratch = scratch
    for (let full = this.#fullChunks; full > 0; full--) {
      const chunk = this.#chunks[0]!
      const offset = await scratch.append(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      this.#paged.push(offset)
      this.#chunks.shift()
    }
  }

  get #fullChunks(): number {
    return (this.#length >>> chunkBits) - this.#paged.length
  }

  get #chunkBytes(): number {
    return chunkRows * this.#of.BYTES_PER_ELEMENT
  }

  #pagedAt(row: number): number {
    const width = this.#of.BYTES_PER_ELEMENT
    const offset = this.#paged[row >>> chunkBits]! + (row & (chunkRows - 1)) * width
    const bytes = new Uint8Array(this.#scratch!.read(offset, width))
    return new this.#of(bytes.buffer, 0, 1)[0]!
  }
}
