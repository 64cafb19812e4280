/**
 * What keeps each piece of a log alive: which streams and which batches of the archiver have records in it.
 *
 * A journal's log lies in places: log files on a disk, chunks in memory. A place may go when every stream in it is
 * released, and no intent in it waits for its `committed`. A `committed` may go before its intent: then that batch is
 * *settled*, which must be remembered as long as the intent is there (or it would seem open at the next start).
 *
 * A released stream may so lose some of its places and keep others. Its remains are *remnants*: full of holes, and
 * never to be shown again. The tables are bounded by the streams and batches that have records in a place.
 */
import type { StreamId } from '../ids.js'
import { indexEntryBytesMax, type IndexEntry } from './file-index.js'
import type { StoredRecord } from './journal.js'
import { eventsBytes } from './record.js'
import { addStay, holdingOf, newestOf, staysOf, takeOut, type Holding, type Stay } from './stays.js'

interface Load {
  readonly streams: StreamId[]
  readonly batches: number[]
  live: number
  liveBytes: number
  openIntents: number
  /** What an index of this place needs, at most. */
  indexBytes: number
}

interface Batch<Place> {
  readonly intents: Place[]
  isCommitted: boolean
  /** Its `committed` went with its place. */
  isSettled: boolean
}

/** The tables of one journal. `Place` is whatever its log lies in, in order of first use. */
export class Holdings<Place> {
  readonly #streams = new Map<StreamId, Holding<Place>>()
  readonly #batches = new Map<number, Batch<Place>>()
  readonly #loads = new Map<Place, Load>()
  #lastPlace: Place | undefined
  #lastLoad: Load | undefined
  /** Released streams whose last place went while somebody was reading. Emptied with the last reader. */
  readonly #buried = new Map<StreamId, number>()
  #readers = 0
  #releases = 0
  #mayReclaim = false
  #liveBytes = 0

  /** Enters a record that stands in `place`. O(1). */
  hold(record: StoredRecord, place: Place): void {
    if (record.type === 'events') {
      const { stream, firstVersion, count } = record
      this.holdStream(stream, place, eventsBytes(record), firstVersion, firstVersion + count - 1)
    } else if (record.type === 'intent') this.holdIntent(record.batch, place)
    else this.holdCommitted(record.batch, place)
  }

  /** Enters a stream that has so many bytes of records more in `place`, of these versions. O(1). */
  holdStream(stream: StreamId, place: Place, bytes: number, firstVersion: number, lastVersion: number): void {
    const load = this.#loadOf(place)
    const holding = this.#streams.get(stream)
    const newest = holding && newestOf(holding)
    if (newest?.place === place && !newest.isDead) {
      newest.bytes += bytes
      newest.lastVersion = lastVersion
      if (holding!.released === 0) this.#addLive(load, bytes)
      return
    }
    if (holding === undefined) this.#streams.set(stream, holdingOf(place, bytes, firstVersion, lastVersion))
    else addStay(holding, place, bytes, firstVersion, lastVersion)
    load.streams.push(stream)
    load.indexBytes += indexEntryBytesMax(stream)
    if (holding !== undefined && holding.released > 0) return
    load.live++
    this.#addLive(load, bytes)
  }

  holdIntent(number: number, place: Place): void {
    const batch = this.#batches.get(number)
    if (batch === undefined)
      this.#batches.set(number, { intents: [place], isCommitted: false, isSettled: false })
    else batch.intents.push(place)
    const load = this.#loadOf(place)
    load.batches.push(number)
    if (batch?.isCommitted !== true) load.openIntents++
  }

  holdCommitted(number: number, place: Place): void {
    this.#loadOf(place).batches.push(number)
    this.#commit(number)
  }

  /** Says, after a restart, which batches are committed though nothing here says so any more. */
  markSettled(batches: readonly number[]): void {
    for (const number of batches) this.#commit(number, true)
  }

  /** Batches with an intent here whose `committed` went with its place: somebody else must remember them. O(batches) */
  settled(): number[] {
    const found: number[] = []
    for (const [number, { isSettled }] of this.#batches) if (isSettled) found.push(number)
    return found
  }

  #commit(number: number, isSettled = false): void {
    const batch = this.#batches.get(number)
    if (batch === undefined || batch.isCommitted) return
    batch.isCommitted = true
    batch.isSettled = isSettled
    for (const intent of batch.intents) this.#loadOf(intent).openIntents--
    this.#mayReclaim = true
  }

  /** A number for a release that is carried out later, by `release`. */
  nextRelease(): number {
    return ++this.#releases
  }

  /** Streams that have no record here are passed over, at no cost that stays. O(streams and their places). */
  release(streams: readonly StreamId[], number = this.nextRelease()): void {
    for (const stream of streams) {
      const holding = this.#streams.get(stream)
      if (holding === undefined || holding.released > 0) continue
      holding.released = number
      for (const { place, bytes, isDead } of staysOf(holding)) {
        if (isDead) continue
        const load = this.#loadOf(place)
        this.#addLive(load, -bytes)
        if (--load.live === 0) this.#mayReclaim = true
      }
    }
  }

  /** Marks what of a stream stands in another place, too, as `isDead` says. Only what is live is asked for. O(its places) */
  supersede(stream: StreamId, isDead: (stay: Readonly<Stay<Place>>) => boolean): void {
    const holding = this.#streams.get(stream)
    if (holding === undefined || holding.released > 0) return
    for (const stay of staysOf(holding)) {
      if (stay.isDead || !isDead(stay)) continue
      stay.isDead = true
      const load = this.#loadOf(stay.place)
      this.#addLive(load, -stay.bytes)
      if (--load.live === 0) this.#mayReclaim = true
    }
  }

  /** Whether the stream was released at all. */
  isGone(stream: StreamId): boolean {
    return this.isReleased(stream, this.#releases)
  }

  /** Whether the stream was released no later than by release `number`. */
  isReleased(stream: StreamId, number: number): boolean {
    const released = this.#streams.get(stream)?.released ?? this.#buried.get(stream) ?? 0
    return released > 0 && released <= number
  }

  /** Returns the number of the newest release: this reader asks `isReleased` with it. Ends with `endReading`. */
  beginReading(): number {
    this.#readers++
    return this.#releases
  }

  endReading(): void {
    if (--this.#readers === 0) this.#buried.clear()
  }

  /** The places with records of a stream, in order. */
  placesOf(stream: StreamId): readonly Place[] {
    const places: Place[] = []
    for (const { place, isDead } of staysOf(this.#streams.get(stream)))
      if (!isDead && !places.includes(place)) places.push(place)
    return places
  }

  /** Bytes of the records of all live streams. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  /** Of the index that `indexOf` gives, at most. O(1) */
  indexBytesMax(place: Place): number {
    return this.#loads.get(place)?.indexBytes ?? 0
  }

  /** The streams with records in a place, and of which versions. O(streams in it) */
  indexOf(place: Place): IndexEntry[] {
    const entries: IndexEntry[] = []
    // Once each, though one may have come back behind what is dead of it.
    for (const stream of new Set(this.#loads.get(place)?.streams)) {
      const stays = [...staysOf(this.#streams.get(stream))].filter((one) => one.place === place)
      entries.push({
        stream,
        firstVersion: stays[0]!.firstVersion,
        lastVersion: stays.at(-1)!.lastVersion,
      })
    }
    return entries
  }

  /** Takes out every sealed place that nothing needs, and returns them. O(1) where nothing changed since. */
  reclaim(isSealed: (place: Place) => boolean): Place[] {
    if (!this.#mayReclaim) return []
    this.#mayReclaim = false
    const reclaimed: Place[] = []
    for (const [place, load] of this.#loads)
      if (load.live === 0 && load.openIntents === 0) {
        if (!isSealed(place)) this.#mayReclaim = true
        else {
          this.#forget(place, load)
          reclaimed.push(place)
        }
      }
    return reclaimed
  }

  /** Live bytes of each place that has some, and nothing else that is needed. O(places) */
  *carriable(): Generator<{ readonly place: Place; readonly liveBytes: number }> {
    for (const [place, { live, liveBytes, openIntents }] of this.#loads)
      if (live > 0 && openIntents === 0) yield { place, liveBytes }
  }

  /** Whether a stream has records, and is not released. */
  isLive(stream: StreamId): boolean {
    return this.#streams.get(stream)?.released === 0
  }

  /** Whether a place holds an intent that waits for its `committed`. */
  hasOpenIntent(place: Place): boolean {
    return (this.#loads.get(place)?.openIntents ?? 0) > 0
  }

  /** Places whose live records stand elsewhere now: they are needed no more. */
  forget(places: readonly Place[]): void {
    for (const place of places) {
      const load = this.#loads.get(place)
      if (load !== undefined) this.#forget(place, load)
    }
  }

  /** Released streams that have lost records with a reclaimed place, and have others left. O(streams). */
  remnants(): StreamId[] {
    const found: StreamId[] = []
    for (const [stream, holding] of this.#streams) if (holding.isRemnant) found.push(stream)
    return found
  }

  /** Says, after a restart, which streams are remnants. Those without a record here are passed over. */
  markRemnants(streams: readonly StreamId[]): void {
    this.release(streams)
    for (const stream of streams) {
      const holding = this.#streams.get(stream)
      if (holding !== undefined) holding.isRemnant = true
    }
  }

  #addLive(load: Load, bytes: number): void {
    load.liveBytes += bytes
    this.#liveBytes += bytes
  }

  #forget(place: Place, load: Load): void {
    for (const stream of load.streams) {
      const holding = this.#streams.get(stream)!
      const { bytes, isDead, isLast } = takeOut(holding, place)
      if (holding.released === 0 && !isDead) this.#liveBytes -= bytes
      holding.isRemnant ||= holding.released > 0
      if (!isLast) continue
      this.#streams.delete(stream)
      if (this.#readers > 0) this.#buried.set(stream, holding.released)
    }
    for (const number of load.batches) this.#forgetBatch(number, place)
    this.#loads.delete(place)
    if (this.#lastPlace === place) this.#lastPlace = undefined
  }

  #forgetBatch(number: number, place: Place): void {
    const batch = this.#batches.get(number)
    if (batch === undefined) return
    const at = batch.intents.indexOf(place)
    if (at >= 0) batch.intents.splice(at, 1)
    else batch.isSettled = true
    if (batch.intents.length === 0) this.#batches.delete(number)
  }

  #loadOf(place: Place): Load {
    if (place === this.#lastPlace) return this.#lastLoad!
    let load = this.#loads.get(place)
    if (load === undefined)
      this.#loads.set(
        place,
        (load = { streams: [], batches: [], live: 0, liveBytes: 0, openIntents: 0, indexBytes: 0 }),
      )
    this.#lastPlace = place
    this.#lastLoad = load
    return load
  }
}
