/** A ranking by brute force: a Map of entries that is sorted anew for every question. */
import type { Direction } from '../../../src/projections/ranking/ranking.js'

export interface Entry {
  readonly handle: number
  readonly score: number
  readonly reachedAt: number
  readonly subScores: readonly number[]
}

const signOf = (direction: Direction) => (direction === 'desc' ? -1 : 1)

export class SortedModel {
  readonly entries = new Map<number, Entry>()
  readonly #sign: number
  readonly #signs: readonly number[]

  constructor(direction: Direction, tieBreak: readonly Direction[] = []) {
    this.#sign = signOf(direction)
    this.#signs = tieBreak.map(signOf)
  }

  /** What a player already stands with, to the last sub-score, keeps its earlier reach position. */
  set(handle: number, score: number, reachedAt: number, subScores: readonly number[] = []): void {
    const old = this.entries.get(handle)
    const isSame = old?.score === score && old.subScores.every((each, nth) => each === subScores[nth])
    if (!isSame) this.entries.set(handle, { handle, score, reachedAt, subScores })
  }

  remove(handle: number): boolean {
    return this.entries.delete(handle)
  }

  sorted(): Entry[] {
    return [...this.entries.values()].sort(
      (a, b) =>
        this.#sign * (a.score - b.score) ||
        this.#compareSubScores(a, b) ||
        a.reachedAt - b.reachedAt ||
        a.handle - b.handle,
    )
  }

  /** How many are strictly better than a score; or, `hasEqual`, at least as good. */
  countUpTo(score: number, hasEqual: boolean): number {
    let count = 0
    for (const entry of this.entries.values())
      if (this.#sign * (entry.score - score) < 0 || (hasEqual && entry.score === score)) count++
    return count
  }

  #compareSubScores(a: Entry, b: Entry): number {
    for (const [nth, sign] of this.#signs.entries()) {
      const difference = sign * (a.subScores[nth]! - b.subScores[nth]!)
      if (difference !== 0) return difference
    }
    return 0
  }
}
