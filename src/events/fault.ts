/** Something of the machine failed, or code of a user threw where nobody waits for an answer. Reported once, on `faults$`. */
export interface Fault {
  /** Stable, kebab-case: `'journal-failed'`, `'projection-faulted'`, `'subscriber-threw'`, `'archive-unavailable'`. */
  readonly code: string
  /** What happened and what to do, for people. */
  readonly message: string
  readonly cause?: unknown
}
