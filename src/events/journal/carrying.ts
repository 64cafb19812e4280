/**
 * Keeping the log small while some games last: live records are carried out of files that are mostly dead.
 *
 *     log-3  [ . . x . . . . x ]  --.
 *     log-4  [ . x . . . . . . ]  ---+--> log-9, generation 1 [ x x | x x x | index ] --> manifest --> log-3, 4, 6 go
 *     log-6  [ . . . . x x . . ]  --'
 *
 * One idle game would keep its file for ever. So once the sealed files hold more than twice what is live (and one
 * file besides), the emptiest and oldest of them are copied, live records only, byte by byte with their checksums, game
 * by game, into one new file. The manifest that names it, and them no more, is the commit point; a crash before leaves a
 * file that nobody knows, a crash after leaves leftovers. A file whose bytes are damaged stays as it is.
 *
 * Work is done in slices, one file is in memory at a time, and at most a file's length of copies.
 */
import { BackgroundSlice } from '../time-slice.js'
import { writeCarried } from './carried-file.js'
import { CorruptLogError } from './corrupt-log.js'
import { Gathering, type Gathered } from './gathering.js'
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'
import { recordsOf } from './log-reader.js'
import { isNoRoom } from './storage-full.js'

/** Of sealed files to live records, in bytes: at 2 the directory is some 2.6 times the live lines (bench/month.mjs). */
const sealedPerLiveMax = 2
/** So many files' worth of dead records is not worth the work. */
const slackFiles = 1
/** A file with a larger share of live records is not carried: it would hardly free anything. */
const liveShareMax = 0.6
/** So long play waits at most for it. */
const sliceMs = 0.5

/** What carrying tells. */
export interface CarryingListener {
  /** A file can no longer be read as it was written. Its games are in memory and in other files yet. */
  damaged(cause: unknown): void
}

export class Carrying {
  readonly #log: Log
  readonly #listener: CarryingListener
  readonly #damaged = new WeakSet<LogFile>()
  #isStopped = false

  constructor(log: Log, listener: CarryingListener) {
    this.#log = log
    this.#listener = listener
  }

  /** Begins nothing more, and ends what is under way. */
  stop(): void {
    this.#isStopped = true
  }

  /** The files to be emptied now; none, where it is not worth it. O(files) */
  choose(): LogFile[] {
    const { files, carried, holdings, place } = this.#log
    let sealedBytes = 0
    const { logFileBytesMax } = place
    /** On the disk: one of generation 0 was reserved in its whole length. */
    const bytesOf = ({ generation, end }: LogFile): number =>
      generation === 0 ? Math.max(end, logFileBytesMax) : end
    for (const file of [...files, ...carried]) if (file.isSealed) sealedBytes += bytesOf(file)
    if (
      this.#isStopped ||
      sealedBytes <= sealedPerLiveMax * holdings.liveBytes + slackFiles * logFileBytesMax
    )
      return []
    // Young files empty themselves: their games are about to end. (Rosenblum and Ousterhout 1992, cost-benefit.)
    const newest = this.#log.active.id
    const worth = ({ place: file, liveBytes }: { place: LogFile; liveBytes: number }): number => {
      const share = liveBytes / bytesOf(file)
      return ((1 - share) * (newest - file.id)) / (1 + share)
    }
    const sparse = [...holdings.carriable()]
      .filter(({ place: file, liveBytes }) => file.isSealed && liveBytes <= liveShareMax * bytesOf(file))
      .filter(({ place: file }) => !this.#damaged.has(file))
      .sort((one, other) => worth(other) - worth(one))
    let bytes = 0
    return sparse
      .filter(({ liveBytes }, index) => (bytes += liveBytes) <= logFileBytesMax || index === 0)
      .map(({ place: file }) => file)
      .sort((one, other) => one.id - other.id)
  }

  /**
   * Empties files into a new one. Where the disk has no room for it, kept files make some; or the ballast, enough for those
   * that hold little, and they give back more than they took. Without that everything stays as it is.
   */
  async carry(files: readonly LogFile[]): Promise<void> {
    if (await this.#carry(files)) return
    if ((await this.#log.giveBackKept()) && (await this.#carry(files))) return
    const { ballast } = this.#log
    // The other half is for the manifest.
    const few = this.#within(files, ballast.bytes / 2)
    if (few.length > 0 && (await ballast.giveUp())) await this.#carry(few)
  }

  /** As many of them as have at most so many live bytes together. */
  #within(files: readonly LogFile[], bytesMax: number): LogFile[] {
    let bytes = 0
    return [...this.#log.holdings.carriable()]
      .filter(({ place: file }) => files.includes(file))
      .sort((one, other) => one.liveBytes - other.liveBytes)
      .filter(({ liveBytes }) => (bytes += liveBytes) <= bytesMax)
      .map(({ place: file }) => file)
  }

  /** Resolves with whether there was room. */
  async #carry(files: readonly LogFile[]): Promise<boolean> {
    const log = this.#log
    const { disk } = log.place
    const gathered = await this.#gather(files)
    if (gathered === undefined || this.#isStopped) return true
    if (gathered.length === 0) {
      await log.upkeep.replace(files, [])
      return true
    }
    const target = log.newFile()
    try {
      const isStopped = (): boolean => this.#isStopped
      const entries = await writeCarried(disk, target, log.ledgerId, gathered, { isStopped })
      await (entries === undefined
        ? disk.remove(target.path)
        : log.upkeep.replace(files, [{ file: target, entries }]))
      return true
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause
      await disk.remove(target.path)
      return false
    }
  }

  async #gather(files: readonly LogFile[]): Promise<readonly Gathered[] | undefined> {
    const { place, noteOf } = this.#log
    const gathering = new Gathering()
    const slice = new BackgroundSlice(sliceMs)
    for (const file of files)
      try {
        for await (const record of recordsOf(file, place.disk)) {
          if (this.#log.isNeeded(record, file)) gathering.add(record)
          if (slice.isOverAfterStep()) await slice.next()
          if (this.#isStopped) return undefined
        }
      } catch (cause) {
        const isUnreadable =
          cause instanceof CorruptLogError || (cause as NodeJS.ErrnoException).code === 'EIO'
        if (!isUnreadable) throw cause
        this.#damaged.add(file)
        this.#listener.damaged(cause)
        return undefined
      }
    return gathering.runs(noteOf)
  }
}
