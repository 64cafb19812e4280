/** A clock for tests: it stands still until it is told. */
import type { Clock } from './clock.js'

export interface ManualClock extends Clock {
  /** Goes on by so many milliseconds. What is due by then rings inside this call, in order of time. */
  advance(ms: number): void
  /** Stands at this time, which may be earlier. */
  set(time: number): void
  /** When the next ring is due; `undefined` where nobody waits. */
  readonly next: number | undefined
}

interface Ring {
  readonly at: number
  readonly ring: () => void
}

/** A clock that begins at `start`, in ms since 1970. @default 1, since caches read 0 as "never" */
export const manualClock = (start = 1): ManualClock => {
  let time = start
  const waiting = new Set<Ring>()
  const first = (): Ring | undefined => {
    let found: Ring | undefined
    for (const each of waiting) if (!found || each.at < found.at) found = each
    return found
  }
  const set = (to: number): void => {
    time = to
    for (let due = first(); due && due.at <= time; due = first()) {
      waiting.delete(due)
      due.ring()
    }
  }
  return {
    now: () => time,
    advance: (ms) => set(time + ms),
    set,
    wake(at, ring) {
      const one = { at, ring }
      waiting.add(one)
      return () => void waiting.delete(one)
    },
    get next() {
      return first()?.at
    },
  }
}
