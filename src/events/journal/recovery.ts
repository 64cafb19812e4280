/**
 * Reading the log back after a restart: every frame that was acknowledged, or a refusal.
 *
 * Files in order, frames in order, each number one more than the last. At the first bytes that are no such frame
 * there are two cases. If anything behind them *proves* that a frame was synced there (a later frame whose `provenTo`
 * covers it, the header of a later file, the manifest), acknowledged data is damaged: refuse. Else it is the torn
 * tail of the last group commit, which nobody was told of: drop it.
 *
 * The newest frames are proven by nothing. Their bytes may lie in the page cache alone (after a kill, or a failed
 * sync), so the next power cut could take them from under what is built on them. They are handed back as `unproven`,
 * to be written and synced once more, in a fresh file. A simulator found this for the design; see docs/formats/journal.md.
 */
import { join } from 'node:path'
import { CorruptLogError, FormatTooNewError } from './corrupt-log.js'
import { readAll } from './disk.js'
import {
  declaredEnd,
  decodeFileHeader,
  fileHeaderBytes,
  frameHeaderBytes,
  frameNumberAt,
  findFrame,
  frameAt,
  isFrameMagic,
  type FileHeader,
  type Frame,
} from './frame.js'
import type { StoredRecord } from './journal.js'
import { LogFile, logFileName } from './log-file.js'
import type { LogPlace } from './log.js'
import type { Manifest, ManifestFile } from './manifest.js'
import { decodeRecord, padded, recordKindAt, recordLengthAt } from './record.js'

/** A frame that must be written again: a copy of its bytes. */
export interface UnprovenFrame extends Pick<Frame, 'number' | 'records'> {
  readonly bytes: Buffer
  readonly file: LogFile
  readonly offset: number
}

/** What the walk calls: `visit` once for each record, in order, and `hold` where a record stands safely. */
export interface Finder {
  /** Before the records of some frames are visited. */
  prepare(bytes: Buffer, frames: readonly Frame[], path: string): Promise<void>
  visit(record: StoredRecord, path: string): void
  hold(record: StoredRecord, file: LogFile): void
}

/**
 * How much of a torn frame is left at `at`, as its header tells: 0 where no header of it is there. Behind it may stand
 * what a former life of the file wrote.
 */
const tornBytes = (bytes: Buffer, at: number, number: number): number => {
  if (!isFrameMagic(bytes, at) || frameNumberAt(bytes, at) !== number) return 0
  let end = Math.min(bytes.length, declaredEnd(bytes, at))
  while (end > at && bytes[end - 1] === 0) end--
  return end - at
}

/** The records of a checked frame. @throws CorruptLogError, FormatTooNewError */
export const visitFrame = (
  bytes: Buffer,
  frame: Pick<Frame, 'start' | 'end' | 'records'>,
  path: string,
  visit: (record: StoredRecord) => void,
): void => {
  let at = frame.start + frameHeaderBytes
  for (let left = frame.records; left > 0; left--) {
    const length = recordLengthAt(bytes, at, frame.end)
    if (length === 0)
      throw new CorruptLogError({ file: path, offset: at, expected: 'a record', found: 'none' })
    const records = decodeRecord(bytes, at, at + length)
    // The frame's checksum holds: these bytes are as somebody meant them.
    if (records === undefined) throw new FormatTooNewError(path, `records of kind ${recordKindAt(bytes, at)}`)
    for (const record of records) visit(record)
    at += padded(length)
  }
}

/** One walk over the files that a manifest names. */
export class Recovery {
  readonly #place: LogPlace
  readonly #manifest: Manifest
  readonly #finder: Finder
  readonly files: LogFile[] = []
  spare: LogFile | undefined
  unproven: UnprovenFrame[] = []
  droppedBytes = 0
  lastFrame: number
  /** The highest frame of which something says that it was synced. */
  proven: number
  #buffer = Buffer.alloc(0)
  /** Where the walk of the file before met bytes that are no frame, if it did. */
  #loose: { readonly file: string; readonly offset: number } | undefined

  constructor(place: LogPlace, manifest: Manifest, finder: Finder) {
    this.#place = place
    this.#manifest = manifest
    this.#finder = finder
    this.proven = manifest.closedAtFrame ?? 0
    this.lastFrame = (manifest.files[0]?.firstFrame ?? 1) - 1
  }

  async run(): Promise<void> {
    for (const entry of this.#manifest.files) await this.#readFile(entry)
    const { closedAtFrame } = this.#manifest
    if (closedAtFrame !== null && this.files.length > 0 && this.lastFrame !== closedAtFrame)
      this.#refuse(
        this.#loose ?? { file: this.files.at(-1)!.path, offset: 0 },
        `frame ${closedAtFrame}`,
        `frame ${this.lastFrame}`,
      )
  }

  async #readFile(entry: ManifestFile): Promise<void> {
    const { directory } = this.#place
    const path = join(directory, logFileName(entry.id))
    const bytes = await this.#load(path)
    const header = decodeFileHeader(bytes, path)
    const file = new LogFile(directory, entry.id)
    if (header === undefined) return this.#takeSpare(entry, file, bytes)
    this.#checkHeader(entry, header, file)
    const frames = this.#walk(entry, file, bytes)
    this.files.push(file)
    await this.#finder.prepare(bytes, frames, path)
    this.#visit(frames, file, bytes)
  }

  /** Without a header it holds nothing: a header is synced before the first frame. */
  #takeSpare(entry: ManifestFile, file: LogFile, bytes: Buffer): void {
    const frame = findFrame(bytes, 0, entry.id)
    if (entry.firstFrame !== null || frame !== undefined)
      this.#refuse({ file: file.path, offset: 0 }, 'the header of a log file', 'none')
    this.spare = file
  }

  #checkHeader(entry: ManifestFile, header: FileHeader, file: LogFile): void {
    const { ledgerId, files } = this.#manifest
    const expected = `file ${entry.id} of ledger ${ledgerId}`
    if (header.id !== entry.id || header.ledgerId !== ledgerId)
      this.#refuse({ file: file.path, offset: 0 }, expected, `file ${header.id} of ledger ${header.ledgerId}`)
    const before = files[files.indexOf(entry) - 1]
    const isGapTold = before === undefined || (before.lastFrame !== null && entry.firstFrame !== null)
    const first = isGapTold ? (entry.firstFrame ?? header.firstFrame) : this.lastFrame + 1
    if (header.firstFrame !== first || (entry.firstFrame !== null && entry.firstFrame !== first))
      this.#refuse(
        this.#loose ?? { file: file.path, offset: 32 },
        `frame ${first}`,
        `a file that begins with frame ${header.firstFrame}`,
      )
    file.firstFrame = first
    file.lastFrame = this.lastFrame = first - 1
    this.#prove(first - 1)
    this.#settle()
  }

  #walk(entry: ManifestFile, file: LogFile, bytes: Buffer): Frame[] {
    const frames: Frame[] = []
    const stop = entry.lastFrame ?? this.#manifest.closedAtFrame ?? Infinity
    let at = fileHeaderBytes
    while (this.lastFrame < stop) {
      const frame = frameAt(bytes, at, entry.id)
      if (frame?.number !== this.lastFrame + 1) break
      frames.push(frame)
      this.lastFrame = frame.number
      this.#prove(frame.provenTo)
      at = frame.end
    }
    file.end = at
    file.lastFrame = this.lastFrame
    file.isSealed = entry.lastFrame !== null
    if (entry.lastFrame !== null) this.#prove(entry.lastFrame)
    if (this.lastFrame < stop) this.#lookAhead(file, bytes, at)
    else this.#loose = undefined
    return frames
  }

  /** Bytes that are no frame begin at `at`: damage, or the end? */
  #lookAhead(file: LogFile, bytes: Buffer, at: number): void {
    const missing = this.lastFrame + 1
    let proof: Frame | undefined
    for (proof = findFrame(bytes, at, file.id); proof; proof = findFrame(bytes, proof.start + 1, file.id))
      if (proof.provenTo >= missing) break
    if (proof !== undefined || this.proven >= missing) {
      const found = proof ? `damage, and behind it frame ${proof.number}, which says it was synced` : 'none'
      this.#refuse({ file: file.path, offset: at }, `frame ${missing}`, found)
    }
    this.#loose = { file: file.path, offset: at }
    this.droppedBytes += tornBytes(bytes, at, missing)
  }

  #visit(frames: readonly Frame[], file: LogFile, bytes: Buffer): void {
    for (const frame of frames) {
      const isProven = frame.number <= this.proven
      visitFrame(bytes, frame, file.path, (record) => {
        this.#finder.visit(record, file.path)
        if (isProven) this.#finder.hold(record, file)
        if (record.type === 'events')
          file.cover(record.firstPosition, record.firstPosition + record.count - 1)
      })
      if (isProven) continue
      const copy = Buffer.from(bytes.subarray(frame.start, frame.end))
      this.unproven.push({
        number: frame.number,
        records: frame.records,
        bytes: copy,
        file,
        offset: frame.start,
      })
    }
  }

  /** Frames at the end of one file may be proven by the next. */
  #settle(): void {
    for (const { number, bytes, records, file } of this.unproven)
      if (number <= this.proven)
        visitFrame(bytes, { start: 0, end: bytes.length, records }, file.path, (record) =>
          this.#finder.hold(record, file),
        )
    this.unproven = this.unproven.filter(({ number }) => number > this.proven)
  }

  #prove(frame: number): void {
    this.proven = Math.max(this.proven, frame)
  }

  async #load(path: string): Promise<Buffer> {
    const file = await this.#open(path)
    try {
      const size = await file.size()
      if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size)
      return this.#buffer.subarray(0, await readAll(file, this.#buffer, size))
    } finally {
      await file.close()
    }
  }

  async #open(path: string) {
    try {
      return await this.#place.disk.open(path, 'read')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return this.#refuse({ file: path, offset: 0 }, 'a log file that the manifest names', 'no such file')
    }
  }

  #refuse(where: { file: string; offset: number }, expected: string, found: string): never {
    throw new CorruptLogError({ ...where, expected, found })
  }
}
