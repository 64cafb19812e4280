/**
 * What a history is merged from. Each source stands at a position, the lowest that it may still give.
 *
 *     BatchSource     gives games, not events: it stands at the first position of the next one
 *     GameSource      an archived game, unpacked
 *     JournalSource   ready while it has a record in hand; else it is to be prepared when its position is reached
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
import { CorruptSegmentError } from './archive-error.js'
import type { Catalog } from './catalog.js'
import { GamePlace } from './game-place.js'
import type { Manifest } from './manifest.js'
import type { GameText, OpenSegment, TextSharer } from './open-segment.js'
import type { SegmentReader } from './segment-reader.js'
import type { Positioned } from '../events/position-heap.js'
import type { TurnTaker } from './turn-table.js'

/** Events in (after, through]. */
export interface HistoryRange {
  readonly after: Position
  readonly through: Position
}

export type Shapes = ReadonlyMap<Kind, EventShape>

/** An archived game that has been unpacked. */
export class GameSource implements TurnTaker<EventEnvelope>, TextSharer {
  position: number
  readonly #shape: EventShape | undefined
  readonly #place: GamePlace
  // Of the header, but here: thousands of games take turns, and each step from object to object is a cache miss.
  readonly #kind: Kind
  readonly #gameId: GameId
  readonly #positions: readonly number[]
  readonly #segment: OpenSegment | undefined
  #index = 0
  #text: string
  #start: number
  #end: number

  constructor(
    { header, text, start, end, segment }: GameText,
    place: GamePlace,
    shape: EventShape | undefined,
  ) {
    this.#shape = shape
    this.#place = place
    this.#kind = header.kind
    this.#gameId = header.gameId
    this.#positions = header.positions
    this.#segment = segment
    this.#text = text
    this.#start = start
    this.#end = end
    this.position = header.positions[0]!
    segment?.enter(this)
  }

  take(): EventEnvelope {
    const position = this.position as Position
    const text = this.#text
    const start = this.#start
    this.#next()
    try {
      return decodeLine(text, this.#kind, this.#gameId, position, this.#shape, start, this.#start - 1)
    } catch (cause) {
      throw this.#place.unreadable(cause)
    }
  }

  skip(): void {
    this.#next()
  }

  leaveText(): void {
    // A copy: a slice would hold the whole text.
    this.#text = Buffer.from(this.#text.slice(this.#start, this.#end), 'latin1').toString('latin1')
    this.#start = 0
    this.#end = this.#text.length
  }

  #next(): void {
    const end = this.#text.indexOf('\n', this.#start)
    if (end < 0 || end >= this.#end)
      throw this.#place.corrupt(`there are fewer than ${this.#positions.length} event lines`)
    this.#start = end + 1
    const difference = this.#positions[++this.#index]
    if (difference === undefined) {
      this.position = Infinity
      this.#segment?.leave(this)
    } else this.position += difference
  }
}

/** The records of the journal, one in hand. */
export class JournalSource implements Positioned {
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

  /** The event at `position`; moves on. Only while ready. */
  take(): EventEnvelope {
    const { kind, gameId } = this.#stream
    const line = this.#lines[this.#index++]!
    return decodeLine(line, kind, gameId, this.position++ as Position, this.#shapes.get(kind))
  }

  /** Passes the event at `position` over, unread. Only while ready. */
  skip(): void {
    this.#index++
    this.position++
  }

  /** Takes the next record in hand; there may be none. */
  async prepare(): Promise<void> {
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
export class BatchSource implements Positioned {
  position: number
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

  /** The next game, and moves on to the first position of the one after. `undefined`: none, or passed over as damaged. */
  async prepare(): Promise<GameSource | undefined> {
    const { catalog, segments, shapes, onDamage } = this.#context
    const manifest = await catalog.manifestOf(this.#batch)
    const order = (this.#order ??= this.#orderOf(manifest))
    const nth = this.#next++
    this.position = this.#firsts[this.#next] ?? Infinity
    const game = manifest.games[order[nth] ?? -1]
    if (!game) return undefined
    const { kind, gameId, offset } = game
    try {
      const place = new GamePlace(streamIdOf(kind, gameId), manifest.segment, offset)
      return new GameSource(await segments.read(manifest, game, nth), place, shapes.get(kind))
    } catch (cause) {
      if (!onDamage || !(cause instanceof CorruptSegmentError)) throw cause
      onDamage(cause)
      return undefined
    } finally {
      if (this.position === Infinity) segments.complete(this.#batch)
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
