/** Long work in short stretches: between them everybody else has a turn of the event loop. */
import { setImmediate } from 'node:timers/promises'

/** Long enough that yielding costs nothing, short enough that no player feels it. */
const sliceMs = 4

/** One stretch after another. `if (slice.isOver()) await slice.next()`. */
export class TimeSlice {
  #until = performance.now() + sliceMs

  isOver(): boolean {
    return performance.now() >= this.#until
  }

  /** Lets others run, then begins a new stretch. */
  async next(): Promise<void> {
    await setImmediate()
    this.begin()
  }

  /** Begins a new stretch after waiting for something else. */
  begin(): void {
    this.#until = performance.now() + sliceMs
  }
}
