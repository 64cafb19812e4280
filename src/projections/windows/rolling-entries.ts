/**
 * What players did, by bucket, as rows of numbers: a million entries are saved by one copy.
 *
 *     handle | bucket | reached at | games | attempts | last played | score | sub-scores ...
 *
 * The rows of a player are linked in order of time, in both directions, by two columns that are not saved; each bucket
 * lists its rows. A row that was dropped has -1 for a handle, and is the next to be used.
 */

/** What one player did in one bucket. Read into the same object again and again. */
export interface RollingEntry {
  /** Score and sub-scores of this bucket alone; zeros until the first value. */
  readonly numbers: Float64Array
  /** The position in the log since when the numbers are what they are. */
  reachedAt: number
  games: number
  attempts: number
  lastPlayedAt: number
}

const columnsBefore = 6
const nothing = -1

export class RollingEntries {
  readonly #width: number
  #cells: Float64Array = new Float64Array(0)
  #older = new Int32Array(0)
  #newer = new Int32Array(0)
  #size = 0
  readonly #free: number[] = []
  /** By player, the rows at both ends. */
  readonly #oldest: number[] = []
  readonly #newest: number[] = []
  readonly #byBucket = new Map<number, number[]>()

  /** @param length how many numbers an entry has */
  constructor(length: number) {
    this.#width = columnsBefore + length
  }

  /** The row of a player's oldest entry, -1 where there is none. O(1). */
  oldestOf(handle: number): number {
    return this.#oldest[handle] ?? nothing
  }

  /** The row of the same player's next entry, -1 behind the newest. O(1). */
  newerThan(row: number): number {
    return this.#newer[row]!
  }

  bucketOf(row: number): number {
    return this.#cells[row * this.#width + 1]!
  }

  /** Reads an entry into an object. O(1). */
  read(row: number, entry: RollingEntry): void {
    const at = row * this.#width
    entry.reachedAt = this.#cells[at + 2]!
    entry.games = this.#cells[at + 3]!
    entry.attempts = this.#cells[at + 4]!
    entry.lastPlayedAt = this.#cells[at + 5]!
    for (let number = 0; number < entry.numbers.length; number++)
      entry.numbers[number] = this.#cells[at + columnsBefore + number]!
  }

  /** Writes an entry. O(1). */
  write(row: number, { numbers, reachedAt, games, attempts, lastPlayedAt }: RollingEntry): void {
    const at = row * this.#width
    this.#cells[at + 2] = reachedAt
    this.#cells[at + 3] = games
    this.#cells[at + 4] = attempts
    this.#cells[at + 5] = lastPlayedAt
    this.#cells.set(numbers, at + columnsBefore)
  }

  /** The row of a player in a bucket, made where there is none. O(1) for the newest bucket. */
  rowOf(handle: number, bucket: number): number {
    const older = this.#lastUntil(handle, bucket)
    if (older !== nothing && this.bucketOf(older) === bucket) return older
    const row = this.#free.pop() ?? this.#append()
    this.#cells.fill(0, row * this.#width, (row + 1) * this.#width)
    this.#cells[row * this.#width] = handle
    this.#cells[row * this.#width + 1] = bucket
    this.#cells[row * this.#width + 5] = -Infinity
    this.#link(row, handle, older)
    return row
  }

  /** The players with entries in buckets (from, through]. O(buckets + entries in them). */
  playersBetween(from: number, through: number): ReadonlySet<number> {
    const players = new Set<number>()
    for (const [bucket, rows] of this.#byBucket)
      if (bucket > from && bucket <= through)
        for (const row of rows) if (this.#isIn(row, bucket)) players.add(this.#handleOf(row))
    return players
  }

  /** Drops all entries of buckets up to one. O(buckets + entries dropped). */
  dropThrough(last: number): void {
    for (const [bucket, rows] of this.#byBucket) {
      if (bucket > last) continue
      for (const row of rows) if (this.#isIn(row, bucket)) this.#drop(row)
      this.#byBucket.delete(bucket)
    }
  }

  /** Drops all entries of a player. O(their entries). */
  dropAll(handle: number): void {
    for (let row = this.oldestOf(handle); row !== nothing; row = this.oldestOf(handle)) this.#drop(row)
  }

  /** All rows, lent: to be copied before the next event. */
  save(): Float64Array {
    return this.#cells.subarray(0, this.#size * this.#width)
  }

  /** Replaces the empty table. O(entries). @throws TypeError where the rows do not come out even */
  load(cells: Float64Array): void {
    this.#size = cells.length / this.#width
    if (!Number.isSafeInteger(this.#size))
      throw new TypeError(
        `${cells.length} saved numbers are no rows of ${this.#width}. Rebuild the projection.`,
      )
    this.#cells = cells
    this.#older = new Int32Array(this.#size)
    this.#newer = new Int32Array(this.#size)
    for (let row = 0; row < this.#size; row++) {
      const handle = this.#handleOf(row)
      if (handle === nothing) this.#free.push(row)
      else this.#link(row, handle, this.#lastUntil(handle, this.bucketOf(row)))
    }
  }

  #handleOf(row: number): number {
    return this.#cells[row * this.#width]!
  }

  /** Lists of buckets keep rows that were dropped, and may be used again by another bucket. */
  #isIn(row: number, bucket: number): boolean {
    return this.#handleOf(row) !== nothing && this.bucketOf(row) === bucket
  }

  #lastUntil(handle: number, bucket: number): number {
    let row = this.#newest[handle] ?? nothing
    while (row !== nothing && this.bucketOf(row) > bucket) row = this.#older[row]!
    return row
  }

  #append(): number {
    const row = this.#size++
    if (row < this.#older.length) return row
    const rows = Math.max(64, Math.ceil(1.5 * row))
    const cells = new Float64Array(rows * this.#width)
    cells.set(this.#cells)
    this.#cells = cells
    this.#older = grown(this.#older, rows)
    this.#newer = grown(this.#newer, rows)
    return row
  }

  #link(row: number, handle: number, older: number): void {
    const newer = older === nothing ? this.oldestOf(handle) : this.#newer[older]!
    this.#older[row] = older
    this.#newer[row] = newer
    if (older === nothing) this.#oldest[handle] = row
    else this.#newer[older] = row
    if (newer === nothing) this.#newest[handle] = row
    else this.#older[newer] = row
    const bucket = this.bucketOf(row)
    const rows = this.#byBucket.get(bucket)
    if (rows) rows.push(row)
    else this.#byBucket.set(bucket, [row])
  }

  #drop(row: number): void {
    const handle = this.#handleOf(row)
    const [older, newer] = [this.#older[row]!, this.#newer[row]!]
    if (older === nothing) this.#oldest[handle] = newer
    else this.#newer[older] = newer
    if (newer === nothing) this.#newest[handle] = older
    else this.#older[newer] = older
    this.#cells[row * this.#width] = nothing
    this.#free.push(row)
  }
}

const grown = (links: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(length)
  larger.set(links)
  return larger
}
