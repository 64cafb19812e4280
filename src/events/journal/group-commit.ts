/**
 * Group commit: many appends, one write, one sync.
 *
 *     append append append | append append append append | append ...
 *     `---- batch ---------'  `---- next batch, filling --'
 *            |  one write, one sync in flight
 *            v
 *     frame n, provenTo n - 1
 *
 * An append encodes its record in place at the end of the open batch, and that is all. While the disk is free, a turn
 * of the event loop's check phase takes the batch; so everything appended in one tick shares one frame. While the disk
 * is busy the next batch fills. There is no timer: somebody always waits. Nor is a long batch begun before its tick is
 * over: a sync costs half a group as much as a whole one (docs/decisions/whole-groups.md). A batch over its bound is set
 * aside and another begun. The first failure ends it all: no watermark rises after it, nothing is tried again.
 */
import { Durations } from '../durations.js'
import type { Position, StreamId } from '../ids.js'
import { Batch } from './batch.js'
import { writeAll } from './disk.js'
import type { EventsRecord, JournalListener, JournalNumbers, JournalRecord, Ticket } from './journal.js'
import { JournalFailedError } from './journal-failed.js'
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'

interface Turning {
  readonly through: Ticket
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/** One fills while one is on its way; a third is only for bursts, and left to the garbage collector. */
const freeBatchesMax = 2

interface WaitingRelease {
  readonly streams: readonly StreamId[]
  readonly number: number
  readonly through: Ticket
}

export class GroupCommit {
  readonly #log: Log
  readonly #listener: JournalListener
  readonly #batchBytesMax: number
  #open: Batch
  readonly #full: Batch[] = []
  readonly #free: Batch[] = []
  #ticket: Ticket = 0
  #placed: Ticket = 0
  #written: Ticket = 0
  #synced: Ticket = 0
  /** The newest frame that is synced: so every earlier one. */
  #frame: number
  #lastPosition: number
  readonly #syncs = new Durations()
  #bytesWritten = 0
  #isBusy = false
  #failure: { readonly cause: unknown } | undefined
  #releases: WaitingRelease[] = []
  #waiting: (() => void)[] = []
  /** Who waits for the active file to be another one. */
  #turning: Turning[] = []

  constructor(log: Log, listener: JournalListener, batchBytesMax: number, lastFrame: number) {
    this.#log = log
    this.#listener = listener
    this.#batchBytesMax = batchBytesMax
    this.#frame = lastFrame
    this.#lastPosition = log.lastPosition
    this.#open = new Batch().expect(log.active.id)
  }

  get lastPosition(): Position {
    return this.#lastPosition as Position
  }

  get lastFrame(): number {
    return this.#frame
  }

  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure
  }

  /** What it has done so far. */
  get numbers(): Omit<JournalNumbers, 'files'> {
    const syncs = this.#syncs.stats()
    return { commits: syncs.count, bytesWritten: this.#bytesWritten, syncs }
  }

  /** Gives events their positions, and encodes them. No promise, no closure, no I/O. */
  append(record: JournalRecord): Ticket {
    if (record.type === 'events') this.#give(record)
    else if (record.type === 'unit') for (const part of record.parts) this.#give(part)
    const ticket = ++this.#ticket
    const batch = this.#open
    batch.add(record, ticket)
    if (batch.length > this.#batchBytesMax) this.#setAside()
    if (!this.#isBusy) this.#schedule()
    return ticket
  }

  #give(record: EventsRecord): void {
    record.firstPosition = (this.#lastPosition + 1) as Position
    this.#lastPosition += record.count
  }

  /** Forgets these streams as soon as everything appended up to now has its place in a file. */
  release(streams: readonly StreamId[]): void {
    const number = this.#log.holdings.nextRelease()
    this.#releases.push({ streams, number, through: this.#ticket })
    this.#release()
  }

  /** Goes on in a fresh file: resolves when everything appended up to now is synced, and lies in sealed ones. */
  turnOver(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(new JournalFailedError(this.#failure.cause))
    return new Promise((resolve, reject) => {
      this.#turning.push({ through: this.#ticket, resolve, reject })
      if (!this.#isBusy) this.#schedule()
    })
  }

  /** Resolves when everything appended up to now is written, or when nothing more will be. */
  async untilWritten(): Promise<void> {
    const ticket = this.#ticket
    while (this.#written < ticket && this.#failure === undefined) await this.#change()
  }

  /** Resolves when nothing is in flight any more: all is synced, or the journal has failed. */
  async untilIdle(): Promise<void> {
    while (this.#isBusy) await this.#change()
  }

  /** Stops for good. Only the first call counts. */
  readonly fail = (cause: unknown): void => {
    if (this.#failure !== undefined) return
    this.#failure = { cause }
    for (const { reject } of this.#turning.splice(0)) reject(new JournalFailedError(cause))
    this.#wake()
    this.#listener.failed(cause)
  }

  #schedule(): void {
    this.#isBusy = true
    setImmediate(this.#begin)
  }

  readonly #begin = (): void => {
    void this.#turn()
  }

  async #turn(): Promise<void> {
    try {
      if (this.#isOwing) await this.#commit(this.#nextBatch())
      if (this.#failure === undefined) await this.#turnOver()
    } catch (cause) {
      this.fail(cause)
    }
    if (this.#isOwing || (this.#turning.length > 0 && this.#failure === undefined)) this.#schedule()
    else this.#isBusy = false
    this.#wake()
  }

  /** Whether something was appended and is not synced, and may yet be. */
  get #isOwing(): boolean {
    return this.#synced < this.#ticket && this.#failure === undefined
  }

  async #turnOver(): Promise<void> {
    const due = this.#turning.filter(({ through }) => through <= this.#synced)
    if (due.length === 0) return
    await this.#log.turnOver()
    this.#frame = this.#log.active.lastFrame
    this.#turning = this.#turning.filter((one) => !due.includes(one))
    for (const { resolve } of due) resolve()
  }

  async #commit(batch: Batch): Promise<void> {
    const target = await this.#log.fileFor(batch)
    if (this.#failure !== undefined) return
    // All before it is synced: frames of group commits, and the index of a file that was sealed just now.
    const number = target.lastFrame + 1
    batch.seal(number, number - 1, target.id)
    const file = target.file!
    const writing = writeAll(file, batch.bytes, batch.length, target.end)
    // The tables are filled while the disk is at work.
    this.#place(batch, target)
    await writing
    if (this.#failure !== undefined) return
    target.end += batch.length
    target.lastFrame = number
    this.#bytesWritten += batch.length
    const begun = performance.now()
    const syncing = file.sync()
    // Its failure is met below; here it must not count as unheard while the listener is told.
    syncing.catch(() => undefined)
    this.#written = batch.lastTicket
    this.#listener.written(this.#written)
    this.#wake()
    await syncing
    this.#syncs.add(performance.now() - begun)
    if (this.#failure !== undefined) return
    this.#frame = number
    this.#synced = batch.lastTicket
    this.#log.keep(batch)
    // A `committed` may let the file of its intent go.
    if (batch.marks.length > 0) this.#log.upkeep.reclaim()
    batch.clear()
    if (this.#free.length < freeBatchesMax) this.#free.push(batch)
    this.#listener.synced(this.#synced)
  }

  #place(batch: Batch, file: LogFile): void {
    this.#log.hold(batch, file)
    this.#placed = batch.lastTicket
    this.#release()
  }

  #release(): void {
    if (this.#releases.length === 0) return
    const due = this.#releases.filter(({ through }) => through <= this.#placed)
    this.#releases = this.#releases.filter(({ through }) => through > this.#placed)
    for (const { streams, number } of due) this.#log.holdings.release(streams, number)
    if (due.length > 0) this.#log.upkeep.reclaim()
  }

  #nextBatch(): Batch {
    if (this.#full.length === 0) this.#setAside()
    return this.#full.shift()!
  }

  #setAside(): void {
    this.#full.push(this.#open)
    this.#open = (this.#free.pop() ?? new Batch()).expect(this.#log.active.id)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    if (this.#waiting.length > 0) for (const wake of this.#waiting.splice(0)) wake()
  }
}
