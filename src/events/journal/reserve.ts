/**
 * What is made ahead of need: the next log file, and the ballast.
 *
 *     begin -> [ made: zeroed, synced, in the manifest ] -> take -> the active file      begin -> ...
 *                ^ | no room                                               :
 *                | v                                                       : dropped, one day
 *                | removed, `space(shortage)`; a second later,             v
 *                | or when a file was dropped, made anew;         [ kept, two at most ]
 *                | then `space(undefined)`                                 |
 *                `---------------------------------------------------------'
 *
 * A dropped file is kept to be the next spare, which then need not be zeroed: a log whose games end at the pace at which
 * others begin writes its bytes once. No manifest names a kept file; where room is short all of them are removed.
 * So a full disk is met here, by a file that holds nothing yet, while the active file still has its space. Each try
 * is a new file: no descriptor is used again after an error. The ballast (ballast.ts) comes first: it lets the log free
 * itself. Whatever else goes wrong is handed on, once.
 */
import type { Ballast } from './ballast.js'
import type { Disk } from './disk.js'
import type { LogFile } from './log-file.js'
import { isNoRoom, type Shortage } from './storage-full.js'

/** How long after one try the next begins: far below the 5 s within which play must go on after space was freed. */
export const againAfterMs = 1_000

/** Files are dropped in bursts, as batches are archived, and taken one by one; two are under a tenth of bench/month.mjs. */
const keptMax = 2

/** What the log lends. */
export interface ReserveLog {
  readonly place: { readonly disk: Disk; readonly logFileBytesMax: number }
  readonly ballast: Ballast
  /** Under the next id; nothing is on disk yet. */
  newFile(): LogFile
  /** Puts a manifest in force that names the spare. */
  save(): Promise<void>
}

/** Hears of the reserve. */
export interface ReserveListener {
  /** There is no room, or there is again. */
  space(shortage: Shortage | undefined): void
  failed(cause: unknown): void
}

/** What there can be no room for: the next file, the ballast, a frame that is longer than a file. */
type Good = 'spare' | 'ballast' | 'frame'

/** The journal was closed while something waited for room. */
class ReserveClosedError extends Error {}

export class Reserve {
  readonly #log: ReserveLog
  readonly #listener: ReserveListener
  #listed: LogFile | undefined
  #spare: Promise<LogFile> | undefined
  #restocking: Promise<void> | undefined
  /** Dropped files that wait to be used again, the oldest first. */
  readonly #kept: LogFile[] = []
  readonly #shortages = new Map<Good, Shortage>()
  #isShort = false
  /** While an erasure is under way: what a dropped file held is to vanish with it. */
  #isKeeping = true
  #isClosed = false
  readonly #waiting = new Set<() => void>()

  constructor(log: ReserveLog, listener: ReserveListener) {
    this.#log = log
    this.#listener = listener
  }

  /** The file that the next manifest is to name as the spare. */
  get listed(): LogFile | undefined {
    return this.#listed
  }

  /** Takes a spare that an earlier opening left. */
  adopt(spare: LogFile): void {
    this.#listed = spare
    this.#spare = Promise.resolve(spare)
  }

  /** Begins to make what is missing. */
  begin(): void {
    if (this.#spare === undefined) {
      this.#spare = this.#make()
      this.#spare.catch(this.#fail)
    }
    this.#restock()
  }

  /**
   * The spare, with room for a frame of this length; waits until there is one. It stays the listed one until `taken`,
   * so that there is no moment at which a manifest would not name it.
   */
  async take(frameBytes: number): Promise<LogFile> {
    this.begin()
    const spare = await this.#spare!
    await this.widen(spare, frameBytes)
    return spare
  }

  /** The spare is a file of the log now: begins to make the next. */
  taken(): void {
    this.#listed = undefined
    this.#spare = undefined
    this.begin()
  }

  /** From now on dropped files are removed; those that were kept go now. */
  async keepNone(): Promise<void> {
    this.#isKeeping = false
    await this.giveBack()
  }

  /** Dropped files may be used again. */
  keepAgain(): void {
    this.#isKeeping = true
  }

  /** Makes an empty file longer, where a frame needs more than is reserved; waits until there is room. */
  async widen(file: LogFile, frameBytes: number): Promise<void> {
    for (;;)
      try {
        await file.reserve(frameBytes)
        return this.#tell('frame', undefined)
      } catch (cause) {
        await this.#waitForRoom('frame', shortageOf(cause, frameBytes))
      }
  }

  /**
   * Makes a dropped file a kept one, under the next id, where one is wanted and it is of the length of a spare. Resolves
   * with whether it did; else the file is as it was, but for its header.
   */
  async keep(dropped: LogFile): Promise<boolean> {
    const { disk, logFileBytesMax } = this.#log.place
    const isWanted = this.#isKeeping && this.#kept.length < keptMax && !this.#isShort && !this.#isClosed
    if (!isWanted || !dropped.mayBeUsedAgain(logFileBytesMax)) return false
    const file = this.#log.newFile()
    try {
      await file.takeOver(disk, dropped)
    } catch (cause) {
      await file.close().catch(() => undefined)
      // Where files are not overwritten in place.
      if (!isNoRoom(cause)) throw cause
      return false
    }
    this.#kept.push(file)
    if (!this.#isKeeping || this.#isShort || this.#isClosed) await this.giveBack()
    return true
  }

  /** Removes the kept files. Resolves with whether there were some. */
  async giveBack(): Promise<boolean> {
    const kept = this.#kept.splice(0)
    for (const file of kept) {
      await file.close()
      await this.#log.place.disk.remove(file.path)
    }
    return kept.length > 0
  }

  /** Space was freed: no need to wait for the next second. A manifest may have taken the ballast for it. */
  freed(): void {
    this.#wake()
    this.#restock()
  }

  /** Who waits for room waits no longer, and fails. */
  giveUp(): void {
    this.#isClosed = true
    this.#wake()
  }

  async close(): Promise<void> {
    this.giveUp()
    await this.#spare?.catch(() => undefined)
    await this.#restocking?.catch(() => undefined)
    await this.#listed?.close()
    // Whatever stays of them is removed by the next opening.
    await this.giveBack().catch(() => undefined)
  }

  async #make(): Promise<LogFile> {
    const { disk, logFileBytesMax } = this.#log.place
    for (;;) {
      const kept = this.#kept.shift()
      const spare = kept ?? this.#log.newFile()
      try {
        await this.#log.ballast.keep()
        if (kept === undefined) await spare.prepare(disk, logFileBytesMax)
        this.#listed = spare
        await this.#log.save()
        // That may have taken the ballast. The spare serves all the same; who plays waits for both.
        if ((await this.#tryBallast()) !== undefined) this.#restock()
        this.#tell('spare', undefined)
        return spare
      } catch (cause) {
        this.#listed = undefined
        await spare.close().catch(() => undefined)
        if (isNoRoom(cause)) await disk.remove(spare.path)
        await this.#waitForRoom('spare', shortageOf(cause, Math.max(1, logFileBytesMax - spare.reserved)))
      }
    }
  }

  /** Makes the ballast where it is missing; waits until there is room. */
  #restock(): void {
    if (this.#restocking !== undefined || this.#isClosed) return
    this.#restocking = this.#keepBallast().finally(() => (this.#restocking = undefined))
    this.#restocking.catch(this.#fail)
  }

  async #keepBallast(): Promise<void> {
    for (;;) {
      const cause = await this.#tryBallast()
      if (cause === undefined) return
      await this.#waitForRoom('ballast', { cause, missingBytes: this.#log.ballast.bytes })
    }
  }

  /** Resolves with the error where there is no room for it. */
  async #tryBallast(): Promise<unknown> {
    const { ballast } = this.#log
    try {
      await ballast.keep()
      this.#tell('ballast', undefined)
      return undefined
    } catch (cause) {
      const shortage = shortageOf(cause, ballast.bytes)
      if (await this.giveBack()) return this.#tryBallast()
      this.#tell('ballast', shortage)
      return cause
    }
  }

  /** Gives back what is kept; where that is nothing, says so, and waits until somebody frees some, or for a second. */
  async #waitForRoom(good: Good, shortage: Shortage): Promise<void> {
    if (await this.giveBack()) return
    this.#tell(good, shortage)
    if (!this.#isClosed)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          this.#waiting.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, againAfterMs)
        timer.unref()
        this.#waiting.add(wake)
      })
    if (this.#isClosed) throw new ReserveClosedError('The journal is closed.', { cause: shortage.cause })
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  readonly #fail = (cause: unknown): void => {
    if (!(cause instanceof ReserveClosedError)) this.#listener.failed(cause)
  }

  /** Only what has changed for those who play is told: whether everything is there. */
  #tell(good: Good, shortage: Shortage | undefined): void {
    if (shortage === undefined) this.#shortages.delete(good)
    else this.#shortages.set(good, shortage)
    const [first] = this.#shortages.values()
    if (this.#isShort === (first !== undefined)) return
    this.#isShort = first !== undefined
    this.#listener.space(first)
  }
}

/** @throws `cause`, where it is another one */
const shortageOf = (cause: unknown, missingBytes: number): Shortage => {
  if (!isNoRoom(cause)) throw cause
  return { missingBytes, cause }
}
