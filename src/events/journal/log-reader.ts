/**
 * Reading from the log while it is written: which files and runs, and which of their records.
 *
 *     files of generation 0, in order          a b a c a b | a c c ...        one after the other, in order of position
 *     runs of generation 1, by first position  [a a a] [d d] [e e e e] ...    opened when their turn comes, merged
 *
 * Files are chosen by the streams and positions that they hold, and pinned by the caller; runs lie in pinned files.
 * A file of generation 0 is read in one piece up to what is written of it, a run by itself. Checksums are compared
 * again on the way: what leaves here is as it was appended.
 */
import type { Position, StreamId } from '../ids.js'
import { PositionHeap, type Positioned } from '../position-heap.js'
import { areCovered, readRun, type CarriedRun } from './carried-games.js'
import { CorruptLogError } from './corrupt-log.js'
import type { Disk } from './disk.js'
import { fileHeaderBytes, frameAt } from './frame.js'
import type { EventsRecord, JournalQuery, StoredRecord } from './journal.js'
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'
import { visitFrame } from './recovery.js'

/** Where what is asked for may lie: files of generation 0, runs, and all files that must stay meanwhile. */
export interface Sources {
  readonly files: readonly LogFile[]
  readonly runs: readonly CarriedRun[]
  readonly pins: readonly LogFile[]
}

/** Of released games nothing is read that lies apart: whatever became of it, nobody needs it. */
export const sourcesFor = (
  query: JournalQuery,
  log: Log,
  isReleased: (stream: StreamId) => boolean,
): Sources => {
  const files =
    'stream' in query
      ? log.holdings.placesOf(query.stream).filter(({ generation }) => generation === 0)
      : log.files.filter(
          ({ firstPosition, lastPosition }) => lastPosition > query.after && firstPosition <= query.through,
        )
  const runs = (
    'stream' in query
      ? [...log.carriedGames.runsOf(query.stream)]
      : log.carriedGames.within(query.after, query.through)
  ).filter(({ stream }) => !isReleased(stream))
  return { files, runs, pins: [...files, ...new Set(runs.map(({ file }) => file))] }
}

/** The records of these sources in order of position, those that were not asked for among them. */
export async function* recordsFrom({ files, runs }: Sources, disk: Disk): AsyncGenerator<EventsRecord> {
  if (runs.length === 0) return yield* recordsOfAll(files, disk)
  const heap = new PositionHeap<RecordSource>()
  const walk = await RecordSource.begin(uncovered(recordsOfAll(files, disk), runs))
  if (walk) heap.push(walk)
  for (let next = 0; ;) {
    const run = runs[next]
    if (run && run.firstPosition <= (heap.top?.position ?? Infinity)) {
      next++
      heap.push((await RecordSource.begin(recordsOfRun(run, disk)))!)
      continue
    }
    const { top } = heap
    if (top === undefined) return
    yield top.record
    await top.move()
    heap.settle()
  }
}

/** Whether a record is asked for. */
export const isAsked = (query: JournalQuery, { stream, firstPosition, count }: EventsRecord): boolean =>
  'stream' in query
    ? stream === query.stream
    : firstPosition <= query.through && firstPosition + count - 1 > query.after

/** One record in hand, and where the next comes from. */
class RecordSource implements Positioned {
  record: EventsRecord
  position: number
  readonly #records: AsyncIterator<EventsRecord>

  private constructor(records: AsyncIterator<EventsRecord>, first: EventsRecord) {
    this.#records = records
    this.record = first
    this.position = first.firstPosition
  }

  static async begin(records: AsyncIterator<EventsRecord>): Promise<RecordSource | undefined> {
    const first = await records.next()
    return first.done === true ? undefined : new RecordSource(records, first.value)
  }

  async move(): Promise<void> {
    const next = await this.#records.next()
    if (next.done !== true) this.record = next.value
    this.position = next.done === true ? Infinity : (next.value.firstPosition satisfies Position)
  }
}

async function* recordsOfRun(run: CarriedRun, disk: Disk): AsyncGenerator<EventsRecord> {
  yield* await readRun(disk, run)
}

/** Those that none of these runs has, too. */
async function* uncovered(
  records: AsyncIterable<EventsRecord>,
  runs: readonly CarriedRun[],
): AsyncGenerator<EventsRecord> {
  const ofGames = new Map<StreamId, CarriedRun[]>()
  for (const run of runs) {
    const others = ofGames.get(run.stream)
    if (others === undefined) ofGames.set(run.stream, [run])
    else others.push(run)
  }
  for await (const record of records) {
    const { stream, firstVersion, count } = record
    if (!areCovered(ofGames.get(stream) ?? [], firstVersion, firstVersion + count - 1)) yield record
  }
}

async function* recordsOfAll(files: readonly LogFile[], disk: Disk): AsyncGenerator<EventsRecord> {
  for (const file of files) yield* recordsOf(file, disk)
}

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
