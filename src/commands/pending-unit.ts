/**
 * A unit of work that was decided and waits to be published: one record for the journal, and one publication. So all its
 * events are durable together, and no listener is told of one game's part in a later turn than of another's.
 */
import type { EventEnvelope } from '../events/envelope.js'
import type { Ticket, UnitRecord } from '../events/journal/journal.js'
import type { Publication } from '../events/publisher.js'
import type { Answer, Pending } from './answer.js'
import type { GamePart } from './game-part.js'

export class PendingUnit implements Publication, UnitRecord, Pending {
  readonly type = 'unit'
  ticket: Ticket = 0
  readonly parts: readonly GamePart[]
  readonly byteLength: number
  readonly loggedBytes: number
  readonly #answers: Answer[]
  readonly #left: (pending: Pending) => void

  /** `own` is told first; `left` is called once, when it leaves the queue, published or failed. */
  constructor(own: Answer, parts: readonly GamePart[], left: (pending: Pending) => void) {
    this.parts = parts
    this.byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0)
    this.loggedBytes = parts.reduce((sum, part) => sum + part.loggedBytes, 0)
    this.#answers = [own]
    this.#left = left
  }

  await(answer: Answer): void {
    this.#answers.push(answer)
  }

  envelopes(): readonly EventEnvelope[] {
    return this.parts.flatMap((part) => part.envelopes())
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
    for (const { live } of this.parts) live.leave(this)
    this.#left(this)
  }
}
