/**
 * Waits for a store that does not answer: again and again, with a doubling delay, for ever. Who operates the ledger
 * hears of it once an outage; nothing is dropped meanwhile.
 *
 *     attempt -- fails --> delay (half of it by chance) --> attempt --> ...
 *
 * One attempt at a time, so a store that is out is probed, not flooded; the chance keeps many ledgers that lost one store
 * from coming back in step. A store that hangs fails, too: see time-limited-store.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../events/fault.js'
import { ArchiveForkedError } from './archive-error.js'

/** How long to wait for a store, in ms. */
export interface PatienceOptions {
  /** The first delay after a failure; it doubles. */
  readonly retryAfterMs: number
  readonly retryAfterMsMax: number
}

/** What is told once an outage: a code, and what waits. */
export interface OutageText {
  readonly code: string
  readonly text: (cause: string) => string
}

/** The archiver waits. */
const notArchiving: OutageText = {
  code: 'archive-unavailable',
  text: (cause) =>
    `The archive does not answer: ${cause} Completed games wait in the journal; it is tried again until it succeeds. See to the store.`,
}

/** The rewriter waits for what it reads. */
export const notReading: OutageText = {
  code: 'archive-unavailable',
  text: (cause) =>
    `The archive does not answer: ${cause} Rewriting it waits; it is tried again until it succeeds. See to the store.`,
}

/** What was replaced stays. */
export const notClearing: OutageText = {
  code: 'archive-not-cleared',
  text: (cause) =>
    `What was replaced in the archive cannot be deleted: ${cause} It is tried again until it succeeds. See to the store, and whether deleting is allowed.`,
}

export class Patience {
  readonly #onFault: (fault: Fault) => void
  readonly #options: PatienceOptions
  readonly #outage: OutageText
  #isOut = false
  #lastError: unknown

  constructor(onFault: (fault: Fault) => void, options: PatienceOptions, outage = notArchiving) {
    this.#outage = outage
    this.#onFault = onFault
    this.#options = options
  }

  /** What the store answered last, while it is out; `undefined` while all is well. */
  get lastError(): unknown {
    return this.#lastError
  }

  /** Does `work` until it succeeds. @throws what aborted `signal`, ArchiveForkedError */
  async until<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const { retryAfterMs, retryAfterMsMax } = this.#options
    for (let delayMs = retryAfterMs; ; delayMs = Math.min(2 * delayMs, retryAfterMsMax)) {
      signal.throwIfAborted()
      try {
        const result = await work()
        this.#isOut = false
        this.#lastError = undefined
        return result
      } catch (cause) {
        signal.throwIfAborted()
        if (cause instanceof ArchiveForkedError) throw cause
        this.#report(cause)
      }
      await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal })
    }
  }

  #report(cause: unknown): void {
    this.#lastError = cause
    if (this.#isOut) return
    this.#isOut = true
    const what = (cause instanceof Error ? cause.message : String(cause)).replace(/\.?$/, '.')
    this.#onFault({ code: this.#outage.code, message: this.#outage.text(what), cause })
  }
}
