/** A store that fails as it is told to, around a real one. What was put before, or got through, stays. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ColdStore } from 'gameledger'

/**
 * `refused`: nobody listens. `error`: half of the requests are done, and all are answered with an error. `hanging`: no answer,
 * ever, of requests of which half are done. `full`: what exists can be read, nothing more is taken.
 */
export type Failing = 'refused' | 'error' | 'hanging' | 'full' | 'slow'

export interface FailingStore extends ColdStore {
  failing: Failing | undefined
  /** How many requests have failed. */
  failures: number
}

export const failingStore = (inner: ColdStore, slowMs = 30): FailingStore => {
  let requests = 0
  const act = async <Result>(isWriting: boolean, work: () => Promise<Result>): Promise<Result> => {
    const { failing } = store
    if (failing === undefined || (failing === 'full' && !isWriting)) return work()
    if (failing === 'slow') return sleep(slowMs).then(work)
    store.failures++
    if (failing === 'refused')
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    if (failing === 'full') throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    if (++requests % 2 === 0) await work()
    if (failing === 'error') throw new Error('500 InternalError')
    return new Promise(() => undefined)
  }
  const store: FailingStore = {
    failing: undefined,
    failures: 0,
    put: (key, bytes) => act(true, () => inner.put(key, bytes)),
    get: (key, range) => act(false, () => inner.get(key, range)),
    async *list(prefix, after) {
      for await (const key of inner.list(prefix, after)) yield await act(false, async () => key)
    },
    delete: (key) => act(true, () => inner.delete(key)),
    close: () => inner.close(),
  }
  return store
}
