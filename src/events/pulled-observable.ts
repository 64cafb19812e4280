/**
 * An observable of what an async iterable gives. Cold: each subscription reads anew.
 *
 *     iterable --one at a time--> next()       the next value is asked for when `next` has returned
 *        ^
 *        +--- signal --- unsubscribe           also while it waits for a value, or sleeps
 *
 * Nothing is kept for a subscriber: what is not asked for is not read. An operator that waits (`concatMap`, `delay`) does
 * keep what comes meanwhile, since an observable cannot be told to wait: for work that takes its time use the iterable.
 * RxJS' own `from(iterable)` notices that nobody listens only at the next value, which may never come.
 */
import type { Observable, Subscriber } from 'rxjs'
import { IsolatedObservable } from './isolated-observable.js'

/** `open` begins a reading, which ends soon after its signal is given; `report` hears what a subscriber throws. */
export const pulledObservable = <Value>(
  open: (signal: AbortSignal) => AsyncIterable<Value>,
  report: (cause: unknown) => void,
): Observable<Value> =>
  new IsolatedObservable<Value>(report, (subscriber) => {
    const stopping = new AbortController()
    void pump(open(stopping.signal), subscriber)
    return () => stopping.abort()
  })

const pump = async <Value>(values: AsyncIterable<Value>, subscriber: Subscriber<Value>): Promise<void> => {
  try {
    for await (const value of values) {
      if (subscriber.closed) return
      subscriber.next(value)
    }
    subscriber.complete()
  } catch (cause) {
    subscriber.error(cause)
  }
}
