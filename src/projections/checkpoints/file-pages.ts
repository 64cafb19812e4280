/**
 * The pages of one projection, as files `<number>.page` of a folder.
 *
 *     0    4   magic "GLRP"
 *     4    4   CRC-32 of the bytes behind it             (little-endian)
 *     8        the page
 *
 *     put --> [ waiting, in memory ] --written behind play--> file --synced, before a model names it--> durable
 *
 * A page is written under its own name at once: nobody names it until it is synced, and a number is used once, so a
 * half-written one is an orphan, which is deleted at the next opening. Who needs a page: models that are kept, and rooms
 * of runs (what they put, until they say what they keep). What nobody needs is deleted by `sweep`.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { PageLostError, type PageId, type RunPages } from '../projection.js'
import { removeFile, syncDirectory, syncFile } from '../../events/durable-files.js'
import { sumOf } from './sliced-sum.js'

const magic = 0x50524c47
const headBytes = 8
const ending = '.page'

/** Pages that wait to be written; beyond it `put` writes itself, unless none waits. A rebuild of years of windows puts faster than a disk takes. */
const waitingBytesMax = 32 * 1024 * 1024

const headOf = (sum: number): Buffer => {
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32LE(magic, 0)
  head.writeUInt32LE(sum, 4)
  return head
}

const decode = (page: PageId, encoded: Buffer): Uint8Array => {
  const bytes = encoded.subarray(headBytes)
  if (
    encoded.length < headBytes ||
    encoded.readUInt32LE(0) !== magic ||
    encoded.readUInt32LE(4) !== crc32(bytes)
  )
    throw new PageLostError(page, 'is damaged')
  return bytes
}

const gone = (page: PageId, cause: unknown): unknown =>
  (cause as NodeJS.ErrnoException).code === 'ENOENT' ? new PageLostError(page, 'is not there', cause) : cause

export class FilePages {
  readonly #folder: string
  readonly #rooms = new Set<Room>()
  /** On the disk, or about to be. */
  readonly #files = new Set<PageId>()
  readonly #waiting = new Map<PageId, Uint8Array>()
  readonly #unsynced = new Set<PageId>()
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #last: PageId = 0

  /** `folder` is made when the first page is put. Call `open` before anything else. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Takes note of what is there. */
  async open(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const page = Number(name.slice(0, -ending.length))
      if (!name.endsWith(ending) || !Number.isSafeInteger(page)) continue
      this.#files.add(page)
      this.#last = Math.max(this.#last, page)
    }
  }

  /** Whether all these pages are there; their bytes are not looked at. */
  has(pages: readonly PageId[]): boolean {
    return pages.every((page) => this.#files.has(page))
  }

  /** A room for one run. */
  room(): RunPages {
    const room = new Room(this, () => this.#rooms.delete(room))
    this.#rooms.add(room)
    return room
  }

  /** Takes `bytes` over: they must not change any more. */
  put(bytes: Uint8Array): PageId {
    const page = ++this.#last
    this.#files.add(page)
    this.#unsynced.add(page)
    if (this.#waitingBytes + bytes.length > waitingBytesMax && this.#waiting.size > 0) {
      mkdirSync(this.#folder, { recursive: true })
      writeFileSync(this.#pathOf(page), headOf(crc32(bytes)))
      appendFileSync(this.#pathOf(page), bytes)
    } else {
      this.#waiting.set(page, bytes)
      this.#waitingBytes += bytes.length
      this.#writeBehind()
    }
    return page
  }

  get(page: PageId): Uint8Array {
    const waiting = this.#waiting.get(page)
    if (waiting) return waiting
    try {
      return decode(page, readFileSync(this.#pathOf(page)))
    } catch (cause) {
      throw gone(page, cause)
    }
  }

  async read(page: PageId): Promise<Uint8Array> {
    const waiting = this.#waiting.get(page)
    if (waiting) return waiting
    try {
      return decode(page, await readFile(this.#pathOf(page)))
    } catch (cause) {
      throw gone(page, cause)
    }
  }

  /** Makes these pages durable, bytes and names. @throws what the file system throws */
  async sync(pages: readonly PageId[]): Promise<void> {
    const wanted = pages.filter((page) => this.#unsynced.has(page))
    if (wanted.length === 0) return
    // Pages that are put meanwhile are none of it: who puts for ever must not keep a model from being saved.
    while (wanted.some((page) => this.#waiting.has(page))) await this.#written()
    for (const page of wanted) await syncFile(this.#pathOf(page))
    await syncDirectory(this.#folder)
    for (const page of wanted) this.#unsynced.delete(page)
  }

  /** Deletes all pages but these, and those that a room needs. */
  async sweep(named: ReadonlySet<PageId>): Promise<void> {
    const isNeeded = (page: PageId): boolean =>
      named.has(page) || [...this.#rooms].some(({ needed }) => needed.has(page))
    const orphans = [...this.#files].filter((page) => !isNeeded(page))
    if (orphans.length === 0) return
    for (const page of orphans) {
      this.#files.delete(page)
      this.#unsynced.delete(page)
      this.#forget(page)
    }
    // One of them may be about to be written.
    await this.#writing?.catch(() => undefined)
    for (const page of orphans) await removeFile(this.#pathOf(page))
  }

  #writeBehind(): void {
    if (this.#writing) return
    this.#written().then(
      () => this.#waiting.size > 0 && this.#writeBehind(),
      // It is met again, and told, by whoever makes the page durable.
      () => undefined,
    )
  }

  /** Resolves when what waited as this writing began is in files. One writing at a time; what failed waits for the next. */
  #written(): Promise<void> {
    return (this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    }))
  }

  async #write(): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    for (const [page, bytes] of [...this.#waiting]) {
      const head = headOf(await sumOf(bytes))
      // It may have been swept away meanwhile.
      if (!this.#waiting.has(page)) continue
      await writeFile(this.#pathOf(page), [head, bytes])
      this.#forget(page)
    }
  }

  #forget(page: PageId): void {
    this.#waitingBytes -= this.#waiting.get(page)?.length ?? 0
    this.#waiting.delete(page)
  }

  #pathOf(page: PageId): string {
    return join(this.#folder, `${page}${ending}`)
  }
}

/** What one run needs. */
class Room implements RunPages {
  needed: Set<PageId> = new Set()
  readonly #pages: FilePages
  readonly #leave: () => void

  constructor(pages: FilePages, leave: () => void) {
    this.#pages = pages
    this.#leave = leave
  }

  put(bytes: Uint8Array): PageId {
    const page = this.#pages.put(bytes)
    this.needed.add(page)
    return page
  }

  get(page: PageId): Uint8Array {
    return this.#pages.get(page)
  }

  read(page: PageId): Promise<Uint8Array> {
    return this.#pages.read(page)
  }

  keep(pages: readonly PageId[]): void {
    this.needed = new Set(pages)
  }

  end(): void {
    this.#leave()
  }
}
