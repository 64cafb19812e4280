/**
 * What stands in the store while batches are rewritten: which segment is being made, and what is deleted once the
 * manifest stands. So an opening after a crash finds what was left with one listing of a few keys.
 *
 *     rewriting/000000000090-<16 hex digits of the sha256 of the note>.json
 *     {"format":1,"ledger":"<uuid>","batch":90,"segment":"000000000090.rewritten-....ndjson.gz",
 *      "replaced":[{"batch":41,"segment":"000000000041.ndjson.gz"},{"batch":42,"segment":"000000000042.ndjson.gz"}]}
 *
 * Named by its content, so that attempts and rivals never meet under one key.
 */
import { ArchiveTooNewError, CorruptManifestError } from './archive-error.js'
import { manifestKeyOf } from './batch-key.js'
import * as check from './shape-check.js'
import { sha256Of } from './state-hash.js'

const noteFormat = 1

/** All notes stand below. */
export const notesPrefix = 'rewriting/'

export interface ReplacedBatch {
  readonly batch: number
  /** Empty where it had none. */
  readonly segment: string
}

export interface RewritingNote {
  /** Whose rewriting it is. */
  readonly ledger: string
  /** The number of the replacing batch, if it comes to it. */
  readonly batch: number
  /** Its segment; empty where no game is left. */
  readonly segment: string
  readonly replaced: readonly ReplacedBatch[]
}

/** The note as it stands in the store. */
export interface KeptNote extends RewritingNote {
  readonly key: string
  readonly bytes: Buffer
}

/** The note, and where it is kept. */
export const keptNote = ({ ledger, batch, segment, replaced }: RewritingNote): KeptNote => {
  const text = `${JSON.stringify({ format: noteFormat, ledger, batch, segment, replaced })}\n`
  const number = manifestKeyOf(batch).split('.')[0]!
  const key = `${notesPrefix}${number}-${sha256Of(text).slice(0, 16)}.json`
  return { ledger, batch, segment, replaced, key, bytes: Buffer.from(text) }
}

const checks = {
  ledger: check.isText,
  batch: check.isOrdinal,
  segment: (value: unknown) => typeof value === 'string',
  replaced: (value: unknown) => Array.isArray(value) && value.every(isReplacedBatch),
}

const isReplacedBatch = (value: unknown): boolean => {
  const { batch, segment } = (value ?? {}) as Partial<ReplacedBatch>
  return check.isOrdinal(batch) && typeof segment === 'string'
}

/** Reads a note back. @throws CorruptManifestError, ArchiveTooNewError */
export const parseNote = (key: string, bytes: Buffer): KeptNote => {
  const parsed = check.parseObject(bytes.toString('utf8'))
  if (!parsed) throw new CorruptManifestError(key, 'it is not JSON')
  const { format } = parsed
  if (typeof format === 'number' && format > noteFormat) throw new ArchiveTooNewError(key, format, noteFormat)
  const flaw = format === noteFormat ? check.firstFlaw(parsed, checks) : 'format'
  if (flaw !== undefined) throw new CorruptManifestError(key, `its \`${flaw}\` is wrong`)
  const note = keptNote(parsed as unknown as RewritingNote)
  if (note.key !== key) throw new CorruptManifestError(key, 'its name is not that of its bytes')
  return note
}
