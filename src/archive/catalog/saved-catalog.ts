/**
 * The catalog between two openings: digests of manifests (batch-digest.ts), one behind the other.
 *
 *     0    4   magic "GLCT"
 *     4    2   format, u16: 1              (all numbers little-endian)
 *     6    2   0
 *     8    4   batches of the base, u32
 *     12   4   length of the archive's id, u32
 *     16   4   CRC-32 of bytes 0 to 15 and the id
 *     20       the archive's id, UTF-8
 *      .       frames: length of the payload u32 | CRC-32 of it u32 | payload: for each digest its length u32, and itself
 *
 * The *base* was written at once, in order of final position: it is whole, or the catalog is nothing. Behind it each saving
 * adds a frame with what was archived since, in the order in which that came, so numbers of batches rise from frame to
 * frame: a tail that does not agree with its sum is cut, and is in the manifests behind the highest number that is left.
 */
import { crc32 } from 'node:zlib'
import { TimeSlice } from '../../events/time-slice.js'
import { encodeDigest, type BatchDigest } from './batch-digest.js'
import { digestsIn, FrameReader, frameOf } from './catalog-frame.js'
import type { CatalogStore } from './catalog-store.js'
import { DigestSpool } from './digest-spool.js'

const magic = 0x54434c47
const format = 1
const headBytes = 20
/** A frame of the base closes at this size: summed and copied in a millisecond or two. */
const frameBytes = 1 << 19

/** Why a saved catalog is not believed. It is made anew from the manifests. */
export class UnfitCatalog {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

export class SavedCatalog {
  readonly #store: CatalogStore
  readonly #archiveId: string
  #pending: Buffer[] = []
  /** Where the next frame is added. */
  #end = 0
  /** Nothing was loaded or written yet, or writing has failed: it is not known what is there, so nothing is added. */
  #isClosed = true

  /** @param archiveId of the archive that it is the catalog of */
  constructor(store: CatalogStore, archiveId: string) {
    this.#store = store
    this.#archiveId = archiveId
  }

  /**
   * Gives what was saved, digest by digest, in an order in which it can be entered.
   * @returns how many there were; 0 where nothing was saved
   * @throws UnfitCatalog, perhaps after some were given; what the store throws
   */
  async load(enter: (digest: BatchDigest) => Promise<void> | void): Promise<number> {
    const reader = new FrameReader(this.#store.read())
    try {
      return await this.#load(reader, enter)
    } finally {
      await reader.close()
    }
  }

  /**
   * Makes it smaller, where batches that were replaced are most of it. Before anything is noted.
   * @throws as `load`, what the store throws
   */
  async compact(): Promise<void> {
    const spool = new DigestSpool()
    await this.load((digest) => spool.add(digest))
    await this.writeAnew(spool)
  }

  async #load(reader: FrameReader, enter: (digest: BatchDigest) => Promise<void> | void): Promise<number> {
    const slice = new TimeSlice()
    const head = await reader.take(headBytes)
    if (!head) {
      if (reader.isEmpty) return 0
      throw new UnfitCatalog('it is incomplete')
    }
    const base = await this.#checkHead(head, reader)
    let entered = 0
    for (;;) {
      const payload = await reader.takeFrame()
      if (!payload) break
      for (const digest of digestsIn(payload)) {
        await enter(digest)
        entered++
        if (slice.isOver()) await slice.next()
      }
    }
    if (entered < base) throw new UnfitCatalog('it is damaged')
    this.#end = reader.taken
    this.#isClosed = false
    return entered
  }

  /** A batch that has to be saved: in the order in which they are entered. O(games). */
  note(digest: BatchDigest): void {
    if (!this.#isClosed) this.#pending.push(encodeDigest(digest))
  }

  /** Adds what is pending, in one frame; nothing where nothing is. @throws what the store throws, once */
  async save(): Promise<void> {
    if (this.#pending.length === 0) return
    const frame = frameOf(this.#pending.splice(0))
    await this.#write(() => this.#store.append(this.#end, frame))
    this.#end += frame.length
  }

  /** Puts these in place of all that was saved and noted. @throws what the store throws */
  async writeAnew(spool: DigestSpool): Promise<void> {
    this.#pending = []
    let end = 0
    const counted = function* (pieces: Iterable<Buffer>): Generator<Buffer, void, undefined> {
      for (const piece of pieces) {
        end += piece.length
        yield piece
      }
    }
    await this.#write(() => this.#store.write(counted(this.#piecesOf(spool))))
    this.#end = end
    this.#isClosed = false
  }

  async #write(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (cause) {
      this.#isClosed = true
      this.#pending = []
      throw cause
    }
  }

  *#piecesOf(spool: DigestSpool): Generator<Buffer, void, undefined> {
    const id = Buffer.from(this.#archiveId)
    const head = Buffer.alloc(headBytes)
    head.writeUInt32LE(magic, 0)
    head.writeUInt16LE(format, 4)
    head.writeUInt32LE(spool.believed, 8)
    head.writeUInt32LE(id.length, 12)
    head.writeUInt32LE(headSum(head, id), 16)
    yield Buffer.concat([head, id])
    let digests: Buffer[] = []
    let bytes = 0
    for (const digest of spool.inOrder()) {
      digests.push(digest)
      bytes += digest.length
      if (bytes < frameBytes) continue
      yield frameOf(digests)
      digests = []
      bytes = 0
    }
    if (digests.length > 0) yield frameOf(digests)
  }

  /** @returns the batches of the base */
  async #checkHead(head: Buffer, reader: FrameReader): Promise<number> {
    if (head.readUInt32LE(0) !== magic) throw new UnfitCatalog('it is damaged')
    if (head.readUInt16LE(4) !== format)
      throw new UnfitCatalog(`it has format ${head.readUInt16LE(4)}, and this program writes ${format}`)
    const id = await reader.take(head.readUInt32LE(12))
    if (!id || headSum(head, id) !== head.readUInt32LE(16)) throw new UnfitCatalog('it is damaged')
    if (id.toString() !== this.#archiveId) throw new UnfitCatalog(`it is of archive ${id.toString()}`)
    return head.readUInt32LE(8)
  }
}

const headSum = (head: Buffer, id: Buffer): number => crc32(id, crc32(head.subarray(0, 16)))
