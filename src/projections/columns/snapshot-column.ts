/**
 * Numbers by row in chunks, of which a snapshot costs nothing: it takes the chunks themselves, and a chunk that was
 * taken is copied before it is written to again (copy on write).
 *
 *     chunks    [ rows 0 .. 1023 ] [ rows 1024 .. 2047 ] ...      `lanes` numbers a row
 *     taken     [ yes            ] [ no                ] ...
 *
 * So saving a model of a million rows stops the event loop for the references to its chunks only; what it costs is
 * spread over the writes that follow, one copy a chunk and snapshot. What was never written is 0.
 */

/** A copy of 1 024 rows of 48 bytes takes some microseconds, and few rows leave little room unused. */
const chunkBits = 10
const chunkRows = 1 << chunkBits

/** The class of a typed array. */
export interface NumbersOf<Numbers extends Uint32Array | Float64Array> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): Numbers
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers
}

export class SnapshotColumn<Numbers extends Uint32Array | Float64Array> {
  readonly #of: NumbersOf<Numbers>
  readonly #lanes: number
  #chunks: Numbers[] = []
  #taken: boolean[] = []

  constructor(of: NumbersOf<Numbers>, lanes: number) {
    this.#of = of
    this.#lanes = lanes
  }

  /** A number; 0 where none was written. O(1). */
  get(row: number, lane: number): number {
    return this.#chunks[row >>> chunkBits]?.[(row & (chunkRows - 1)) * this.#lanes + lane] ?? 0
  }

  /** Writes a number. O(1), or the copy of a chunk that a snapshot has taken. */
  set(row: number, lane: number, value: number): void {
    this.#writable(row >>> chunkBits)[(row & (chunkRows - 1)) * this.#lanes + lane] = value
  }

  /** Adds 1. O(1), or the copy of a chunk that a snapshot has taken. */
  increment(row: number, lane: number): void {
    this.#writable(row >>> chunkBits)[(row & (chunkRows - 1)) * this.#lanes + lane]!++
  }

  /** The first so many rows as bytes that never change from now on. O(chunks). */
  snapshot(rows: number): readonly Uint8Array[] {
    const parts: Uint8Array[] = []
    for (let first = 0; first < rows; first += chunkRows) {
      const chunk = this.#chunks[first >>> chunkBits] ?? this.#writable(first >>> chunkBits)
      const bytes = Math.min(chunkRows, rows - first) * this.#rowBytes
      parts.push(new Uint8Array(chunk.buffer, chunk.byteOffset, bytes))
    }
    this.#taken.fill(true)
    return parts
  }

  /**
   * Replaces all rows by those of a snapshot. @returns how many they are
   * @throws TypeError where they are no whole rows
   */
  load(saved: Uint8Array): number {
    const rows = saved.byteLength / this.#rowBytes
    if (!Number.isInteger(rows))
      throw new TypeError(`A saved column has a broken row: ${saved.byteLength} bytes. Rebuild it.`)
    // A copy of its own: what was lent may lie at any address, and numbers may not.
    const bytes = new Uint8Array(saved)
    this.#chunks = []
    for (let first = 0; first < rows; first += chunkRows) {
      const length = Math.min(chunkRows, rows - first) * this.#lanes
      const chunk = new this.#of(bytes.buffer, first * this.#rowBytes, length)
      this.#chunks.push(first + chunkRows <= rows ? chunk : this.#chunkOf(chunk))
    }
    this.#taken = this.#chunks.map(() => false)
    return rows
  }

  get #rowBytes(): number {
    return this.#lanes * this.#of.BYTES_PER_ELEMENT
  }

  #writable(at: number): Numbers {
    while (at >= this.#chunks.length) {
      this.#chunks.push(this.#chunkOf())
      this.#taken.push(false)
    }
    if (!this.#taken[at]) return this.#chunks[at]!
    this.#taken[at] = false
    return (this.#chunks[at] = this.#chunkOf(this.#chunks[at]))
  }

  #chunkOf(content?: Numbers): Numbers {
    const chunk = new this.#of(chunkRows * this.#lanes)
    if (content) chunk.set(content)
    return chunk
  }
}
