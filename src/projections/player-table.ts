/**
 * Players' ids as dense handles 0, 1, 2, ...: the id is looked up once, and arrays by handle hold the rest.
 *
 *     encoded   length u8 | UTF-8 bytes     of each player, in order of handles: what is saved, as it is
 *     starts    u32 a handle                where in there
 *     hashes    u32 a handle                asked for when the slots grow: hashing a million ids anew would stop play
 *     slots     u32: handle + 1, and above it what has room of the hash    open addressing, linear probing, at most half
 *               full: id -> handle
 *     ids       strings, decoded when first asked for
 *
 * Handles are given in order of appearance and never change, so all of it only ever grows at its end. That is why a
 * saved table is lent, not copied, and why loading a million ids makes no million strings and no Map: it hashes their
 * bytes. Looking up costs less than in a Map of that size, too, whose strings and entries lie all over the heap.
 */
import { checkPlayerId, type PlayerId } from '../events/ids.js'
import { enlarged } from './ranking/enlarged.js'

/**
 * MurmurHash3's 32-bit finaliser over FNV-1a. Of UTF-16 units: for ASCII, of the bytes. It begins with another number in
 * each process, so that nobody can make up ids that all fall into one slot; hashes are never saved.
 */
const seed = Math.trunc(Math.random() * 2 ** 32)
const mixed = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const finished = (hash: number): number => {
  let last = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  last = Math.imul(last ^ (last >>> 13), 0xc2b2ae35)
  return (last ^ (last >>> 16)) >>> 0
}

const hashOf = (id: PlayerId): number => {
  let hash = seed
  for (let index = 0; index < id.length; index++) hash = mixed(hash, id.charCodeAt(index))
  return finished(hash)
}

export class PlayerTable {
  readonly #ids: (PlayerId | undefined)[] = []
  #encoded = Buffer.alloc(0)
  #used = 0
  #starts = new Uint32Array(0)
  #hashes = new Uint32Array(0)
  #slots = new Uint32Array(16)
  /** The length of `slots`, a power of two, less 1. It masks where a hash begins, and the handle in a slot. */
  #mask = 15

  /** How many players are known. One that was seen is never forgotten here. */
  get size(): number {
    return this.#ids.length
  }

  /** The handle of a player, `undefined` where never seen. O(1). */
  handleOf(player: PlayerId): number | undefined {
    const handle = typeof player === 'string' ? this.#find(player, hashOf(player)) : -1
    return handle < 0 ? undefined : handle
  }

  /** The player of a handle. O(1). @throws RangeError where there is no such handle */
  idOf(handle: number): PlayerId {
    return this.#ids[handle] ?? this.#decode(handle)
  }

  /** The handle of a player, given now if they are new. O(1). @throws TypeError where it is no player id */
  intern(player: PlayerId): number {
    const hash = typeof player === 'string' ? hashOf(player) : 0
    const known = this.#find(player, hash)
    if (known >= 0) return known
    const handle = this.#ids.length
    this.#reserve(handle + 1)
    this.#encode(checkPlayerId(player), handle)
    this.#ids.push(player)
    this.#place(handle, hash)
    return handle
  }

  /** Which of two players comes first by id, in order of UTF-16 units: less than, equal to or more than 0. O(length). */
  readonly compare = (handle: number, other: number): number => {
    const id = this.idOf(handle)
    const otherId = this.idOf(other)
    return id < otherId ? -1 : id > otherId ? 1 : 0
  }

  /** All ids, encoded. Lent: what was saved never changes, so it need not be copied. O(1). */
  save(): Uint8Array {
    return this.#encoded.subarray(0, this.#used)
  }

  /** Fills an empty table with what `save` gave. O(bytes). @throws TypeError where the bytes are none of its own */
  load(saved: Uint8Array): void {
    this.#encoded = Buffer.from(saved)
    this.#used = saved.length
    let count = 0
    let at = 0
    for (; at < saved.length; at += 1 + saved[at]!) count++
    if (at !== saved.length) throw new TypeError('These bytes are no saved players. Rebuild the projection.')
    this.#reserve(count)
    this.#ids.length = count
    at = 0
    for (let handle = 0; handle < count; handle++) {
      this.#starts[handle] = at
      at += 1 + saved[at]!
      this.#place(handle, this.#hashAt(handle))
    }
  }

  #find(player: PlayerId, hash: number): number {
    const slots = this.#slots
    const mask = this.#mask
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = slots[at]!
      if (slot === 0) return -1
      const handle = (slot & mask) - 1
      if (((slot ^ hash) & ~mask) === 0 && this.idOf(handle) === player) return handle
    }
  }

  #place(handle: number, hash: number): void {
    const mask = this.#mask
    this.#hashes[handle] = hash
    let at = hash & mask
    while (this.#slots[at] !== 0) at = (at + 1) & mask
    this.#slots[at] = (hash & ~mask) | (handle + 1)
  }

  #decode(handle: number): PlayerId {
    if (!(handle >= 0 && handle < this.#ids.length))
      throw new RangeError(`There is no player ${handle}; there are ${this.#ids.length}.`)
    const start = this.#starts[handle]! + 1
    return (this.#ids[handle] = this.#encoded.toString('utf8', start, start + this.#encoded[start - 1]!))
  }

  /** The hash of an id by its bytes; by its units, where these are others. */
  #hashAt(handle: number): number {
    const start = this.#starts[handle]! + 1
    const end = start + this.#encoded[start - 1]!
    let hash = seed
    for (let at = start; at < end; at++) {
      const byte = this.#encoded[at]!
      if (byte >= 0x80) return hashOf(this.idOf(handle))
      hash = mixed(hash, byte)
    }
    return finished(hash)
  }

  #encode(id: PlayerId, handle: number): void {
    const length = Buffer.byteLength(id)
    const end = this.#used + 1 + length
    if (end > this.#encoded.length) {
      const larger = Buffer.alloc(Math.max(64, end, Math.ceil(this.#encoded.length * 1.5)))
      this.#encoded.copy(larger, 0, 0, this.#used)
      this.#encoded = larger
    }
    this.#starts[handle] = this.#used
    this.#encoded[this.#used] = length
    this.#encoded.write(id, this.#used + 1, length, 'utf8')
    this.#used = end
  }

  /** Room for so many players. */
  #reserve(count: number): void {
    this.#starts = enlarged(this.#starts, count)
    this.#hashes = enlarged(this.#hashes, count)
    if (2 * count <= this.#mask + 1) return
    while (2 * count > this.#mask + 1) this.#mask = 2 * this.#mask + 1
    this.#slots = new Uint32Array(this.#mask + 1)
    for (let handle = 0; handle < this.#ids.length; handle++) this.#place(handle, this.#hashes[handle]!)
  }
}
