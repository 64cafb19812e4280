/**
 * A journal in memory: for tests, for demonstrations, and for games that may die with their process.
 *
 *     chunk 0 (64 KiB of lines, and where each record lies)  <- dropped when all its streams are released
 *     chunk 1
 *     chunk 2   <- the open one
 *
 * The same law as on a disk, but for what "durable" is worth. The lines of a record are copied into the open chunk;
 * one microtask reports both watermarks for all appends of a tick. The store belongs to the journal, not to its
 * opening: opened again, after a close or without one, it hands back all that was appended, and the opening before
 * is dead: it appends nothing and hears nothing. So a test crashes a ledger by opening its journal again.
 */
import { randomUUID } from 'node:crypto'
import type { Position, StreamId } from '../ids.js'
import { Holdings } from './holdings.js'
import {
  changedBy,
  type CarriableGame,
  type CommittedRecord,
  type EventsRecord,
  type IntentRecord,
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

/** Small enough that one idle game pins little, large enough that a chunk's own cost does not show. */
const chunkBytes = 64 * 1024
/** Of a record: first version, count, first position, end of its lines. */
const placeLength = 4

type Mark = IntentRecord | CommittedRecord

/** Lines in one buffer, their places in another: an append leaves no object behind for the garbage collector. */
class Chunk {
  bytes: Buffer
  readonly #entries: (StreamId | Mark)[] = []
  #places = new Float64Array(256 * placeLength)
  length = 0
  lastPosition = 0

  constructor(bytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
  }

  get records(): number {
    return this.#entries.length
  }

  addMark(mark: Mark): void {
    this.#add(mark, 0, 0, 0)
  }

  addEvents({ stream, firstVersion, count, firstPosition, bytes, start, end }: EventsRecord): void {
    this.length += bytes.copy(this.bytes, this.length, start, end)
    this.lastPosition = firstPosition + count - 1
    this.#add(stream, firstVersion, count, firstPosition)
  }

  /** Puts other lines in the place of some; who reads it goes on at the same index. */
  rewrite(change: RecordChange): void {
    const rewritten: Buffer[] = []
    const places = this.#places.slice()
    let length = 0
    for (let index = 0; index < this.records; index++) {
      const record = this.at(index)
      if (record.type === 'events') {
        const { bytes, start, end } = changedBy(change, record)
        const kept = bytes.subarray(start, end)
        rewritten.push(kept)
        length += kept.length
      }
      places[index * placeLength + 3] = length
    }
    const bytes = Buffer.concat(rewritten)
    this.bytes = Buffer.allocUnsafeSlow(Math.max(this.bytes.length, length))
    bytes.copy(this.bytes)
    this.length = length
    this.#places = places
  }

  /** The record at an index from 0; its bytes are the chunk's own. */
  at(index: number): StoredRecord {
    const entry = this.#entries[index]!
    if (typeof entry !== 'string') return entry
    const at = index * placeLength
    return {
      type: 'events',
      stream: entry,
      firstVersion: this.#places[at]!,
      count: this.#places[at + 1]!,
      firstPosition: this.#places[at + 2]! as Position,
      bytes: this.bytes,
      start: index === 0 ? 0 : this.#places[at - 1]!,
      end: this.#places[at + 3]!,
    }
  }

  #add(entry: StreamId | Mark, firstVersion: number, count: number, firstPosition: number): void {
    const at = this.#entries.push(entry) * placeLength - placeLength
    if (at === this.#places.length) {
      const grown = new Float64Array(2 * at)
      grown.set(this.#places)
      this.#places = grown
    }
    this.#places[at] = firstVersion
    this.#places[at + 1] = count
    this.#places[at + 2] = firstPosition
    this.#places[at + 3] = this.length
  }
}

class MemoryStore {
  readonly ledgerId = randomUUID()
  readonly holdings = new Holdings<Chunk>()
  chunks: Chunk[] = [new Chunk(chunkBytes)]
  open = this.chunks[0]!
  lastPosition = 0
  isClean = true
  isEmpty = true

  add(record: JournalRecord): void {
    this.isEmpty = false
    if (record.type === 'unit') {
      for (const part of record.parts) this.add(part)
      return
    }
    if (record.type === 'events') {
      this.#makeRoom(record.end - record.start)
      record.firstPosition = (this.lastPosition + 1) as Position
      this.lastPosition += record.count
      this.open.addEvents(record)
    } else this.open.addMark({ ...record })
    this.holdings.hold(record, this.open)
  }

  drop(): void {
    const gone = this.holdings.reclaim((chunk) => chunk !== this.open)
    if (gone.length > 0) this.chunks = this.chunks.filter((chunk) => !gone.includes(chunk))
  }

  #makeRoom(length: number): void {
    if (this.open.length + length <= this.open.bytes.length) return
    this.open = new Chunk(Math.max(chunkBytes, length))
    this.chunks.push(this.open)
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
    const settled = new Set(store.holdings.settled())
    for (const chunk of store.chunks)
      for (let index = 0; index < chunk.records; index++) {
        const record = chunk.at(index)
        const isPast =
          record.type === 'events' ? store.holdings.isGone(record.stream) : settled.has(record.batch)
        if (!isPast) visit(record)
      }
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
    const { holdings, chunks, lastPosition } = this.#store
    const released = holdings.beginReading()
    const isOne = 'stream' in query
    const range = isOne ? { after: 0, through: lastPosition } : query
    const through = Math.min(range.through, lastPosition)
    try {
      for (const chunk of isOne ? [...holdings.placesOf(query.stream)] : chunks.slice()) {
        if (chunk.lastPosition <= range.after) continue
        for (let index = 0; index < chunk.records; index++) {
          const record = chunk.at(index)
          if (record.type !== 'events' || record.firstPosition + record.count - 1 <= range.after) continue
          if (record.firstPosition > through) return
          if (isOne && record.stream !== query.stream) continue
          if (!holdings.isReleased(record.stream, released)) yield record
        }
      }
    } finally {
      holdings.endReading()
    }
  }

  release(streams: readonly string[]): void {
    this.#store.holdings.release(streams)
    this.#store.drop()
  }

  /** They are here already, and every read finds them by their stream. */
  carry(_games: readonly CarriableGame[]): Promise<void> {
    return Promise.resolve()
  }

  async rewrite(change: RecordChange): Promise<Rewritten> {
    await Promise.resolve()
    // In what is released, too: it lies here as long as its chunk does.
    for (const chunk of this.#store.chunks) chunk.rewrite(change)
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
 * A journal that keeps its records in memory. An append copies its lines and costs no promise and no timer; both watermarks rise in the microtask after an append; nothing
 * survives the process. It has one shard, 0.
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
