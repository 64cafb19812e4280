/**
 * The games of the archive in memory: who is in it, under which ordinal, in which batch.
 *
 *     stream --fingerprint--> ordinal --binary search--> batch
 *     player --chain--------> ordinals, newest first
 *
 * Ordinals number the games in order of their final position: batches lie in that order, and within a batch games follow
 * it. An ordinal stays what it is when batches are replaced by one, and when its game is gone.
 */
import { CorruptManifestError } from '../archive-error.js'
import { manifestKeyOf } from '../batch-key.js'
import type { Fingerprint } from '../../events/fingerprint.js'
import type { BatchDigest } from './batch-digest.js'
import { BatchTable } from './batch-table.js'
import type { Scratch } from './catalog-store.js'
import { FingerprintIndex } from './fingerprint-index.js'
import { Seats } from './seats.js'

export class HeldGames {
  readonly table = new BatchTable()
  readonly seats = new Seats()
  readonly #streams = new FingerprintIndex()
  #ordinals = 0
  #games = 0
  #events = 0
  #segmentBytes = 0
  #lastPosition = 0
  #shortenedThrough = 0
  #newest = { batch: 0, check: 0 }

  get games(): number {
    return this.#games
  }
  get events(): number {
    return this.#events
  }
  /** Of all segments. */
  get segmentBytes(): number {
    return this.#segmentBytes
  }
  /** The highest position ever archived; 0 when the archive is empty. */
  get lastPosition(): number {
    return this.#lastPosition
  }
  /** The highest final position of a game that is gone; 0 where none is. */
  get shortenedThrough(): number {
    return this.#shortenedThrough
  }
  /** The batch with the highest number, and the beginning of its segment's sha256. */
  get newest(): { readonly batch: number; readonly check: number } {
    return this.#newest
  }
  /** Bytes held. */
  get bytes(): number {
    return this.table.bytes + this.seats.bytes + this.#streams.bytes
  }

  /** Takes in a batch: behind all others, or in place of those that it replaces. @throws CorruptManifestError */
  enter(digest: BatchDigest): void {
    if (digest.replaces.length === 0 || !this.#replace(digest)) this.#append(digest, 0)
    this.#games += sumOf(digest, 'games')
    this.#events += sumOf(digest, 'events')
    this.#segmentBytes += digest.bytes
    this.#lastPosition = Math.max(this.#lastPosition, digest.lastPosition)
    this.#shortenedThrough = Math.max(this.#shortenedThrough, digest.goneThrough)
    if (digest.batch > this.#newest.batch) this.#newest = { batch: digest.batch, check: digest.check }
  }

  /** Whether an id of this fingerprint was ever archived: "no" is exact. */
  has(stream: Fingerprint): boolean {
    try {
      return this.#streams.find(stream) !== undefined
    } catch {
      // What was paged cannot be read: it may be in there. Whoever confirms it meets the error.
      return true
    }
  }

  /** Takes seats, then fingerprints out of memory, until no more is held than this, or nothing is left to take. */
  async page(scratch: Scratch, bytesMax: number): Promise<void> {
    await this.seats.page(scratch)
    await this.#streams.page(scratch, bytesMax - this.table.bytes - this.seats.bytes)
  }

  /** The ordinals under a fingerprint: none, or, but for collisions, one. */
  ordinals(stream: Fingerprint): readonly number[] {
    return this.#streams.candidates(stream)
  }

  /** The slots of a digest from this one on are new. */
  #append(digest: BatchDigest, firstSlot: number): void {
    if (firstSlot === 0) this.table.push(digest, this.#ordinals)
    for (const { stream, players } of digest.slots.slice(firstSlot)) {
      const ordinal = this.#ordinals++
      this.#streams.add(stream, ordinal)
      for (const player of players) this.seats.add(player, ordinal)
    }
  }

  /** @returns false where nothing that it replaces is here: then it stands behind all others */
  #replace(digest: BatchDigest): boolean {
    const run = this.#runOf(digest)
    if (!run) return false
    const { first, last, slots } = run
    const firstOrdinal = this.table.at(first).firstOrdinal
    const known = digest.slots.slice(0, slots)
    // What it holds beyond them was archived, and replaced, since the catalog was saved.
    const isAtEnd = firstOrdinal + slots === this.#ordinals
    const isSame = known.every(({ stream }, nth) => this.#isAt(stream, firstOrdinal + nth))
    if (!isSame || known.length < slots || (digest.slots.length > slots && !isAtEnd))
      throw new CorruptManifestError(
        manifestKeyOf(digest.batch),
        'it holds other games than the batches that it replaces',
      )
    for (let row = first; row <= last; row++) {
      if (this.table.isVoid(row)) continue
      const { games, events } = this.table.shareOf(row)
      this.#games -= games
      this.#events -= events
      this.#segmentBytes -= this.table.at(row).bytes
    }
    this.table.replace(first, last, digest)
    this.#append(digest, slots)
    return true
  }

  #isAt(stream: Fingerprint, ordinal: number): boolean {
    return this.#streams.find(stream, (found) => found === ordinal) !== undefined
  }

  /** The rows of what a batch replaces, and how many slots they have. */
  #runOf({ firstFinalPosition, replaces }: BatchDigest): Run | undefined {
    const replaced = new Set(replaces)
    let first = this.table.rowBefore(firstFinalPosition + 1)
    while (first > 0 && this.table.isVoid(first)) first--
    if (first < 0 || !replaced.has(this.table.batchAt(first))) return undefined
    let last = first
    let slots = 0
    for (let row = first; row < this.table.rows; row++) {
      if (this.table.isVoid(row)) continue
      if (!replaced.has(this.table.batchAt(row))) break
      slots += this.table.at(row).slots
      last = row
    }
    return { first, last, slots }
  }
}

interface Run {
  readonly first: number
  readonly last: number
  readonly slots: number
}

const sumOf = ({ kinds }: BatchDigest, what: 'games' | 'events'): number =>
  kinds.reduce((sum, share) => sum + share[what], 0)
