/** A clock for tests: it stands still until it is told. */
import type { Clock } from './clock.js'

export interface ManualClock extends Clock {
  /** Goes on by so many milliseconds. */
  advance(ms: number): void
  /** Stands at this time, which may be earlier. */
  set(time: number): void
}

/** A clock that begins at `start`, in ms since 1970. @default 1, since caches read 0 as "never" */
export const manualClock = (start = 1): ManualClock => {
  let time = start
  return {
    now: () => time,
    advance: (ms) => {
      time += ms
    },
    set: (to) => {
      time = to
    },
  }
}
