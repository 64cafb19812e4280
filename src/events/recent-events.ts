/**
 * The last events that were published, for readers that are nearly up to date, and where the head is.
 *
 * A ring of at most `max` envelopes. It covers every event after `#before`: who stands there or later is served from
 * memory; who stands earlier reads the archive and the journal first. Bounded, whatever the readers do.
 */
import type { EventEnvelope } from './envelope.js'
import type { Position } from './ids.js'

export class RecentEvents {
  readonly #max: number
  #events: EventEnvelope[] = []
  #before: Position
  #head: Position
  #isOver = false
  #waiting: (() => void)[] = []

  /** Nothing is known of what came up to `head`. */
  constructor(head: Position, max: number) {
    this.#head = head
    this.#before = head
    this.#max = max
  }

  /** The position of the newest published event, or of the newest recovered one. */
  get head(): Position {
    return this.#head
  }

  /** True after `end`: nothing follows. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Takes note of a published event. */
  push(envelope: EventEnvelope): void {
    this.#events.push(envelope)
    this.#head = envelope.position
    if (this.#events.length >= 2 * this.#max) {
      const dropped = this.#events.length - this.#max
      this.#before = this.#events[dropped - 1]!.position
      this.#events = this.#events.slice(dropped)
    }
    if (this.#waiting.length > 0) this.#wake()
  }

  /** All events after this position, oldest first; `undefined` where the ring does not reach back so far. */
  after(position: Position): readonly EventEnvelope[] | undefined {
    if (position < this.#before) return undefined
    let low = 0
    for (let high = this.#events.length; low < high;) {
      const middle = (low + high) >>> 1
      if (this.#events[middle]!.position <= position) low = middle + 1
      else high = middle
    }
    return this.#events.slice(low)
  }

  /** Forgets all events: who is behind the head reads what is stored. */
  clear(): void {
    this.#events = []
    this.#before = this.#head
  }

  /** Resolves when something was published after this call, or nothing follows, or the signal is given. */
  next(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isOver || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== wake)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(wake)
    })
  }

  /** Nothing follows: every reader ends when it has read what there is. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
