/**
 * The slots of a batch as they are kept in memory: a line of JSON each, in order of final position, in one buffer.
 *
 * Parsed, a batch of 256 games is thousands of objects, which every collection of young objects has to carry along; as text
 * it is one buffer outside the heap, and one game costs one small parse.
 */
import type { GoneGame, IndexedGame, Manifest } from './manifest.js'

/** A place in a batch. None leaves it when its game goes. */
export type Slot = IndexedGame | GoneGame

/** The slots of a manifest, in order of final position: the order of ordinals. O(n log n). */
export const slotsOf = ({ games, gone = [] }: Manifest): readonly Slot[] =>
  [...games, ...gone].sort((one, other) => one.lastPosition - other.lastPosition)

/** The game in a slot; `undefined` where it is gone. */
export const gameIn = (slot: Slot): IndexedGame | undefined => ('fingerprint' in slot ? undefined : slot)

export class PackedSlots {
  /** The key of the segment that the games are in. */
  readonly segment: string
  readonly #text: Buffer
  /** Where each ends. */
  readonly #ends: Uint32Array

  constructor(manifest: Manifest) {
    const slots = slotsOf(manifest).map((slot) => JSON.stringify(slot))
    this.segment = manifest.segment
    this.#ends = new Uint32Array(slots.length)
    let end = 0
    for (let at = 0; at < slots.length; at++) this.#ends[at] = end += Buffer.byteLength(slots[at]!)
    this.#text = Buffer.allocUnsafeSlow(end)
    for (let at = 0, start = 0; at < slots.length; start = this.#ends[at++]!)
      this.#text.write(slots[at]!, start)
  }

  get bytes(): number {
    return this.#text.length + this.#ends.byteLength
  }

  /** `at` counts from 0, below the number of slots. One parse. */
  at(at: number): Slot {
    const start = at === 0 ? 0 : this.#ends[at - 1]!
    return JSON.parse(this.#text.toString('utf8', start, this.#ends[at])) as Slot
  }
}
