/** How late things were done: counts in classes of milliseconds, from which a share can be told without keeping any. */

/** Upper bounds of the classes, in ms: fine where the promise of 20 ms is, and then wider. What is later has a class of its own. */
export const latenessBoundsMs = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000,
] as const

export class Lateness {
  readonly #counts = new Array<number>(latenessBoundsMs.length + 1).fill(0)
  #total = 0

  get total(): number {
    return this.#total
  }

  /** Of each class of `latenessBoundsMs`, and last of what was later. */
  get counts(): readonly number[] {
    return [...this.#counts]
  }

  add(ms: number): void {
    let at = 0
    while (at < latenessBoundsMs.length && ms > latenessBoundsMs[at]!) at++
    this.#counts[at]!++
    this.#total++
  }

  /** This share was no later than so many ms, told by the bound of its class: 0 where nothing was done, Infinity beyond the last. */
  percentile(share: number): number {
    if (this.#total === 0) return 0
    const wanted = Math.ceil(this.#total * share)
    let seen = 0
    for (const [at, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted) return latenessBoundsMs[at] ?? Infinity
    }
    return Infinity
  }
}
