/**
 * A command that was decided and journaled, and waits to be published: the publication of its events, and everybody
 * whose answer has read the state that it made.
 */
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { envelopeOf, type LineHead } from '../events/codec.js'
import type { EventsRecord, Ticket } from '../events/journal/journal.js'
import type { Position, Version } from '../events/ids.js'
import type { Publication } from '../events/publisher.js'
import type { LiveGame } from './live-game.js'

/** Somebody who waits: told when what they have read is published, or that it never will be. */
export interface Answer {
  settle(ticket: Ticket): void
  fail(cause: unknown): void
}

export class PendingCommand implements Publication {
  ticket: Ticket = 0
  readonly record: EventsRecord
  readonly #live: LiveGame
  readonly #offset: number
  readonly #heads: readonly LineHead[]
  readonly #events: readonly GameEvent[]
  readonly #after: { readonly state: unknown } | undefined
  readonly #answers: Answer[] = []
  readonly #left: (pending: PendingCommand) => void

  /** `left` is called once, when it has left the queue, either way. */
  constructor(
    live: LiveGame,
    offset: number,
    record: EventsRecord,
    heads: readonly LineHead[],
    events: readonly GameEvent[],
    left: (pending: PendingCommand) => void,
  ) {
    this.#live = live
    this.#offset = offset
    this.record = record
    this.#heads = heads
    this.#events = events
    this.#after = live.stateToPublish()
    this.#left = left
  }

  /** The bytes of its event lines. */
  get byteLength(): number {
    return this.record.end - this.record.start
  }

  /** Will be told when this is published. */
  await(answer: Answer): void {
    this.#answers.push(answer)
  }

  envelopes(): readonly EventEnvelope[] {
    const live = this.#live
    const { firstPosition } = this.record
    live.log.place(this.#offset, firstPosition)
    const envelopes = this.#heads.map((head, index) =>
      envelopeOf(live.kind, live.gameId, (firstPosition + index) as Position, head, this.#events[index]!),
    )
    const last = envelopes[envelopes.length - 1]!
    live.publish(last.version as Version, last.position, this.#after)
    return envelopes
  }

  settle(): void {
    this.#leave()
    for (const answer of this.#answers) answer.settle(this.ticket)
  }

  fail(cause: unknown): void {
    this.#leave()
    for (const answer of this.#answers) answer.fail(cause)
  }

  #leave(): void {
    if (this.#live.newest === this) this.#live.newest = undefined
    this.#left(this)
  }
}
