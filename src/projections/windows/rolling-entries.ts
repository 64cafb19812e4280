/**
 * What players did, by bucket: for each player their entries in order of time, for each bucket its players.
 *
 *     player 0   [ b-200 | b-3 | b ]          bucket b-3   { 0, 7, 12 }
 *     player 1   [ b-1 ]                      bucket b     { 0, 3 }
 */

/** What one player did in one bucket. */
export interface RollingEntry {
  readonly bucket: number
  /** Score and sub-scores of this bucket alone; empty until the first value. */
  numbers: Float64Array
  /** The position in the log since when the numbers are what they are. */
  reachedAt: number
  games: number
  attempts: number
  lastPlayedAt: number
}

const none: readonly RollingEntry[] = Object.freeze([])
/** handle, bucket, reached at, games, attempts, last played; then the numbers. */
const columnsBefore = 6

export class RollingEntries {
  readonly #byPlayer: (RollingEntry[] | undefined)[] = []
  readonly #byBucket = new Map<number, Set<number>>()

  /** The entries of a player, the oldest first. O(1). */
  of(handle: number): readonly RollingEntry[] {
    return this.#byPlayer[handle] ?? none
  }

  /** The entry of a player in a bucket, made where there is none. O(1) for the newest bucket. */
  at(handle: number, bucket: number): RollingEntry {
    const entries = (this.#byPlayer[handle] ??= [])
    let at = entries.length
    while (at > 0 && entries[at - 1]!.bucket > bucket) at--
    const known = entries[at - 1]
    if (known?.bucket === bucket) return known
    const numbers = new Float64Array(0)
    const entry = { bucket, numbers, reachedAt: 0, games: 0, attempts: 0, lastPlayedAt: -Infinity }
    entries.splice(at, 0, entry)
    this.#enter(bucket, handle)
    return entry
  }

  /** The players with entries in buckets (from, through]. O(buckets + players in them). */
  playersBetween(from: number, through: number): ReadonlySet<number> {
    const players = new Set<number>()
    for (const [bucket, handles] of this.#byBucket)
      if (bucket > from && bucket <= through) for (const handle of handles) players.add(handle)
    return players
  }

  /** Drops all entries of buckets up to one. O(buckets + entries dropped). */
  dropThrough(last: number): void {
    for (const [bucket, handles] of this.#byBucket) {
      if (bucket > last) continue
      for (const handle of handles) this.#dropOldest(handle, last)
      this.#byBucket.delete(bucket)
    }
  }

  /** Drops all entries of a player. O(their entries). */
  drop(handle: number): void {
    for (const { bucket } of this.of(handle)) this.#byBucket.get(bucket)!.delete(handle)
    this.#byPlayer[handle] = undefined
  }

  /** All entries as rows of numbers. O(entries). */
  save(length: number): Float64Array {
    const width = columnsBefore + length
    const count = this.#byPlayer.reduce((sum, entries) => sum + (entries?.length ?? 0), 0)
    const rows = new Float64Array(count * width)
    let at = 0
    for (const [handle, entries] of this.#byPlayer.entries())
      for (const { bucket, numbers, reachedAt, games, attempts, lastPlayedAt } of entries ?? none) {
        rows.set([handle, bucket, reachedAt, games, attempts, lastPlayedAt], at)
        rows.set(numbers, at + columnsBefore)
        at += width
      }
    return rows
  }

  /** Replaces the empty table. @throws TypeError where the rows do not come out even */
  load(rows: Float64Array, length: number): void {
    const width = columnsBefore + length
    if (rows.length % width !== 0)
      throw new TypeError(`${rows.length} saved numbers are no rows of ${width}. Rebuild the projection.`)
    for (let at = 0; at < rows.length; at += width) {
      const entry = this.at(rows[at]!, rows[at + 1]!)
      entry.reachedAt = rows[at + 2]!
      entry.games = rows[at + 3]!
      entry.attempts = rows[at + 4]!
      entry.lastPlayedAt = rows[at + 5]!
      entry.numbers = rows.slice(at + columnsBefore, at + width)
    }
  }

  #enter(bucket: number, handle: number): void {
    const handles = this.#byBucket.get(bucket)
    if (handles) handles.add(handle)
    else this.#byBucket.set(bucket, new Set([handle]))
  }

  #dropOldest(handle: number, last: number): void {
    const entries = this.#byPlayer[handle]
    // Gone with an older bucket already.
    if (!entries) return
    while (entries.length > 0 && entries[0]!.bucket <= last) entries.shift()
    if (entries.length === 0) this.#byPlayer[handle] = undefined
  }
}
