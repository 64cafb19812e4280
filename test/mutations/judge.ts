/**
 * Holds what a mutated journal gives against the truth.
 *
 *     opened    exactly what was acknowledged; without a proper close the newest frames may be gone, where nothing that
 *               is left proves that they were synced
 *     refused   file and offset are said, the bytes are as they were, and every game that is not whole is named
 *     repaired  it opens; games that were named are gone as a whole, all others are there as a whole
 */
import { CorruptLogError, repairJournal, type Position, type RepairReport } from 'gameledger'
import { FormatTooNewError } from '../../dist/events/journal/corrupt-log.js'
import { decodeFileHeader, findFrame } from '../../dist/events/journal/frame.js'
import type { EventsRecord } from '../../dist/events/journal/journal.js'
import { logFileId } from '../../dist/events/journal/log-file.js'
import {
  decodeRecord,
  eventsRecordAt,
  isRecordWhole,
  recordFileIdAt,
  recordHeaderBytes,
  recordLengthAt,
} from '../../dist/events/journal/record.js'
import type { Life } from './life.js'
import type { Mutant } from './mutation.js'
import { directory, noLock, open, shown } from './opening.js'
import { PlainDisk, type Image } from './plain-disk.js'

/** The journal broke its word. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

export interface Verdict {
  readonly outcome: 'whole' | 'tail-dropped' | 'refused' | 'too-new'
  /** Games that a repair set aside, and how many of them were whole, as the truth knows. */
  readonly setAside: number
  readonly setAsideWhole: number
  readonly isAnyUnnamed: boolean
}

const demand = (isTrue: boolean, what: string): void => {
  if (!isTrue) throw new Violation(what)
}

const isSameImage = (one: Image, other: Image): boolean =>
  one.size === other.size && [...one].every(([name, bytes]) => other.get(name)?.equals(bytes) === true)

interface Found {
  readonly games: ReadonlyMap<string, readonly string[]>
  readonly intents: ReadonlyMap<number, string>
  readonly quarantined: readonly string[]
  readonly nextPosition: number
}

/** Opens, and reads every record. @throws what opening and reading throw */
const read = async (disk: PlainDisk): Promise<Found> => {
  const { journal, recovery, intents, visited } = await open(disk)
  try {
    const games = new Map<string, string[]>()
    const positions = new Set<number>()
    const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
    const lines: string[] = []
    let last = 0
    for await (const record of journal.read(all)) {
      demand(record.firstPosition > last, `position ${record.firstPosition} is read behind ${last}`)
      last = record.firstPosition + record.count - 1
      lines.push(shown(record))
      const of = games.get(record.stream) ?? []
      games.set(record.stream, of)
      of.push(shown(record))
      demand(!positions.has(record.firstPosition), `position ${record.firstPosition} is there twice`)
      positions.add(record.firstPosition)
    }
    const known = new Set(lines)
    demand(
      visited.every((line) => known.has(line)),
      'recovery gave what reading does not give',
    )
    for (const { stream, version } of recovery.asleep)
      demand(versionOf(games.get(stream)) === version, `${stream} sleeps at version ${version}`)
    const text = '{"v":1,"t":1,"e":{"type":"New"}}\n'
    const bytes = Buffer.from(text)
    const record: EventsRecord = {
      type: 'events',
      stream: 'ttt/next',
      firstVersion: 1,
      count: 1,
      firstPosition: 0 as Position,
      bytes,
      start: 0,
      end: bytes.length,
    }
    journal.append(record)
    const nextPosition = record.firstPosition
    return { games, intents, quarantined: recovery.quarantined ?? [], nextPosition }
  } finally {
    await journal.close()
  }
}

const versionOf = (records: readonly string[] | undefined): number =>
  (records ?? []).reduce((sum, line) => sum + line.split('\n').length - 1, 0)

const positionOf = (line: string): number => Number(/ @(\d+) /.exec(line)![1])

/** The highest frame of which something that is left says that it was synced. */
const provenBy = (image: Image): number => {
  let proven = 0
  for (const [name, bytes] of image) {
    if (!name.endsWith('.log')) continue
    const header = decodeFileHeader(bytes, name)
    if (header === undefined || header.generation !== 0) continue
    proven = Math.max(proven, header.firstFrame - 1)
    for (let frame = findFrame(bytes, 64, header.id); frame; frame = findFrame(bytes, frame.end, header.id))
      proven = Math.max(proven, frame.provenTo)
  }
  return proven
}

/** The frame of generation 0 of which this is true; 0 where it is true of none. */
const frameWith = (image: Image, isIt: (bytes: Buffer, start: number, end: number) => boolean): number => {
  for (const [name, bytes] of image) {
    const header = name.endsWith('.log') ? decodeFileHeader(bytes, name) : undefined
    if (header === undefined || header.generation !== 0) continue
    for (let frame = findFrame(bytes, 64, header.id); frame; frame = findFrame(bytes, frame.end, header.id))
      if (isIt(bytes, frame.start, frame.end)) return frame.number
  }
  return 0
}

const frameOfPosition = (image: Image, position: number): number =>
  frameWith(image, (bytes, start, end) =>
    [...recordsIn(bytes, start, end)].some(({ firstPosition }) => firstPosition === position),
  )

const frameOfIntent = (image: Image, batch: number): number =>
  frameWith(image, (bytes, start, end) => intentsIn(bytes, start, end, batch) > 0)

function* recordsIn(bytes: Buffer, start: number, end: number): Generator<EventsRecord> {
  for (let at = start; at < end; at += 8) {
    const record = eventsRecordAt(bytes, at, end)
    if (record) yield record
  }
}

/** How often the intent of a batch stands in these bytes. */
const intentsIn = (bytes: Buffer, from: number, to: number, batch: number): number => {
  let found = 0
  for (let at = from; at < to; at += 8) {
    const end = at + recordLengthAt(bytes, at, to)
    const [mark] = isRecordWhole(bytes, at, to) ? (decodeRecord(bytes, at, end) ?? []) : []
    if (mark?.type === 'intent' && mark.batch === batch) found++
  }
  return found
}

/** Of all files: a restart may leave a copy that no longer counts. What a former life of a file left is not there. */
const intentsOf = (image: Image, batch: number): number =>
  [...image].reduce(
    (sum, [name, bytes]) => sum + intentsIn(inPresentLife(name, bytes), 64, bytes.length, batch),
    0,
  )

/** The bytes of a file, with zeros for records that are not of its present life. */
const inPresentLife = (name: string, bytes: Buffer): Buffer => {
  const header = decodeFileHeader(bytes, name)
  const id = header?.id ?? logFileId(name)
  if (id === undefined || header?.generation === 1) return bytes
  const present = Buffer.from(bytes)
  for (let at = 64; at < bytes.length; at += 8) {
    const end = at + recordLengthAt(bytes, at, bytes.length)
    const isOld = end > at && isRecordWhole(bytes, at, bytes.length) && recordFileIdAt(bytes, at) !== 0
    if (isOld && recordFileIdAt(bytes, at) !== id) present.fill(0, at, at + recordHeaderBytes)
  }
  return present
}

/** Streams of which a whole record is left. */
const streamsIn = (image: Image): Set<string> => {
  const streams = new Set<string>()
  for (const [name, bytes] of image)
    if (name.endsWith('.log'))
      for (const { stream } of recordsIn(inPresentLife(name, bytes), 64, bytes.length)) streams.add(stream)
  return streams
}

const isEqual = (one: readonly string[] = [], other: readonly string[] = []): boolean =>
  one.length === other.length && one.every((line, at) => line === other[at])

/** The first position that is gone though nobody was told; undefined where all is there. @throws Violation */
const droppedTail = (
  life: Life,
  mutant: Mutant,
  found: Found,
  but: ReadonlySet<string>,
): number | undefined => {
  let first = Infinity
  let last = 0
  for (const [stream, truth] of life.live) {
    if (but.has(stream)) continue
    const records = found.games.get(stream) ?? []
    demand(
      isEqual(records, truth.slice(0, records.length)),
      `WRONG DATA: ${stream} reads otherwise than it was written`,
    )
    if (records.length > 0) last = Math.max(last, positionOf(records.at(-1)!))
    if (records.length < truth.length) first = Math.min(first, positionOf(truth[records.length]!))
  }
  if (first === Infinity) return undefined
  demand(!life.isClosed, `MISSING DATA: position ${first} is gone from a journal that was closed properly`)
  demand(last < first, `MISSING DATA: position ${first} is gone, ${last} is there`)
  const frame = frameOfPosition(life.image, first)
  demand(
    frame > provenBy(mutant.image),
    `MISSING DATA: position ${first} of frame ${frame} is gone, which is proven`,
  )
  return first
}

const judgeFound = (
  life: Life,
  mutant: Mutant,
  found: Found,
  but: ReadonlySet<string>,
): 'whole' | 'tail-dropped' => {
  const dropped = droppedTail(life, mutant, found, but)
  for (const [stream, records] of found.games) {
    if (life.live.has(stream)) continue
    const truth = life.released.get(stream)
    demand(truth !== undefined, `WRONG DATA: ${stream} never was`)
    demand(isEqual(records, truth), `WRONG DATA: ${stream} was released, and is there in part`)
  }
  if (dropped !== undefined) return 'tail-dropped'
  demand(found.nextPosition > life.lastPosition, `position ${found.nextPosition} is given a second time`)
  for (const [batch, streams] of life.intents) {
    const left = streams.split(' ').filter((stream) => !but.has(stream))
    const isThere = found.intents.get(batch) === left.join(' ') || left.length === 0
    const isDestroyed = intentsOf(mutant.image, batch) < intentsOf(life.image, batch)
    const isTail = !life.isClosed && frameOfIntent(life.image, batch) > provenBy(mutant.image)
    demand(isThere || isDestroyed || isTail, `the intent of batch ${batch} is gone`)
  }
  return 'whole'
}

/** What is there after a repair. */
const judgeRepaired = async (
  life: Life,
  mutant: Mutant,
  named: ReadonlySet<string>,
): Promise<{ setAside: number; setAsideWhole: number; isAnyUnnamed: boolean }> => {
  const disk = PlainDisk.of(directory, mutant.image)
  const isArchived = (stream: string): boolean => life.released.has(stream)
  const options = { disk, lock: noLock, isArchived }
  const dry = await repairJournal(directory, { ...options, dryRun: true })
  demand(isSameImage(disk.imageOf(directory), mutant.image), 'a dry run changed something')
  const report: RepairReport = await repairJournal(directory, options)
  demand(report.isRepaired && !dry.isRepaired && !report.isWhole, 'a refused journal is said to be whole')
  const aside = new Set([...report.affected, ...report.possibly])
  for (const stream of aside)
    demand(named.has(stream), `${stream} was set aside and not named by the refusal`)
  demand(isSameImage(disk.imageOf(report.copy), mutant.image), 'the copy is not what was there')
  const found = await read(disk)
  demand(isEqual(found.quarantined, [...aside].sort()), 'the manifest names other games than were set aside')
  const left = streamsIn(mutant.image)
  const unnamed = [...life.live.keys()].filter(
    (stream) => report.mayHideOthers && !aside.has(stream) && !found.games.has(stream) && !left.has(stream),
  )
  for (const stream of aside) demand(!found.games.has(stream), `${stream} is set aside and there`)
  judgeFound(life, mutant, found, new Set([...aside, ...unnamed]))
  const again = await repairJournal(directory, options)
  demand(again.isWhole, 'a second repair finds something to do')
  const wholeAside = [...aside].filter((stream) => {
    const truth = life.live.get(stream)
    return truth !== undefined && truth.every((line) => isLeft(mutant.image, line))
  })
  return { setAside: aside.size, setAsideWhole: wholeAside.length, isAnyUnnamed: unnamed.length > 0 }
}

/** Whether the lines of a record still stand somewhere, byte by byte. */
const isLeft = (image: Image, line: string): boolean => {
  const lines = Buffer.from(line.slice(line.indexOf('{')), 'latin1')
  return [...image.values()].some((bytes) => bytes.includes(lines))
}

/** @throws Violation */
export const judge = async (life: Life, mutant: Mutant): Promise<Verdict> => {
  const disk = PlainDisk.of(directory, mutant.image)
  const nothing = { setAside: 0, setAsideWhole: 0, isAnyUnnamed: false }
  let found: Found
  try {
    found = await read(disk)
  } catch (error) {
    if (error instanceof FormatTooNewError) return { outcome: 'too-new', ...nothing }
    if (!(error instanceof CorruptLogError)) throw error
    demand(error.file.startsWith(directory) && error.offset >= 0, 'a refusal says no file and offset')
    const isRefusedWhileReading = !error.message.includes('not opened')
    if (!isRefusedWhileReading)
      demand(isSameImage(disk.imageOf(directory), mutant.image), 'a refusal changed something')
    const named = new Set([...error.streams, ...error.possibly])
    // While reading, the first damaged game is named; a dry run names them all.
    if (isRefusedWhileReading) {
      const options = { disk: PlainDisk.of(directory, mutant.image), lock: noLock, dryRun: true }
      const { affected, possibly } = await repairJournal(directory, options)
      for (const stream of error.streams)
        demand(affected.includes(stream), `${stream} is not named, though ${error.message}`)
      for (const stream of [...affected, ...possibly]) named.add(stream)
    }
    return { outcome: 'refused', ...(await judgeRepaired(life, mutant, named)) }
  }
  return { outcome: judgeFound(life, mutant, found, new Set()), ...nothing }
}
