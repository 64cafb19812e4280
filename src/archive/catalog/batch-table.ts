/**
 * The batches of the archive in order of final position, as columns: some 90 bytes a batch, no object.
 *
 *     row    batch   first ordinal   slots   positions, times, bytes ...
 *     0      1       0               256
 *     1      42      256             500     replaces 2 and 3
 *     2      0       756             0       void: its games are in row 1
 *     3      4       756             256
 *
 * A row that replaces others stands where the first of them stood; the rest are void until they are more than the others,
 * then all rows are written anew. Ordinals do not change by it.
 */
import type { Kind, Position } from '../../events/ids.js'
import type { BatchDigest } from './batch-digest.js'
import { NumberColumn } from './number-column.js'

/** What is kept in memory of a batch. */
export interface CatalogBatch {
  readonly batch: number
  /** The ordinal of its first slot. */
  readonly firstOrdinal: number
  /** Its games and those that are gone: so many ordinals it takes. */
  readonly slots: number
  readonly games: number
  /** Of the segment. */
  readonly bytes: number
  /** The lowest and the highest position of its events; the lowest of its final events. */
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly firstFinalPosition: Position
  /** The earliest and the latest end of a game, ms since 1970. */
  readonly firstEndAt: number
  readonly lastEndAt: number
}

/** Fewer void rows than this are left alone. */
const voidMin = 1_024

/** The columns of rows, and of the shares that kinds have in a batch: those of a row lie side by side. */
const newColumns = () => ({
  batch: new NumberColumn(Float64Array),
  firstOrdinal: new NumberColumn(Uint32Array),
  slots: new NumberColumn(Uint32Array),
  bytes: new NumberColumn(Float64Array),
  firstPosition: new NumberColumn(Float64Array),
  lastPosition: new NumberColumn(Float64Array),
  firstFinalPosition: new NumberColumn(Float64Array),
  firstEndAt: new NumberColumn(Float64Array),
  lastEndAt: new NumberColumn(Float64Array),
  firstShare: new NumberColumn(Uint32Array),
  shares: new NumberColumn(Uint32Array),
})
const newShares = () => ({
  kind: new NumberColumn(Uint32Array),
  games: new NumberColumn(Uint32Array),
  events: new NumberColumn(Float64Array),
})

type Columns = ReturnType<typeof newColumns>
type RowValues = { readonly [name in keyof Columns]: number }

export class BatchTable {
  readonly #kinds: Kind[] = []
  readonly #kindRows = new Map<Kind, number>()
  #columns = newColumns()
  #shares = newShares()
  #void = 0

  /** Rows, void ones included. */
  get rows(): number {
    return this.#columns.batch.length
  }
  /** Rows that are not void. */
  get size(): number {
    return this.rows - this.#void
  }
  /** The kinds of games that any batch ever held. */
  get kinds(): readonly Kind[] {
    return this.#kinds
  }
  /** Bytes held. */
  get bytes(): number {
    const all = [...Object.values(this.#columns), ...Object.values(this.#shares)]
    return all.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Adds a batch behind all others. O(kinds in it). */
  push(digest: BatchDigest, firstOrdinal: number): void {
    this.#pushRow(this.#valuesOf(digest, firstOrdinal))
  }

  /** Puts a batch in place of a run of rows. O(rows in it), and its share of writing all anew. */
  replace(first: number, last: number, digest: BatchDigest): void {
    const firstOrdinal = this.#columns.firstOrdinal.get(first)
    const values = this.#valuesOf(digest, firstOrdinal)
    const end = firstOrdinal + digest.slots.length
    for (let row = first + 1; row <= last; row++) {
      if (!this.isVoid(row)) this.#void++
      this.#setRow(row, { ...voidValues, firstOrdinal: end, firstFinalPosition: values.firstFinalPosition })
    }
    this.#setRow(first, values)
    if (this.#void >= voidMin && 2 * this.#void > this.rows) this.#writeAnew()
  }

  /** Whether the games of a row have moved to another. */
  isVoid(row: number): boolean {
    return this.#columns.slots.get(row) === 0
  }

  /** The number of a row's batch; 0 where it is void. */
  batchAt(row: number): number {
    return this.#columns.batch.get(row)
  }

  /** A row that is not void. */
  at(row: number): CatalogBatch {
    const { batch, firstOrdinal, slots, bytes, ...columns } = this.#columns
    const { firstPosition, lastPosition, firstFinalPosition, firstEndAt, lastEndAt } = columns
    return {
      batch: batch.get(row),
      firstOrdinal: firstOrdinal.get(row),
      slots: slots.get(row),
      games: this.shareOf(row).games,
      bytes: bytes.get(row),
      firstPosition: firstPosition.get(row) as Position,
      lastPosition: lastPosition.get(row) as Position,
      firstFinalPosition: firstFinalPosition.get(row) as Position,
      firstEndAt: firstEndAt.get(row),
      lastEndAt: lastEndAt.get(row),
    }
  }

  /** The games of a row and their events, or those of one kind. O(kinds in it). */
  shareOf(row: number, kind?: Kind): { readonly games: number; readonly events: number } {
    const wanted = kind === undefined ? undefined : (this.#kindRows.get(kind) ?? -1)
    const first = this.#columns.firstShare.get(row)
    const end = first + this.#columns.shares.get(row)
    let games = 0
    let events = 0
    for (let share = first; share < end; share++) {
      if (wanted !== undefined && this.#shares.kind.get(share) !== wanted) continue
      games += this.#shares.games.get(share)
      events += this.#shares.events.get(share)
    }
    return { games, events }
  }

  /** Whether an event in this row may stand in (after, through]. O(1). */
  mayHavePosition(row: number, after: number, through: number): boolean {
    return this.#columns.lastPosition.get(row) > after && this.#columns.firstPosition.get(row) <= through
  }

  /** Whether a game in this row may have ended in [from, to]. O(1). */
  mayHaveEnded(row: number, from: number, to: number): boolean {
    return this.#columns.lastEndAt.get(row) >= from && this.#columns.firstEndAt.get(row) <= to
  }

  /** Whether all games in this row have ended in [from, to]. O(1). */
  hasEnded(row: number, from: number, to: number): boolean {
    return this.#columns.firstEndAt.get(row) >= from && this.#columns.lastEndAt.get(row) <= to
  }

  /** The row that an ordinal belongs to. O(log rows). */
  rowOfOrdinal(ordinal: number): number {
    return lastWhere(this.rows, (row) => this.#columns.firstOrdinal.get(row) <= ordinal)
  }

  /** The last row with games that ended before a position; -1 where there is none. O(log rows). */
  rowBefore(position: number): number {
    return lastWhere(this.rows, (row) => this.#columns.firstFinalPosition.get(row) < position)
  }

  /** The row of a batch; -1 where it is unknown, or replaced. O(rows): looked for once a begun batch and opening. */
  rowOfBatch(batch: number): number {
    for (let row = this.rows - 1; row >= 0; row--)
      if (this.#columns.batch.get(row) === batch && !this.isVoid(row)) return row
    return -1
  }

  /** Whether these batches lie one behind the other, in this order. O(rows). */
  areNeighbours(batches: readonly number[]): boolean {
    let row = batches.length > 0 ? this.rowOfBatch(batches[0]!) : -1
    if (row < 0) return false
    for (const batch of batches) {
      while (row < this.rows && this.isVoid(row)) row++
      if (row === this.rows || this.batchAt(row++) !== batch) return false
    }
    return true
  }

  #valuesOf(digest: BatchDigest, firstOrdinal: number): RowValues {
    const { batch, slots, bytes, kinds } = digest
    const { firstPosition, lastPosition, firstFinalPosition, firstEndAt, lastEndAt } = digest
    const firstShare = this.#shares.kind.length
    for (const share of kinds) this.#pushShare(this.#kindRow(share.kind), share.games, share.events)
    const positions = { firstPosition, lastPosition, firstFinalPosition, firstEndAt, lastEndAt }
    return { batch, firstOrdinal, slots: slots.length, bytes, ...positions, firstShare, shares: kinds.length }
  }

  #kindRow(kind: Kind): number {
    const row = this.#kindRows.get(kind) ?? this.#kinds.push(kind) - 1
    this.#kindRows.set(kind, row)
    return row
  }

  #pushShare(kind: number, games: number, events: number): void {
    this.#shares.kind.push(kind)
    this.#shares.games.push(games)
    this.#shares.events.push(events)
  }

  #pushRow(values: RowValues): void {
    for (const name of names) this.#columns[name].push(values[name])
  }

  #setRow(row: number, values: RowValues): void {
    for (const name of names) this.#columns[name].set(row, values[name])
  }

  /** Without void rows, and without shares of batches that were replaced. */
  #writeAnew(): void {
    const [columns, shares] = [this.#columns, this.#shares]
    this.#columns = newColumns()
    this.#shares = newShares()
    this.#void = 0
    for (let row = 0; row < columns.batch.length; row++) {
      if (columns.slots.get(row) === 0) continue
      const firstShare = this.#shares.kind.length
      const first = columns.firstShare.get(row)
      for (let share = first; share < first + columns.shares.get(row); share++)
        this.#pushShare(shares.kind.get(share), shares.games.get(share), shares.events.get(share))
      for (const name of names)
        this.#columns[name].push(name === 'firstShare' ? firstShare : columns[name].get(row))
    }
  }
}

const names = Object.keys(newColumns()) as (keyof Columns)[]

/** A row whose games have moved: no question finds it. */
const voidValues: RowValues = {
  batch: 0,
  firstOrdinal: 0,
  slots: 0,
  bytes: 0,
  firstPosition: Infinity,
  lastPosition: -Infinity,
  firstFinalPosition: 0,
  firstEndAt: Infinity,
  lastEndAt: -Infinity,
  firstShare: 0,
  shares: 0,
}

/** The last row for which a condition holds that holds for all before it; -1 where for none. */
const lastWhere = (rows: number, holds: (row: number) => boolean): number => {
  let low = 0
  let high = rows
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}
