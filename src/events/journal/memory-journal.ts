/**
 * A journal in memory: for tests, for demonstrations, and for games that may die with their process.
 *
 *     streams   by id: the log of each (held-stream.ts)      <- shared with the game that is in memory
 *     order     whose turn it was (memory-order.ts)          <- what recovery and reading by position follow
 *
 * The same law as on a disk, but for what "durable" is worth. An append copies nothing where the record comes with its
 * log; one microtask reports both watermarks for all appends of a tick. The store belongs to the journal, not to its
 * opening: opened again, after a close or without one, it hands back all that was appended, and the opening before is
 * dead: it appends nothing and hears nothing. So a test crashes a ledger by opening its journal again.
 */
import { randomUUID } from 'node:crypto'
import type { Position, StreamId } from '../ids.js'
import { HeldStream } from './held-stream.js'
import {
  type CarriableGame,
  type EventsRecord,
  type Journal,
  type JournalListener,
  type JournalQuery,
  type JournalRecord,
  type OpenJournal,
  type RecordChange,
  type Recovery,
  type Rewritten,
  type StoredRecord,
  type Ticket,
} from './journal.js'
import { MemoryOrder } from './memory-order.js'

class MemoryStore {
  readonly ledgerId = randomUUID()
  readonly order = new MemoryOrder()
  readonly #streams = new Map<StreamId, HeldStream>()
  /** Released while somebody was reading. */
  readonly #buried: HeldStream[] = []
  #readers = 0
  #releases = 0
  lastPosition = 0
  isClean = true
  isEmpty = true

  add(record: JournalRecord): void {
    this.isEmpty = false
    if (record.type === 'events') this.#addEvents(record)
    else if (record.type === 'unit') for (const part of record.parts) this.#addEvents(part)
    else this.order.addMark({ ...record })
  }

  /** What is not released of a stream. */
  held(stream: StreamId): HeldStream | undefined {
    return this.#streams.get(stream)
  }

  streams(): Iterable<HeldStream> {
    return this.#streams.values()
  }

  release(streams: readonly StreamId[]): void {
    this.#releases++
    for (const stream of streams) {
      const held = this.#streams.get(stream)
      if (held === undefined) continue
      this.#streams.delete(stream)
      held.released = this.#releases
      this.order.drop(held)
      if (this.#readers > 0) this.#buried.push(held)
      else held.empty()
    }
  }

  /** Returns the number of the newest release; what is released later can be read until `endReading`. */
  beginReading(): number {
    this.#readers++
    return this.#releases
  }

  endReading(): void {
    if (--this.#readers === 0) for (const held of this.#buried.splice(0)) held.empty()
  }

  #addEvents(record: EventsRecord): void {
    record.firstPosition = (this.lastPosition + 1) as Position
    this.lastPosition += record.count
    let held = this.#streams.get(record.stream)
    if (held === undefined) this.#streams.set(record.stream, (held = new HeldStream(record.stream)))
    held.take(record)
    this.order.addEvents(held, this.lastPosition)
  }
}

class OpenMemoryJournal implements OpenJournal {
  readonly ledgerId: string
  readonly isEmpty: boolean
  readonly #store: MemoryStore
  readonly #listener: JournalListener
  #state: 'opened' | 'recovered' | 'closed' | 'abandoned' = 'opened'
  #ticket = 0
  #reported = 0

  constructor(store: MemoryStore, listener: JournalListener) {
    this.#store = store
    this.#listener = listener
    this.ledgerId = store.ledgerId
    this.isEmpty = store.isEmpty
  }

  async recover(visit: (record: StoredRecord) => void, after: Position): Promise<Recovery> {
    if (this.#state !== 'opened')
      throw new Error(`This journal is ${this.#state}: it recovers once, before all else.`)
    const store = this.#store
    for (const record of store.order.all()) visit(record)
    store.lastPosition = Math.max(store.lastPosition, after)
    const { isClean } = store
    store.isClean = false
    this.#state = 'recovered'
    return { lastPosition: store.lastPosition as Position, lost: [], isClean, droppedBytes: 0, asleep: [] }
  }

  append(record: JournalRecord): Ticket {
    if (this.#state !== 'recovered')
      throw new Error(`Nothing is appended to a journal that is ${this.#state}.`)
    this.#store.add(record)
    if (this.#ticket === this.#reported) queueMicrotask(this.#report)
    return ++this.#ticket
  }

  async *read(query: JournalQuery): AsyncGenerator<EventsRecord> {
    const store = this.#store
    const released = store.beginReading()
    try {
      if ('stream' in query) yield* store.held(query.stream)?.records() ?? []
      else {
        const through = Math.min(query.through, store.lastPosition) as Position
        yield* store.order.between(query.after, through, released)
      }
    } finally {
      store.endReading()
    }
  }

  release(streams: readonly StreamId[]): void {
    this.#store.release(streams)
  }

  /** They are here already, and every read finds them by their stream. */
  carry(_games: readonly CarriableGame[]): Promise<void> {
    return Promise.resolve()
  }

  async rewrite(change: RecordChange): Promise<Rewritten> {
    await Promise.resolve()
    for (const held of this.#store.streams()) held.rewrite(change)
    return { vanished: () => Promise.resolve() }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed' || this.#state === 'abandoned') return
    await Promise.resolve()
    if (this.#state === 'recovered') this.#store.isClean = true
    this.#state = 'closed'
  }

  /** Another opening took the store over, as after a crash. */
  abandon(): void {
    this.#state = 'abandoned'
  }

  readonly #report = (): void => {
    if (this.#state === 'abandoned') return
    this.#reported = this.#ticket
    this.#listener.written(this.#reported)
    this.#listener.synced(this.#reported)
  }
}

/**
 * A journal that keeps its records in memory, beside games in memory as 8 bytes a record. An append costs no promise
 * and no timer; both watermarks rise in the microtask after an append; nothing survives the process. It has one shard, 0.
 */
export const memoryJournal = (): Journal => {
  const store = new MemoryStore()
  let opening: OpenMemoryJournal | undefined
  return {
    name: 'memory journal',
    isEphemeral: true,
    open: async (shard, listener) => {
      if (shard !== 0) throw new TypeError(`A memory journal has one shard, 0; got ${shard}.`)
      opening?.abandon()
      opening = new OpenMemoryJournal(store, listener)
      return opening
    },
  }
}
