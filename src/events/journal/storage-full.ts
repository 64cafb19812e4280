/**
 * A disk without room. It is met where space is reserved, never where an event is written: so nothing is lost by it,
 * and the journal goes on when there is room again.
 */

/** What could not be reserved. */
export interface Shortage {
  /** Bytes that were missing, at least. */
  readonly missingBytes: number
  /** The operating system's error. */
  readonly cause: unknown
}

/** No space, no quota, or no longer file is allowed. */
const codes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Whether an error of the disk says that there is no room. */
export const isNoRoom = (cause: unknown): boolean =>
  cause instanceof Error && codes.has((cause as NodeJS.ErrnoException).code)

const mebibytes = (bytes: number): string => `${Math.max(1, Math.ceil(bytes / (1024 * 1024)))} MiB`

/** What to free. */
export const freeEnough = (missingBytes: number): string => `Free ${mebibytes(missingBytes)} or more`

/** In words: what is missing. */
export const shortageInWords = ({ missingBytes }: Shortage): string =>
  `the next log file could not be reserved: ${mebibytes(missingBytes)} are missing`

/** A journal could not be opened, or not be written anew, since there is no room for its next log file. Code `storage-full`. */
export class StorageFullError extends Error {
  readonly code = 'storage-full'
  readonly missingBytes: number

  constructor(directory: string, shortage: Shortage, what: 'open' | 'rewrite' | 'carry' = 'open') {
    const done = { open: 'opened', rewrite: 'rewritten', carry: 'put in order' }[what]
    super(
      `storage-full: ${directory} was not ${done}, ${shortageInWords(shortage)}. Nothing that was acknowledged is ` +
        `lost. ${freeEnough(shortage.missingBytes)}, ${what === 'carry' ? 'it goes on by itself' : `and ${what} it again`}.`,
      { cause: shortage.cause },
    )
    this.name = 'StorageFullError'
    this.missingBytes = shortage.missingBytes
  }
}
