/**
 * An observable on RxJS whose subscribers cannot harm the process: what one of them throws would become an uncaught
 * exception; here it is reported, and who threw stays subscribed, also behind `pipe`. What nobody takes as an error is
 * reported, too.
 */
import { Observable, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs'

type Target<Value> = Partial<Observer<Value>> | ((value: Value) => void) | null | undefined

/** An observable whose last observer in the chain cannot harm anybody by throwing. */
export class IsolatedObservable<Value> extends Observable<Value> {
  readonly #report: (cause: unknown) => void

  constructor(
    report: (cause: unknown) => void,
    subscribe?: (subscriber: Subscriber<Value>) => (() => void) | undefined,
  ) {
    super(subscribe)
    this.#report = report
  }

  override lift<Lifted>(operator?: Operator<Value, Lifted>): Observable<Lifted> {
    const lifted = new IsolatedObservable<Lifted>(this.#report)
    lifted.source = this
    lifted.operator = operator as Operator<unknown, Lifted>
    return lifted
  }

  override subscribe(target?: Target<Value>): Subscription
  override subscribe(
    next?: ((value: Value) => void) | null,
    error?: ((cause: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription
  override subscribe(
    target?: Target<Value>,
    error?: ((cause: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (target instanceof Subscriber) return super.subscribe(target)
    const observer: Partial<Observer<Value>> =
      typeof target === 'function' || !target
        ? { ...(target && { next: target }), ...(error && { error }), ...(complete && { complete }) }
        : target
    return super.subscribe({
      next: this.#guard((value: Value) => observer.next?.(value)),
      error: observer.error ? this.#guard((cause: unknown) => observer.error?.(cause)) : this.#report,
      complete: this.#guard(() => observer.complete?.()),
    })
  }

  #guard<Arguments extends unknown[]>(call: (...values: Arguments) => void): (...values: Arguments) => void {
    return (...values) => {
      try {
        call(...values)
      } catch (cause) {
        this.#report(cause)
      }
    }
  }
}
