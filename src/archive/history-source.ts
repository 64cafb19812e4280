/**
 * What a history is merged from. A source stands at a position, the lowest that it may still give. It is either
 * ready, then it gives the event there without waiting; or it has to be prepared first.
 *
 *     BatchSource     never ready: prepared, it opens its next game and stands at the first position of the one after
 *     GameSource      an archived game, unpacked
 *     JournalSource   ready while it has a record in hand
 */
import { decodeLine } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import { linesOf } from '../events/event-log.js'
import {
  partsOfStream,
  streamIdOf,
  type GameId,
  type Kind,
  type Position,
  type StreamId,
} from '../events/ids.js'
import type { EventsRecord } from '../events/journal/journal.js'
import type { EventShape } from '../events/upcaster.js'
import type { ArchivedLog } from './archived-log.js'
import { CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import type { Manifest } from './manifest.js'
import type { SegmentReader } from './segment-reader.js'
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

/** An archived game that has been unpacked. Its lines are one string: a piece of it costs less than a string of bytes. */
export class GameSource implements HistorySource {
  position: number
  readonly isReady = true
  readonly #log: ArchivedLog
  readonly #shape: EventShape | undefined
  // Of the log, but here: thousands of games take turns, and each step from object to object is a cache miss.
  readonly #kind: Kind
  readonly #gameId: GameId
  readonly #positions: readonly number[]
  readonly #text: string
  #index = 0
  #start = 0

  constructor(log: ArchivedLog, shape: EventShape | undefined) {
    this.#log = log
    this.#shape = shape
    this.#kind = log.header.kind
    this.#gameId = log.header.gameId
    this.#positions = log.header.positions
    this.#text = log.lines.toString()
    this.position = this.#positions[0]!
  }

  take(): EventEnvelope {
    const position = this.position as Position
    const line = this.#next()
    try {
      return decodeLine(line, this.#kind, this.#gameId, position, this.#shape)
    } catch (cause) {
      throw this.#log.unreadable(cause)
    }
  }

  skip(): void {
    this.#next()
  }

  async prepare(): Promise<undefined> {}

  #next(): string {
    const end = this.#text.indexOf('\n', this.#start)
    if (end < 0) throw this.#log.corrupt(`there are fewer than ${this.#positions.length} event lines`)
    const line = this.#text.slice(this.#start, end)
    this.#start = end + 1
    this.position += this.#positions[++this.#index] ?? Infinity
    return line
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
