/**
 * What two players came to against each other: one row for each pair that ever finished a game together.
 *
 *     shards    256 hash tables (open addressing, linear probing) of row numbers, by the hash of the pair
 *     pairs     lower handle | higher handle | games | lower ahead | higher ahead | level     6 x u32
 *     times     when they last finished a game                                                1 x f64
 *
 * 32 bytes a pair, and 6 to 11 of hash. A pair costs one look-up when a game of it ends, and answering is one look-up,
 * however many games there were and wherever they are now: a merge of both players' lists of archived games would read
 * a manifest for every batch in which they met. Bounded by the pairs that ever met, of which a game of n players has
 * n (n - 1) / 2. A shard doubles by itself, so growing never moves more than one 256th of the rows at once.
 */
import { SnapshotColumn } from '../columns/snapshot-column.js'

/** What one pair came to; `ahead` and `behind` as seen from the first of the two. */
export interface PairCounts {
  readonly games: number
  readonly ahead: number
  readonly behind: number
  readonly level: number
  readonly lastAt: number
}

/** 16 players are 120 pairs, a thousand would be half a million. */
const playersMax = 16

const shardBits = 8
const shardStart = 16

interface Shard {
  /** 1 + row; 0 where nothing stands. The length is a power of two. */
  rows: Uint32Array
  size: number
}

/** Both handles mixed into 32 bits (the finalizer of MurmurHash3). */
const hashOf = (low: number, high: number): number => {
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export class PairTable {
  readonly #pairs = new SnapshotColumn(Uint32Array, 6)
  readonly #times = new SnapshotColumn(Float64Array, 1)
  readonly #shards = Array.from({ length: 1 << shardBits }, (): Shard => ({
    rows: new Uint32Array(shardStart),
    size: 0,
  }))
  #size = 0

  /** How many pairs have met. */
  get size(): number {
    return this.#size
  }

  /**
   * A game ended: counts it for each pair of its players. `places` are theirs, 1 for the best; absent where nobody says.
   * O(pairs). Games of more than 16 players count for none.
   */
  finish(players: readonly number[], places: readonly (number | undefined)[], at: number): void {
    if (players.length > playersMax) return
    for (let one = 0; one < players.length; one++)
      for (let other = one + 1; other < players.length; other++)
        this.#count(players[one]!, players[other]!, (places[one] ?? NaN) - (places[other] ?? NaN), at)
  }

  /** What two players came to, as the first sees it; `undefined` where they never finished a game together. O(1). */
  of(one: number, other: number): PairCounts | undefined {
    const [low, high] = one < other ? [one, other] : [other, one]
    const row = this.#find(low, high)
    if (row === undefined) return undefined
    const count = (lane: number): number => this.#pairs.get(row, lane)
    const [ahead, behind] = one === low ? [count(3), count(4)] : [count(4), count(3)]
    return { games: count(2), ahead, behind, level: count(5), lastAt: this.#times.get(row, 0) }
  }

  /** The columns, as bytes that never change. */
  snapshot(): readonly (readonly Uint8Array[])[] {
    return [this.#pairs.snapshot(this.#size), this.#times.snapshot(this.#size)]
  }

  /** Enters all pairs of a snapshot. O(pairs). */
  load(pairs: Uint8Array, times: Uint8Array): void {
    this.#size = this.#pairs.load(pairs)
    if (this.#times.load(times) !== this.#size)
      throw new TypeError('Saved pairs have columns of different lengths. Rebuild them.')
    for (let row = 0; row < this.#size; row++) this.#enter(row)
  }

  /** `place` is less than 0 where the first was ahead, 0 where level, NaN where nobody says. */
  #count(one: number, other: number, place: number, at: number): void {
    const [low, high] = one < other ? [one, other] : [other, one]
    const row = this.#find(low, high) ?? this.#add(low, high)
    this.#pairs.increment(row, 2)
    if (at > this.#times.get(row, 0)) this.#times.set(row, 0, at)
    if (Number.isNaN(place)) return
    const isLowAhead = place < 0 === (one === low)
    this.#pairs.increment(row, place === 0 ? 5 : isLowAhead ? 3 : 4)
  }

  #find(low: number, high: number): number | undefined {
    const hash = hashOf(low, high)
    const { rows } = this.#shards[hash >>> (32 - shardBits)]!
    for (let at = hash & (rows.length - 1); rows[at] !== 0; at = (at + 1) & (rows.length - 1)) {
      const row = rows[at]! - 1
      if (this.#pairs.get(row, 0) === low && this.#pairs.get(row, 1) === high) return row
    }
    return undefined
  }

  #add(low: number, high: number): number {
    const row = this.#size++
    this.#pairs.set(row, 0, low)
    this.#pairs.set(row, 1, high)
    this.#enter(row)
    return row
  }

  #enter(row: number): void {
    const hash = hashOf(this.#pairs.get(row, 0), this.#pairs.get(row, 1))
    const shard = this.#shards[hash >>> (32 - shardBits)]!
    // At most three quarters full: linear probing then passes a few entries.
    if (shard.size * 4 >= shard.rows.length * 3) this.#double(shard)
    this.#put(shard.rows, hash, row)
    shard.size++
  }

  #double(shard: Shard): void {
    const rows = new Uint32Array(2 * shard.rows.length)
    for (const entry of shard.rows)
      if (entry !== 0)
        this.#put(rows, hashOf(this.#pairs.get(entry - 1, 0), this.#pairs.get(entry - 1, 1)), entry - 1)
    shard.rows = rows
  }

  #put(rows: Uint32Array, hash: number, row: number): void {
    let at = hash & (rows.length - 1)
    while (rows[at] !== 0) at = (at + 1) & (rows.length - 1)
    rows[at] = row + 1
  }
}
