/**
 * Which games a damaged journal still has whole, and which it may have lost something of.
 *
 *     affected   a damaged record tells its name; or a version is missing between others, or in front of them, or one
 *                that the index of a file names; or an open batch of the archiver names a game that is not there
 *     possibly   damage that nothing tells of may have swallowed the newest records of any game that is not over and
 *                has no later record in the log
 *     intact     every other game, with all its records
 *
 * What tells of damage: names in damaged headers (then every record of it is known), the index of the file, or
 * positions: where those before and behind it follow each other, no event was in it.
 */
import { CorruptLogError, type DamageExtent } from './corrupt-log.js'
import type { Disk } from './disk.js'
import type { StreamId } from '../ids.js'
import type { IntentRecord } from './journal.js'
import { salvage, type FoundRecord, type Salvage, type SalvagedFile } from './salvage.js'

export interface Diagnosis extends DamageExtent {
  readonly salvage: Salvage
  /** The records of each game that is whole, in order of its versions, each once. */
  readonly intact: ReadonlyMap<StreamId, readonly FoundRecord[]>
  /** What was found of the games that are, or may be, affected. */
  readonly aside: ReadonlyMap<StreamId, readonly FoundRecord[]>
  /** Batches that were begun, without their `committed`. */
  readonly openIntents: readonly IntentRecord[]
  /** The highest position of an event that was found; 0 if there is none. */
  readonly lastPosition: number
}

/** Whether the archive holds a game: then nothing of it is needed here. */
export type IsArchived = (stream: StreamId) => boolean | Promise<boolean>

const nobody: IsArchived = () => false

/** What was found of one game. */
interface FoundGame {
  /** In order of their versions, each once. */
  readonly records: readonly FoundRecord[]
  readonly isWhole: boolean
  readonly lastVersion: number
}

const lastVersionOf = ({ firstVersion, count }: FoundRecord): number => firstVersion + count - 1
const lastPositionOf = ({ firstPosition, count }: FoundRecord): number => firstPosition + count - 1

/** Doubles, which carrying and restarting leave behind, are the same byte by byte. */
const isSame = (one: FoundRecord | undefined, other: FoundRecord): boolean =>
  one?.firstVersion === other.firstVersion &&
  one.count === other.count &&
  one.firstPosition === other.firstPosition &&
  one.crc === other.crc

const gameOf = (found: readonly FoundRecord[]): FoundGame => {
  const records: FoundRecord[] = []
  let isWhole = true
  let version = 0
  let position = 0
  for (const record of found.toSorted((one, other) => one.firstVersion - other.firstVersion)) {
    if (isSame(records.at(-1), record)) continue
    isWhole &&= record.firstVersion === version + 1 && record.firstPosition > position
    records.push(record)
    version = lastVersionOf(record)
    position = lastPositionOf(record)
  }
  return { records, isWhole, lastVersion: version }
}

/** Both ends of what is missing in a file of generation 0: positions that were found before and behind it. */
const endsOf = (file: SalvagedFile, { files, manifest }: Salvage): readonly [low: number, high: number] => {
  const { firstFrame, lastFrame } = file.damage!
  if (lastFrame === 0) return [-1, Infinity]
  let low = firstFrame === 1 ? 0 : -1
  let high = Infinity
  for (const { generation, records } of files) {
    if (generation !== 0) continue
    for (const record of records) {
      if (record.frame === 0) continue
      if (record.frame < firstFrame) low = Math.max(low, lastPositionOf(record))
      if (record.frame > lastFrame) high = Math.min(high, record.firstPosition)
    }
  }
  const isClosed = manifest !== undefined && manifest.closedAtFrame !== null
  return [low, high === Infinity && isClosed ? manifest.lastPosition + 1 : high]
}

/** Whether all positions between the ends are accounted for. */
const isCounted = (low: number, high: number, { files, manifest }: Salvage): boolean => {
  if (low < 0 || high === Infinity) return false
  const met = new Set<number>()
  for (const { records } of files)
    for (const { firstPosition, count } of records)
      for (let at = Math.max(firstPosition, low + 1); at < Math.min(firstPosition + count, high); at++)
        met.add(at)
  const lost = (manifest?.lost ?? []).reduce(
    (sum, { after, through }) => sum + Math.max(0, Math.min(through, high - 1) - Math.max(after, low)),
    0,
  )
  return met.size + lost >= high - low - 1
}

/** Games that may have lost their newest records by damage of which nothing tells. */
const mayHaveLost = (
  file: SalvagedFile,
  found: Salvage,
  games: ReadonlyMap<StreamId, FoundGame>,
): StreamId[] => {
  const [, high] = file.generation === 0 ? endsOf(file, found) : []
  const later = new Set<string>()
  for (const { id, generation, records } of found.files)
    if (generation === 0 && id > file.id) for (const { stream } of records) later.add(stream)
  const isSafe = (stream: StreamId, last: FoundRecord): boolean =>
    last.isFinal || (high === undefined ? later.has(stream) : lastPositionOf(last) >= high)
  return [...games].flatMap(([stream, { records }]) => (isSafe(stream, records.at(-1)!) ? [] : [stream]))
}

const isRiddle = (file: SalvagedFile, found: Salvage): boolean => {
  if (file.damage === undefined || file.damage.isTold || file.index !== undefined) return false
  // A file of generation 1 ends with its index: where that alone is missing, all games of it are there.
  if (file.generation === 1 && isIndexAlone(file, found)) return false
  return file.generation !== 0 || !isCounted(...endsOf(file, found), found)
}

const isIndexAlone = ({ id, damage }: SalvagedFile, { manifest }: Salvage): boolean => {
  const last = manifest?.carried.find((entry) => entry.id === id)?.lastFrame
  return last !== undefined && damage!.firstFrame === last
}

const openIntentsOf = ({ files, manifest }: Salvage): IntentRecord[] => {
  const closed = new Set(manifest?.settled)
  const open = new Map<number, IntentRecord>()
  const marks = files.flatMap((file) => file.marks)
  for (const mark of marks) if (mark.type === 'committed') closed.add(mark.batch)
  for (const mark of marks) if (mark.type === 'intent' && !closed.has(mark.batch)) open.set(mark.batch, mark)
  return [...open.values()].sort((one, other) => one.batch - other.batch)
}

const gamesOf = ({ files, manifest }: Salvage): Map<StreamId, FoundGame> => {
  const remnants = new Set(manifest?.remnants)
  const found = new Map<StreamId, FoundRecord[]>()
  for (const { records } of files)
    for (const record of records) {
      if (remnants.has(record.stream)) continue
      const of = found.get(record.stream)
      if (of === undefined) found.set(record.stream, [record])
      else of.push(record)
    }
  return new Map([...found].map(([stream, records]) => [stream, gameOf(records)]))
}

const affectedOf = (
  found: Salvage,
  games: ReadonlyMap<StreamId, FoundGame>,
  openIntents: readonly IntentRecord[],
): Set<StreamId> => {
  const remnants = new Set(found.manifest?.remnants)
  const affected = new Set<StreamId>()
  for (const [stream, { isWhole }] of games) if (!isWhole) affected.add(stream)
  const told = [...found.told]
  for (const { damage, index } of found.files) {
    for (const stream of damage?.named ?? []) affected.add(stream)
    if (damage !== undefined) told.push(...(index ?? []))
  }
  for (const { stream, lastVersion } of told)
    if ((games.get(stream)?.lastVersion ?? 0) < lastVersion) affected.add(stream)
  for (const { streams } of openIntents)
    for (const stream of streams) if (!games.has(stream)) affected.add(stream)
  for (const stream of remnants) affected.delete(stream)
  return affected
}

const without = async (streams: Iterable<StreamId>, isArchived: IsArchived): Promise<StreamId[]> => {
  const left: StreamId[] = []
  for (const stream of streams) if (!(await isArchived(stream))) left.push(stream)
  return left.sort()
}

/** Reads a journal and tells, without changing it. @throws FormatTooNewError */
export const diagnose = async (
  disk: Disk,
  directory: string,
  isArchived: IsArchived = nobody,
): Promise<Diagnosis> => {
  const found = await salvage(disk, directory)
  const games = gamesOf(found)
  const openIntents = openIntentsOf(found)
  const suspects = affectedOf(found, games, openIntents)
  const riddles = found.files.filter((file) => isRiddle(file, found))
  const candidates = new Set(riddles.flatMap((file) => mayHaveLost(file, found, games)))
  for (const stream of suspects) candidates.delete(stream)
  const affected = await without(suspects, isArchived)
  const possibly = await without(candidates, isArchived)
  const intact = new Map<StreamId, readonly FoundRecord[]>()
  const aside = new Map<StreamId, readonly FoundRecord[]>()
  const named = new Set([...affected, ...possibly])
  let lastPosition = 0
  for (const [stream, { records }] of games) {
    lastPosition = Math.max(lastPosition, lastPositionOf(records.at(-1)!))
    if (named.has(stream)) aside.set(stream, records)
    // What is left of an archived game is let go: the archive has it whole.
    else if (!(await isArchived(stream))) intact.set(stream, records)
  }
  const mayHideOthers = riddles.length > 0
  return { salvage: found, affected, possibly, mayHideOthers, intact, aside, openIntents, lastPosition }
}

/** The same refusal, telling how far the damage goes; any other error as it is. */
export const withExtent = async (error: unknown, disk: Disk, directory: string): Promise<unknown> => {
  if (!(error instanceof CorruptLogError)) return error
  try {
    const { file, offset, expected, found } = error
    return new CorruptLogError({ file, offset, expected, found, extent: await diagnose(disk, directory) })
  } catch {
    // A disk that cannot be read any further: the refusal itself says what there is to say.
    return error
  }
}
