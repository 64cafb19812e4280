/**
 * 64-bit fingerprints of ids, and a table of them on typed arrays.
 *
 * A fingerprint is two rounds of MurmurHash3's 32-bit finaliser over the UTF-16 units of a string, with
 * different seeds. It is stable for ever: it stands in the journal's record headers. It names, it does not
 * prove: a hit is always confirmed against the text itself, a miss is exact.
 *
 * The table is open addressing with linear probing at a load of at most 1/2: 12 bytes a slot, no heap object
 * an entry. One fingerprint may be entered with several values; looking up visits all of them.
 */
export interface Fingerprint {
  readonly high: number
  readonly low: number
}

const seeds = { high: 0x9747b28c, low: 0x3c6ef372 }

const mixed = (hash: number, unit: number): number => {
  const before = hash ^ unit
  return (Math.imul((before << 13) | (before >>> 19), 5) + 0xe6546b64) | 0
}

const finished = (hash: number, length: number): number => {
  let last = hash ^ length
  last = Math.imul(last ^ (last >>> 16), 0x85ebca6b)
  last = Math.imul(last ^ (last >>> 13), 0xc2b2ae35)
  return (last ^ (last >>> 16)) >>> 0
}

/** The fingerprint of a text. O(length): both rounds in one pass, since every append to the journal makes one. */
export const fingerprintOf = (text: string): Fingerprint => {
  let { high, low } = seeds
  for (let index = 0; index < text.length; index++) {
    let unit = Math.imul(text.charCodeAt(index), 0xcc9e2d51)
    unit = Math.imul((unit << 15) | (unit >>> 17), 0x1b873593)
    high = mixed(high, unit)
    low = mixed(low, unit)
  }
  return { high: finished(high, text.length), low: finished(low, text.length) }
}

/** As 16 hex digits. */
export const fingerprintText = ({ high, low }: Fingerprint): string =>
  high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')

/** The fingerprint of 16 hex digits. */
export const parseFingerprint = (text: string): Fingerprint => ({
  high: Number.parseInt(text.slice(0, 8), 16),
  low: Number.parseInt(text.slice(8), 16),
})

/** Values from 0 to 4 294 967 294 by fingerprint. Grows by doubling; entries are never taken out. */
export class FingerprintTable {
  #slots = new Uint32Array(3 * 8)
  #mask = 7
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#slots.byteLength
  }

  /** Enters a value. O(1) amortised. */
  add({ high, low }: Fingerprint, value: number): void {
    if (2 * (this.#size + 1) > this.#mask + 1) this.#grow()
    this.#place(high, low, value + 1)
    this.#size++
  }

  /** The first value under this fingerprint that `isIt` confirms, else `undefined`. O(1) expected. */
  find({ high, low }: Fingerprint, isIt: (value: number) => boolean): number | undefined {
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const stored = this.#slots[3 * slot]!
      if (stored === 0) return undefined
      if (this.#slots[3 * slot + 1] === high && this.#slots[3 * slot + 2] === low && isIt(stored - 1))
        return stored - 1
    }
  }

  /** All values under this fingerprint: none, or, but for collisions, one. */
  candidates(fingerprint: Fingerprint): number[] {
    const found: number[] = []
    this.find(fingerprint, (value) => {
      found.push(value)
      return false
    })
    return found
  }

  /** Every entry, in no order. O(slots). */
  forEach(visit: (fingerprint: Fingerprint, value: number) => void): void {
    for (let at = 0; at < this.#slots.length; at += 3)
      if (this.#slots[at] !== 0)
        visit({ high: this.#slots[at + 1]!, low: this.#slots[at + 2]! }, this.#slots[at]! - 1)
  }

  #place(high: number, low: number, stored: number): void {
    let slot = low & this.#mask
    while (this.#slots[3 * slot] !== 0) slot = (slot + 1) & this.#mask
    this.#slots[3 * slot] = stored
    this.#slots[3 * slot + 1] = high
    this.#slots[3 * slot + 2] = low
  }

  #grow(): void {
    const old = this.#slots
    this.#mask = 2 * this.#mask + 1
    this.#slots = new Uint32Array(3 * (this.#mask + 1))
    for (let at = 0; at < old.length; at += 3)
      if (old[at] !== 0) this.#place(old[at + 1]!, old[at + 2]!, old[at]!)
  }
}
