/**
 * A command that was decided and journaled, and waits to be published: the publication of its events, and everybody
 * whose answer has read the state that it made.
 */
import type { PlacedLater } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { EventsRecord, Ticket } from '../events/journal/journal.js'
import type { Position } from '../events/ids.js'
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
  readonly #envelopes: readonly PlacedLater[]
  readonly #after: { readonly state: unknown } | undefined
  readonly #own: Answer
  #others: Answer[] | undefined
  readonly #left: (pending: PendingCommand) => void

  /** `own` is told first. `left` is called once, when it has left the queue, either way. */
  constructor(
    own: Answer,
    live: LiveGame,
    offset: number,
    record: EventsRecord,
    envelopes: readonly PlacedLater[],
    left: (pending: PendingCommand) => void,
  ) {
    this.#own = own
    this.#live = live
    this.#offset = offset
    this.record = record
    this.#envelopes = envelopes
    this.#after = live.stateToPublish()
    this.#left = left
  }

  /** The bytes of its event lines. */
  get byteLength(): number {
    return this.record.end - this.record.start
  }

  /** Will be told when this is published. */
  await(answer: Answer): void {
    ;(this.#others ??= []).push(answer)
  }

  envelopes(): readonly EventEnvelope[] {
    const live = this.#live
    const { firstPosition } = this.record
    live.log.place(this.#offset, firstPosition)
    const envelopes = this.#envelopes
    for (let index = 0; index < envelopes.length; index++)
      envelopes[index]!.position = (firstPosition + index) as Position
    const { version, position } = envelopes[envelopes.length - 1]!
    live.publish(version, position, this.#after)
    return envelopes
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
    if (this.#live.newest === this) this.#live.newest = undefined
    this.#left(this)
  }
}
