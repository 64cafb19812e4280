/**
 * Writing a file of generation 1, at one go: header, frames of whole runs, index, sync.
 *
 *     header | frame: g1 v3 v4, g2 v1 | frame: g3 v9 ... | index
 *
 * Whoever writes one puts it into a manifest afterwards; until then nobody knows it.
 */
import { writeAll, type Disk, type DiskFile } from './disk.js'
import { carriedIndexFrame, type CarriedEntry } from './file-index.js'
import { encodeFileHeader, fileHeaderBytes, frameHeaderBytes, sealFrame } from './frame.js'
import type { Gathered } from './gathering.js'
import type { LogFile } from './log-file.js'

/** A frame ends with the game that fills it up to here: a small piece of work, and few frames a file. */
const frameBytes = 256 * 1024

/** Writes and syncs `target` at `path`; says where each run lies. `undefined`: it was stopped. */
export const writeCarriedFile = async (
  disk: Disk,
  path: string,
  target: LogFile,
  ledgerId: string,
  runs: readonly Gathered[],
  isStopped: () => boolean,
): Promise<readonly CarriedEntry[] | undefined> => {
  const file = await disk.open(path, 'create')
  try {
    const entries = await writeRuns(file, target, ledgerId, runs, isStopped)
    if (entries !== undefined) await file.sync()
    return entries
  } finally {
    await file.close()
  }
}

const writeRuns = async (
  file: DiskFile,
  target: LogFile,
  ledgerId: string,
  runs: readonly Gathered[],
  isStopped: () => boolean,
): Promise<readonly CarriedEntry[] | undefined> => {
  const header = encodeFileHeader({ id: target.id, ledgerId, firstFrame: 1, generation: 1 })
  await writeAll(file, header, header.length, 0)
  target.generation = 1
  target.isSealed = true
  target.firstFrame = 1
  target.end = fileHeaderBytes
  const entries: CarriedEntry[] = []
  for (let next = 0; next < runs.length;) {
    if (isStopped()) return undefined
    const frame = frameOf(runs, next, target)
    await writeAll(file, frame.bytes, frame.bytes.length, target.end)
    target.end += frame.bytes.length
    entries.push(...frame.entries)
    next += frame.entries.length
  }
  const index = carriedIndexFrame(entries, ++target.lastFrame, target.id)
  target.indexAt = target.end
  await writeAll(file, index, index.length, target.end)
  target.end += index.length
  return entries
}

/** The next frame of a file: whole runs, from `first` on. */
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
  const number = ++target.lastFrame
  sealFrame(bytes, end, { number, provenTo: number - 1, records }, target.id)
  return { bytes, entries }
}
