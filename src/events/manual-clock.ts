/** A clock for tests: it stands still until it is told. */
import type { Clock } from './clock.js'

export interface ManualClock extends Clock {
  /** Goes on by so many milliseconds. */
  advance(ms: number): void
  /** Stands at this time, which may be earlier. */
  set(time: number): void
  /** Resolves when the clock was told to go so far, or when the signal is given. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** When the first who sleeps is to wake; `undefined` where nobody does. */
  readonly next: number | undefined
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** A clock that begins at `start`, in ms since 1970. @default 1, since caches read 0 as "never" */
export const manualClock = (start = 1): ManualClock => {
  let time = start
  let sleepers: readonly Sleeper[] = []
  const set = (to: number): void => {
    time = to
    const due = sleepers.filter(({ until }) => until <= time)
    sleepers = sleepers.filter(({ until }) => until > time)
    for (const { wake } of due.toSorted((one, other) => one.until - other.until)) wake()
  }
  return {
    now: () => time,
    advance: (ms) => set(time + ms),
    set,
    get next() {
      return sleepers.length === 0 ? undefined : Math.min(...sleepers.map(({ until }) => until))
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal?.aborted === true) return resolve()
        const sleeper: Sleeper = { until: time + ms, wake: () => leave() }
        const leave = (): void => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        sleepers = [...sleepers, sleeper]
        signal?.addEventListener('abort', leave, { once: true })
      }),
  }
}
