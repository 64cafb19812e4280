/** Long work in short stretches: between them everybody else has a turn of the event loop. */
import { setImmediate } from 'node:timers/promises'

/** Long enough that yielding costs nothing, short enough that no player feels it. */
const sliceMs = 4

/** How many small steps are taken between two looks at the clock, which costs as much as a small step. */
const stepsAtATime = 16

/** One stretch after another. `if (slice.isOver()) await slice.next()`. */
export class TimeSlice {
  readonly #ms: number
  #steps = 0
  #until: number
  #turns = 0

  /** Stretches of 4 ms, or of so many: shorter where the work is long and nobody waits for it. */
  constructor(ms = sliceMs) {
    this.#ms = ms
    this.#until = performance.now() + ms
  }

  /** How often others had a turn. */
  get turns(): number {
    return this.#turns
  }

  isOver(): boolean {
    return performance.now() >= this.#until
  }

  /** The same after a step of some microseconds: looks at the clock every 16th time. */
  isOverAfterStep(): boolean {
    return (++this.#steps & (stepsAtATime - 1)) === 0 && this.isOver()
  }

  /** Lets others run, then begins a new stretch. */
  async next(): Promise<void> {
    await this.giveTurn()
    this.begin()
  }

  /** One turn of the event loop for all others. */
  protected async giveTurn(): Promise<void> {
    await setImmediate()
    this.#turns++
  }

  /** Begins a new stretch after waiting for something else. */
  begin(): void {
    this.#until = performance.now() + this.#ms
  }
}

/** A turn in which others did more than this was a busy one. */
const busyTurnMs = 1
/** So many busy turns are waited for; then it goes on all the same. */
const turnsMax = 8

/**
 * The same for work that nobody waits for: where others have much to do it leaves them several turns, so that it does not
 * come on top of theirs. It gets on however busy they are: a stretch in eight turns at least.
 */
export class BackgroundSlice extends TimeSlice {
  override async next(): Promise<void> {
    for (let turn = 0; turn < turnsMax; turn++) {
      const begun = performance.now()
      await this.giveTurn()
      if (performance.now() - begun < busyTurnMs) break
    }
    this.begin()
  }
}
