/**
 * Waits for a store that does not answer: again and again, with a doubling delay, for ever. Who operates the ledger
 * hears of it once an outage; nothing is dropped meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../events/fault.js'
import { ArchiveForkedError } from './archive-error.js'

export class Patience {
  readonly #onFault: (fault: Fault) => void
  readonly #firstDelayMs: number
  readonly #delayMsMax: number
  #isOut = false
  #lastError: unknown

  constructor(onFault: (fault: Fault) => void, firstDelayMs: number, delayMsMax: number) {
    this.#onFault = onFault
    this.#firstDelayMs = firstDelayMs
    this.#delayMsMax = delayMsMax
  }

  /** What the store answered last, while it is out; `undefined` while all is well. */
  get lastError(): unknown {
    return this.#lastError
  }

  /** Does `work` until it succeeds. @throws what aborted `signal`, ArchiveForkedError */
  async until<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (let delayMs = this.#firstDelayMs; ; delayMs = Math.min(2 * delayMs, this.#delayMsMax)) {
      signal.throwIfAborted()
      try {
        const result = await work()
        this.#isOut = false
        this.#lastError = undefined
        return result
      } catch (cause) {
        if (cause instanceof ArchiveForkedError) throw cause
        this.#report(cause)
      }
      await sleep(delayMs, undefined, { signal })
    }
  }

  #report(cause: unknown): void {
    this.#lastError = cause
    if (this.#isOut) return
    this.#isOut = true
    const what = (cause instanceof Error ? cause.message : String(cause)).replace(/\.?$/, '.')
    const message = `The archive does not answer: ${what} Completed games wait in the journal; it is tried again until it succeeds. See to the store.`
    this.#onFault({ code: 'archive-unavailable', message, cause })
  }
}
