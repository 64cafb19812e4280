/**
 * A file of generation 1: carried games, written at one go, and read by its index.
 *
 *     header (generation 1) | frame [ g1: v1 v2 v3 | g2: v7 ] | frame [ g3 ... ] | frame [ index ]
 *                                     `- a run, whole records as they stood -'      ^ indexAt, in the manifest
 *
 * A run lies within one frame, so that one read gives it. Frames are numbered from 1 in each of these files; nothing
 * of it counts before a manifest names it, and then all of it is on the disk.
 */
import { CorruptLogError } from './corrupt-log.js'
import { readAll, writeAll, type Disk, type DiskFile } from './disk.js'
import { carriedEntries, carriedIndexFrame, type CarriedEntry } from './file-index.js'
import {
  decodeFileHeader,
  encodeFileHeader,
  fileHeaderBytes,
  frameAt,
  frameHeaderBytes,
  sealFrame,
} from './frame.js'
import type { Gathered } from './gathering.js'
import { LogFile } from './log-file.js'
import type { ManifestCarriedFile } from './manifest.js'
import { indexPayloadAt, recordLengthAt } from './record.js'

/** A frame ends with the game that fills it up to here: a small piece of work, and few frames a file. */
const frameBytes = 256 * 1024

/** The file that a manifest names. */
export const carriedFileOf = (
  directory: string,
  { id, lastFrame, indexAt, length }: ManifestCarriedFile,
): LogFile => {
  const file = new LogFile(directory, id)
  file.generation = 1
  file.isSealed = true
  file.firstFrame = 1
  file.lastFrame = lastFrame
  file.indexAt = indexAt
  file.end = length
  return file
}

/** How a file is written. */
export interface WritingOptions {
  /** Asked before each frame. */
  readonly isStopped?: () => boolean
  /** Where it is written, if not under its own name: for who renames it afterwards. */
  readonly path?: string
}

/** Makes, writes and syncs the file; its name is not synced yet. `undefined`: it was stopped, and is only half there. */
export const writeCarried = async (
  disk: Disk,
  target: LogFile,
  ledgerId: string,
  runs: readonly Gathered[],
  { isStopped = () => false, path = target.path }: WritingOptions = {},
): Promise<readonly CarriedEntry[] | undefined> => {
  const file = await disk.open(path, 'create')
  try {
    const header = encodeFileHeader({ id: target.id, ledgerId, firstFrame: 1, generation: 1 })
    await writeAll(file, header, header.length, 0)
    target.generation = 1
    target.isSealed = true
    target.firstFrame = 1
    target.end = fileHeaderBytes
    const entries: CarriedEntry[] = []
    while (entries.length < runs.length) {
      if (isStopped()) return undefined
      const frame = frameOf(runs, entries.length, target)
      await append(file, target, frame.bytes)
      entries.push(...frame.entries)
    }
    target.indexAt = target.end
    await append(file, target, carriedIndexFrame(entries, target.lastFrame + 1, target.id))
    await file.sync()
    return entries
  } finally {
    await file.close()
  }
}

const append = async (file: DiskFile, target: LogFile, frame: Buffer): Promise<void> => {
  await writeAll(file, frame, frame.length, target.end)
  target.end += frame.length
  target.lastFrame++
}

/** The next frame: whole runs, from `first` on. */
const frameOf = (
  runs: readonly Gathered[],
  first: number,
  target: LogFile,
): { readonly bytes: Buffer; readonly entries: readonly CarriedEntry[] } => {
  const entries: CarriedEntry[] = []
  let end = frameHeaderBytes
  let records = 0
  for (let next = first; next < runs.length && end < frameBytes; next++) {
    const { entry, length } = runs[next]!
    entries.push({ ...entry, offset: target.end + end, length })
    records += runs[next]!.records
    end += length
  }
  const bytes = Buffer.allocUnsafeSlow(end)
  entries.forEach(({ offset }, index) => runs[first + index]!.copy(bytes, offset - target.end))
  const number = target.lastFrame + 1
  sealFrame(bytes, end, { number, provenTo: number - 1, records }, target.id)
  return { bytes, entries }
}

/** The index of a file that a manifest names. Reads that, and the header. @throws CorruptLogError */
export const readCarriedIndex = async (
  disk: Disk,
  file: LogFile,
  ledgerId: string,
): Promise<CarriedEntry[]> => {
  const { header, index } = await readEnds(disk, file)
  const found = decodeFileHeader(header, file.path)
  const expected = `file ${file.id} of ledger ${ledgerId}, generation 1`
  if (found?.id !== file.id || found.ledgerId !== ledgerId || found.generation !== 1)
    throw new CorruptLogError({ file: file.path, offset: 0, expected, found: 'another header, or none' })
  const frame = frameAt(index, 0, file.id)
  const at = frameHeaderBytes
  const length = recordLengthAt(index, at, index.length)
  const isWhole = frame?.number === file.lastFrame && frame.end === index.length && length > 0
  const payload = isWhole ? indexPayloadAt(index, at, at + length) : undefined
  if (payload !== undefined) return carriedEntries(payload)
  throw new CorruptLogError({
    file: file.path,
    offset: file.indexAt,
    expected: 'an index of carried games',
    found: 'none that is whole',
  })
}

const readEnds = async (
  disk: Disk,
  file: LogFile,
): Promise<{ readonly header: Buffer; readonly index: Buffer }> => {
  const header = Buffer.alloc(fileHeaderBytes)
  const index = Buffer.alloc(Math.max(0, file.end - file.indexAt))
  try {
    const handle = await disk.open(file.path, 'read')
    try {
      await readAll(handle, header, header.length)
      await readAll(handle, index, index.length, file.indexAt)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const expected = 'a log file that the manifest names'
    throw new CorruptLogError({ file: file.path, offset: 0, expected, found: 'no such file' })
  }
  return { header, index }
}
