/**
 * A journal as somebody sees it who does not open it: for operators, while its process runs and when it will not.
 *
 *     CURRENT -> MANIFEST-n.json -> the log files: there? whose? which format?      LOCK -> who
 *
 * Takes no lock, writes nothing, removes nothing, and reads no frame but where CURRENT is lost: checksums of the log are
 * checked by opening it. A running process may save a manifest and drop a file in between, so what was seen counts only
 * if CURRENT is still the same behind it; else it is looked at again.
 */
import fs from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptLogError, FormatTooNewError } from './corrupt-log.js'
import { readAll, type Disk } from './disk.js'
import { defaultLogFileBytesMax } from './file-journal.js'
import { decodeFileHeader, fileHeaderBytes } from './frame.js'
import { lookAtLock, type LockReport } from './lock-report.js'
import { logFileId, logFileName } from './log-file.js'
import { isManifestName, manifestInForce, type Manifest, type ManifestFile } from './manifest.js'
import { nodeDisk } from './node-disk.js'

/** A log file that the manifest names. */
export interface LogFileReport {
  readonly name: string
  /** 0 where it is missing. */
  readonly bytes: number
  /** Why the journal does not open with it. */
  readonly problem?: 'missing' | 'damaged' | 'of-another-ledger' | 'too-new'
}

/** The manifest in force. */
export interface ManifestReport {
  readonly name: string
  readonly ledgerId: string
  /** `'1.1'`. */
  readonly format: string
  /** When it was saved, by the file system's clock; ms since 1970. */
  readonly savedAt: number
  /** A closed one names the last event; else it is a position that none is given below. */
  readonly lastPosition: number
  /** Whether the journal was closed properly, and not opened since. */
  readonly isClosed: boolean
}

/** What there is in the directory of a journal. */
export interface JournalReport {
  readonly directory: string
  readonly lock: LockReport
  /** Absent where there is none yet, or none that can be read: then `refusal` says why. */
  readonly manifest?: ManifestReport
  /** What the next opening throws. */
  readonly refusal?: CorruptLogError | FormatTooNewError
  readonly files: readonly LogFileReport[]
  /** Files of a journal that the manifest does not name: the next opening removes them, or they are just being made. */
  readonly leftovers: readonly string[]
  /** Files that are no journal's. */
  readonly foreign: readonly string[]
  /** How long the next log file will be, after those that are there. */
  readonly nextFileBytes: number
}

type Seen = Omit<JournalReport, 'lock'>

/** A look takes a millisecond, and a manifest is saved some tens of times a second at the most. */
const looksMax = 20

type NamedFile = Pick<ManifestFile, 'id' | 'firstFrame'>

/** Of both generations; those that are written last. */
const namedFiles = ({ files, carried }: Manifest): readonly NamedFile[] => [
  ...carried.map(({ id }) => ({ id, firstFrame: 1 })),
  ...files,
]

const firstBytes = async (disk: Disk, path: string): Promise<{ bytes: Buffer; size: number }> => {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(fileHeaderBytes)
    return { bytes: bytes.subarray(0, await readAll(file, bytes, bytes.length)), size: await file.size() }
  } finally {
    await file.close()
  }
}

const problemOf = (
  bytes: Buffer,
  path: string,
  { id, firstFrame }: NamedFile,
  ledgerId: string,
): LogFileReport['problem'] => {
  try {
    const header = decodeFileHeader(bytes, path)
    // A spare has no header before its turn comes.
    if (header === undefined) return firstFrame === null ? undefined : 'damaged'
    if (header.ledgerId !== ledgerId) return 'of-another-ledger'
    return header.id === id ? undefined : 'damaged'
  } catch (error) {
    if (error instanceof FormatTooNewError) return 'too-new'
    throw error
  }
}

const lookAtFile = async (
  disk: Disk,
  directory: string,
  entry: NamedFile,
  ledgerId: string,
): Promise<LogFileReport> => {
  const name = logFileName(entry.id)
  const path = join(directory, name)
  try {
    const { bytes, size } = await firstBytes(disk, path)
    const problem = problemOf(bytes, path, entry, ledgerId)
    return { name, bytes: size, ...(problem && { problem }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { name, bytes: 0, problem: 'missing' }
  }
}

const isOurs = (name: string): boolean =>
  isManifestName(name) || logFileId(name) !== undefined || /^LOCK\.\d+\.stale$/.test(name)

const isRefusal = (error: unknown): error is CorruptLogError | FormatTooNewError =>
  error instanceof CorruptLogError || error instanceof FormatTooNewError

const lookOnce = async (disk: Disk, directory: string): Promise<Seen> => {
  const names = await disk.list(directory)
  let manifest: Manifest | undefined
  let refusal: Seen['refusal']
  try {
    manifest = await manifestInForce(disk, directory)
  } catch (error) {
    if (!isRefusal(error)) throw error
    refusal = error
  }
  const files: LogFileReport[] = []
  for (const entry of manifest ? namedFiles(manifest) : [])
    files.push(await lookAtFile(disk, directory, entry, manifest!.ledgerId))
  const inForce = manifest && `MANIFEST-${manifest.number}.json`
  const known = new Set(['LOCK', 'CURRENT', 'BALLAST', inForce, ...files.map(({ name }) => name)])
  const others = names.filter((name) => !known.has(name))
  return {
    directory,
    ...(manifest && { manifest: await manifestReport(directory, inForce!, manifest) }),
    ...(refusal && { refusal }),
    files,
    leftovers: others.filter(isOurs),
    foreign: others.filter((name) => !isOurs(name)),
    nextFileBytes: files.findLast(({ bytes }) => bytes > 0)?.bytes ?? defaultLogFileBytesMax,
  }
}

const manifestReport = async (
  directory: string,
  name: string,
  { ledgerId, major, minor, lastPosition, closedAtFrame }: Manifest,
): Promise<ManifestReport> => ({
  name,
  ledgerId,
  format: `${major}.${minor}`,
  savedAt: await fs.stat(join(directory, name)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  ),
  lastPosition,
  isClosed: closedAtFrame !== null,
})

const currentOf = (directory: string): Promise<string> =>
  fs.readFile(join(directory, 'CURRENT'), 'latin1').catch(() => '')

/**
 * Looks at the directory of a journal, which must be there; takes no lock and changes nothing.
 * @throws the system's error where something cannot be read
 */
export const lookAtJournal = async (directory: string): Promise<JournalReport> => {
  const disk = nodeDisk()
  for (let look = 1; ; look++) {
    const before = await currentOf(directory)
    const seen = await lookOnce(disk, directory).then(
      (value) => ({ value }),
      (cause: unknown) => ({ cause }),
    )
    if (look < looksMax && before !== (await currentOf(directory))) continue
    if ('cause' in seen) throw seen.cause
    return { ...seen.value, lock: await lookAtLock(directory) }
  }
}
