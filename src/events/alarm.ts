/**
 * One alarm on a clock: it is set to the earliest thing that is due, and set anew as that changes.
 *
 * It never rings before the clock has come so far, and looks at the clock once a minute at least, since the machine's may
 * be set meanwhile. So no timer is longer than Node allows (2^31 - 1 ms).
 */
import { sleepOn, type Clock } from './clock.js'

/** A clock that was set forward is noticed after so long. */
const lookEveryMs = 60_000

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Infinity
  #takeBack: (() => void) | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings once at this time, in a turn of its own where it is past; never at Infinity. What was set before no longer rings. */
  set(at: number): void {
    if (at === this.#at) return
    this.#takeBack?.()
    this.#takeBack = undefined
    this.#at = at
    if (at < Infinity) this.#wait()
  }

  #wait(): void {
    const leftMs = this.#at - this.#clock.now()
    if (leftMs <= 0) {
      const soon = setImmediate(() => this.#look())
      this.#takeBack = () => clearImmediate(soon)
      return
    }
    const end = new AbortController()
    this.#takeBack = () => end.abort()
    void sleepOn(this.#clock, Math.min(leftMs, lookEveryMs), end.signal).then(() => {
      if (!end.signal.aborted) this.#look()
    })
  }

  #look(): void {
    if (this.#clock.now() < this.#at) return this.#wait()
    this.#at = Infinity
    this.#takeBack = undefined
    this.#ring()
  }
}
