/** Time, handed in. The ledger reads no other clock for what it records or expires. */
import { setTimeout } from 'node:timers/promises'

export interface Clock {
  /** Milliseconds since 1970. May go back; the sequencer never does. */
  now(): number
  /**
   * Resolves when so many milliseconds of this clock have passed, or at once when the signal is given. A clock that runs
   * otherwise than the machine's (stands still, is sped up) must have this. @default by the machine's timers
   */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** Waits on a clock; on the machine's timers where it does not say how. Never throws. */
export const sleepOn = async (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> => {
  if (signal?.aborted === true) return
  if (clock.sleep) return clock.sleep(ms, signal)
  try {
    await setTimeout(ms, undefined, { signal })
  } catch {
    // The signal was given.
  }
}
