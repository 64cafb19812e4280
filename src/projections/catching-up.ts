/**
 * Brings the runs that are behind to the head, in the background, pass by pass; the events that were published
 * meanwhile are the next pass, which is shorter each time, until there are none.
 *
 * Runs that hear finals are read for first: the index of the archive takes seconds where its games take minutes. All
 * that wait share a pass; who comes later joins the next one. Where history cannot be read, all stand still (`paused`) and
 * it is tried again, ever more slowly, each run from where it had got to: nothing is read twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { passOver, shortSliceMs, type ProjectionHistory } from './history-pass.js'
import type { ProjectionRun } from './projection-run.js'
import type { Projector } from './projector.js'

export interface CatchingUpPorts {
  readonly projector: Projector
  readonly history: ProjectionHistory
  /** History cannot be read. Once an outage. */
  readonly onPaused: (cause: unknown) => void
  /** Runs have moved on, stopped or gone live. Often: must be cheap, must not throw. */
  readonly onMoved: () => void
}

/** As patient as the archiver: soon enough that nobody waits, seldom enough to harm no store. */
/** A model that play runs away from takes up to so much at a time, in ms: no less than publishing does. */
const longSliceMs = 8

const retryAfterMs = 250
const retryAfterMsMax = 30_000

export class CatchingUp {
  readonly #ports: CatchingUpPorts
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined
  #failure: { readonly cause: unknown } | undefined
  /** Somebody asked, and it is not known yet whether history can be read by now. */
  #isTrying = false
  #sleeping = new AbortController()

  constructor(ports: CatchingUpPorts) {
    this.#ports = ports
  }

  /** Why history cannot be read now; `undefined` while it can, or may. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#isTrying ? undefined : this.#failure
  }

  /** Brings those that are to be awaited to the head, or as far as can be read; the others follow in the background. */
  async begin(isAwaited: (run: ProjectionRun) => boolean): Promise<void> {
    try {
      await this.#catchUp(isAwaited)
    } catch (cause) {
      this.#pause(cause)
    }
    this.wake()
  }

  /** Somebody may be behind. What waits for history to be readable is tried at once. */
  wake(): void {
    if (this.#closing.signal.aborted) return
    this.#isTrying = true
    this.#sleeping.abort()
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // Who came in the last moment.
      if (this.#ports.projector.behind().length > 0) this.wake()
    })
  }

  /** Stops between two slices. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#sleeping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    let delayMs = retryAfterMs
    while (!this.#closing.signal.aborted)
      try {
        await this.#catchUp(() => true)
        return
      } catch (cause) {
        if (this.#closing.signal.aborted) return
        this.#pause(cause)
        this.#sleeping = new AbortController()
        await sleep(delayMs, undefined, { signal: this.#sleeping.signal }).catch(() => undefined)
        delayMs = Math.min(2 * delayMs, retryAfterMsMax)
      }
  }

  async #catchUp(isWanted: (run: ProjectionRun) => boolean): Promise<void> {
    const { projector, history, onMoved } = this.#ports
    let sliceMs = shortSliceMs
    for (;;) {
      const behind = projector.behind().filter(isWanted)
      const finals = behind.filter(({ isOfFinals }) => isOfFinals)
      const runs = finals.length > 0 ? finals : behind
      if (runs.length > 0) {
        const through = projector.head
        const passed = through - Math.min(...runs.map(({ checkpoint }) => checkpoint))
        await passOver(runs, history, { through, signal: this.#closing.signal, sliceMs, onSlice: onMoved })
        // Where play adds nearly as much as was read, it would never be reached.
        if (projector.head - through > passed / 2) sliceMs = Math.min(2 * sliceMs, longSliceMs)
      }
      this.#failure = undefined
      this.#isTrying = false
      projector.isPaused = false
      projector.settle()
      onMoved()
      if (runs.length === 0) return
    }
  }

  #pause(cause: unknown): void {
    const { projector, onPaused, onMoved } = this.#ports
    // A run may have thrown before history did.
    projector.settle()
    projector.isPaused = true
    const isNew = this.#failure === undefined
    this.#failure = { cause }
    this.#isTrying = false
    if (isNew) onPaused(cause)
    onMoved()
  }
}
