/**
 * All log files of a directory as they are, whoever names them: headers, and frames that are whole.
 *
 * A file is known by the id in its header, since its name may be another one's; without a whole header by its name, and so
 * where the header is that of another file: one that stands there under its own name, or one of which nothing else is in
 * it, while there is something of the file that it is named after. Frames and records are bound to that id, so those of
 * one file are never taken for those of another.
 */
import { join } from 'node:path'
import { readWhole, type Disk } from './disk.js'
import {
  decodeFileHeader,
  fileHeaderBytes,
  fileMagic,
  findFrame,
  frameHeaderBytes,
  type FileHeader,
  type Frame,
} from './frame.js'
import { logFileId } from './log-file.js'
import { indexPayloadAt, isRecordWhole, recordFileIdAt, recordHeaderBytes } from './record.js'

/** One file, without its bytes. */
export interface FirstLook {
  readonly path: string
  readonly id: number
  readonly bytes: number
  /** Undefined where it is damaged, or was never written. */
  readonly header: FileHeader | undefined
  /** Whole, in order of place. */
  readonly frames: readonly Frame[]
  /** Format of the file; 0 where its header is damaged. */
  readonly major: number
  /** Whether its last whole frame is an index. */
  readonly isSealedByIndex: boolean
}

const framesIn = (bytes: Buffer, id: number): Frame[] => {
  const frames: Frame[] = []
  for (let at = findFrame(bytes, fileHeaderBytes, id); at; at = findFrame(bytes, at.end, id)) frames.push(at)
  return frames
}

/** Whether anything that is whole says that it was written to the file of this id. O(bytes) */
const hasAnythingOf = (bytes: Buffer, id: number): boolean => {
  if (findFrame(bytes, fileHeaderBytes, id)) return true
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= bytes.length; at += 8)
    if (recordFileIdAt(bytes, at) === id && isRecordWhole(bytes, at, bytes.length)) return true
  return false
}

/** The header, where it is that of this file. */
const ownHeader = (
  path: string,
  named: number,
  bytes: Buffer,
  owned: ReadonlySet<number>,
): FileHeader | undefined => {
  const told = decodeFileHeader(bytes, path)
  if (told === undefined || told.id === named) return told
  if (owned.has(told.id)) return undefined
  return hasAnythingOf(bytes, named) && !hasAnythingOf(bytes, told.id) ? undefined : told
}

const lookAt = (path: string, named: number, bytes: Buffer, owned: ReadonlySet<number>): FirstLook => {
  const header = ownHeader(path, named, bytes, owned)
  const id = header?.id ?? named
  const frames = framesIn(bytes, id)
  const last = frames.at(-1)
  const payload = last && indexPayloadAt(bytes, last.start + frameHeaderBytes, last.end)
  const major = header === undefined ? 0 : bytes.readUInt16LE(8)
  return { path, id, bytes: bytes.length, header, frames, major, isSealedByIndex: payload !== undefined }
}

/** Ids that a file has both by its name and by its header. A header elsewhere that says the same is not that file's own. */
const ownedIds = async (
  disk: Disk,
  directory: string,
  names: readonly string[],
): Promise<ReadonlySet<number>> => {
  const owned = new Set<number>()
  for (const name of names) {
    const id = logFileId(name)
    if (id === undefined) continue
    const path = join(directory, name)
    if (decodeFileHeader(await readWhole(disk, path), path)?.id === id) owned.add(id)
  }
  return owned
}

/** Reads every file, one after the other; log files twice, since the first time is for their headers. @throws FormatTooNewError */
export const firstLooks = async (disk: Disk, directory: string): Promise<FirstLook[]> => {
  const looks: FirstLook[] = []
  const names = await disk.list(directory)
  const owned = await ownedIds(disk, directory, names)
  for (const name of names) {
    const path = join(directory, name)
    const bytes = await readWhole(disk, path)
    const named = logFileId(name)
    const isLogFile = bytes.subarray(0, fileMagic.length).equals(fileMagic) && !name.endsWith('.repair')
    if (named !== undefined || isLogFile) looks.push(lookAt(path, named ?? 0, bytes, owned))
  }
  return looks
}
