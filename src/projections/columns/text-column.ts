/**
 * Texts by row that may change, encoded and ready to be saved without encoding or copying: a log in pages.
 *
 *     page      row u32 | length u32 | UTF-8     for each text, in order of writing; the newest of a row holds
 *     places    row -> page and offset of its newest text
 *
 * A page only grows at its end, so a snapshot is its bytes so far. A text that was replaced leaves a dead one behind; a
 * page that is full and more than half dead has its living texts written anew, and is given up: so all pages together
 * are at most twice what lives, and one more. A text that is longer than a page has one of its own. (The cleaning of a log-structured file system, Rosenblum and Ousterhout.)
 */
import { SnapshotColumn } from './snapshot-column.js'

/** Some thousand texts; cleaning one takes well under a millisecond. */
const pageBytes = 1 << 16
const headBytes = 8

interface Page {
  readonly number: number
  readonly bytes: Buffer
  used: number
  living: number
}

export class TextColumn {
  readonly #pages = new Map<number, Page>()
  /** 1 + page * pageBytes + offset; 0 where a row has no text. */
  readonly #places = new SnapshotColumn(Float64Array, 1)
  #newest = this.#open(0)

  /** The text of a row. O(length). */
  get(row: number): string | undefined {
    const place = this.#places.get(row, 0) - 1
    if (place < 0) return undefined
    const { bytes } = this.#pages.get(Math.floor(place / pageBytes))!
    const at = place % pageBytes
    return bytes.toString('utf8', at + headBytes, at + headBytes + bytes.readUInt32LE(at + 4))
  }

  /** Gives a row its text, in place of an older one. O(length), and its share of a cleaning. */
  set(row: number, text: string): void {
    const length = Buffer.byteLength(text)
    const page = this.#roomFor(headBytes + length)
    page.bytes.writeUInt32LE(row, page.used)
    page.bytes.writeUInt32LE(length, page.used + 4)
    page.bytes.write(text, page.used + headBytes, length, 'utf8')
    this.#place(row, page, headBytes + length)
  }

  /** Takes the text of a row away. O(1), and its share of a cleaning. */
  delete(row: number): void {
    const place = this.#places.get(row, 0) - 1
    if (place < 0) return
    this.#places.set(row, 0, 0)
    this.#bury(place)
  }

  /** All texts, as bytes that never change from now on. O(pages). */
  snapshot(): readonly Uint8Array[] {
    return [...this.#pages.values()].map(({ bytes, used }) => bytes.subarray(0, used))
  }

  /** Enters the texts of a snapshot; of several of one row the newest, and none of rows that are not wanted. */
  load(saved: Uint8Array, isWanted: (row: number) => boolean = () => true): void {
    const bytes = Buffer.from(saved.buffer, saved.byteOffset, saved.byteLength)
    for (let at = 0; at < bytes.length;) {
      const row = bytes.readUInt32LE(at)
      const length = headBytes + bytes.readUInt32LE(at + 4)
      if (isWanted(row)) this.#copy(row, bytes, at, length)
      at += length
    }
  }

  #open(number: number, bytes = pageBytes): Page {
    const page = { number, bytes: Buffer.allocUnsafeSlow(bytes), used: 0, living: 0 }
    this.#pages.set(number, page)
    return page
  }

  /** The newest page, or a new one where that is full. What is cleaned then may fill the new one, too. */
  #roomFor(bytes: number): Page {
    while (this.#newest.used + bytes > this.#newest.bytes.length) {
      const full = this.#newest
      this.#newest = this.#open(full.number + 1, Math.max(pageBytes, bytes))
      this.#cleanIfHalfDead(full)
    }
    return this.#newest
  }

  /** What stands at the end of the page is the text of the row from now on. */
  #place(row: number, page: Page, bytes: number): void {
    const old = this.#places.get(row, 0) - 1
    this.#places.set(row, 0, 1 + page.number * pageBytes + page.used)
    page.used += bytes
    page.living += bytes
    if (old >= 0) this.#bury(old)
  }

  #copy(row: number, from: Buffer, at: number, bytes: number): void {
    const page = this.#roomFor(bytes)
    from.copy(page.bytes, page.used, at, at + bytes)
    this.#place(row, page, bytes)
  }

  #bury(place: number): void {
    const page = this.#pages.get(Math.floor(place / pageBytes))
    // A page that is being cleaned is no page any more.
    if (!page) return
    page.living -= headBytes + page.bytes.readUInt32LE((place % pageBytes) + 4)
    if (page !== this.#newest) this.#cleanIfHalfDead(page)
  }

  #cleanIfHalfDead(page: Page): void {
    if (page.living * 2 >= page.used) return
    this.#pages.delete(page.number)
    const start = 1 + page.number * pageBytes
    for (let at = 0; at < page.used;) {
      const row = page.bytes.readUInt32LE(at)
      const bytes = headBytes + page.bytes.readUInt32LE(at + 4)
      if (this.#places.get(row, 0) === start + at) this.#copy(row, page.bytes, at, bytes)
      at += bytes
    }
  }
}
