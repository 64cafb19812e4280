/** Writers that go on through an outage: each puts its objects, again and again until it hears an answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ColdStore } from '../../src/archive/cold-store.js'

export interface Outcome {
  readonly key: string
  readonly answer: 'stored' | 'exists'
  /** How often it failed before. */
  readonly failures: number
}

/** What stands under a key that was put by `putThrough`; its length is not that of any block. */
export const bytesOf = (key: string): Buffer => Buffer.alloc(70_001, key)

/** Puts `objects` objects by four writers while `outage` goes on. */
export const putThrough = async (
  store: ColdStore,
  objects: number,
  outage: (done: () => number) => Promise<void>,
): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = []
  const keys = Array.from({ length: objects }, (_, n) => `through/${String(n).padStart(4, '0')}`)
  const write = async (): Promise<void> => {
    for (let key = keys.shift(); key !== undefined; key = keys.shift()) {
      let failures = 0
      for (;;) {
        const answer = await store.put(key, bytesOf(key)).catch(() => undefined)
        if (answer === undefined) {
          failures++
          await sleep(20)
          continue
        }
        outcomes.push({ key, answer, failures })
        break
      }
    }
  }
  await Promise.all([write(), write(), write(), write(), outage(() => outcomes.length)])
  return outcomes
}
