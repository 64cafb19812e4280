/**
 * Everything that happened, in order of position: the archived games and the journal, merged.
 *
 *     journal    | 7 | 8 |   | 11 |        | 14 |         in order already
 *     game a     | 3 | 5 | 9 |                            archived; loaded when the merge comes to 3
 *     game b         | 6 |   | 10 | 12 | 13 |             archived; its manifest read when the merge comes to 6
 *
 * A game may move from the journal to the archive while it is read. So the reading of the journal begins first, and the
 * batches are listed after it: what the journal had let go of by then is in a batch, and what is in both is met
 * twice at one position and given once. Memory is bounded by the games that overlap at one position.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { linesOf } from '../events/event-log.js'
import { decodeLine } from '../events/codec.js'
import { partsOfStream, type Kind, type Position } from '../events/ids.js'
import type { EventsRecord, OpenJournal } from '../events/journal/journal.js'
import type { EventShape } from '../events/upcaster.js'
import { ArchivedGame } from './archived-game.js'
import type { Catalog, CatalogBatch } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import { PositionHeap } from './position-heap.js'

export interface HistoryPorts {
  readonly journal: Pick<OpenJournal, 'read'>
  readonly catalog: Catalog
  readonly store: ColdStore
  /** The games known; events of other kinds stay as they were written. */
  readonly shapes: ReadonlyMap<Kind, EventShape>
}

/** Something that gives events in order of position, and stands before its next one. */
interface Source {
  /** Of the next event, or a lower bound of it. */
  position: number
  next: EventEnvelope | undefined
  /** Moves to the next event; answers whether there is one. */
  advance(): boolean | Promise<boolean>
}

export class History {
  readonly #ports: HistoryPorts

  constructor(ports: HistoryPorts) {
    this.#ports = ports
  }

  /** The events in (after, through], each once. Nothing newer than `through` is waited for. */
  async *read(after: Position, through: Position): AsyncGenerator<EventEnvelope, void, undefined> {
    const records = this.#ports.journal.read({ after, through })[Symbol.asyncIterator]()
    try {
      const heap = new PositionHeap<Source>()
      // The first record is awaited before the batches are listed: from then on the journal lets nothing go unseen.
      const first = await records.next()
      if (!first.done) await this.#enter(heap, this.#journalSource(first.value, records, after))
      const batches = this.#ports.catalog.batches().filter((batch) => batch.lastPosition > after && batch.firstPosition <= through)
      for (const batch of batches) heap.push(this.#batchSource(heap, batch, after, through))
      yield* merged(heap, after, through)
    } finally {
      await records.return?.()
    }
  }

  async #enter(heap: PositionHeap<Source>, source: Source): Promise<void> {
    if (await source.advance()) heap.push(source)
  }

  #journalSource(first: EventsRecord, records: AsyncIterator<EventsRecord>, after: Position): Source {
    let decoded = this.#decode(first)
    let at = 0
    const source: Source = {
      position: first.firstPosition,
      next: undefined,
      advance: () => {
        while (at < decoded.length && decoded[at]!.position <= after) at++
        return at < decoded.length ? stand(source, decoded[at++]) : refill()
      },
    }
    const refill = async (): Promise<boolean> => {
      const { done, value } = await records.next()
      if (done) return false
      decoded = this.#decode(value)
      at = 0
      return source.advance()
    }
    return source
  }

  #decode({ stream, firstPosition, bytes, start, end }: EventsRecord): readonly EventEnvelope[] {
    const { kind, gameId } = partsOfStream(stream)
    const shape = this.#ports.shapes.get(kind)
    const envelopes: EventEnvelope[] = []
    for (const line of linesOf(bytes, start, end))
      envelopes.push(decodeLine(line, kind, gameId, (firstPosition + envelopes.length) as Position, shape))
    return envelopes
  }

  /** Stands at the first position of the batch; coming to it puts the games of the batch into the heap instead. */
  #batchSource(heap: PositionHeap<Source>, { batch, firstPosition }: CatalogBatch, after: Position, through: Position): Source {
    return {
      position: firstPosition,
      next: undefined,
      advance: async () => {
        const { games } = await this.#ports.catalog.manifestOf(batch)
        heap.pop()
        for (const index of games)
          if (index.lastPosition > after && index.firstPosition <= through)
            heap.push(this.#gameSource(new ArchivedGame(this.#ports.store, batch, index), after))
        return false
      },
    }
  }

  /** Stands at the first position of the game; coming to it loads the game. */
  #gameSource(game: ArchivedGame, after: Position): Source {
    let events: Iterator<EventEnvelope> | undefined
    const advance = (): boolean => {
      let { done, value } = events!.next()
      while (!done && (value as EventEnvelope).position <= after) ({ done, value } = events!.next())
      return done ? false : stand(source, value as EventEnvelope)
    }
    const source: Source = {
      position: game.index.firstPosition,
      next: undefined,
      advance: () => (events ? advance() : load()),
    }
    const load = async (): Promise<boolean> => {
      events = (await game.load()).envelopes(this.#ports.shapes.get(game.index.kind))
      return advance()
    }
    return source
  }
}

const stand = (source: Source, next: EventEnvelope | undefined): boolean => {
  source.next = next
  if (next) source.position = next.position
  return next !== undefined
}

async function* merged(
  heap: PositionHeap<Source>,
  after: Position,
  through: Position,
): AsyncGenerator<EventEnvelope, void, undefined> {
  let last: number = after
  for (let source = heap.top; source && source.position <= through; source = heap.top) {
    const { runnerUp } = heap
    let hasNext: boolean | Promise<boolean> = true
    // While nobody else stands before it, a source gives its events without asking the heap.
    do {
      const { next } = source
      if (next && next.position > last) {
        last = next.position
        yield next
      }
      hasNext = source.advance()
      if (hasNext instanceof Promise) {
        hasNext = await hasNext
        break
      }
    } while (hasNext && source.position <= through && source.position < runnerUp)
    // A batch has left the heap by itself, and put its games there.
    if (heap.top !== source) continue
    if (hasNext) heap.settle()
    else heap.pop()
  }
}
