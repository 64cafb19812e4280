/**
 * Room for one more manifest on a disk that has none: a file of zeros, given up for it.
 *
 *     BALLAST, zeroed and synced  -- a manifest meets no room -->  removed; the manifest is saved
 *                                 <-- there is room again -------  made anew
 *
 * What is over leaves the journal by a manifest that does not name its files. Where another program has taken the last
 * byte no manifest could be written, so nothing would ever be dropped, and nothing free itself. The ballast breaks
 * that circle; the files that are dropped then are larger than it is. It holds nothing: a crash may leave it whole,
 * in part or not at all.
 */
import { join } from 'node:path'
import { writeAll, type Disk } from './disk.js'

const name = 'BALLAST'
/** 64 KiB: a manifest that names some hundred files and remnants, CURRENT, and a block for their names. */
const bytesMin = 64 * 1024
/** Of a log file. 16 MiB make 1 MiB: ten thousand remnants, and no burden. */
const share = 16

/** How large the ballast of a journal with log files of this length is. */
export const ballastBytes = (logFileBytesMax: number): number =>
  Math.max(bytesMin, Math.ceil(logFileBytesMax / share))

export class Ballast {
  readonly #disk: Disk
  readonly #directory: string
  readonly #path: string
  /** How large it is to be. */
  readonly bytes: number
  #isThere = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, directory: string, logFileBytesMax: number) {
    this.#disk = disk
    this.#directory = directory
    this.#path = join(directory, name)
    this.bytes = ballastBytes(logFileBytesMax)
  }

  /** Makes it, where it is missing. @throws the disk's error; then no part of it stays */
  keep(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isThere) return
      if (!(await this.#isWhole())) await this.#make()
      this.#isThere = true
    })
  }

  /** Removes it. Resolves with whether that has made room. */
  giveUp(): Promise<boolean> {
    return this.#inTurn(async () => {
      const wasThere = this.#isThere || (await this.#isWhole())
      this.#isThere = false
      await this.#disk.remove(this.#path)
      return wasThere
    })
  }

  /** An earlier opening may have left it. */
  async #isWhole(): Promise<boolean> {
    const names = await this.#disk.list(this.#directory)
    if (!names.includes(name)) return false
    const file = await this.#disk.open(this.#path, 'read')
    try {
      return (await file.size()) >= this.bytes
    } finally {
      await file.close()
    }
  }

  async #make(): Promise<void> {
    try {
      const file = await this.#disk.open(this.#path, 'create')
      try {
        const zeros = Buffer.alloc(this.bytes)
        await writeAll(file, zeros, zeros.length, 0)
        await file.sync()
      } finally {
        await file.close()
      }
    } catch (cause) {
      await this.#disk.remove(this.#path)
      throw cause
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}
