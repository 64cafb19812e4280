/**
 * The next log file, made ahead of need.
 *
 *     begin -> [ made: zeroed, synced, in the manifest ] -> take -> the active file      begin -> ...
 *                  | no room
 *                  v
 *              removed, `space(shortage)`; a second later, or when a file was dropped, made anew; then `space(undefined)`
 *
 * So a full disk is met here, by a file that holds nothing yet, while the active file still has its space. Each try
 * is a new file: no descriptor is used again after an error. Whatever else goes wrong is handed on, once.
 */
import type { Log } from './log.js'
import type { LogFile } from './log-file.js'
import { isNoRoom, type Shortage } from './storage-full.js'

/** How long after one try the next begins: far below the 5 s within which play must go on after space was freed. */
const againAfterMs = 1_000

/** Hears of the reserve. */
export interface ReserveListener {
  /** There is no room, or there is again. */
  space(shortage: Shortage | undefined): void
  failed(cause: unknown): void
}

/** The journal was closed while something waited for room. */
class ReserveClosedError extends Error {}

export class Reserve {
  readonly #log: Log
  readonly #listener: ReserveListener
  #listed: LogFile | undefined
  #spare: Promise<LogFile> | undefined
  #shortage: Shortage | undefined
  #isClosed = false
  #tryAgain: () => void = () => undefined

  constructor(log: Log, listener: ReserveListener) {
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

  /** Begins to make a spare, if there is none. */
  begin(): void {
    if (this.#spare !== undefined) return
    this.#spare = this.#make()
    this.#spare.catch((cause: unknown) => {
      if (!(cause instanceof ReserveClosedError)) this.#listener.failed(cause)
    })
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

  /** Makes an empty file longer, where a frame needs more than is reserved; waits until there is room. */
  async widen(file: LogFile, frameBytes: number): Promise<void> {
    for (;;)
      try {
        await file.reserve(frameBytes)
        return this.#tell(undefined)
      } catch (cause) {
        await this.#waitForRoom(cause, frameBytes)
      }
  }

  /** Space was freed: no need to wait for the next second. */
  readonly freed = (): void => this.#tryAgain()

  /** Who waits for room waits no longer, and fails. */
  giveUp(): void {
    this.#isClosed = true
    this.#tryAgain()
  }

  async close(): Promise<void> {
    this.giveUp()
    await this.#spare?.catch(() => undefined)
    await this.#listed?.close()
  }

  async #make(): Promise<LogFile> {
    const { disk, logFileBytesMax } = this.#log.place
    for (;;) {
      const spare = this.#log.newFile()
      try {
        await spare.prepare(disk, logFileBytesMax)
        this.#listed = spare
        await this.#log.save()
        this.#tell(undefined)
        return spare
      } catch (cause) {
        this.#listed = undefined
        await spare.close().catch(() => undefined)
        if (isNoRoom(cause)) await disk.remove(spare.path)
        await this.#waitForRoom(cause, Math.max(1, logFileBytesMax - spare.reserved))
      }
    }
  }

  /** @throws `cause`, where it is another one */
  async #waitForRoom(cause: unknown, missingBytes: number): Promise<void> {
    if (!isNoRoom(cause)) throw cause
    this.#tell({ missingBytes, cause })
    if (!this.#isClosed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, againAfterMs)
        timer.unref()
        this.#tryAgain = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    if (this.#isClosed) throw new ReserveClosedError('The journal is closed.', { cause })
  }

  /** Only what has changed is told. */
  #tell(shortage: Shortage | undefined): void {
    const isNews = (shortage === undefined) !== (this.#shortage === undefined)
    this.#shortage = shortage
    if (isNews) this.#listener.space(shortage)
  }
}
