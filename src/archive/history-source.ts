/**
 * What a history is merged from. A source stands at a position, the lowest that it may still give. It is either
 * ready, then it gives the event there without waiting; or it has to be prepared first.
 *
 *     BatchSource     never ready: prepared, it opens its next game and stands at the first position of the one after
 *     GameSource      an archived game, unpacked
 *     JournalSource   ready while it has a record in hand
 */
import { LRUCache } from 'lru-cache'
import { decodeLine } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import { linesOf } from '../events/event-log.js'
import { partsOfStream, streamIdOf, type Kind, type Position, type StreamId } from '../events/ids.js'
import type { EventsRecord } from '../events/journal/journal.js'
import type { EventShape } from '../events/upcaster.js'
import { unpackIndexed } from './archived-game.js'
import type { ArchivedLog } from './archived-log.js'
import { CorruptSegmentError } from './archive-error.js'
import { segmentKeyOf } from './batch-key.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import type { IndexedGame, Manifest } from './manifest.js'
import type { Positioned } from '../events/position-heap.js'

/** Events in (after, through]. */
export interface HistoryRange {
  readonly after: Position
  readonly through: Position
}

export type Shapes = ReadonlyMap<Kind, EventShape>

export interface HistorySource extends Positioned {
  readonly isReady: boolean
  /** The event at `position`; moves on. Only while ready. */
  take(): EventEnvelope
  /** Passes the event at `position` over, unread. Only while ready. */
  skip(): void
  /** Makes it ready, or gives a further source, or moves it on. */
  prepare(): Promise<HistorySource | undefined>
}

const lineFeed = 0x0a

/** An archived game that has been unpacked. */
export class GameSource implements HistorySource {
  position: number
  readonly isReady = true
  readonly #log: ArchivedLog
  readonly #shape: EventShape | undefined
  #index = 0
  #start = 0

  constructor(log: ArchivedLog, shape: EventShape | undefined) {
    this.#log = log
    this.#shape = shape
    this.position = log.header.positions[0]!
  }

  take(): EventEnvelope {
    const start = this.#start
    const position = this.position as Position
    const end = this.#next()
    return this.#log.decode(start, end, position, this.#shape)
  }

  skip(): void {
    this.#next()
  }

  async prepare(): Promise<undefined> {}

  #next(): number {
    const { lines, header } = this.#log
    const end = lines.indexOf(lineFeed, this.#start)
    if (end < 0) throw this.#log.corrupt(`there are fewer than ${header.versions} event lines`)
    this.#start = end + 1
    this.position += header.positions[++this.#index] ?? Infinity
    return end
  }
}

/** The records of the journal, one in hand. */
export class JournalSource implements HistorySource {
  position: number
  readonly #records: AsyncIterator<EventsRecord>
  readonly #shapes: Shapes
  #stream: { readonly kind: Kind; readonly gameId: string } = { kind: '', gameId: '' }
  #lines: readonly string[] = []
  #index = 0

  constructor(records: AsyncIterator<EventsRecord>, shapes: Shapes, first: IteratorResult<EventsRecord>) {
    this.#records = records
    this.#shapes = shapes
    this.position = Infinity
    this.#hold(first)
  }

  get isReady(): boolean {
    return this.#index < this.#lines.length
  }

  take(): EventEnvelope {
    const { kind, gameId } = this.#stream
    const line = this.#lines[this.#index++]!
    return decodeLine(line, kind, gameId, this.position++ as Position, this.#shapes.get(kind))
  }

  skip(): void {
    this.#index++
    this.position++
  }

  async prepare(): Promise<undefined> {
    this.#hold(await this.#records.next())
  }

  /** The lines are copied: the bytes of a record are lent only until the next one is asked for. */
  #hold(result: IteratorResult<EventsRecord>): void {
    if (result.done === true) {
      this.position = Infinity
      return
    }
    const { stream, firstPosition, bytes, start, end } = result.value
    this.#stream = partsOfStream(stream)
    this.#lines = [...linesOf(bytes, start, end)]
    this.#index = 0
    this.position = firstPosition
  }
}

/** Bytes of whole segments kept while their games begin one after another. */
const segmentBytesMax = 32 * 1024 * 1024
/** From the third game of a batch on its segment is read whole: the others will follow soon. */
const rangedGames = 2

/** Reads the logs of archived games for one reader, and keeps the segments that it is in the midst of. */
export class SegmentReader {
  readonly #store: ColdStore
  readonly #segments = new LRUCache<number, Buffer>({ maxSize: segmentBytesMax })

  constructor(store: ColdStore) {
    this.#store = store
  }

  /** The log of a game, the `nth` that is read of its batch. */
  async read({ batch, bytes }: Manifest, game: IndexedGame, nth: number): Promise<ArchivedLog> {
    const key = segmentKeyOf(batch)
    const { offset, length } = game
    const isWhole = nth >= rangedGames && bytes <= segmentBytesMax / 2
    const whole = this.#segments.get(batch) ?? (isWhole ? await this.#readWhole(batch, key) : undefined)
    const packed =
      whole?.subarray(offset, offset + length) ?? (await this.#store.get(key, { offset, length }))
    return unpackIndexed(packed, key, game)
  }

  async #readWhole(batch: number, key: string): Promise<Buffer | undefined> {
    const whole = await this.#store.get(key)
    if (whole && whole.length > 0) this.#segments.set(batch, whole, { size: whole.length })
    return whole
  }
}

/** Where batches get what they need from. */
export interface BatchContext {
  readonly catalog: Catalog
  readonly segments: SegmentReader
  readonly shapes: Shapes
  readonly range: HistoryRange
  /** Damage that is passed over; without it damage ends the reading. */
  readonly onDamage: ((error: CorruptSegmentError) => void) | undefined
  /** Which games are read; `undefined`: all. */
  readonly isWanted: ((stream: StreamId) => boolean) | undefined
}

/**
 * The games of one batch that lie in the range, in order of their first position. Between two games it holds an
 * order and positions, 12 bytes a game: the manifest itself may leave memory, since a long game opens its batch early.
 */
export class BatchSource implements HistorySource {
  position: number
  readonly isReady = false
  readonly #batch: number
  readonly #context: BatchContext
  #order: Uint32Array | undefined
  #firsts = new Float64Array(0)
  #next = 0

  constructor(batch: number, firstPosition: Position, context: BatchContext) {
    this.#batch = batch
    this.position = firstPosition
    this.#context = context
  }

  take(): never {
    throw new Error('A batch gives games, not events.')
  }

  skip(): void {}

  async prepare(): Promise<HistorySource | undefined> {
    const { catalog, segments, shapes, onDamage } = this.#context
    const manifest = await catalog.manifestOf(this.#batch)
    const order = (this.#order ??= this.#orderOf(manifest))
    const nth = this.#next++
    this.position = this.#firsts[this.#next] ?? Infinity
    const game = manifest.games[order[nth] ?? -1]
    if (!game) return undefined
    try {
      return new GameSource(await segments.read(manifest, game, nth), shapes.get(game.kind))
    } catch (cause) {
      if (!onDamage || !(cause instanceof CorruptSegmentError)) throw cause
      onDamage(cause)
      return undefined
    }
  }

  #orderOf({ games }: Manifest): Uint32Array {
    const { range, isWanted } = this.#context
    const order: number[] = []
    games.forEach(({ kind, gameId, firstPosition, lastPosition }, at) => {
      if (lastPosition <= range.after || firstPosition > range.through) return
      if (!isWanted || isWanted(streamIdOf(kind, gameId))) order.push(at)
    })
    order.sort((one, other) => games[one]!.firstPosition - games[other]!.firstPosition)
    this.#firsts = Float64Array.from(order, (at) => games[at]!.firstPosition)
    return Uint32Array.from(order)
  }
}
