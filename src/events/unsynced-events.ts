/**
 * How much was handed to the journal and is not yet on the disk: an upper bound, O(1) to keep.
 *
 *     | older epoch: events, bytes, its last ticket | newer epoch |
 *
 * What is appended counts for the newer epoch. When the watermark has passed the older one, the newer takes its
 * place. So nothing is kept for each record, and what is told is never too low.
 */
import type { Ticket } from './journal/journal.js'

export class UnsyncedEvents {
  #olderThrough: Ticket = 0
  #olderEvents = 0
  #olderBytes = 0
  #newerEvents = 0
  #newerBytes = 0
  #last: Ticket = 0

  /** Events that a crash could take back now, at most. */
  get count(): number {
    return this.#olderEvents + this.#newerEvents
  }

  /** The bytes of their lines. */
  get bytes(): number {
    return this.#olderBytes + this.#newerBytes
  }

  add(ticket: Ticket, events: number, bytes: number): void {
    this.#last = ticket
    this.#newerEvents += events
    this.#newerBytes += bytes
  }

  /** All through this ticket is on the disk. */
  synced(through: Ticket): void {
    if (through < this.#olderThrough) return
    const isAll = through >= this.#last
    this.#olderThrough = this.#last
    this.#olderEvents = isAll ? 0 : this.#newerEvents
    this.#olderBytes = isAll ? 0 : this.#newerBytes
    this.#newerEvents = 0
    this.#newerBytes = 0
  }
}
