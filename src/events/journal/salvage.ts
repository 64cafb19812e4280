/**
 * Everything of a damaged journal that can still be trusted, and where something is missing.
 *
 *     log-3   | frame 10 | frame 11 | ######## | frame 13 | index |      log-4   (gone)
 *               records    records    single     records     witness
 *                                     records
 *
 * Whole frames are trusted. In a damaged stretch single records are (stretch.ts). A torn tail that nothing proves is no
 * damage: it is not looked at. The index at the end of a sealed file says which versions of which streams it held. One
 * file is in memory at a time; a record costs a row.
 */
import { crc32 } from 'node:zlib'
import { readWhole, type Disk } from './disk.js'
import { filesAsFound, filesByManifest, type ExpectedFile } from './expectation.js'
import { indexEntries, type IndexEntry } from './file-index.js'
import { firstLooks } from './first-look.js'
import { fileHeaderBytes, frameHeaderBytes, type Frame } from './frame.js'
import type { StreamId } from '../ids.js'
import type { CommittedRecord, EventsRecord, IntentRecord } from './journal.js'
import { indexPayloadAt, padded, rawRangeOf, recordHeaderBytes, recordLengthAt } from './record.js'
import { visitFrame } from './recovery.js'
import { searchStretch, type Stretch, type StretchFile } from './stretch.js'
import { witnessIn, type Witness } from './witness.js'

/** A whole events record, and where it lies. */
export interface FoundRecord {
  readonly stream: StreamId
  readonly firstVersion: number
  readonly count: number
  readonly firstPosition: number
  readonly isFinal: boolean
  /** Of its payload. */
  readonly crc: number
  readonly path: string
  /** With header and padding, the bytes at [start, end) of the file. */
  readonly start: number
  readonly end: number
  /** The number of its frame; 0 where that is damaged. */
  readonly frame: number
}

/** What is missing in a file. */
export interface FileDamage {
  /** Numbers of the first and last frame that is missing. 0 where they are not known. */
  readonly firstFrame: number
  readonly lastFrame: number
  /** Streams whose damaged records still tell their names. */
  readonly named: ReadonlySet<StreamId>
  /** Whether every record in it was found or named. */
  readonly isTold: boolean
}

/** One file of the journal, as far as it is there. */
export interface SalvagedFile {
  readonly id: number
  readonly generation: number
  readonly bytes: number
  readonly records: readonly FoundRecord[]
  readonly marks: readonly (IntentRecord | CommittedRecord)[]
  readonly index: readonly IndexEntry[] | undefined
  readonly damage: FileDamage | undefined
}

export interface Salvage extends Witness {
  readonly ledgerId: string | undefined
  /** Generation 0 first, in order. */
  readonly files: readonly SalvagedFile[]
  /** What stale copies of missing frames tell of: no more than names. */
  readonly told: readonly IndexEntry[]
  /** No file has an id from here on. */
  readonly nextFileId: number
  /** Of the largest file. */
  readonly fileBytesMax: number
}

const isLastLineFinal = ({ bytes, start, end }: EventsRecord): boolean => {
  const line = bytes.toString('utf8', Math.max(start, bytes.lastIndexOf(10, end - 2) + 1), end)
  if (!line.includes('"f":1')) return false
  return (JSON.parse(line) as { readonly f?: 1 }).f === 1
}

const foundRecord = (record: EventsRecord, path: string, frame: number): FoundRecord => {
  const { stream, firstVersion, count, firstPosition, bytes } = record
  const { start, end } = rawRangeOf(record)
  // Not the record's own: that holds the id of its file, too.
  const crc = crc32(bytes.subarray(start + recordHeaderBytes, end))
  const isFinal = isLastLineFinal(record)
  return { stream, firstVersion, count, firstPosition, isFinal, crc, path, start, end, frame }
}

/** Where no whole frame lies. */
const stretchesOf = (file: StretchFile, frames: readonly Frame[], isTailDamage: boolean): Stretch[] => {
  const { bytes } = file
  const stretches: Stretch[] = []
  let at = fileHeaderBytes
  for (const { start, end } of frames) {
    if (start > at) stretches.push(searchStretch(file, at, start, false))
    // An accident may have put a copy of a frame anywhere; what was written stands at multiples of 8.
    at = padded(end)
  }
  if (isTailDamage && at < bytes.length) stretches.push(searchStretch(file, at, bytes.length, true))
  return stretches
}

const damageOf = ({ missing, isRiddle }: ExpectedFile, stretches: readonly Stretch[]): FileDamage => {
  const frames = stretches.reduce((sum, stretch) => sum + stretch.frames, 0)
  return {
    firstFrame: missing[0] ?? 0,
    lastFrame: missing.at(-1) ?? 0,
    named: new Set(stretches.flatMap(({ named }) => [...named])),
    isTold: !isRiddle && frames === missing.length && stretches.every(({ isTiled }) => isTiled),
  }
}

const salvageFile = async (disk: Disk, file: ExpectedFile): Promise<SalvagedFile> => {
  const { id, generation, look, frames, missing } = file
  const records: FoundRecord[] = []
  const marks: (IntentRecord | CommittedRecord)[] = []
  let index: string | undefined
  const bytes = look === undefined ? Buffer.alloc(0) : await readWhole(disk, look.path)
  const path = look?.path ?? ''
  for (const frame of frames) {
    visitFrame(bytes, frame, path, (record) => {
      if (record.type === 'events') records.push(foundRecord(record, path, frame.number))
      else marks.push(record)
    })
    const at = frame.start + frameHeaderBytes
    index = indexPayloadAt(bytes, at, at + recordLengthAt(bytes, at, frame.end)) ?? index
  }
  const lastFound = frames.reduce((most, { number }) => Math.max(most, number), 0)
  const isTailDamage = (missing.at(-1) ?? 0) > lastFound
  const firstFrame = frames.reduce((least, { number }) => Math.min(least, number), missing[0] ?? Infinity)
  const stretches =
    missing.length > 0 ? stretchesOf({ bytes, id, generation, firstFrame }, frames, isTailDamage) : []
  for (const stretch of stretches) {
    for (const record of stretch.records) records.push(foundRecord(record, path, 0))
    marks.push(...stretch.marks)
    index ??= stretch.index
  }
  return {
    id,
    generation,
    bytes: bytes.length,
    records,
    marks,
    index: index === undefined ? undefined : indexEntries(index),
    damage: missing.length > 0 || file.isRiddle ? damageOf(file, stretches) : undefined,
  }
}

/** Streams of frames that are missing, as told by the copies that a restart left behind. */
const staleEntries = async (disk: Disk, files: readonly ExpectedFile[]): Promise<IndexEntry[]> => {
  const missing = new Set(files.flatMap((file) => (file.generation === 0 ? file.missing : [])))
  const entries: IndexEntry[] = []
  for (const { look, stale } of files) {
    const frames = stale.filter(({ number }) => missing.has(number))
    if (look === undefined || frames.length === 0) continue
    const bytes = await readWhole(disk, look.path)
    for (const frame of frames)
      visitFrame(bytes, frame, look.path, (record) => {
        if (record.type !== 'events') return
        const { stream, firstVersion, count } = record
        entries.push({ stream, firstVersion, lastVersion: firstVersion + count - 1 })
      })
  }
  return entries
}

/** Most files say so. */
const ledgerOf = (ids: readonly string[]): string | undefined => {
  const count = (id: string): number => ids.filter((one) => one === id).length
  return ids.toSorted((one, other) => count(other) - count(one))[0]
}

/** Reads a journal without changing it. @throws FormatTooNewError */
export const salvage = async (disk: Disk, directory: string): Promise<Salvage> => {
  const witness = await witnessIn(disk, directory)
  const looks = await firstLooks(disk, directory)
  const told = looks.flatMap(({ header }) => header?.ledgerId ?? [])
  const { manifest } = witness
  const ledgerId = manifest?.ledgerId ?? ledgerOf(told) ?? witness.hints.ledgerId
  const expected =
    manifest === undefined ? filesAsFound(looks, ledgerId ?? '') : filesByManifest(manifest, looks)
  const files: SalvagedFile[] = []
  for (const file of expected) files.push(await salvageFile(disk, file))
  return {
    ...witness,
    ledgerId,
    files,
    told: await staleEntries(disk, expected),
    nextFileId: Math.max(manifest?.nextFileId ?? 1, ...looks.map(({ id }) => id + 1)),
    fileBytesMax: Math.max(0, ...looks.map(({ bytes }) => bytes)),
  }
}
