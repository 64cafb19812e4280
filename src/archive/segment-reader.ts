/**
 * Reads the logs of archived games for one reader of history, who meets the games of a batch one after the other.
 *
 *     first two games of a batch    a ranged read each, unpacked alone
 *     from the third on             the whole segment, unpacked at once, in the thread pool; its games are parts of it
 *
 * While the games of a batch begin, the segments of the next two are unpacked already, so that nobody waits for them.
 *
 * Unpacking 256 members in one go costs a third of unpacking each, and none of it on the event loop. A segment is
 * unpacked once: games that come after it has left memory (a long game opens its batch early) are read alone again.
 * It leaves when all its games are at their end, or where it is used last and there are 128 MiB.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { confirmHeader, unpackIndexed } from './archived-game.js'
import type { ColdStore } from './cold-store.js'
import type { IndexedGame, Manifest } from './manifest.js'
import { OpenSegment, type GameText } from './open-segment.js'

const unpack = promisify(gunzip)

/** Unpacked segments, while their games go on: thirty and more, by the bounds of a batch. */
const unpackedBytesMaxDefault = 128 * 1024 * 1024
/** A segment is read whole where it is no more than this of the bound: the default bound of a batch is 4 MiB. */
const wholeShare = 1 / 4
/** Batches that are unpacked before they are asked for: more threads of the pool would be felt by the journal. */
const aheadMax = 2
/** From the third game of a batch on its segment is read whole: the others will follow soon. */
const rangedGames = 2

/** A segment that is open, and where its games begin in there. */
interface Unpacked {
  readonly segment: OpenSegment
  readonly starts: ReadonlyMap<number, number>
}

export class SegmentReader {
  readonly #store: ColdStore
  readonly #manifestAfter: (batch: number) => Promise<Manifest | undefined>
  readonly #segments: LRUCache<number, Unpacked>
  /** By batch: what is being unpacked before it is asked for. */
  readonly #ahead = new Map<number, Promise<Unpacked | undefined>>()
  /** Batches that were read whole once. */
  readonly #done = new Set<number>()

  /** @param manifestAfter the manifest of the batch that will be read after one, where there is one */
  constructor(
    store: ColdStore,
    manifestAfter: (batch: number) => Promise<Manifest | undefined>,
    unpackedBytesMax = unpackedBytesMaxDefault,
  ) {
    this.#store = store
    this.#manifestAfter = manifestAfter
    this.#segments = new LRUCache({ maxSize: unpackedBytesMax, dispose: ({ segment }) => segment.close() })
  }

  /** Of unpacked segments. */
  get bytesHeld(): number {
    return this.#segments.calculatedSize
  }

  /** A game, the `nth` that is read of its batch. @throws CorruptSegmentError, what the store throws */
  async read(manifest: Manifest, game: IndexedGame, nth: number): Promise<GameText> {
    const { batch, segment: key } = manifest
    // Whoever has come to a second batch will come to a third.
    if (nth === 0 && this.#done.has(batch)) void this.#lookAhead(batch)
    const whole = this.#segments.get(batch) ?? (await this.#wait(manifest, nth))
    const start = whole?.starts.get(game.offset)
    if (whole && start !== undefined) {
      const text = whole.segment.game(start, start + game.rawBytes, game.offset)
      confirmHeader(text.header, key, game)
      return text
    }
    const { offset, length } = game
    const { header, lines } = await unpackIndexed(await this.#store.get(key, { offset, length }), key, game)
    const text = lines.toString()
    return { header, text, start: 0, end: text.length }
  }

  /** All games of a batch that will be read have begun. */
  complete(batch: number): void {
    this.#segments.peek(batch)?.segment.complete()
  }

  /** The segment, where it is being unpacked, or is to be. */
  async #wait(manifest: Manifest, nth: number): Promise<Unpacked | undefined> {
    const { batch } = manifest
    const ahead = this.#ahead.get(batch)
    if (ahead) return ahead
    if (nth < rangedGames) return undefined
    const unpacking = this.#unpack(manifest)
    void this.#lookAhead(batch)
    return unpacking
  }

  /** Begins with the batches after this one. What cannot be read is told when a game of it is wanted. */
  async #lookAhead(batch: number): Promise<void> {
    let next = await this.#manifestAfter(batch).catch(() => undefined)
    for (let count = 0; next && count < aheadMax; count++) {
      const ahead = next.batch
      if (!this.#done.has(ahead)) {
        const unpacked = this.#unpack(next).catch(() => undefined)
        this.#ahead.set(ahead, unpacked)
        void unpacked.finally(() => this.#ahead.delete(ahead))
      }
      next = await this.#manifestAfter(ahead).catch(() => undefined)
    }
  }

  /** `undefined` where it is too large, or damaged: then each game tells for itself. */
  async #unpack({ batch, segment: key, games }: Manifest): Promise<Unpacked | undefined> {
    if (this.#done.has(batch)) return undefined
    this.#done.add(batch)
    const starts = new Map<number, number>()
    let length = 0
    for (const { offset, rawBytes } of games) {
      starts.set(offset, length)
      length += rawBytes
    }
    if (length > wholeShare * this.#segments.maxSize) return undefined
    const packed = await this.#store.get(key)
    const bytes = packed && (await unpack(packed, { chunkSize: length + 1 }).catch(() => undefined))
    if (bytes?.length !== length) return undefined
    const onOver = (): void => void this.#segments.delete(batch)
    const unpacked = { segment: new OpenSegment(key, bytes, onOver), starts }
    this.#segments.set(batch, unpacked, { size: length })
    return unpacked
  }
}
