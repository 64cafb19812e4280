/**
 * Reading from the log while it is written: which files, and which of their records.
 *
 * Files are chosen by the streams and positions that they hold, pinned by the caller, and read in one piece up to
 * what is written of them. Frames are checked again on the way: what leaves here is as it was appended.
 */
import { CorruptLogError } from './corrupt-log.js'
import type { Disk } from './disk.js'
import { fileHeaderBytes, frameAt } from './frame.js'
import type { EventsRecord, JournalQuery, StoredRecord } from './journal.js'
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'
import { visitFrame } from './recovery.js'

/** The files in which what is asked for may lie, in order. */
export const filesFor = (query: JournalQuery, log: Log): LogFile[] => {
  if ('stream' in query) return [...log.holdings.placesOf(query.stream)]
  return log.files.filter(
    ({ firstPosition, lastPosition }) => lastPosition > query.after && firstPosition <= query.through,
  )
}

/** Whether a record is asked for. */
export const isAsked = (query: JournalQuery, { stream, firstPosition, count }: EventsRecord): boolean =>
  'stream' in query
    ? stream === query.stream
    : firstPosition <= query.through && firstPosition + count - 1 > query.after

/**
 * The events records of a pinned file, in order. O(bytes written in it); holds them all while it is read.
 * @throws CorruptLogError where a frame is no longer as it was written
 */
export async function* recordsOf(file: LogFile, disk: Disk): AsyncGenerator<EventsRecord> {
  const { bytes, lastFrame } = await file.readWritten(disk)
  let at = fileHeaderBytes
  for (let number = file.firstFrame!; number <= lastFrame; number++) {
    const frame = frameAt(bytes, at, file.id)
    if (frame?.number !== number)
      throw new CorruptLogError({ file: file.path, offset: at, expected: `frame ${number}`, found: 'none' })
    const records: StoredRecord[] = []
    visitFrame(bytes, frame, file.path, (record) => records.push(record))
    for (const record of records) if (record.type === 'events') yield record
    at = frame.end
  }
}
