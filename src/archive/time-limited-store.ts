/**
 * A store of which every answer is waited for so long and no longer: one that hangs is one that failed.
 *
 * What was given up may still happen later. A `put` that comes late is harmless: it writes only where nothing stands.
 * A `delete` is not: what it takes may have been put anew. So `delete` is waited for as long as it takes, and who
 * deletes sees to it that nothing is put meanwhile (handover.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreTimeoutError } from './archive-error.js'
import type { ColdStore } from './cold-store.js'

/** Gives each answer of a store a limit. Closing and deleting have none. */
export const timeLimitedStore = (store: ColdStore, answerMsMax: number): ColdStore => {
  const limited = <Result>(what: string, answer: () => Promise<Result>): Promise<Result> =>
    within(answerMsMax, what, answer())
  return {
    put: (key, bytes) => limited(`put ${key}`, () => store.put(key, bytes)),
    get: (key, range) => limited(`get ${key}`, () => store.get(key, range)),
    list: (prefix, after) => limitedList(store.list(prefix, after), answerMsMax, prefix),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  }
}

async function* limitedList(
  keys: AsyncIterable<string>,
  answerMsMax: number,
  prefix: string,
): AsyncGenerator<string> {
  const iterator = keys[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await within(answerMsMax, `list ${prefix}`, iterator.next())
      if (done === true) return
      yield value
    }
  } finally {
    // Not waited for: a listing that hangs would hang here, too.
    iterator.return?.().catch(() => undefined)
  }
}

/** @throws StoreTimeoutError where the answer takes longer; what the answer throws */
export const within = async <Result>(ms: number, what: string, answer: Promise<Result>): Promise<Result> => {
  const answered = new AbortController()
  const over = sleep(ms, undefined, { signal: answered.signal }).then(() => {
    throw new StoreTimeoutError(what, ms)
  })
  over.catch(() => undefined)
  try {
    return await Promise.race([answer, over])
  } finally {
    answered.abort()
  }
}
