/** Time, handed in. The ledger reads no other clock for what it records or expires. */
export interface Clock {
  /** Milliseconds since 1970. May go back; the sequencer never does. */
  now(): number
  /**
   * Calls `ring` once, in a turn of its own or when the clock is moved, as soon as `now() >= at`; a little early does no
   * harm: who asked looks at the clock. Returns what takes the call back. A clock that runs otherwise than the machine's
   * (stands still, is sped up) must have this. @default a timer of the machine
   */
  wake?(at: number, ring: () => void): () => void
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }
