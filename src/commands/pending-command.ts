/**
 * A command that was decided and waits to be published: the record that the journal takes, the publication of its
 * events, and everybody whose answer has read the state that it made. One object for all three: there is one of it
 * for every command in flight.
 */
import type { PlacedLater } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { LogRecord } from '../events/event-log.js'
import type { EventsRecord, Ticket } from '../events/journal/journal.js'
import type { Position, StreamId } from '../events/ids.js'
import type { Publication } from '../events/publisher.js'
import type { LiveGame } from './live-game.js'

/** Somebody who waits: told when what they have read is published, or that it never will be. */
export interface Answer {
  settle(ticket: Ticket): void
  fail(cause: unknown): void
}

export class PendingCommand implements Publication, EventsRecord {
  readonly type = 'events'
  readonly stream: StreamId
  readonly firstVersion: number
  readonly count: number
  firstPosition = 0 as Position
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  ticket: Ticket = 0
  readonly #live: LiveGame
  readonly #offset: number
  readonly #envelopes: readonly PlacedLater[]
  readonly #after: { readonly state: unknown } | undefined
  readonly #own: Answer
  #others: Answer[] | undefined
  readonly #left: (pending: PendingCommand) => void

  /** What `record` of the game's log holds. `own` is told first; `left` is called once, when it leaves the queue. */
  constructor(
    own: Answer,
    live: LiveGame,
    record: LogRecord,
    envelopes: readonly PlacedLater[],
    left: (pending: PendingCommand) => void,
  ) {
    this.stream = live.stream
    this.firstVersion = record.firstVersion
    this.count = record.count
    this.bytes = live.log.bytes
    this.start = record.start
    this.end = record.end
    this.#own = own
    this.#live = live
    this.#offset = record.offset
    this.#envelopes = envelopes
    this.#after = live.stateToPublish()
    this.#left = left
  }

  /** The bytes of its event lines. */
  get byteLength(): number {
    return this.end - this.start
  }

  /** Will be told when this is published. */
  await(answer: Answer): void {
    ;(this.#others ??= []).push(answer)
  }

  envelopes(): readonly EventEnvelope[] {
    const live = this.#live
    const { firstPosition } = this
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
