/**
 * Tries a request a few times, each for a bounded time.
 *
 *     attempt 1 --fails--> wait [0, d) --> attempt 2 --fails--> wait [0, 2d) --> ... --> the last error
 *
 * What passes by itself is tried again: no answer, a timeout, 5xx but 501, 408, 429 and the vendors' words for "slower".
 * The whole wait is drawn by chance ("full jitter", Brooker, AWS Architecture Blog 2015), so that many clients that
 * failed at once do not come back at once. This bridges a hiccup; the archiver's patience bridges an outage.
 */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../../../events/chance.js'
import { S3RequestError } from './s3-client.js'

/** How long a request is tried. */
export interface AttemptsOptions {
  readonly attemptsMax: number
  /** Of one attempt. */
  readonly timeoutMs: number
  /** The longest wait before the second attempt; it doubles with every other. */
  readonly retryAfterMs: number
  readonly chance: Chance
}

const passing: ReadonlySet<string> = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'InternalError',
  'RequestTimeout',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'OperationAborted',
])

const passes = (cause: unknown): boolean => {
  if (!(cause instanceof S3RequestError)) return false
  const { status, vendorCode = '' } = cause
  if (status === undefined || status === 408 || status === 429 || passing.has(vendorCode)) return true
  return status >= 500 && status !== 501
}

export class Attempts {
  readonly #options: AttemptsOptions
  readonly #closing = new AbortController()

  constructor(options: AttemptsOptions) {
    this.#options = options
    // One listener a request in flight, and no leak: Node would warn from the eleventh on.
    setMaxListeners(0, this.#closing.signal)
  }

  /** What `work` gives, in as many attempts as it takes. @throws what the last attempt threw */
  until<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.#repeated(work, this.#options.timeoutMs)
  }

  /** The same, and each attempt may take as long as it takes: for what must not happen after it was given up. */
  untilEnded<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.#repeated(work, undefined)
  }

  async #repeated<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    timeoutMs: number | undefined,
  ): Promise<Result> {
    const { attemptsMax, retryAfterMs, chance } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work, timeoutMs)
      } catch (cause) {
        if (attempt >= attemptsMax || !passes(cause) || this.#closing.signal.aborted) throw cause
      }
      const waitMs = chance.next() * retryAfterMs * 2 ** (attempt - 1)
      await sleep(waitMs, undefined, { signal: this.#closing.signal })
    }
  }

  /** Gives up what is in flight and what waits. */
  close(): void {
    this.#closing.abort(new S3RequestError('the store was closed', {}))
  }

  /** A client that does not heed its signal is left behind: nobody waits longer than the timeout. */
  async #once<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    timeoutMs: number | undefined,
  ): Promise<Result> {
    const ending = new AbortController()
    const end = () => ending.abort(this.#closing.signal.reason)
    const tooLong = () => ending.abort(new S3RequestError(`there was no answer within ${timeoutMs} ms`, {}))
    const timer = timeoutMs === undefined ? undefined : setTimeout(tooLong, timeoutMs)
    this.#closing.signal.addEventListener('abort', end, { once: true })
    if (this.#closing.signal.aborted) end()
    try {
      const { signal } = ending
      return await Promise.race([work(signal), endOf(signal)])
    } catch (cause) {
      throw ending.signal.aborted ? ending.signal.reason : cause
    } finally {
      clearTimeout(timer)
      this.#closing.signal.removeEventListener('abort', end)
    }
  }
}

const endOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
