/**
 * Digests of manifests in the order in which they were read, packed, until they can be entered in order of final position.
 *
 * Manifests are listed by number, and one that replaces others has a higher number than those behind it: the order of
 * ordinals is known only when all were read. 27 bytes a game with two players, and no object a batch.
 */
import { encodeDigest, type BatchDigest } from './batch-digest.js'
import { NumberColumn } from './number-column.js'

const chunkBytes = 1 << 20

export class DigestSpool {
  #chunks: Buffer[] = []
  #used = 0
  readonly #chunkOf = new NumberColumn(Uint32Array)
  readonly #offsets = new NumberColumn(Uint32Array)
  readonly #lengths = new NumberColumn(Uint32Array)
  readonly #batches = new NumberColumn(Float64Array)
  readonly #finals = new NumberColumn(Float64Array)
  readonly #replaced = new Set<number>()

  get size(): number {
    return this.#batches.length
  }

  /** How many of them no other one replaces. O(n). */
  get believed(): number {
    let believed = 0
    for (let at = 0; at < this.size; at++) if (!this.#replaced.has(this.#batches.get(at))) believed++
    return believed
  }

  /** Whether one of them replaces this batch. */
  hasReplaced(batch: number): boolean {
    return this.#replaced.has(batch)
  }

  add(digest: BatchDigest): void {
    const bytes = encodeDigest(digest)
    const chunk = this.#chunks.at(-1)
    if (!chunk || this.#used + bytes.length > chunk.length) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes.length)))
      this.#used = 0
    }
    bytes.copy(this.#chunks.at(-1)!, this.#used)
    this.#chunkOf.push(this.#chunks.length - 1)
    this.#offsets.push(this.#used)
    this.#lengths.push(bytes.length)
    this.#used += bytes.length
    this.#batches.push(digest.batch)
    this.#finals.push(digest.firstFinalPosition)
    for (const batch of digest.replaces) this.#replaced.add(batch)
  }

  /** The bytes of those that no other one replaces, in order of final position. O(n log n). */
  *inOrder(): Generator<Buffer, void, undefined> {
    const order = Float64Array.from({ length: this.size }, (_, at) => at)
    // Nearly always sorted already.
    order.sort((one, other) => this.#finals.get(one) - this.#finals.get(other))
    for (const at of order) {
      if (this.#replaced.has(this.#batches.get(at))) continue
      const offset = this.#offsets.get(at)
      const chunk = this.#chunks[this.#chunkOf.get(at)]!
      yield chunk.subarray(offset, offset + this.#lengths.get(at))
    }
  }
}
