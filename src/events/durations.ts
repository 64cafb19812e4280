/**
 * How long something takes, however often it happens, in fixed room: a histogram on a logarithmic scale.
 *
 *     1 us | 1.25 | 1.6 | 2 | 2.5 | 3.15 | 4 | 5 | 6.3 | 8 | 10 us ... 100 s | longer
 *
 * The edges are Renard's preferred numbers (R10, ISO 3): ten to a power of ten, each about a quarter more than the one
 * before, so a percentile that is read off them is at most a quarter too high. Adding costs one search among 81 numbers
 * and allocates nothing.
 */
const preferred = [1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8] as const
const powersOfTen = 8

/** Upper edges in milliseconds, from 1 us to 100 s. */
const edgesMs: readonly number[] = [
  ...Array.from({ length: powersOfTen }, (_, power) =>
    preferred.map((step) => Number((step * 10 ** (power - 3)).toPrecision(3))),
  ).flat(),
  10 ** (powersOfTen - 3),
]

/** Durations as they stand when asked, since the ledger was opened. */
export interface DurationStats {
  /** How many were measured. */
  readonly count: number
  readonly sumMs: number
  /** Half of them took no longer; 0 where there was none. At most a quarter too high. */
  readonly p50Ms: number
  /** 99 of 100 took no longer. At most a quarter too high. */
  readonly p99Ms: number
  readonly maxMs: number
  /** How many took at most so long, for growing lengths of 1, 2.5 and 5 times a power of ten. */
  readonly atMost: readonly { readonly ms: number; readonly count: number }[]
}

/** Where the coarser edges are among the fine ones, for those who draw them: 1, 2.5 and 5 of each power of ten. */
const told = edgesMs.flatMap((_, index) =>
  ([1, 2.5, 5] as number[]).includes(preferred[index % preferred.length]!) ? [index] : [],
)

export class Durations {
  readonly #counts = new Float64Array(edgesMs.length + 1)
  #count = 0
  #sumMs = 0
  #maxMs = 0

  /** One more. */
  add(ms: number): void {
    this.#counts[indexOf(ms)]!++
    this.#count++
    this.#sumMs += ms
    if (ms > this.#maxMs) this.#maxMs = ms
  }

  stats(): DurationStats {
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      p50Ms: this.#percentile(0.5),
      p99Ms: this.#percentile(0.99),
      maxMs: this.#maxMs,
      atMost: told.map((index) => ({ ms: edgesMs[index]!, count: this.#through(index) })),
    }
  }

  #percentile(share: number): number {
    const wanted = Math.ceil(this.#count * share)
    if (wanted === 0) return 0
    let passed = 0
    const at = this.#counts.findIndex((count) => (passed += count) >= wanted)
    return Math.min(edgesMs[at] ?? this.#maxMs, this.#maxMs)
  }

  #through(index: number): number {
    return this.#counts.subarray(0, index + 1).reduce((sum, count) => sum + count, 0)
  }
}

/** Of the first edge that is not exceeded; one behind the last where all are. */
const indexOf = (ms: number): number => {
  let from = 0
  let to = edgesMs.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (edgesMs[middle]! < ms) from = middle + 1
    else to = middle
  }
  return from
}
