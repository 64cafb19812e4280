/**
 * Memory that models are copied into, one after the other, used again and again.
 *
 * A copy into memory that the process has touched before runs at some GB/s; into fresh memory the kernel has to find and
 * clear every page first, which takes ten times as long or more (bench/rebuild.mjs), while play stands still. So the
 * room is made large enough ahead, in slices, and kept: as large as the largest model, once for all of them.
 */
import { setImmediate } from 'node:timers/promises'
import { TimeSlice } from '../../events/time-slice.js'
import type { ModelCheckpoint, SaveRoom } from '../projection.js'

/** Fresh memory of this size costs next to nothing. */
const smallBytesMax = 1 << 18
/** Touched in one turn. */
const sliceBytes = 1 << 20

/** The room is too small: asked again when it is large enough. */
class RoomWanted {
  readonly bytes: number

  constructor(bytes: number) {
    this.bytes = bytes
  }
}

export class WarmRoom {
  #memory = Buffer.alloc(0)

  /** Saves a model into the room; what it gives is valid until the next call. @throws what `save` throws */
  async save<Saved extends ModelCheckpoint | undefined>(save: (room: SaveRoom) => Saved): Promise<Saved> {
    for (;;)
      try {
        return save((bytes) => this.#lend(bytes))
      } catch (wanted) {
        if (!(wanted instanceof RoomWanted)) throw wanted
        await this.#grow(wanted.bytes)
      }
  }

  /** Puts parts that never change together in the room, in slices. What it gives is valid until the next call. */
  async join(parts: readonly Uint8Array[]): Promise<Buffer> {
    const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (bytes > this.#memory.length) await this.#grow(bytes)
    const slice = new TimeSlice()
    let at = 0
    for (const part of parts) {
      if (slice.isOverAfterStep()) await slice.next()
      this.#memory.set(part, at)
      at += part.byteLength
    }
    return this.#memory.subarray(0, bytes)
  }

  #lend(bytes: number): Buffer {
    if (bytes <= this.#memory.length) return this.#memory.subarray(0, bytes)
    if (bytes <= smallBytesMax) return Buffer.allocUnsafeSlow(bytes)
    throw new RoomWanted(bytes)
  }

  /** By a quarter more than is wanted: the model grows meanwhile, and afterwards. */
  async #grow(bytes: number): Promise<void> {
    const memory = Buffer.allocUnsafeSlow(Math.ceil(1.25 * bytes))
    for (let at = 0; at < memory.length; at += sliceBytes) {
      memory.fill(0, at, Math.min(memory.length, at + sliceBytes))
      await setImmediate()
    }
    this.#memory = memory
  }
}
