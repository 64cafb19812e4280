/**
 * A few numbers for each player, side by side by handle: `width` float64 a player, one cache miss for all of them.
 *
 *     | a b c | a b c | NaN NaN NaN | a b c | ...        width 3; nothing was set for handle 2
 *
 * NaN stands for "nothing", so what is set is finite. It starts with room for eight players (a small board is cheap)
 * and grows by half. A width of 0 holds nothing and costs nothing.
 */
export class PlayerColumns {
  readonly width: number
  #numbers: Float64Array = new Float64Array(0)

  constructor(width: number) {
    this.width = width
  }

  /** True where numbers were set for a player. O(1). */
  has(handle: number): boolean {
    return !Number.isNaN(this.#numbers[handle * this.width] ?? NaN)
  }

  /** One number of a player, NaN where none was set. O(1). */
  at(handle: number, column: number): number {
    return this.#numbers[handle * this.width + column] ?? NaN
  }

  /** Sets one number of a player; those beside it stay. O(1), amortised. */
  set(handle: number, column: number, value: number): void {
    const at = handle * this.width + column
    if (at >= this.#numbers.length) this.#grow(handle)
    this.#numbers[at] = value
  }

  /** Forgets the numbers of a player. O(width). */
  clear(handle: number): void {
    this.#numbers.fill(NaN, handle * this.width, (handle + 1) * this.width)
  }

  /** A copy, for so many players at most. */
  save(players: number): Float64Array {
    return this.#numbers.subarray(0, players * this.width)
  }

  /** Replaces everything. @throws TypeError where the numbers do not come out even */
  load(numbers: Float64Array): void {
    if (numbers.length % Math.max(1, this.width) !== 0 || (this.width === 0 && numbers.length > 0))
      throw new TypeError(
        `${numbers.length} saved numbers are no rows of ${this.width}. Rebuild the projection.`,
      )
    this.#numbers = numbers
  }

  #grow(handle: number): void {
    const { length } = this.#numbers
    const players = Math.max(handle + 1, 8, Math.ceil((1.5 * length) / this.width))
    const larger = new Float64Array(players * this.width)
    larger.set(this.#numbers)
    this.#numbers = larger.fill(NaN, length)
  }
}
