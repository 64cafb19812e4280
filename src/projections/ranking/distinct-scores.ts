/**
 * How many distinct scores are better than one: what dense ranks need (100, 90, 90, 80 -> 1, 2, 2, 3).
 *
 * Each distinct score is an entry of a ranking of its own, with the number of players who have it. That ranking is
 * touched only when this number leaves or reaches 0, so a board with heavy ties pays little for it.
 */
import { Ranking, type Direction } from './ranking.js'

/** A counted set of scores, in order. Memory: about 100 bytes a distinct score. */
export class DistinctScores {
  readonly #ranking: Ranking
  readonly #handleOf = new Map<number, number>()
  readonly #players: number[] = []
  readonly #free: number[] = []

  constructor(direction: Direction) {
    this.#ranking = new Ranking({ direction })
  }

  /** How many distinct scores there are. */
  get size(): number {
    return this.#ranking.size
  }

  /** One more player has this score. O(log n) where nobody had it, else O(1). */
  add(score: number): void {
    const known = this.#handleOf.get(score)
    if (known !== undefined) {
      this.#players[known]!++
      return
    }
    const handle = this.#free.pop() ?? this.#players.length
    this.#players[handle] = 1
    this.#handleOf.set(score, handle)
    this.#ranking.set(handle, score, 0)
  }

  /** One player less has this score; it must be there. O(log n) where nobody has it any more, else O(1). */
  remove(score: number): void {
    const handle = this.#handleOf.get(score)!
    if (--this.#players[handle]! > 0) return
    this.#handleOf.delete(score)
    this.#ranking.remove(handle)
    this.#free.push(handle)
  }

  /** How many distinct scores are strictly better. O(log n). */
  countBetter(score: number): number {
    return this.#ranking.countBetter(score)
  }
}
