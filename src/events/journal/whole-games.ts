/**
 * Games that leave memory: each written in one piece, from what memory holds of it, into a file of generation 1.
 *
 * What of a game lies in generation 1 already is not written again.
 */
import { TimeSlice } from '../time-slice.js'
import { writeCarried } from './carried-file.js'
import { asWritten, Gathering } from './gathering.js'
import type { CarriableGame } from './journal.js'
import type { Log } from './log.js'
import type { CarriedInto } from './rewriting.js'
import { isNoRoom, StorageFullError } from './storage-full.js'

/**
 * Writes games into a new file, synced; no manifest names it yet. Resolves with nothing where all of them lie there
 * already. Where it fails the file is gone. Done in slices.
 * @throws StorageFullError
 */
export const writeWholeGames = async (
  log: Log,
  games: readonly CarriableGame[],
): Promise<readonly CarriedInto[]> => {
  const file = log.newFile()
  const { disk, directory, logFileBytesMax } = log.place
  const gathering = new Gathering()
  const slice = new TimeSlice()
  for (const { stream, version, records } of games) {
    if (log.carriedGames.covers(stream, 1, version)) continue
    for (const record of records()) gathering.add(asWritten(record, file.id))
    if (slice.isOverAfterStep()) await slice.next()
  }
  if (gathering.isEmpty) return []
  try {
    return [{ file, entries: (await writeCarried(disk, file, log.ledgerId, gathering.runs(log.noteOf)))! }]
  } catch (cause) {
    await disk.remove(file.path)
    if (!isNoRoom(cause)) throw cause
    throw new StorageFullError(directory, { missingBytes: logFileBytesMax, cause }, 'carry')
  }
}
