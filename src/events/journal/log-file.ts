/**
 * One file of the log, `log-<id>.log`: a header, then frames up to `end`, then what reserves its space.
 *
 *     zeroed, synced  ->  header, frames  ->  sealed  ->  dropped  ->  removed
 *                           ^                                `->  header blanked, synced; renamed to a new id  --.
 *                           `--------------------------- another life of the same bytes on the disk  <-----------'
 *
 * A file is made ahead of need: zeroed over its whole length, synced, its name synced too. So a later sync only
 * overwrites: it does not wait for the file system's own journal (p99 0.8 ms against 11.7 ms as measured for the
 * design), and a full disk shows before a player's event meets it. Zeroing writes every byte of a log twice, so a file
 * that is dropped begins another life, where one is wanted. What its former life left in it never checks: frames and
 * records are bound to the file's id, and each life has its own. Its header is written, and synced, when its turn comes;
 * before that it has none. Once sealed it is only read; readers pin it, and a dropped file that is pinned is removed
 * when the last pin is gone.
 */
import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.js'
import { readAll, writeAll } from './disk.js'
import { encodeFileHeader, fileHeaderBytes } from './frame.js'

/** One piece of zeroing: long enough to be few, short enough not to hold up a commit on the same disk. */
const zeros = Buffer.alloc(256 * 1024)

/** So much is synced at a time: a commit on the same disk waits behind it (bench/journal.mjs: a third less at p99 than in one piece). */
const syncedBytesMax = 4 * 1024 * 1024

/** The name of a log file, padded so that names sort by age. */
export const logFileName = (id: number): string => `log-${String(id).padStart(8, '0')}.log`

/** The id in the name of a log file, or `undefined` where it is none. */
export const logFileId = (name: string): number | undefined => {
  const digits = /^log-(\d{8,})\.log$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export class LogFile {
  readonly id: number
  readonly path: string
  /** Open for writing, while it is the active or the spare file. */
  file: DiskFile | undefined
  /** Undefined until it is begun. */
  firstFrame: number | undefined
  /** One less than `firstFrame` while it has none. */
  lastFrame = 0
  /** Where the next frame goes: behind everything written. */
  end = fileHeaderBytes
  /** Bytes that are on the disk, whatever is in them: no frame is written beyond them. */
  reserved = 0
  /** Whether this opening has made it: then all that was ever written in it is of this format. */
  #isMadeHere = false
  /** Whether it was made of zeros: no former life left anything in it. */
  #isFresh = false
  firstPosition = 0
  lastPosition = 0
  isSealed = false
  /** 1 where it holds carried games: then it was written at one go, and is sealed. */
  generation: 0 | 1 = 0
  /** Of generation 1: where its index begins. */
  indexAt = 0
  #pins = 0
  #isDropped = false
  #isRemoved = false
  readonly #waiting: (() => void)[] = []

  constructor(directory: string, id: number) {
    this.id = id
    this.path = join(directory, logFileName(id))
  }

  /** Makes the file, zeroed and synced. Its name is not synced yet. */
  async prepare(disk: Disk, length: number): Promise<void> {
    this.file = await disk.open(this.path, 'create')
    this.#isMadeHere = this.#isFresh = true
    while (this.reserved < length) {
      await this.#zero(Math.min(length, this.reserved + syncedBytesMax))
      await this.file.sync()
    }
  }

  /** Whether it may begin another life, as a file of this length: nobody reads it, and nothing older is in it. */
  mayBeUsedAgain(length: number): boolean {
    return this.generation === 0 && this.#isMadeHere && this.reserved === length && this.#pins === 0
  }

  /**
   * Makes a dropped file this one. No manifest names either yet; its name is not synced. A crash on the way leaves one of
   * the two names, with a header or without, and the next opening removes it.
   */
  async takeOver(disk: Disk, dropped: LogFile): Promise<void> {
    this.file = await disk.open(dropped.path, 'write')
    // Without the header nobody takes its frames for living ones, whoever reads the directory without a manifest.
    await writeAll(this.file, zeros, fileHeaderBytes, 0)
    await this.file.sync()
    await disk.rename(dropped.path, this.path)
    this.reserved = dropped.reserved
    this.#isMadeHere = true
  }

  /** Makes all of a file that was not begun zeros, and syncs it, where a former life may have left something in it. */
  async wipe(): Promise<void> {
    if (this.#isFresh) return
    const length = this.reserved
    this.reserved = 0
    await this.#zero(length)
    await this.file!.sync()
    this.#isFresh = true
  }

  /** Makes room for frames of this length, in a file without frames. */
  reserve(frameBytes: number): Promise<void> {
    return this.#zero(fileHeaderBytes + frameBytes)
  }

  /** Writes and syncs a last frame, where there is room for it, and takes no more. */
  async seal(frame: Buffer): Promise<void> {
    // A file of an earlier format kept no room for it.
    if (this.end + frame.length <= this.reserved) {
      await writeAll(this.file!, frame, frame.length, this.end)
      await this.file!.sync()
      this.end += frame.length
      this.lastFrame++
    }
    this.isSealed = true
    await this.close()
  }

  async #zero(length: number): Promise<void> {
    while (this.reserved < length) {
      const count = Math.min(zeros.length, length - this.reserved)
      await writeAll(this.file!, zeros, count, this.reserved)
      this.reserved += count
    }
  }

  /** Opens a file of an earlier opening for writing. */
  async goOn(disk: Disk): Promise<void> {
    this.file = await disk.open(this.path, 'write')
    this.reserved = await this.file.size()
  }

  /** Writes and syncs the header: from now on it takes frames. */
  async begin(ledgerId: string, firstFrame: number): Promise<void> {
    const header = encodeFileHeader({ id: this.id, ledgerId, firstFrame, generation: 0 })
    await writeAll(this.file!, header, header.length, 0)
    await this.file!.sync()
    this.firstFrame = firstFrame
    this.lastFrame = firstFrame - 1
  }

  /** Widens the range of positions in it. 0 stands for none. */
  cover(firstPosition: number, lastPosition: number): void {
    if (this.firstPosition === 0) this.firstPosition = firstPosition
    if (lastPosition > 0) this.lastPosition = lastPosition
  }

  async close(): Promise<void> {
    const { file } = this
    this.file = undefined
    await file?.close()
  }

  /** All that is written in it, as one buffer, and its last frame. The caller holds a pin. */
  async readWritten(disk: Disk): Promise<{ bytes: Buffer; lastFrame: number }> {
    const { end, lastFrame } = this
    const bytes = Buffer.allocUnsafeSlow(end)
    const file = await disk.open(this.path, 'read')
    try {
      return { bytes: bytes.subarray(0, await readAll(file, bytes, end)), lastFrame }
    } finally {
      await file.close()
    }
  }

  pin(): void {
    this.#pins++
  }

  async unpin(disk: Disk): Promise<void> {
    if (--this.#pins === 0 && this.#isDropped) await this.#remove(disk)
  }

  /** No manifest names it any more: removed now, or when its last reader is done. */
  async drop(disk: Disk): Promise<void> {
    this.#isDropped = true
    if (this.#pins === 0) await this.#remove(disk)
  }

  /** Resolves when a dropped file is removed. */
  async untilRemoved(): Promise<void> {
    if (!this.#isRemoved) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #remove(disk: Disk): Promise<void> {
    await disk.remove(this.path)
    this.#isRemoved = true
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
