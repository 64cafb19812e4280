/**
 * Rows in order of the position at which they came in, oldest first.
 *
 *     positions    12   17   18   25   31   ...     f64, rising: rows only ever come in at the end
 *     rows          4    -    9    1    -   ...     1 + row; 0 where it was taken out
 *
 * A row is found by its position with a binary search, so going on behind a cursor is, too: no sorting, no links, no
 * object. What is taken out leaves a hole; when there are more holes than rows the list is written anew, so coming in
 * and going out are O(1) and O(log n) amortised, and 12 to 36 bytes a row.
 */

/** Below this many holes, writing anew costs more than they do. */
const holesMin = 64

/** A row, and the position at which it came in. */
export interface AgedRow {
  readonly row: number
  readonly since: number
}

export class AgeList {
  #positions = new Float64Array(16)
  #rows = new Uint32Array(16)
  #end = 0
  #size = 0

  /** How many rows there are. */
  get size(): number {
    return this.#size
  }

  /** Lets a row in at the end. O(1) amortised. `position` must be above all that were ever let in. */
  add(row: number, position: number): void {
    if (this.#end === this.#rows.length) this.#writeAnew(2 * this.#end)
    this.#positions[this.#end] = position
    this.#rows[this.#end++] = row + 1
    this.#size++
  }

  /** Takes out the row that came in at this position, if it is there. O(log n) amortised. */
  remove(position: number): void {
    const at = this.#firstBehind(position - 1)
    if (at === this.#end || this.#positions[at] !== position || this.#rows[at] === 0) return
    this.#rows[at] = 0
    this.#size--
    const holes = this.#end - this.#size
    if (holes > holesMin && holes > this.#size) this.#writeAnew(Math.max(16, 2 * this.#size))
  }

  /** The rows that came in behind a position, oldest first. O(log n) to the first. Not to be changed meanwhile. */
  *behind(position: number): Generator<AgedRow, void, undefined> {
    for (let at = this.#firstBehind(position); at < this.#end; at++)
      if (this.#rows[at] !== 0) yield { row: this.#rows[at]! - 1, since: this.#positions[at]! }
  }

  #firstBehind(position: number): number {
    let low = 0
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#positions[middle]! <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  #writeAnew(room: number): void {
    const [positions, rows, end] = [this.#positions, this.#rows, this.#end]
    this.#positions = new Float64Array(room)
    this.#rows = new Uint32Array(room)
    this.#end = 0
    for (let at = 0; at < end; at++) {
      if (rows[at] === 0) continue
      this.#positions[this.#end] = positions[at]!
      this.#rows[this.#end++] = rows[at]!
    }
  }
}
