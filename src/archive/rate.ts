/**
 * How many a second, over the last minute: in sixty buckets of a second, so it takes no more room however many they are.
 */
const buckets = 60

export class Rate {
  readonly #counts = new Float64Array(buckets)
  /** The second of the newest bucket, since 1970. */
  #second = 0

  /** So many more, now (ms since 1970). O(1), and O(60) after a pause. */
  add(count: number, now: number): void {
    this.#advance(now)
    this.#counts[this.#second % buckets]! += count
  }

  /** The mean over the last minute. O(60). */
  perSecond(now: number): number {
    this.#advance(now)
    return this.#counts.reduce((sum, count) => sum + count, 0) / buckets
  }

  #advance(now: number): void {
    const second = Math.max(this.#second, Math.floor(now / 1_000))
    const passed = Math.min(buckets, second - this.#second)
    for (let at = 0; at < passed; at++) this.#counts[(second - at) % buckets] = 0
    this.#second = second
  }
}
