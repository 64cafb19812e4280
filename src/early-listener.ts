/**
 * Hears the journal from its opening on, when there is nobody yet to tell: what it hears is told once there is.
 *
 * Watermarks cannot come before anything was appended; a failure and a full disk can.
 */
import type { JournalListener } from './events/journal/journal.js'
import type { Shortage } from './events/journal/storage-full.js'

export class EarlyListener {
  #later: JournalListener | undefined
  #failure: { readonly cause: unknown } | undefined
  #shortage: Shortage | undefined

  /** For the journal. */
  readonly listener: JournalListener = {
    written: (through) => this.#later?.written(through),
    synced: (through) => this.#later?.synced(through),
    space: (shortage) => {
      this.#shortage = shortage
      this.#later?.space(shortage)
    },
    damaged: (cause) => this.#later?.damaged(cause),
    failed: (cause) => {
      this.#failure = { cause }
      this.#later?.failed(cause)
    },
  }

  /** From now on `later` hears everything, and first what there was. */
  tell(later: JournalListener): void {
    this.#later = later
    if (this.#shortage) later.space(this.#shortage)
    if (this.#failure) later.failed(this.#failure.cause)
  }
}
