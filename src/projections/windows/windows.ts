/**
 * The windows of a leaderboard: a board for each, the busy ones in memory, the others on pages.
 *
 *     event --time--> calendars --> window of each --> its Board
 *                                     | in memory: at most 64, those used last
 *                                     | sealed, or not used for long: put on a page, the table keeps its name
 *                                     v an old game is imported: taken in again
 *
 * A window is chosen by the time of the event: `occurredAt`, or `recordedAt` where it has none (imports whose date is
 * incomplete). It *closes* by the clock, for readers alone. It is *sealed* when an applied event is recorded behind its
 * end + `graceMs`: games in progress can no longer reach it. That holds by itself for events without `occurredAt`:
 * `recordedAt` never goes back, so none falls into a window that is sealed. What carries `occurredAt` and is late
 * (recorded more than `graceMs` behind the end of its window) is never refused: it reopens the window, which then
 * has its grace anew, from that event's `recordedAt`. Clocks and readers decide nothing here, so a rebuild agrees.
 *
 * What is saved: the table, and the boards in memory. Each window is in one place, memory or page; a page is never
 * changed, and pages that are put after a save are named by the next one. So a crash goes back to the older pages of
 * the older model, to which the events behind it are applied again, once each: boards pass over what they have seen.
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { Position } from '../../events/ids.js'
import { float64sOf, LentModel, unpackModel } from '../checkpoints/packed-model.js'
import type { BoardChange } from '../leaderboard/board-change.js'
import type { Board } from '../leaderboard/board.js'
import type { PageId, Pages } from '../projection.js'
import type { Calendar, WindowSpan } from './calendar.js'
import { Removals } from './removals.js'
import { WindowTable } from './window-table.js'

export interface WindowsOptions {
  /** Those of the rules that are not rolling. Nobody else may ask them: they keep the window asked last. */
  readonly calendars: readonly Calendar[]
  readonly graceMs: number
  readonly pages: Pages
  readonly newBoard: () => Board
  /** Told of a board that is dropped from memory. */
  readonly onDrop: (board: Board) => void
}

/** Rules (16 at most) and the windows of some weeks that are told late; a small board takes some kilobytes. */
const heldMax = 64

interface Held {
  readonly row: number
  readonly span: WindowSpan
  readonly board: Board
  usedAt: number
}

const nothing: BoardChange = Object.freeze({ values: Object.freeze([]), removed: Object.freeze([]) })

export class Windows {
  readonly table: WindowTable
  readonly #options: WindowsOptions
  readonly #removals = new Removals()
  readonly #held = new Map<number, Held>()
  /** For each calendar, the window of the last event: nearly always that of the next one, too. */
  readonly #latest: (Held | undefined)[] = []
  #position = 0
  #recordedAt = -Infinity
  /** No window in memory is sealed by an event that is recorded until then. */
  #nextSealAfter = Infinity
  #uses = 0

  constructor(options: WindowsOptions) {
    this.#options = options
    this.table = new WindowTable(options.calendars.length)
  }

  /** The position of the last event that was applied. */
  get position(): Position {
    return this.#position as Position
  }

  /** Rises when a player was taken off windows that are paged out: boards that were read from pages are then stale. */
  get removals(): number {
    return this.#removals.newest
  }

  /** True where an applied event was recorded behind the window's end and grace. O(1). */
  isSealed(row: number): boolean {
    return this.table.sealAfterOf(row) < this.#recordedAt
  }

  /** The same of a window in which nothing happened. O(1). */
  isSealedAt(end: number): boolean {
    return end + this.#options.graceMs < this.#recordedAt
  }

  /** The board of a window that is in memory. It may change. O(1). */
  heldAt(row: number): Board | undefined {
    return this.#held.get(row)?.board
  }

  /** The boards in memory, at most 64. */
  *boards(): IterableIterator<Board> {
    for (const { board } of this.#held.values()) yield board
  }

  /** The board that a page holds, without whoever was removed since. O(n). @throws where the bytes are no board */
  boardOf(bytes: Uint8Array): Board {
    const board = this.#options.newBoard()
    board.load(bytes)
    this.#removals.applyTo(board)
    return board
  }

  /**
   * Applies what an event changes to the windows that it falls in. Removals go to all windows, and the end of a game
   * to those in memory. O(calendars · the board's own), and a page is read where an old window is reopened.
   */
  apply(change: BoardChange, envelope: EventEnvelope): void {
    if (envelope.position <= this.#position) return
    this.#position = envelope.position
    this.#recordedAt = envelope.recordedAt
    if (this.#recordedAt > this.#nextSealAfter) this.#pageOutSealed()
    if (change.values.length > 0 || change.outcome) {
      const time = envelope.occurredAt ?? envelope.recordedAt
      for (let calendar = 0; calendar < this.#options.calendars.length; calendar++)
        this.#heldFor(calendar, time)?.board.apply(change, envelope)
    }
    if (change.removed.length > 0) this.#remove(change, envelope)
    else if (envelope.final) for (const { board } of this.#held.values()) board.apply(nothing, envelope)
  }

  /** The model, lent: the table and the boards in memory. */
  save(): LentModel {
    const held = [...this.#held.values()].sort((one, other) => one.usedAt - other.usedAt)
    const rows = Float64Array.from(held, ({ row }) => row)
    const moment = Float64Array.of(this.#position, this.#recordedAt)
    const boards = held.map(({ board }) => board.save())
    return new LentModel(null, [moment, this.table.save(), ...this.#removals.save(), rows, ...boards])
  }

  /** The pages that a model saved now names. O(windows). */
  pages(): readonly PageId[] {
    return this.table.pages()
  }

  /** Replaces the empty model. @throws TypeError where the bytes are none */
  load(saved: Uint8Array): void {
    const [moment, table, players, positions, rows, ...boards] = unpackModel(saved).columns
    if (!moment || !table || !players || !positions || !rows || boards.length !== rows.byteLength / 8)
      throw new TypeError('These are no saved windows. Rebuild the leaderboard.')
    const [position, recordedAt] = float64sOf(moment)
    this.#position = position!
    this.#recordedAt = recordedAt!
    this.table.load(float64sOf(table))
    this.#removals.load(players, float64sOf(positions))
    for (const [at, row] of float64sOf(rows).entries()) {
      const board = this.#options.newBoard()
      board.load(boards[at]!)
      this.#enter(row, board)
    }
  }

  #heldFor(calendar: number, time: number): Held | undefined {
    const latest = this.#latest[calendar]
    const isLatest = latest && time >= latest.span.from && time < latest.span.to
    const held = isLatest ? latest : this.#find(calendar, time)
    if (held) held.usedAt = ++this.#uses
    this.#latest[calendar] = held
    return held
  }

  #find(calendar: number, time: number): Held | undefined {
    const span = this.#options.calendars[calendar]!.at(time)
    if (!span) return undefined
    const row = this.table.find(calendar, span.key)
    if (row === undefined) return this.#open(calendar, span)
    return this.#held.get(row) ?? this.#reopen(row)
  }

  #open(calendar: number, span: WindowSpan): Held {
    const row = this.table.add(calendar, span, span.to + this.#options.graceMs)
    return this.#take(row, this.#options.newBoard())
  }

  #reopen(row: number): Held {
    const board = this.boardOf(this.#options.pages.get(this.table.pageOf(row)!))
    this.table.takeIn(row)
    return this.#take(row, board)
  }

  #take(row: number, board: Board): Held {
    if (this.isSealed(row)) this.table.sealAfter(row, this.#recordedAt + this.#options.graceMs)
    const held = this.#enter(row, board)
    if (this.#held.size > heldMax) this.#pageOut(this.#leastUsed())
    return held
  }

  #enter(row: number, board: Board): Held {
    const held: Held = { row, span: this.table.spanOf(row), board, usedAt: ++this.#uses }
    this.#held.set(row, held)
    this.#nextSealAfter = Math.min(this.#nextSealAfter, this.table.sealAfterOf(row))
    return held
  }

  #leastUsed(): Held {
    let least: Held | undefined
    for (const held of this.#held.values()) if (!least || held.usedAt < least.usedAt) least = held
    return least!
  }

  #pageOutSealed(): void {
    this.#nextSealAfter = Infinity
    for (const held of this.#held.values()) {
      if (this.isSealed(held.row)) this.#pageOut(held)
      else this.#nextSealAfter = Math.min(this.#nextSealAfter, this.table.sealAfterOf(held.row))
    }
  }

  #pageOut(held: Held): void {
    const { row, board } = held
    this.table.pageOut(row, this.#options.pages.put(board.save().copy()), board.position, board.count)
    this.#held.delete(row)
    const calendar = this.table.calendarOf(row)
    if (this.#latest[calendar] === held) this.#latest[calendar] = undefined
    this.#options.onDrop(board)
  }

  #remove({ removed }: BoardChange, envelope: EventEnvelope): void {
    const removal: BoardChange = { values: [], removed }
    for (const { board } of this.#held.values()) board.apply(removal, envelope)
    if (this.#held.size === this.table.size) return
    for (const player of removed) this.#removals.note(player, envelope.position)
  }
}
