/**
 * From what recovery found to a log that takes frames again.
 *
 * After a proper close the last file goes on where it ended. After anything else no old file is written again:
 *
 *     1  make log-<new>, zeroed and synced; write its header, sync
 *     2  write the unproven frames into it, under their old numbers; sync
 *     3  save the manifest: old files end before those frames, the new file begins with them   <- the one commit point
 *     4  remove what no manifest names
 *
 * A crash before 3 leaves the old log untouched and a file that nobody knows; a crash after it leaves leftovers.
 */
import { join } from 'node:path'
import { writeAll } from './disk.js'
import { indexFrameBytesMax } from './file-index.js'
import { frameHeaderBytes, sealFrame } from './frame.js'
import type { Log } from './log.js'
import { logFileId, logFileName, type LogFile } from './log-file.js'
import { isManifestName, type Manifest } from './manifest.js'
import { moveRecords } from './record.js'
import { visitFrame, type Recovery } from './recovery.js'
import { isNoRoom } from './storage-full.js'

/** The last file goes on where it ended. Only after a proper close: what lies at its end is known to be synced. */
export const goOn = async (log: Log, recovery: Recovery): Promise<void> => {
  const { disk } = log.place
  log.files = recovery.files
  await log.active.goOn(disk)
  if (recovery.spare === undefined) return
  await recovery.spare.goOn(disk)
  log.adoptSpare(recovery.spare)
}

/** Ends the old files before their unproven frames. Those that then hold nothing go. */
const cut = (recovery: Recovery): LogFile[] => {
  for (const { file, number, offset } of [...recovery.unproven].reverse()) {
    file.lastFrame = number - 1
    file.end = offset
  }
  const kept = recovery.files.filter((file) => file.lastFrame >= file.firstFrame!)
  for (const file of kept) file.isSealed = true
  return kept
}

/** Writes the unproven frames behind the header of a fresh file, sealed for that file, and syncs them. */
const rewrite = async (log: Log, { unproven }: Recovery, fresh: LogFile): Promise<void> => {
  const provenTo = fresh.lastFrame
  for (const { number, records, bytes } of unproven) {
    moveRecords(bytes, frameHeaderBytes, bytes.length, fresh.id)
    sealFrame(bytes, bytes.length, { number, provenTo, records }, fresh.id)
    await writeAll(fresh.file!, bytes, bytes.length, fresh.end)
    visitFrame(bytes, { start: 0, end: bytes.length, records }, fresh.path, (record) => {
      log.holdings.hold(record, fresh)
      if (record.type === 'events') fresh.cover(record.firstPosition, record.firstPosition + record.count - 1)
    })
    fresh.end += bytes.length
    fresh.lastFrame = number
  }
  await fresh.file!.sync()
}

const startFresh = async (log: Log, recovery: Recovery): Promise<void> => {
  const { disk, logFileBytesMax } = log.place
  const fresh = log.newFile()
  try {
    await fresh.prepare(disk, logFileBytesMax)
    await fresh.begin(log.ledgerId, recovery.lastFrame - recovery.unproven.length + 1)
    // Their index needs less than they do.
    const unproven = recovery.unproven.reduce((sum, { bytes }) => sum + bytes.length, 0)
    await fresh.reserve(2 * unproven + indexFrameBytesMax)
    await rewrite(log, recovery, fresh)
  } catch (error) {
    await fresh.close().catch(() => undefined)
    if (isNoRoom(error)) await disk.remove(fresh.path)
    throw error
  }
  log.files = [...cut(recovery), fresh]
}

const removeLeftovers = async (log: Log, manifest: Manifest, spare: LogFile | undefined): Promise<void> => {
  const { disk, directory } = log.place
  const kept = new Set(
    [...log.files, ...log.carried, ...(spare ? [spare] : [])].map(({ id }) => logFileName(id)),
  )
  for (const name of await disk.list(directory)) {
    const isOldManifest = isManifestName(name) && name !== `MANIFEST-${manifest.number + 1}.json`
    const isOldFile = logFileId(name) !== undefined && !kept.has(name)
    if (isOldManifest || isOldFile) await disk.remove(join(directory, name))
  }
}

/** Makes the log ready for frames, and puts that in force: from here on it is no longer cleanly closed. */
export type Restart = (log: Log, manifest: Manifest, recovery: Recovery) => Promise<void>

/** As above. */
export const restart: Restart = async (log, manifest, recovery) => {
  for (const name of await log.place.disk.list(log.place.directory))
    log.skipFileIds((logFileId(name) ?? 0) + 1)
  const isClean = manifest.closedAtFrame !== null && recovery.files.length > 0
  await (isClean ? goOn(log, recovery) : startFresh(log, recovery))
  // Only now all that is left of them is held, the frames included that were written once more.
  log.holdings.markRemnants(manifest.remnants)
  log.holdings.markSettled(manifest.settled)
  await log.save()
  await removeLeftovers(log, manifest, isClean ? recovery.spare : undefined)
}
