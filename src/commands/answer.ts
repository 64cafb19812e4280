/** Those who wait until what their answer has read is published. */
import type { Ticket } from '../events/journal/journal.js'

/** Somebody who waits: told when what they have read is published, or that it never will be. */
export interface Answer {
  settle(ticket: Ticket): void
  fail(cause: unknown): void
}

/** What was decided and is not yet published: an answer that has read its state waits for it here. */
export interface Pending {
  readonly ticket: Ticket
  /** Bytes of its event lines. */
  readonly byteLength: number
  /** Will be told when this is published. */
  await(answer: Answer): void
}
