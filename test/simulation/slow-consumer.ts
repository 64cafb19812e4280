/**
 * A consumer outside of the ledger that is never up to date: it takes its time over each event, and saves what it has read
 * together with its checkpoint, some events at a time. It dies with the ledger's process; what it had not saved it meets
 * again in the next life. So games move into the archive under it, and it is resumed at every place.
 */
import { CheckpointLostError, type EventEnvelope } from 'gameledger'
import { isExpected } from './expected.js'
import type { Simulated } from './life.js'
import { textOf, type Truth } from './truth.js'
import { demand } from './violation.js'
import { world } from './world.js'

/** Longer than play takes for an event, in most plans. */
const eventMsMax = 15
const savedAtATime = 3

export class SlowConsumer {
  #saved: readonly EventEnvelope[] = []
  #read: EventEnvelope[] = []

  get checkpoint(): number {
    return this.#read.at(-1)?.position ?? 0
  }

  /** A new life: what was not saved is gone. */
  async follow(ledger: Simulated): Promise<void> {
    this.#read = [...this.#saved]
    for (;;)
      try {
        for await (const envelope of ledger.eventsFrom(this.checkpoint)) {
          await world.pass(eventMsMax)
          this.#read.push(envelope)
          if (this.#read.length % savedAtATime === 0) this.#saved = [...this.#read]
        }
        this.#saved = [...this.#read]
        return
      } catch (error) {
        if (error instanceof CheckpointLostError) this.#saved = this.#read = []
        else if (!isExpected(error)) throw error
        await world.pass(20)
      }
  }

  /** It has met each of these events once, in their order; and so does who reads all that happened up to now. */
  async check(ledger: Simulated, events: readonly EventEnvelope[], { dropped }: Truth): Promise<void> {
    const past: EventEnvelope[] = []
    for await (const envelope of ledger.history()) past.push(envelope)
    const wanted = events.map(textOf).join('\n')
    demand(
      dropped.without(this.#read).map(textOf).join('\n') === wanted,
      () => 'a slow consumer has met other events than there are',
    )
    demand(past.map(textOf).join('\n') === wanted, () => 'the history has other events than the ledger')
  }
}
