/** The store of an archive, as one process of several reaches it. */
import type { ColdStore } from 'gameledger'

/** A store that a process no longer reaches once it has died. */
export const mortal = (store: ColdStore, isDead: () => boolean): ColdStore => {
  const alive = <Result>(answer: Promise<Result>): Promise<Result> =>
    answer.then((result) => (isDead() ? new Promise<never>(() => undefined) : result))
  const act = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isDead() ? new Promise<never>(() => undefined) : alive(work())
  return {
    put: (key, bytes) => act(() => store.put(key, bytes)),
    get: (key, range) => act(() => store.get(key, range)),
    list: (prefix, after) => store.list(prefix, after),
    delete: (key) => act(() => store.delete(key)),
    close: () => Promise.resolve(),
  }
}
