/**
 * Makes a journal whole that refuses to open: what is whole goes on, what is not is set aside, nothing is thrown away.
 *
 *     1  copy the directory                       journal.before-repair-1/
 *     2  write what is set aside, for people      quarantine/journal-1.ndjson
 *     3  copy the records of all intact games     log-<new>.log, generation 1, under a temporary name; then renamed
 *     4  read them back, and compare
 *     5  save a manifest that names them alone    <- the one commit point
 *     6  remove what no manifest names
 *
 * A crash before 5 leaves the old journal, a crash after it the new one; both times a second run does the rest. Games
 * that were set aside are named in the manifest for ever: no other game may begin under such an id. Positions that may
 * have been given and are not there any more are left out.
 */
import { dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { CorruptLogError, type DamageExtent } from './corrupt-log.js'
import { diagnose, type Diagnosis, type IsArchived } from './diagnosis.js'
import { copyDirectory, freeCopyOf } from './directory-copy.js'
import { directoryLock, type DirectoryLocker } from './directory-lock.js'
import { writeWhole, type Disk } from './disk.js'
import { formatMajor, formatMinor } from './frame.js'
import { FreshFiles, isUnfinished } from './fresh-files.js'
import type { StreamId } from '../ids.js'
import type { IntentRecord } from './journal.js'
import { logFileId } from './log-file.js'
import { isManifestName, manifestInForce, saveManifest, type Manifest } from './manifest.js'
import { nodeDisk } from './node-disk.js'
import { quarantineLines } from './quarantine.js'
import { readBackAll } from './reading-back.js'

/** The refusal as it would be told by who knows the archive. */
const withExtentOf = (
  { file, offset, expected, found }: CorruptLogError,
  extent: DamageExtent,
): CorruptLogError => new CorruptLogError({ file, offset, expected, found, extent })

/** How a journal is repaired. */
export interface RepairOptions {
  /** Where the files are. @default nodeDisk() */
  readonly disk?: Disk
  /** How the directory is kept from other processes. @default directoryLock */
  readonly lock?: DirectoryLocker
  /** Only says what would be done. @default false */
  readonly dryRun?: boolean
  /** Games that the archive holds: whatever became of their remains in the journal, they are not affected. @default none */
  readonly isArchived?: IsArchived
}

/** What was found, and what was done or would be done. */
export interface RepairReport extends DamageExtent {
  /** Nothing is damaged: nothing is to be done. */
  readonly isWhole: boolean
  /** Where the damage shows; undefined where the journal is whole. */
  readonly damage: CorruptLogError | undefined
  /** Whether it was done. */
  readonly isRepaired: boolean
  readonly gamesKept: number
  readonly eventsKept: number
  readonly eventsSetAside: number
  /** The copy of the directory as it was. */
  readonly copy: string
  /** Where the events are that were set aside. */
  readonly quarantine: string
}

/** The default length of a log file: what a file that is gone may have held. */
const fileBytes = 16 * 1024 * 1024
/** More than may be published and not synced by default, where the manifest that would say it is lost. */
const eventsAtRiskMax = 1_000_000
/** An event takes more: a line of `{}` and its end. */
const eventBytesMin = 3

/** What is wrong with a journal, if anything is. Everything is read. @throws FormatTooNewError, what the disk throws */
const damageIn = async (disk: Disk, directory: string): Promise<CorruptLogError | undefined> => {
  try {
    const manifest = await manifestInForce(disk, directory)
    const place = { disk, directory, logFileBytesMax: fileBytes }
    if (manifest !== undefined) await readBackAll(place, manifest)
    return undefined
  } catch (error) {
    if (error instanceof CorruptLogError) return error
    throw error
  }
}

const eventsIn = (games: Diagnosis['intact']): number => {
  let events = 0
  for (const records of games.values()) for (const { count } of records) events += count
  return events
}

/**
 * Repairs the journal in a directory, or says what would be done. Idempotent: a second run finds a whole journal.
 * @throws DataDirLockedError, FormatTooNewError, what the disk throws
 */
export const repairJournal = async (
  directory: string,
  options: RepairOptions = {},
): Promise<RepairReport> => {
  const { disk = nodeDisk(), lock = directoryLock, dryRun = false, isArchived } = options
  const held = await lock(directory)
  try {
    const damage = await damageIn(disk, directory)
    const diagnosis = await diagnose(disk, directory, isArchived)
    const { path: copy, number } = await freeCopyOf(disk, directory)
    const quarantine = join(dirname(directory), 'quarantine', `journal-${number}.ndjson`)
    const isWhole = damage === undefined
    const { affected, possibly, mayHideOthers, intact, aside } = diagnosis
    if (!isWhole && !dryRun) {
      await copyDirectory(disk, directory, copy)
      await disk.syncDirectory(dirname(directory))
      if (aside.size > 0) await setAside(disk, quarantine, diagnosis)
      await rebuild(disk, directory, diagnosis)
    }
    return {
      isWhole,
      damage: damage && withExtentOf(damage, diagnosis),
      isRepaired: !isWhole && !dryRun,
      affected: isWhole ? [] : affected,
      possibly: isWhole ? [] : possibly,
      mayHideOthers: !isWhole && mayHideOthers,
      gamesKept: intact.size,
      eventsKept: eventsIn(intact),
      eventsSetAside: isWhole ? 0 : eventsIn(aside),
      copy,
      quarantine,
    }
  } finally {
    await held.release()
  }
}

const setAside = async (disk: Disk, path: string, { aside }: Diagnosis): Promise<void> => {
  await disk.makeDirectory(dirname(path))
  await writeWhole(disk, path, await quarantineLines(disk, aside))
  await disk.syncDirectory(dirname(path))
}

const rebuild = async (disk: Disk, directory: string, diagnosis: Diagnosis): Promise<void> => {
  const { salvage, affected, possibly, openIntents } = diagnosis
  const quarantined = [...affected, ...possibly]
  const ledgerId = salvage.ledgerId ?? randomUUID()
  const files = new FreshFiles(disk, directory, ledgerId, salvage.nextFileId)
  await files.carry(diagnosis.intact)
  await files.note(intentsOf(openIntents, new Set(quarantined)), wasClosed(diagnosis))
  await files.name()
  const manifest = manifestOf(diagnosis, ledgerId, files)
  await readBackAndCompare(disk, directory, manifest, diagnosis)
  await saveManifest(disk, directory, manifest)
  for (const name of await disk.list(directory)) {
    const id = logFileId(name)
    const isOldFile = id !== undefined && id < salvage.nextFileId
    const isOldManifest = isManifestName(name) && name !== `MANIFEST-${manifest.number}.json`
    if (isOldFile || isOldManifest || isUnfinished(name)) await disk.remove(join(directory, name))
  }
}

/** Whether it was properly closed: then no event was published that was not synced. */
const wasClosed = ({ salvage: { manifest } }: Diagnosis): boolean =>
  (manifest?.closedAtFrame ?? null) !== null

/** A batch is begun again without the games that are gone. */
const intentsOf = (open: readonly IntentRecord[], gone: ReadonlySet<StreamId>): IntentRecord[] =>
  open
    .map((intent) => ({ ...intent, streams: intent.streams.filter((stream) => !gone.has(stream)) }))
    .filter(({ streams }) => streams.length > 0)

const manifestOf = (diagnosis: Diagnosis, ledgerId: string, fresh: FreshFiles): Manifest => {
  const { salvage, affected, possibly, mayHideOthers, lastPosition, intact } = diagnosis
  const { manifest, hints, lastNumber, files, fileBytesMax } = salvage
  const damaged = files.filter(({ damage }) => damage !== undefined)
  const bytes = damaged.reduce((sum, file) => sum + (file.bytes || Math.max(fileBytesMax, fileBytes)), 0)
  const isAnythingGone = affected.length + possibly.length > 0 || mayHideOthers
  const isLeftOut = isAnythingGone || manifest === undefined
  const told = Math.max(lastPosition, manifest?.lastPosition ?? hints.lastPosition ?? 0)
  const leftOut = Math.ceil(bytes / eventBytesMin) + (manifest?.eventsAtRisk ?? eventsAtRiskMax) + 1
  const last = isLeftOut ? told + leftOut : told
  const before = manifest?.quarantined ?? (hints.quarantined ?? []).filter((stream) => !intact.has(stream))
  return {
    format: 'gameledger-journal',
    major: formatMajor,
    minor: formatMinor,
    number: lastNumber + 1,
    ledgerId,
    nextFileId: fresh.nextId,
    lastPosition: last,
    eventsAtRisk: manifest?.eventsAtRisk ?? 0,
    lost: manifest?.lost ?? hints.lost ?? [],
    files: fresh.files,
    carried: fresh.carried,
    settled: [],
    remnants: [],
    quarantined: [...new Set([...before, ...affected, ...possibly])].sort(),
    repairedThrough: isAnythingGone ? last - 1 : (manifest?.repairedThrough ?? hints.repairedThrough ?? 0),
    closedAtFrame: wasClosed(diagnosis) ? 1 : null,
  }
}

/** Before the new journal is put in force it is read as an opening would: exactly what was to be kept is there. */
const readBackAndCompare = async (
  disk: Disk,
  directory: string,
  manifest: Manifest,
  { intact }: Diagnosis,
): Promise<void> => {
  const versions = new Map<StreamId, number>()
  const place = { disk, directory, logFileBytesMax: fileBytes }
  await readBackAll(place, manifest, (record) => {
    if (record.type === 'events') versions.set(record.stream, record.firstVersion + record.count - 1)
  })
  const isSame =
    versions.size === intact.size &&
    [...intact].every(([stream, records]) => {
      const last = records.at(-1)!
      return versions.get(stream) === last.firstVersion + last.count - 1
    })
  if (!isSame)
    throw new Error(`What was written to mend ${directory} reads otherwise. It was not put in force.`)
}
