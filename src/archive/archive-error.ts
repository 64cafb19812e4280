/**
 * What can be wrong with an archive. Each says which object it is about, and what to do, in its last sentence.
 * "Too new" is never "corrupt": the first wants a newer program, the second a copy of the object.
 */

/** The bytes of a segment are not what was written. Other games of the segment are not affected. */
export class CorruptSegmentError extends Error {
  override readonly name = 'CorruptSegmentError'
  readonly code = 'corrupt-segment'
  readonly key: string
  /** Where the damaged game begins. */
  readonly offset: number

  constructor(key: string, offset: number, what: string, cause?: unknown) {
    super(`${key} is damaged at byte ${offset}: ${what}. Put a good copy of the object in its place.`, {
      cause,
    })
    this.key = key
    this.offset = offset
  }
}

/** The bytes of a manifest, or of another small object of the archive, are not what was written. */
export class CorruptManifestError extends Error {
  override readonly name = 'CorruptManifestError'
  readonly code = 'corrupt-manifest'
  readonly key: string

  constructor(key: string, what: string, cause?: unknown) {
    super(`${key} is damaged: ${what}. Put a good copy of the object in its place.`, { cause })
    this.key = key
  }
}

/** An object was written by a newer gameledger. */
export class ArchiveTooNewError extends Error {
  override readonly name = 'ArchiveTooNewError'
  readonly code = 'archive-too-new'
  readonly key: string

  constructor(key: string, found: unknown, known: unknown) {
    super(`${key} has format ${String(found)}; this program reads ${String(known)}. Use a newer gameledger.`)
    this.key = key
  }
}

/** The archive was filled by another ledger. */
export class ArchiveOfAnotherLedgerError extends Error {
  override readonly name = 'ArchiveOfAnotherLedgerError'
  readonly code = 'archive-of-another-ledger'

  constructor(key: string, found: string, own: string) {
    super(
      `${key} is of ledger ${found}, and this is ledger ${own}. Give each ledger an archive of its own; ` +
        'if the journal of that ledger is lost, open an empty journal with `adopt`.',
    )
  }
}

/** Other games stand in the archive under the number of a batch of this ledger. */
export class ArchiveForkedError extends Error {
  override readonly name = 'ArchiveForkedError'
  readonly code = 'archive-forked'
  readonly key: string

  constructor(key: string, what: string, cause?: unknown) {
    super(
      `${key} is not of this ledger's making: ${what}. Two copies of one ledger write to one archive; ` +
        'archiving has stopped and play goes on. Give this copy an archive of its own.',
      { cause },
    )
    this.key = key
  }
}

/** The store has not answered in time; it is asked again. */
export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError'
  readonly code = 'store-timeout'

  constructor(what: string, ms: number) {
    super(`The store has not answered "${what}" for ${ms / 1_000} s. See to the store, or to the way there.`)
  }
}

/** The archiver has ended, or was closed, before all was archived. Nothing is lost: the journal has it. */
export class ArchivingStoppedError extends Error {
  override readonly name = 'ArchivingStoppedError'
  readonly code = 'archiving-stopped'

  constructor(why: string, cause?: unknown) {
    super(`Archiving has stopped: ${why}. What waits is archived after the next opening.`, { cause })
  }
}
