/** What a journal says after its first failed write or sync, to everyone who still wants to append. */

/** The journal has failed, and takes nothing more. Code `journal-failed`; `cause` is the disk's own error. */
export class JournalFailedError extends Error {
  readonly code = 'journal-failed'

  constructor(cause: unknown) {
    const what = cause instanceof Error ? cause.message : String(cause)
    super(
      `journal-failed: the journal could not be written (${what}). Mend the disk, and open the ledger again.`,
      {
        cause,
      },
    )
    this.name = 'JournalFailedError'
  }
}
