/**
 * Which files are the journal: MANIFEST-<n>.json, named by CURRENT. Renaming CURRENT is the one commit point.
 *
 *     CURRENT            "MANIFEST-12.json 5f3a9c01\n"   the name, and the CRC-32 of that file's bytes
 *     MANIFEST-12.json   one JSON object, as below
 *
 * Saving: write MANIFEST-13.json.tmp, sync, rename, sync the directory; the same for CURRENT; then remove
 * MANIFEST-12.json. A crash in between leaves the old manifest or the new one in force, never a mixture. Files in
 * the directory that the manifest does not name are leftovers of such a crash and are removed by the next opening.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { LostGap } from '../lost-gap.js'
import { CorruptLogError, FormatTooNewError } from './corrupt-log.js'
import { readWhole, writeWhole, type Disk } from './disk.js'
import { findFrame, formatMajor } from './frame.js'
import { logFileId } from './log-file.js'

/** What the manifest says of one log file. */
export interface ManifestFile {
  readonly id: number
  /** Null while the file is a spare; then it is the last of the list. */
  readonly firstFrame: number | null
  /** Null while it may grow. What lies behind this frame does not count. */
  readonly lastFrame: number | null
}

/** What the manifest says of a file of generation 1: it is sealed, and read by its index. */
export interface ManifestCarriedFile {
  readonly id: number
  readonly lastFrame: number
  /** Where the frame of its index begins, in bytes. */
  readonly indexAt: number
  /** Of all its frames, its header included. */
  readonly length: number
}

/** The journal, but for its records. */
export interface Manifest {
  readonly format: 'gameledger-journal'
  readonly major: number
  readonly minor: number
  readonly number: number
  readonly ledgerId: string
  readonly nextFileId: number
  /** No position up to this one is given again, whatever became of the files. */
  readonly lastPosition: number
  /** How many events may be published and not synced while this manifest is in force. */
  readonly eventsAtRisk: number
  /** Positions that crashes took back, in order. */
  readonly lost: readonly LostGap[]
  /** In order of their frames. */
  readonly files: readonly ManifestFile[]
  /** Files of generation 1. */
  readonly carried: readonly ManifestCarriedFile[]
  /** Batches that are committed, though of their records only the intent is left. */
  readonly settled: readonly number[]
  /** Streams that are released and have lost some of their records. */
  readonly remnants: readonly string[]
  /** Streams that a repair set aside (repair.ts): no game begins under these ids again. In the file where there are some. */
  readonly quarantined: readonly string[]
  /** Of the events up to this position a repair set some aside. In the file where that was. */
  readonly repairedThrough: number
  /** Set by a proper close: all frames up to this one are synced, and there are no others. */
  readonly closedAtFrame: number | null
}

type LaterFields = 'eventsAtRisk' | 'lost' | 'carried' | 'settled' | 'quarantined' | 'repairedThrough'

const manifestName = (number: number): string => `MANIFEST-${number}.json`
const namePattern = /^MANIFEST-(\d+)\.json(\.tmp)?$/

/** Whether a name in the directory is one that saving makes. */
export const isManifestName = (name: string): boolean => namePattern.test(name) || name === 'CURRENT.tmp'

/** The number of the manifest that has this name; `undefined` where it is no manifest's. */
export const manifestNumber = (name: string): number | undefined => {
  const [, number, temporary] = namePattern.exec(name) ?? []
  return number === undefined || temporary !== undefined ? undefined : Number(number)
}

const hex = (sum: number): string => sum.toString(16).padStart(8, '0')

/** What happened after the name was changed is in doubt: unlike an error before it, nobody may try again. */
class UnsureManifestError extends Error {}

const place = async (disk: Disk, directory: string, name: string, text: string): Promise<void> => {
  const temporary = join(directory, `${name}.tmp`)
  try {
    await writeWhole(disk, temporary, Buffer.from(text))
  } catch (cause) {
    await disk.remove(temporary)
    throw cause
  }
  try {
    await disk.rename(temporary, join(directory, name))
    await disk.syncDirectory(directory)
  } catch (cause) {
    throw new UnsureManifestError(`${name} may be in force or not: ${String(cause)}`, { cause })
  }
}

/**
 * Puts a manifest in force, durably, and removes the one that was. An error of the disk itself leaves the older one in
 * force, and the disk as it was.
 */
export const saveManifest = async (
  disk: Disk,
  directory: string,
  manifest: Manifest,
  numberInForce?: number,
): Promise<void> => {
  const { closedAtFrame, quarantined, repairedThrough, ...always } = manifest
  const written = {
    ...always,
    ...(quarantined.length > 0 && { quarantined }),
    ...(repairedThrough > 0 && { repairedThrough }),
    closedAtFrame,
  }
  const text = `${JSON.stringify(written, null, 2)}\n`
  const name = manifestName(manifest.number)
  await place(disk, directory, name, text)
  try {
    await place(disk, directory, 'CURRENT', `${name} ${hex(crc32(text))}\n`)
  } catch (cause) {
    if (!(cause instanceof UnsureManifestError)) await disk.remove(join(directory, name))
    throw cause
  }
  if (numberInForce !== undefined) await disk.remove(join(directory, manifestName(numberInForce)))
}

/**
 * The manifest that CURRENT names, or `undefined` where the directory has no CURRENT.
 * @throws CorruptLogError, FormatTooNewError
 */
const loadManifest = async (
  disk: Disk,
  directory: string,
  names: readonly string[],
): Promise<Manifest | undefined> => {
  if (!names.includes('CURRENT')) return undefined
  const currentPath = join(directory, 'CURRENT')
  const current = (await readWhole(disk, currentPath)).toString('latin1')
  const [, name, sum] = /^(MANIFEST-\d+\.json) ([0-9a-f]{8})\n$/.exec(current) ?? []
  const expected = 'the name and checksum of a manifest that is there'
  if (name === undefined || !names.includes(name))
    throw new CorruptLogError({
      file: currentPath,
      offset: 0,
      expected,
      found: JSON.stringify(current.slice(0, 80)),
    })
  const file = join(directory, name)
  const bytes = await readWhole(disk, file)
  if (hex(crc32(bytes)) !== sum)
    throw new CorruptLogError({ file, offset: 0, expected: `CRC-32 ${sum}`, found: hex(crc32(bytes)) })
  const manifest = parseManifest(bytes)
  if (manifest.major > formatMajor) throw new FormatTooNewError(file, `format ${manifest.major}`)
  return manifest
}

/** The manifest that these bytes are. @throws SyntaxError */
export const parseManifest = (bytes: Buffer): Manifest => {
  // Manifests of format 1 know of no carried games and no settled batches, those of 1.0 of no events at risk.
  const saved = JSON.parse(bytes.toString()) as Omit<Manifest, LaterFields> & Partial<Manifest>
  const later = { eventsAtRisk: 0, lost: [], carried: [], settled: [], quarantined: [], repairedThrough: 0 }
  return { ...later, ...saved }
}

/** Without CURRENT there must be nothing to lose: a crash while a journal was first made leaves no frame. */
const refuseLostCurrent = async (disk: Disk, directory: string, names: readonly string[]): Promise<void> => {
  const refuse = (name: string, offset: number, what: string): never => {
    const expected = 'a file CURRENT beside it'
    throw new CorruptLogError({ file: join(directory, name), offset, expected, found: `none, but ${what}` })
  }
  for (const name of names) {
    // The first manifest stands before the first CURRENT; the second comes after it.
    if ((manifestNumber(name) ?? 1) > 1) refuse(name, 0, 'a later manifest than the first')
    const id = logFileId(name)
    const frame =
      id === undefined ? undefined : findFrame(await readWhole(disk, join(directory, name)), 0, id)
    if (frame !== undefined) refuse(name, frame.start, `frame ${frame.number}`)
  }
}

/**
 * The manifest in force, or `undefined` where there is no journal yet.
 * @throws CorruptLogError, FormatTooNewError
 */
export const manifestInForce = async (disk: Disk, directory: string): Promise<Manifest | undefined> => {
  const names = await disk.list(directory)
  const found = await loadManifest(disk, directory, names)
  if (found === undefined) await refuseLostCurrent(disk, directory, names)
  return found
}
