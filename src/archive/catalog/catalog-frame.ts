/**
 * Frames of the saved catalog: some digests under one sum, so that they are believed together or not at all.
 *
 *     0   4   length of the payload, u32
 *     4   4   CRC-32 of it
 *     8       for each digest its length u32, and itself
 */
import { crc32 } from 'node:zlib'
import { decodeDigest, type BatchDigest } from './batch-digest.js'

const frameHeadBytes = 8

/** One frame of digests. O(bytes). */
export const frameOf = (digests: readonly Buffer[]): Buffer => {
  const bytes = digests.reduce((sum, { length }) => sum + 4 + length, 0)
  const frame = Buffer.allocUnsafe(frameHeadBytes + bytes)
  let at = frame.writeUInt32LE(bytes, 0) + 4
  for (const digest of digests) {
    at = frame.writeUInt32LE(digest.length, at)
    at += digest.copy(frame, at)
  }
  frame.writeUInt32LE(crc32(frame.subarray(frameHeadBytes)), 4)
  return frame
}

/** The digests of a payload. */
export function* digestsIn(payload: Buffer): Generator<BatchDigest, void, undefined> {
  for (let at = 0; at < payload.length;) {
    const length = payload.readUInt32LE(at)
    yield decodeDigest(payload.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
}

/** Takes pieces of any size apart. */
export class FrameReader {
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  #taken = 0

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** Bytes that were taken. */
  get taken(): number {
    return this.#taken
  }
  /** Whether nothing was there, or is left. */
  get isEmpty(): boolean {
    return this.#rest.length === 0
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  /** So many bytes; `undefined` where fewer are left. */
  async take(length: number): Promise<Buffer | undefined> {
    const bytes = await this.#peek(length)
    if (bytes) this.#drop(length)
    return bytes
  }

  /** The payload of the next frame; `undefined` where none is whole. */
  async takeFrame(): Promise<Buffer | undefined> {
    const head = await this.#peek(frameHeadBytes)
    if (!head) return undefined
    const [length, sum] = [head.readUInt32LE(0), head.readUInt32LE(4)]
    const frame = await this.#peek(frameHeadBytes + length)
    const payload = frame?.subarray(frameHeadBytes)
    if (!payload || crc32(payload) !== sum) return undefined
    this.#drop(frameHeadBytes + length)
    return payload
  }

  async #peek(length: number): Promise<Buffer | undefined> {
    if (this.#rest.length < length) {
      const pieces = [this.#rest]
      let have = this.#rest.length
      while (have < length) {
        const { done, value } = await this.#pieces.next()
        if (done) break
        pieces.push(value)
        have += value.length
      }
      this.#rest = Buffer.concat(pieces)
    }
    return this.#rest.length < length ? undefined : this.#rest.subarray(0, length)
  }

  #drop(length: number): void {
    this.#rest = this.#rest.subarray(length)
    this.#taken += length
  }
}
