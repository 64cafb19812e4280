/** Time, handed in. The ledger reads no other clock for what it records or expires. */
export interface Clock {
  /** Milliseconds since 1970. May go back; the sequencer never does. */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }
