/**
 * How all games ended, in order of their final position: from the indexes of the archive, and for those that are over
 * and not yet in there from who still has them. No segment is opened.
 *
 *     batch 1   12 . 17 . 20          batches are cut in order of final position,
 *     batch 2                23 . 31  so they lie one behind the other
 *     waiting                31 . 36 . 40
 *                 --> 12 17 20 23 31 36 40
 *
 * Those who wait are listed first, the batches afterwards: a game leaves only when its manifest stands, so it is in one of
 * the two or in both, and is given once.
 */
import { finalSummary, type GameEnd } from '../events/final-summary.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { Catalog } from './catalog.js'
import type { HistoryRange } from './history-source.js'
import type { IndexedGame } from './manifest.js'

export interface OutcomePorts {
  readonly catalog: Catalog
  /** The games that are over and published and whose end is in the range, in order of final position. */
  readonly waiting: (range: HistoryRange) => Promise<readonly GameEnd[]>
}

const endOf = (game: IndexedGame): GameEnd => ({
  kind: game.kind,
  gameId: game.gameId,
  version: game.events,
  position: game.lastPosition,
  recordedAt: game.lastAt,
  ...(game.occurredAt !== undefined && { occurredAt: game.occurredAt }),
  players: game.players,
  ...(game.outcome && { outcome: game.outcome }),
})

export class Outcomes {
  readonly #ports: OutcomePorts

  constructor(ports: OutcomePorts) {
    this.#ports = ports
  }

  /** The summaries of all games that ended in (after, through], a chunk a batch. @throws CorruptManifestError, what the store throws */
  async *chunks(range: HistoryRange): AsyncGenerator<readonly EventEnvelope[], void, undefined> {
    const { catalog } = this.#ports
    const waiting = await this.#ports.waiting(range)
    const { after, through } = range
    let given = after
    let next = 0
    // What is rewritten meanwhile stays until this reader has ended.
    const pin = catalog.pin()
    try {
      for (const { batch } of catalog.batches(range)) {
        const chunk: EventEnvelope[] = []
        const give = (end: GameEnd): void => {
          if (end.position <= given || end.position > through) return
          given = end.position
          chunk.push(finalSummary(end))
        }
        for (const game of await catalog.endedIn(batch)) {
          while (next < waiting.length && waiting[next]!.position < game.lastPosition) give(waiting[next++]!)
          give(endOf(game))
        }
        if (chunk.length > 0) yield chunk
      }
    } finally {
      pin.release()
    }
    const rest = waiting.slice(next).filter(({ position }) => position > given)
    if (rest.length > 0) yield rest.map(finalSummary)
  }
}
