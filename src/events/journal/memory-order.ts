/**
 * In which order the records of a journal in memory were appended: of events only whose they are, 8 bytes a record.
 *
 *     stretch 0   a | b | a | intent 1 | c | ...       at most 4 096 entries, of positions 1 to 5 210
 *     stretch 1   ...
 *
 * The lines are with their streams (held-stream.ts): who reads in order takes the next record of each stream in its
 * turn. Entries of released streams and of committed batches stay until they are the larger part of a stretch; so what
 * is kept of the past is no more than what lives.
 */
import type { Position } from '../ids.js'
import { HeldReading, HeldStream } from './held-stream.js'
import type { CommittedRecord, EventsRecord, IntentRecord, StoredRecord } from './journal.js'

const entriesMax = 4_096

export type Mark = IntentRecord | CommittedRecord
type Entry = HeldStream | Mark

/** Replaced, never changed, but for entries at its end: a reader goes on with the one that it has. */
class Stretch {
  entries: Entry[] = []
  live = 0
  readonly firstPosition: Position
  lastPosition: number

  /** @param before the last position that stands before it */
  constructor(before: number) {
    this.firstPosition = (before + 1) as Position
    this.lastPosition = before
  }
}

export class MemoryOrder {
  #stretches: Stretch[] = [new Stretch(0)]
  /** Where the intents stand that wait for their `committed`, by batch. */
  readonly #intents = new Map<number, Stretch>()

  /** A record of a stream, which ends at a position. */
  addEvents(held: HeldStream, lastPosition: number): void {
    const open = this.#open()
    open.entries.push(held)
    open.live++
    open.lastPosition = lastPosition
  }

  addMark(mark: Mark): void {
    const open = this.#open()
    open.entries.push(mark)
    if (mark.type === 'intent') {
      open.live++
      this.#intents.set(mark.batch, open)
      return
    }
    const intended = this.#intents.get(mark.batch)
    this.#intents.delete(mark.batch)
    if (intended === undefined) return
    intended.live--
    this.#thin(intended)
  }

  /** The records of a stream that was released are needed no more. O(records · log n), amortised. */
  drop(held: HeldStream): void {
    const thinned = new Set<Stretch>()
    held.visitPositions((firstPosition) => {
      const stretch = this.#stretchOf(firstPosition)
      stretch.live--
      thinned.add(stretch)
    })
    for (const stretch of thinned) this.#thin(stretch)
    const open = this.#stretches.at(-1)
    if ([...thinned].some(({ live }) => live === 0))
      this.#stretches = this.#stretches.filter((one) => one.live > 0 || one === open)
  }

  /** What a recovery visits: all that is not released, in order; no intent that is committed without its `committed`. */
  *all(): Generator<StoredRecord> {
    const committed = new Set<number>()
    for (const { entries } of this.#stretches)
      for (const entry of entries)
        if (!(entry instanceof HeldStream) && entry.type === 'committed') committed.add(entry.batch)
    const reading = new HeldReading(0 as Position)
    for (const { entries } of this.#stretches)
      for (const entry of entries) {
        if (entry instanceof HeldStream) {
          const record = entry.released === 0 ? reading.next(entry) : undefined
          if (record) yield record
        } else if (entry.type === 'committed' || committed.has(entry.batch) || this.#intents.has(entry.batch))
          yield entry
      }
  }

  /** Event records that hold a position in (after, through], in order, of streams that no release up to `released` gave up. */
  *between(after: Position, through: Position, released: number): Generator<EventsRecord> {
    const stretches = this.#stretches.filter((one) => one.lastPosition > after)
    if (stretches.length === 0) return
    const reading = new HeldReading(stretches[0]!.firstPosition)
    for (const entries of stretches.map((one) => one.entries))
      for (const entry of entries) {
        if (!(entry instanceof HeldStream) || (entry.released > 0 && entry.released <= released)) continue
        const record = reading.next(entry)
        if (record === undefined || record.firstPosition + record.count - 1 <= after) continue
        if (record.firstPosition > through) return
        yield record
      }
  }

  #thin(stretch: Stretch): void {
    if (2 * stretch.live < stretch.entries.length)
      stretch.entries = stretch.entries.filter((entry) => this.#isNeeded(entry))
  }

  #isNeeded(entry: Entry): boolean {
    if (entry instanceof HeldStream) return entry.released === 0
    return entry.type === 'intent' && this.#intents.has(entry.batch)
  }

  #open(): Stretch {
    const open = this.#stretches.at(-1)!
    if (open.entries.length < entriesMax) return open
    const next = new Stretch(open.lastPosition)
    this.#stretches.push(next)
    return next
  }

  #stretchOf(position: Position): Stretch {
    let low = 0
    let high = this.#stretches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#stretches[middle]!.firstPosition <= position) low = middle
      else high = middle - 1
    }
    return this.#stretches[low]!
  }
}
