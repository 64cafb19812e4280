/**
 * What opening a journal says when its bytes are not what they must be.
 *
 * Two errors, never mixed up: bytes that were made durable and are damaged (`CorruptLogError`), and bytes that a
 * newer program wrote (`FormatTooNewError`). Both leave the disk as it is.
 */
import type { StreamId } from '../ids.js'

/** Where and how stored bytes are wrong. */
export interface Damage {
  readonly file: string
  /** In bytes, from the start of the file. */
  readonly offset: number
  readonly expected: string
  readonly found: string
  /** Streams whose damaged records could still be named. */
  readonly streams?: readonly StreamId[]
}

const streamsShownMax = 10

const affected = (streams: readonly StreamId[]): string => {
  if (streams.length === 0) return ''
  const more = streams.length > streamsShownMax ? ` and ${streams.length - streamsShownMax} more` : ''
  return ` Affected: ${streams.slice(0, streamsShownMax).join(', ')}${more}.`
}

/** Acknowledged data of a journal is damaged. Code `corrupt-log`. */
export class CorruptLogError extends Error {
  readonly code = 'corrupt-log'
  readonly file: string
  readonly offset: number
  readonly expected: string
  readonly found: string
  readonly streams: readonly StreamId[]

  constructor({ file, offset, expected, found, streams = [] }: Damage) {
    super(
      `corrupt-log: ${file} at offset ${offset}: expected ${expected}, found ${found}.${affected(streams)} ` +
        'Nothing was changed on disk. Copy the directory, check the disk, and restore it from a backup.',
    )
    this.name = 'CorruptLogError'
    this.file = file
    this.offset = offset
    this.expected = expected
    this.found = found
    this.streams = streams
  }
}

/** A newer gameledger wrote this. Code `format-too-new`. */
export class FormatTooNewError extends Error {
  readonly code = 'format-too-new'
  readonly file: string

  /** `found` is what this program does not know: `'format 2'`. */
  constructor(file: string, found: string) {
    super(
      `format-too-new: ${file} has ${found}, which this program does not know. Nothing was changed on disk. ` +
        'Open it with the version of gameledger that wrote it, or a newer one.',
    )
    this.name = 'FormatTooNewError'
    this.file = file
  }
}
