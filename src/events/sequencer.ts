/**
 * Gives accepted events their time. `recordedAt = max(last, clock)`: it never goes back, though a clock may.
 * Versions are counted by the game, positions by the journal.
 */
import type { Clock } from './clock.js'

export class Sequencer {
  #last = 0
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The time to record now, in milliseconds since 1970. */
  time(): number {
    const now = this.#clock.now()
    if (now > this.#last) this.#last = now
    return this.#last
  }

  /** Takes note of a time found in a log, so that what follows is never earlier. */
  resumeAfter(recordedAt: number): void {
    if (recordedAt > this.#last) this.#last = recordedAt
  }
}
