/**
 * The journal of an embedded ledger: a directory of log files, written by group commit.
 *
 *     LOCK  CURRENT  MANIFEST-7.json  log-00000003.log  log-00000004.log  log-00000005.log
 *
 *     append -> batch (encoded in place) -> frame -> one write -> written -> one fdatasync -> synced
 *
 * Here it is opened: lock, manifest, or a new journal. What each byte means, what each crash leaves and how it is read
 * again, is in docs/formats/journal.md.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { withExtent } from './diagnosis.js'
import { directoryLock, type DirectoryLock, type DirectoryLocker } from './directory-lock.js'
import { readAll } from './disk.js'
import type { Disk } from './disk.js'
import { fileHeaderBytes, formatMajor, formatMinor } from './frame.js'
import type { Journal } from './journal.js'
import type { LogPlace } from './log.js'
import { logFileName } from './log-file.js'
import { manifestInForce, saveManifest, type Manifest } from './manifest.js'
import { nodeDisk } from './node-disk.js'
import { OpenFileJournal, type Opening } from './open-file-journal.js'
import { restart, type Restart } from './restart.js'
import { isNoRoom, StorageFullError } from './storage-full.js'

/** How a file journal is kept. */
export interface FileJournalOptions {
  /** Where the files are. @default nodeDisk() */
  readonly disk?: Disk
  /** How the directory is kept from other processes. @default directoryLock */
  readonly lock?: DirectoryLocker
  /** Length to which a log file is reserved, in bytes, at least 1 024. @default 16 MiB */
  readonly logFileBytesMax?: number
  /** A batch over this many bytes is not filled any further. At least 1 024. @default 4 MiB */
  readonly batchBytesMax?: number
  /** The id of a new ledger. @default a random UUID */
  readonly ledgerId?: string
}

/** 16 MiB: a second of the fastest play; opening reads it in one piece, and one idle game pins no more. */
export const defaultLogFileBytesMax = 16 * 1024 * 1024
/** 4 MiB: a write that long takes a few milliseconds, and holds far more events than a tick brings. */
const defaultBatchBytesMax = 4 * 1024 * 1024

const sizeOption = (name: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 1024) return value
  throw new TypeError(`${name} must be a whole number of bytes, 1024 or more; got ${value}.`)
}

const readFile = async (
  { disk }: Pick<LogPlace, 'disk'>,
  path: string,
  bytesMax = Infinity,
): Promise<Buffer> => {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(Math.min(await file.size(), bytesMax))
    return bytes.subarray(0, await readAll(file, bytes, bytes.length))
  } finally {
    await file.close()
  }
}

const newManifest = (ledgerId: string): Manifest => ({
  format: 'gameledger-journal',
  major: formatMajor,
  minor: formatMinor,
  number: 1,
  ledgerId,
  nextFileId: 1,
  lastPosition: 0,
  eventsAtRisk: 0,
  lost: [],
  files: [],
  carried: [],
  settled: [],
  remnants: [],
  quarantined: [],
  repairedThrough: 0,
  closedAtFrame: 0,
})

/** Nothing recorded: no frame by a proper close, else no byte where the first frame would be. */
const isEmpty = async (place: LogPlace, manifest: Manifest): Promise<boolean> => {
  const { closedAtFrame, files, carried, quarantined } = manifest
  const first = files[0]
  if (carried.length > 0 || quarantined.length > 0) return false
  if (closedAtFrame !== null || first === undefined) return (closedAtFrame ?? 0) === 0
  if ((first.firstFrame ?? 1) > 1) return false
  const path = join(place.directory, logFileName(first.id))
  // A missing file is damage: recovery says so.
  const start = await readFile(place, path, fileHeaderBytes + 4).catch(() => Buffer.from('?'))
  return start.subarray(fileHeaderBytes).every((byte) => byte === 0)
}

const look = async (place: LogPlace, ledgerId: string): Promise<Opening> => {
  const found = await manifestInForce(place.disk, place.directory)
  if (found !== undefined) {
    // After a kill its name may stand in the page cache alone: nobody may act on it before it is on the disk.
    await place.disk.syncDirectory(place.directory)
    return { place, manifest: found, isEmpty: await isEmpty(place, found) }
  }
  const manifest = newManifest(ledgerId)
  await saveManifest(place.disk, place.directory, manifest)
  return { place, manifest, isEmpty: true }
}

/**
 * A journal in a directory, which is made where it is missing. It has one shard, 0.
 *
 * Every group of appends is written and synced: both watermarks always follow. An append costs one encoding in memory;
 * all appends of one tick share one write and one fdatasync. It does not bound what is in flight: the caller does.
 */
export const fileJournal = (directory: string, options: FileJournalOptions = {}): Journal =>
  journalWith(restart, directory, options)

/** The same, with another way to go on after a crash: for the controls of the simulator, which take a protection out. */
export const journalWith = (
  restarting: Restart,
  directory: string,
  options: FileJournalOptions = {},
): Journal => {
  const logFileBytesMax = sizeOption('logFileBytesMax', options.logFileBytesMax ?? defaultLogFileBytesMax)
  const batchBytesMax = sizeOption('batchBytesMax', options.batchBytesMax ?? defaultBatchBytesMax)
  const place: LogPlace = { disk: options.disk ?? nodeDisk(), directory, logFileBytesMax }
  return {
    name: `file journal ${directory}`,
    isEphemeral: false,
    open: async (shard, listener, eventsAtRisk = 0) => {
      if (shard !== 0) throw new TypeError(`A file journal has one shard, 0; got ${shard}.`)
      let lock: DirectoryLock | undefined
      try {
        await place.disk.makeDirectory(directory)
        lock = await (options.lock ?? directoryLock)(directory)
        const opening = await look(place, options.ledgerId ?? randomUUID())
        return new OpenFileJournal(opening, listener, lock, { batchBytesMax, eventsAtRisk }, restarting)
      } catch (error) {
        await lock?.release()
        throw isNoRoom(error)
          ? new StorageFullError(directory, { missingBytes: logFileBytesMax, cause: error })
          : await withExtent(error, place.disk, directory)
      }
    },
  }
}
