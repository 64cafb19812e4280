/**
 * What batches and journal give, merged in order of position, each event once.
 *
 *     batches    a heap: who stands lowest opens its next game, before anything else at that position is given
 *     games      a turn table of those that were opened
 *     journal    one run of positions after the other; what an archived game gives as well is passed over
 */
import type { EventEnvelope } from '../events/envelope.js'
import { PositionHeap } from '../events/position-heap.js'
import type { BatchSource, GameSource, HistoryRange, JournalSource } from './history-source.js'
import { TurnTable } from './turn-table.js'

export class HistoryMerge {
  readonly #batches = new PositionHeap<BatchSource>()
  readonly #games: TurnTable<EventEnvelope, GameSource>
  readonly #journal: JournalSource
  /** The first position that is not wanted. */
  readonly #end: number

  constructor(batches: readonly BatchSource[], journal: JournalSource, { after, through }: HistoryRange) {
    for (const batch of batches) this.#batches.push(batch)
    this.#games = new TurnTable(after + 1)
    this.#journal = journal
    this.#end = through + 1
  }

  /** Whether everything was given. */
  get isOver(): boolean {
    const { at, isEmpty } = this.#games
    return at >= this.#end || (isEmpty && this.#batches.size === 0 && this.#journal.position === Infinity)
  }

  /** The next events, at most so many; fewer where something has to be prepared first, or at the end. */
  next(length: number): EventEnvelope[] {
    const chunk: EventEnvelope[] = []
    const games = this.#games
    const journal = this.#journal
    const until = Math.min(this.#batches.top?.position ?? Infinity, this.#end)
    while (chunk.length < length) {
      games.take(chunk, length, Math.min(until, journal.position))
      if (chunk.length === length || games.at >= until || !journal.isReady) break
      if (journal.position < games.at || games.isTurn) journal.skip()
      else chunk.push(journal.take())
    }
    return chunk
  }

  /** Prepares what stands in the way of the next event: a batch opens a game, or the journal takes a record in hand. */
  async prepare(): Promise<void> {
    const { at } = this.#games
    const batch = this.#batches.top
    if (batch && batch.position <= at) {
      const game = await batch.prepare()
      this.#batches.settle()
      if (game) this.#games.enter(game)
    } else if (this.#journal.position <= at && !this.#journal.isReady) await this.#journal.prepare()
  }
}
