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
  /** Streams of which something is damaged or missing. */
  readonly streams?: readonly StreamId[]
  /** What the whole journal says of it, where it was not opened for this. */
  readonly extent?: DamageExtent
}

/** How far damage goes, as far as what is left can tell. */
export interface DamageExtent {
  /** Games of which records are damaged or missing. */
  readonly affected: readonly StreamId[]
  /** Live games whose newest records may have stood where nothing can be told any more. */
  readonly possibly: readonly StreamId[]
  /** Whether games may have been there of which no record is left anywhere. */
  readonly mayHideOthers: boolean
}

const gamesShownMax = 10

/** At most ten names, and how many more there are. */
export const gamesInWords = (streams: readonly StreamId[]): string => {
  const more = streams.length > gamesShownMax ? ` and ${streams.length - gamesShownMax} more` : ''
  return `${streams.slice(0, gamesShownMax).join(', ')}${more}`
}

const countInWords = (count: number, what: string): string =>
  count === 1 ? `1 live game ${what}` : `${count} live games ${what.replace(/^is /, 'are ')}`

/** What is damaged and what is not, in one line. */
export const extentInWords = ({ affected, possibly, mayHideOthers }: DamageExtent): string => {
  const parts: string[] = []
  if (affected.length > 0)
    parts.push(`${countInWords(affected.length, 'is affected')}: ${gamesInWords(affected)}.`)
  if (possibly.length > 0)
    parts.push(
      `${countInWords(possibly.length, 'may have lost newest events there')}: ${gamesInWords(possibly)}.`,
    )
  if (mayHideOthers) parts.push('Games that had all their events there can no longer be named.')
  parts.push(parts.length > 0 ? 'Every other game is intact.' : 'Every game is intact.')
  return parts.join(' ')
}

const wordsOf = ({ file, offset, expected, found, streams = [], extent }: Damage): string => {
  const where = `${file} at offset ${offset}: expected ${expected}, found ${found}.`
  const whose =
    extent === undefined
      ? `${streams.length === 0 ? '' : `Affected: ${gamesInWords(streams)}. `}Nothing on disk was changed.`
      : `${extentInWords(extent)} Nothing on disk was changed.`
  return (
    `corrupt-log: ${extent === undefined ? '' : 'not opened. '}${where} ${whose} ` +
    'Look at it with `verify --deep`, and mend it with `repair --quarantine`, which keeps a copy.'
  )
}

/** Acknowledged data of a journal is damaged. Code `corrupt-log`. */
export class CorruptLogError extends Error {
  readonly code = 'corrupt-log'
  readonly file: string
  readonly offset: number
  readonly expected: string
  readonly found: string
  /** Games of which something is damaged or missing. */
  readonly streams: readonly StreamId[]
  /** Live games that may have lost their newest events. */
  readonly possibly: readonly StreamId[]

  constructor(damage: Damage) {
    super(wordsOf(damage))
    this.name = 'CorruptLogError'
    this.file = damage.file
    this.offset = damage.offset
    this.expected = damage.expected
    this.found = damage.found
    this.streams = damage.extent?.affected ?? damage.streams ?? []
    this.possibly = damage.extent?.possibly ?? []
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
