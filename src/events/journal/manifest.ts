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
import { readAll, writeAll, type Disk } from './disk.js'
import { formatMajor } from './frame.js'

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
  /** Set by a proper close: all frames up to this one are synced, and there are no others. */
  readonly closedAtFrame: number | null
}

type LaterFields = 'eventsAtRisk' | 'lost' | 'carried' | 'settled'

const manifestName = (number: number): string => `MANIFEST-${number}.json`
const namePattern = /^MANIFEST-\d+\.json(\.tmp)?$/

/** Whether a name in the directory is one that saving makes. */
export const isManifestName = (name: string): boolean => namePattern.test(name) || name === 'CURRENT.tmp'

const hex = (sum: number): string => sum.toString(16).padStart(8, '0')

/** What happened after the name was changed is in doubt: unlike an error before it, nobody may try again. */
class UnsureManifestError extends Error {}

const place = async (disk: Disk, directory: string, name: string, text: string): Promise<void> => {
  const temporary = join(directory, `${name}.tmp`)
  try {
    await writeSynced(disk, temporary, Buffer.from(text))
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

const writeSynced = async (disk: Disk, path: string, bytes: Buffer): Promise<void> => {
  const file = await disk.open(path, 'create')
  try {
    await writeAll(file, bytes, bytes.length, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

const readText = async (disk: Disk, path: string): Promise<Buffer> => {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(await file.size())
    return bytes.subarray(0, await readAll(file, bytes, bytes.length))
  } finally {
    await file.close()
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
  const text = `${JSON.stringify(manifest, null, 2)}\n`
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
 * The manifest in force, or `undefined` where the directory has no CURRENT.
 * @throws CorruptLogError, FormatTooNewError
 */
export const loadManifest = async (
  disk: Disk,
  directory: string,
  names: readonly string[],
): Promise<Manifest | undefined> => {
  if (!names.includes('CURRENT')) return undefined
  const currentPath = join(directory, 'CURRENT')
  const current = (await readText(disk, currentPath)).toString('latin1')
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
  const bytes = await readText(disk, file)
  if (hex(crc32(bytes)) !== sum)
    throw new CorruptLogError({ file, offset: 0, expected: `CRC-32 ${sum}`, found: hex(crc32(bytes)) })
  // Manifests of format 1 know of no carried games and no settled batches, those of 1.0 of no events at risk.
  const saved = JSON.parse(bytes.toString()) as Omit<Manifest, LaterFields> & Partial<Manifest>
  const manifest: Manifest = { eventsAtRisk: 0, lost: [], carried: [], settled: [], ...saved }
  if (manifest.major > formatMajor) throw new FormatTooNewError(file, `format ${manifest.major}`)
  return manifest
}
