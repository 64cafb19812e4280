/**
 * Writing live records anew, for an erasure: out of every sealed file, with other lines, into files of generation 1.
 *
 *     log-3  [ ann. . x ann ]  --.
 *     log-4  [ x ann . . . . ]  ---+--> log-9, log-10, generation 1: every live record, changed --> manifest --> 3, 4, 7 go
 *     log-7, generation 1       --'
 *
 * It is carrying (carrying.ts) of all files at once, whatever they hold: what is released lies in them, too, and is to
 * vanish with them. The manifest that names the new files, and the old ones no more, is the one commit point; a crash
 * before leaves files that nobody knows, a crash after leaves leftovers, which the next opening removes. The old files
 * are removed, not used again. A record keeps its version, count, positions, and the id of the file that it came from.
 *
 * Work is done in slices; in memory is one old file and at most a file's length of copies.
 */
import { TimeSlice } from '../time-slice.js'
import { writeCarried } from './carried-file.js'
import type { CarriedEntry } from './file-index.js'
import { asWritten, Gathering } from './gathering.js'
import { changedBy, type EventsRecord, type RecordChange } from './journal.js'
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'
import { recordsOf } from './log-reader.js'
import { rawRangeOf, recordFileIdAt } from './record.js'
import { isNoRoom, StorageFullError } from './storage-full.js'

/** The journal was closed before it was rewritten. */
export class RewritingClosedError extends Error {
  override readonly name = 'RewritingClosedError'
  readonly code = 'closed'

  constructor() {
    super('The journal was closed while it was being rewritten. Open it again, and begin again.')
  }
}

/** A file of generation 1 that is on the disk, and what lies where in it. */
export interface CarriedInto {
  readonly file: LogFile
  readonly entries: readonly CarriedEntry[]
}

/**
 * Writes the live records of some files into new ones, synced; no manifest names them yet. Where that fails none of
 * the new ones is left.
 * @throws CorruptLogError, StorageFullError
 */
export const rewriteFiles = async (
  log: Log,
  files: readonly LogFile[],
  change: RecordChange,
  isStopped: () => boolean,
): Promise<readonly CarriedInto[]> => {
  const { disk, directory, logFileBytesMax } = log.place
  const written: CarriedInto[] = []
  const targets: LogFile[] = []
  let gathering = new Gathering()
  let gathered = 0
  const write = async (): Promise<void> => {
    if (gathered === 0) return
    const file = log.newFile()
    targets.push(file)
    written.push({
      file,
      entries: (await writeCarried(disk, file, log.ledgerId, gathering.runs(log.noteOf)))!,
    })
    gathering = new Gathering()
    gathered = 0
  }
  try {
    const slice = new TimeSlice()
    for (const file of files) {
      for await (const record of recordsOf(file, disk)) {
        if (log.isNeeded(record, file)) {
          const changed = changedBy(change, record)
          const kept = changed === record ? record : asWritten(changed, fileIdOf(record))
          gathering.add(kept)
          gathered += kept.end - kept.start
        }
        if (slice.isOverAfterStep()) await slice.next()
        if (isStopped()) throw new RewritingClosedError()
      }
      if (gathered >= logFileBytesMax) await write()
    }
    await write()
    return written
  } catch (cause) {
    for (const { path } of targets) await disk.remove(path)
    if (!isNoRoom(cause)) throw cause
    throw new StorageFullError(directory, { missingBytes: logFileBytesMax, cause }, 'rewrite')
  }
}

const fileIdOf = (record: EventsRecord): number => recordFileIdAt(record.bytes, rawRangeOf(record).start)
