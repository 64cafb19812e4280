/**
 * Which games lie in files of generation 1, and where: runs of records, a piece of one file each.
 *
 *     ttt/g1  [ versions 1 to 40: log-7, 900 bytes at 64 ]  [ 41 to 44: log-9, 120 bytes at 64 ]
 *
 * A run has the records of one game without a gap between their versions. Runs of one game need not follow each other:
 * what lies between them is in files of generation 0. Where a game was carried again as a whole, its newer run counts,
 * and the older one is dead, as are its records in generation 0: they wait for their files to go. Of what counts no two
 * runs overlap. In memory is a row a run.
 */
import type { Position, StreamId } from '../ids.js'
import { CorruptLogError } from './corrupt-log.js'
import { readAll, type Disk } from './disk.js'
import type { CarriedEntry } from './file-index.js'
import type { EventsRecord } from './journal.js'
import type { LogFile } from './log-file.js'
import { eventsRecordAt, padded } from './record.js'

/** Where some records of a game lie. */
export interface CarriedRun extends CarriedEntry {
  readonly file: LogFile
}

export class CarriedGames {
  /** Of each game in order of their versions. */
  readonly #runs = new Map<StreamId, CarriedRun[]>()
  readonly #ofFile = new Map<LogFile, readonly CarriedRun[]>()

  /** O(entries) */
  add(file: LogFile, entries: readonly CarriedEntry[]): void {
    const added = entries.map((entry) => runOf(entry, file))
    this.#ofFile.set(file, added)
    for (const run of added) {
      const runs = this.#runs.get(run.stream)
      this.#runs.set(run.stream, runs === undefined ? [run] : withRun(runs, run))
    }
  }

  /** A file is needed no more. */
  forget(file: LogFile): void {
    for (const run of this.#ofFile.get(file) ?? []) {
      const runs = this.#runs.get(run.stream)
      const at = runs?.indexOf(run) ?? -1
      if (runs === undefined || at < 0) continue
      if (runs.length === 1) this.#runs.delete(run.stream)
      else runs.splice(at, 1)
    }
    this.#ofFile.delete(file)
  }

  /** In order of their versions. O(1) */
  runsOf(stream: StreamId): readonly CarriedRun[] {
    return this.#runs.get(stream) ?? []
  }

  /** Whether runs hold all these versions of a game. O(its runs) */
  covers(stream: StreamId, firstVersion: number, lastVersion: number): boolean {
    return areCovered(this.runsOf(stream), firstVersion, lastVersion)
  }

  /** Those with a position in (after, through], in order of their first position. O(runs) */
  within(after: Position, through: Position): CarriedRun[] {
    const found: CarriedRun[] = []
    for (const runs of this.#runs.values())
      for (const run of runs) if (run.lastPosition > after && run.firstPosition <= through) found.push(run)
    return found.sort((one, other) => one.firstPosition - other.firstPosition)
  }

  /** Every game that has runs, with them. */
  entries(): IterableIterator<[StreamId, readonly CarriedRun[]]> {
    return this.#runs.entries()
  }
}

/** Whether runs of one game, in order, hold all these versions. */
export const areCovered = (
  runs: readonly CarriedRun[],
  firstVersion: number,
  lastVersion: number,
): boolean => {
  let next = firstVersion
  for (const run of runs) if (run.firstVersion <= next && run.lastVersion >= next) next = run.lastVersion + 1
  return next > lastVersion
}

const holds = (one: CarriedRun, other: CarriedRun): boolean =>
  one.firstVersion <= other.firstVersion && one.lastVersion >= other.lastVersion

/** The runs that count when `added` is there, too, which is as new as any of them: in order of their versions. */
const withRun = (runs: readonly CarriedRun[], added: CarriedRun): CarriedRun[] => {
  const kept = runs.filter((run) => !holds(added, run))
  if (!kept.some((run) => holds(run, added)))
    kept.splice(kept.findLastIndex((one) => one.firstVersion < added.firstVersion) + 1, 0, added)
  return kept
}

/** Field by field: a million objects of one shape, where a spread would make a shape for each. */
const runOf = (entry: CarriedEntry, file: LogFile): CarriedRun => ({
  stream: entry.stream,
  firstVersion: entry.firstVersion,
  lastVersion: entry.lastVersion,
  firstPosition: entry.firstPosition,
  lastPosition: entry.lastPosition,
  offset: entry.offset,
  length: entry.length,
  lastAt: entry.lastAt,
  isFinal: entry.isFinal,
  players: entry.players,
  note: entry.note,
  file,
})

/**
 * The records of a run, in order. One read, O(its length); every checksum is compared again.
 * @throws CorruptLogError where they are no longer as they were written
 */
export const readRun = async (disk: Disk, run: CarriedRun): Promise<EventsRecord[]> => {
  const { file, offset, length } = run
  const bytes = Buffer.allocUnsafeSlow(length)
  const handle = await disk.open(file.path, 'read')
  let found: number
  try {
    found = await readAll(handle, bytes, length, offset)
  } finally {
    await handle.close()
  }
  return recordsOfRun(bytes.subarray(0, found), run)
}

const recordsOfRun = (bytes: Buffer, run: CarriedRun): EventsRecord[] => {
  const { file, offset, length, stream, firstVersion, lastVersion, firstPosition, lastPosition } = run
  const records: EventsRecord[] = []
  let [at, version, position] = [0, firstVersion - 1, firstPosition - 1]
  while (at < length) {
    const record = eventsRecordAt(bytes, at, bytes.length)
    const isNext =
      record?.stream === stream && record.firstVersion === version + 1 && record.firstPosition > position
    if (!isNext) break
    records.push(record)
    version += record.count
    position = record.firstPosition + record.count - 1
    at = padded(record.end)
  }
  if (version !== lastVersion || position !== lastPosition || at !== length)
    throw new CorruptLogError({
      file: file.path,
      offset: offset + at,
      expected: `version ${version + 1} of ${stream}`,
      found: 'none that is whole',
      streams: [stream],
    })
  return records
}
