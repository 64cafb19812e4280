/**
 * A command that was decided and waits to be published: the record that the journal takes, the publication of its
 * events, and everybody whose answer has read the state that it made. One object for all three: there is one of it
 * for every command in flight.
 */
import type { PlacedLater } from '../events/codec.js'
import type { LogRecord } from '../events/event-log.js'
import type { Ticket } from '../events/journal/journal.js'
import type { Publication } from '../events/publisher.js'
import type { Answer, Pending } from './answer.js'
import { GamePart } from './game-part.js'
import type { LiveGame } from './live-game.js'

export class PendingCommand extends GamePart implements Publication, Pending {
  ticket: Ticket = 0
  readonly #own: Answer
  #others: Answer[] | undefined
  readonly #left: (pending: Pending) => void

  /** `own` is told first; `left` is called once, when it leaves the queue, published or failed. */
  constructor(
    own: Answer,
    live: LiveGame,
    record: LogRecord,
    envelopes: readonly PlacedLater[],
    left: (pending: Pending) => void,
  ) {
    super(live, record, envelopes)
    this.#own = own
    this.#left = left
  }

  await(answer: Answer): void {
    ;(this.#others ??= []).push(answer)
  }

  settle(): void {
    this.#leave()
    this.#own.settle(this.ticket)
    if (this.#others) for (const answer of this.#others) answer.settle(this.ticket)
  }

  fail(cause: unknown): void {
    this.#leave()
    this.#own.fail(cause)
    if (this.#others) for (const answer of this.#others) answer.fail(cause)
  }

  #leave(): void {
    this.live.leave(this)
    this.#left(this)
  }
}
