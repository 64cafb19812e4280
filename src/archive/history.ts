/**
 * Everything that ever happened, in order of position: the archive and the journal merged, each event once.
 *
 *     batch 1 --opens--> game a  3 . . 9 . 12          history-merge.ts: who stands at the next position gives its event
 *             --opens--> game b    4 5 . . . 13
 *     batch 2 --opens--> game c        6 7 8                   --> 3 4 5 6 7 8 9 10 11 12 13
 *     journal                                10 11 12
 *
 * A game may move from journal to archive while somebody reads. The journal's reading begins first, the list of
 * batches is taken afterwards; a game is released only when its manifest stands. So it is in one of the two or in
 * both, never in none, and what both give is met at one position and given once.
 *
 * A batch is opened when the merge reaches its first position, a game when it reaches the game's. In memory are the
 * unpacked games that overlap, and at most 128 MiB of segments. Work is done in slices; the reader sets the pace.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { StreamId } from '../events/ids.js'
import type { EventsRecord } from '../events/journal/journal.js'
import type { CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import {
  BatchSource,
  JournalSource,
  type BatchContext,
  type HistoryRange,
  type Shapes,
} from './history-source.js'
import { HistoryMerge } from './history-merge.js'
import { SegmentReader } from './segment-reader.js'
import { TimeSlice } from '../events/time-slice.js'

/** Where a history is read from. */
export interface HistoryPorts {
  readonly store: ColdStore
  readonly catalog: Catalog
  /** The journal's event records of a range, as they stand when the first is asked for. */
  readonly readJournal: (range: HistoryRange) => AsyncIterable<EventsRecord>
  /** Events of these kinds are lifted to the shape of today; others stay as they were written. */
  readonly shapes: Shapes
}

export interface HistoryOptions extends HistoryRange {
  /** Hears of damaged games, which are left out then. @default damage is thrown */
  readonly onDamage?: (error: CorruptSegmentError) => void
  /** Archived games to read; the others are not unpacked. @default all */
  readonly isWanted?: (stream: StreamId) => boolean
  /** The stretches of whoever reads: one clock for both, so that a turn is as long as it is meant to be. @default its own */
  readonly slice?: TimeSlice
}

/** Large enough that a chunk's own cost does not show, small enough that decoding one is no stretch of the event loop. */
const chunkEvents = 128

export class History {
  readonly #ports: HistoryPorts

  constructor(ports: HistoryPorts) {
    this.#ports = ports
  }

  /** All events in (after, through], one by one. @throws CorruptSegmentError, SchemaTooNewError, what the store throws */
  async *events(options: HistoryOptions): AsyncGenerator<EventEnvelope, void, undefined> {
    for await (const chunk of this.chunks(options)) yield* chunk
  }

  /** The same in chunks of at most 128: about twice as fast. */
  async *chunks(options: HistoryOptions): AsyncGenerator<readonly EventEnvelope[], void, undefined> {
    const records = this.#ports.readJournal(options)[Symbol.asyncIterator]()
    // What is rewritten meanwhile stays until this reader has ended.
    const pin = this.#ports.catalog.pin()
    try {
      const merge = await this.#begin(records, options)
      const { slice = new TimeSlice() } = options
      while (!merge.isOver) {
        const chunk = merge.next(chunkEvents)
        if (chunk.length > 0) yield chunk
        if (chunk.length < chunkEvents) await merge.prepare()
        if (slice.isOver()) await slice.next()
      }
    } finally {
      pin.release()
      await records.return?.()
    }
  }

  /** The order matters: first the journal, then the archive. */
  async #begin(records: AsyncIterator<EventsRecord>, options: HistoryOptions): Promise<HistoryMerge> {
    const { store, catalog, shapes } = this.#ports
    const journal = new JournalSource(records, shapes, await records.next())
    const { after, through, onDamage, isWanted } = options
    const following = new Map<number, number>()
    const context: BatchContext = {
      catalog,
      segments: new SegmentReader(store, async (batch) => {
        const next = following.get(batch)
        return next === undefined ? undefined : catalog.manifestOf(next)
      }),
      shapes,
      range: options,
      onDamage,
      isWanted,
    }
    const sources: BatchSource[] = []
    const batches = catalog.batches({ after, through })
    for (const [at, { batch, firstPosition }] of batches.entries()) {
      const next = batches[at + 1]
      if (next) following.set(batch, next.batch)
      sources.push(new BatchSource(batch, firstPosition, context))
    }
    return new HistoryMerge(sources, journal, options)
  }
}
