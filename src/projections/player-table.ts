/**
 * Players' ids as dense handles 0, 1, 2, ...: the id is looked up once, and arrays by handle hold the rest.
 *
 * Handles are given in order of appearance and never change, so the table only ever grows at its end. Beside the
 * strings it keeps them encoded, ready to be saved by one copy (encoding a million ids at once would stop the loop):
 *
 *     length u8 | UTF-8 bytes     for each player, in order of handles
 */
import { checkPlayerId, type PlayerId } from '../events/ids.js'

export class PlayerTable {
  readonly #handles = new Map<PlayerId, number>()
  readonly #ids: PlayerId[] = []
  #encoded = Buffer.alloc(0)
  #used = 0

  /** How many players are known. One that was seen is never forgotten here. */
  get size(): number {
    return this.#ids.length
  }

  /** The handle of a player, `undefined` where never seen. O(1). */
  handleOf(player: PlayerId): number | undefined {
    return this.#handles.get(player)
  }

  /** The player of a handle. O(1). @throws RangeError where there is no such handle */
  idOf(handle: number): PlayerId {
    const id = this.#ids[handle]
    if (id === undefined) throw new RangeError(`There is no player ${handle}; there are ${this.#ids.length}.`)
    return id
  }

  /** The handle of a player, given now if they are new. O(1). @throws TypeError where it is no player id */
  intern(player: PlayerId): number {
    const known = this.#handles.get(player)
    if (known !== undefined) return known
    const handle = this.#ids.length
    this.#encode(checkPlayerId(player))
    this.#handles.set(player, handle)
    this.#ids.push(player)
    return handle
  }

  /** Which of two players comes first by id, in order of UTF-16 units: less than, equal to or more than 0. O(length). */
  readonly compare = (handle: number, other: number): number => {
    const id = this.#ids[handle]!
    const otherId = this.#ids[other]!
    return id < otherId ? -1 : id > otherId ? 1 : 0
  }

  /** All ids, encoded. A copy. */
  save(): Uint8Array {
    return new Uint8Array(this.#encoded.subarray(0, this.#used))
  }

  /** Enters all ids that `save` gave. @throws TypeError where the bytes are none of its own */
  load(saved: Uint8Array): void {
    const text = Buffer.from(saved.buffer, saved.byteOffset, saved.byteLength)
    for (let at = 0; at < text.length;) {
      const end = at + 1 + text[at]!
      this.intern(text.toString('utf8', at + 1, end))
      at = end
    }
  }

  #encode(id: PlayerId): void {
    const length = Buffer.byteLength(id)
    const end = this.#used + 1 + length
    if (end > this.#encoded.length) {
      const larger = Buffer.alloc(Math.max(64, end, Math.ceil(this.#encoded.length * 1.5)))
      this.#encoded.copy(larger, 0, 0, this.#used)
      this.#encoded = larger
    }
    this.#encoded[this.#used] = length
    this.#encoded.write(id, this.#used + 1, length, 'utf8')
    this.#used = end
  }
}
