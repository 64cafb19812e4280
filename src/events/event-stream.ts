/**
 * A hot stream of values on RxJS, in the order in which they were published.
 *
 * Three habits of RxJS are kept away from callers. A subscriber that throws would become an uncaught exception of
 * the process: here it is reported and stays subscribed, also behind `pipe`, and no other subscriber notices.
 * A value published from inside a subscriber would reach later subscribers too early: only the publisher calls
 * `publish`, one value at a time. And `error()` would end a subject for good: there is no way to call it.
 */
import type { Observable, Subscriber } from 'rxjs'
import { IsolatedObservable } from './isolated-observable.js'

export class EventStream<Value> {
  /** What callers subscribe to. Values come synchronously, in order. */
  readonly observable: Observable<Value>
  /** Replaced when somebody comes or goes, so that who comes during a value does not hear that value. */
  #subscribers: readonly Subscriber<Value>[] = []
  #isComplete = false
  /** What nobody could hear yet; `undefined` once there was a subscriber. */
  #early: Value[] | undefined = []
  readonly #earlyMax: number

  /**
   * `report` hears what a subscriber threw. The first `earlyMax` values that are published before anybody subscribes
   * are kept for the first who does.
   */
  constructor(report: (cause: unknown) => void, earlyMax = 0) {
    this.#earlyMax = earlyMax
    this.observable = new IsolatedObservable<Value>(report, (subscriber) => {
      const early = this.#early
      this.#early = undefined
      for (const value of early ?? []) subscriber.next(value)
      if (this.#isComplete) {
        subscriber.complete()
        return undefined
      }
      this.#subscribers = [...this.#subscribers, subscriber]
      return () => {
        this.#subscribers = this.#subscribers.filter((one) => one !== subscriber)
      }
    })
  }

  get subscriberCount(): number {
    return this.#subscribers.length
  }

  /** Hands a value to all who are subscribed now. */
  publish(value: Value): void {
    if (this.#early !== undefined && this.#early.length < this.#earlyMax) this.#early.push(value)
    for (const subscriber of this.#subscribers) subscriber.next(value)
  }

  /** Tells all that nothing follows. */
  complete(): void {
    this.#isComplete = true
    for (const subscriber of this.#subscribers) subscriber.complete()
  }
}
