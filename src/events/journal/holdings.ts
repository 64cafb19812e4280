/**
 * What keeps each piece of a log alive: which streams and which batches of the archiver have records in it.
 *
 * A journal's log lies in places: log files on a disk, chunks in memory. A place may go when nothing in it is
 * needed any more:
 *   - every stream in it is released, and
 *   - no intent in it waits for its `committed`, and
 *   - no `committed` in it answers an intent in another place (else that intent would seem open at the next start).
 *
 * A released stream may so lose some of its places and keep others. Its remains are *remnants*: full of holes, and
 * never to be shown again. The tables are bounded by the streams and batches that have records in a place.
 */
import type { StreamId } from '../ids.js'
import type { StoredRecord } from './journal.js'

interface Holding<Place> {
  readonly places: Place[]
  /** Of its lines in each of them. */
  readonly bytes: number[]
  /** The number of the release, 0 while the stream is live. */
  released: number
  isRemnant: boolean
}

interface Load {
  readonly streams: StreamId[]
  readonly batches: number[]
  live: number
  liveBytes: number
  openIntents: number
}

interface Batch<Place> {
  readonly intents: Place[]
  isCommitted: boolean
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

  /** Enters a record that stands in `place`. O(1). */
  hold(record: StoredRecord, place: Place): void {
    if (record.type === 'events') this.holdStream(record.stream, place, record.end - record.start)
    else if (record.type === 'intent') this.holdIntent(record.batch, place)
    else this.holdCommitted(record.batch, place)
  }

  /** Enters a stream that has so many bytes more in `place`. O(1). */
  holdStream(stream: StreamId, place: Place, bytes: number): void {
    let holding = this.#streams.get(stream)
    if (holding === undefined)
      this.#streams.set(stream, (holding = { places: [], bytes: [], released: 0, isRemnant: false }))
    const { places } = holding
    const load = this.#loadOf(place)
    if (holding.released === 0) load.liveBytes += bytes
    if (places[places.length - 1] === place) holding.bytes[places.length - 1]! += bytes
    else {
      places.push(place)
      holding.bytes.push(bytes)
      load.streams.push(stream)
      if (holding.released === 0) load.live++
    }
  }

  holdIntent(number: number, place: Place): void {
    const batch = this.#batches.get(number)
    if (batch === undefined) this.#batches.set(number, { intents: [place], isCommitted: false })
    else batch.intents.push(place)
    const load = this.#loadOf(place)
    load.batches.push(number)
    if (batch?.isCommitted !== true) load.openIntents++
  }

  holdCommitted(number: number, place: Place): void {
    const batch = this.#batches.get(number)
    this.#loadOf(place).batches.push(number)
    if (batch === undefined) this.#batches.set(number, { intents: [], isCommitted: true })
    if (batch === undefined || batch.isCommitted) return
    batch.isCommitted = true
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
      holding.places.forEach((place, at) => {
        const load = this.#loadOf(place)
        load.liveBytes -= holding.bytes[at]!
        if (--load.live === 0) this.#mayReclaim = true
      })
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
    return this.#streams.get(stream)?.places ?? []
  }

  /** Takes out every sealed place that nothing needs, and returns them. O(1) where nothing changed since. */
  reclaim(isSealed: (place: Place) => boolean): Place[] {
    if (!this.#mayReclaim) return []
    this.#mayReclaim = false
    const reclaimed: Place[] = []
    for (const [place, load] of this.#loads)
      if (load.live === 0 && load.openIntents === 0) {
        if (!isSealed(place)) this.#mayReclaim = true
        else if (load.batches.every((batch) => this.#isAnswered(batch, place))) {
          this.#forget(place, load)
          reclaimed.push(place)
        }
      }
    return reclaimed
  }

  /**
   * Places with live records, and with nothing else that is needed, of which `isSparse` says so by their live bytes.
   * O(places).
   */
  sparse(isSparse: (place: Place, liveBytes: number) => boolean): Place[] {
    const found: Place[] = []
    for (const [place, { live, liveBytes, openIntents, batches }] of this.#loads)
      if (live > 0 && openIntents === 0 && batches.every((batch) => this.#isAnswered(batch, place)))
        if (isSparse(place, liveBytes)) found.push(place)
    return found
  }

  /** Whether a stream has records, and is not released. */
  isLive(stream: StreamId): boolean {
    return this.#streams.get(stream)?.released === 0
  }

  /** The live records of some places stand in `to` now, so many bytes a stream; the places themselves are gone. */
  carry(from: readonly Place[], to: Place, bytes: ReadonlyMap<StreamId, number>): void {
    for (const [stream, length] of bytes) if (this.#streams.has(stream)) this.holdStream(stream, to, length)
    for (const place of from) this.#forget(place, this.#loads.get(place)!)
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

  #isAnswered(number: number, place: Place): boolean {
    return this.#batches.get(number)?.intents.every((intent) => intent === place) ?? true
  }

  #forget(place: Place, load: Load): void {
    for (const stream of load.streams) {
      const holding = this.#streams.get(stream)!
      const at = holding.places.indexOf(place)
      holding.places.splice(at, 1)
      holding.bytes.splice(at, 1)
      holding.isRemnant ||= holding.released > 0
      if (holding.places.length > 0) continue
      this.#streams.delete(stream)
      if (this.#readers > 0) this.#buried.set(stream, holding.released)
    }
    for (const number of load.batches) this.#forgetBatch(number, place)
    this.#loads.delete(place)
    if (this.#lastPlace === place) this.#lastPlace = undefined
    // A `committed` elsewhere may have waited for an intent here.
    this.#mayReclaim = true
  }

  #forgetBatch(number: number, place: Place): void {
    const batch = this.#batches.get(number)
    const at = batch?.intents.indexOf(place) ?? -1
    if (at >= 0) batch!.intents.splice(at, 1)
    if (batch?.intents.length === 0) this.#batches.delete(number)
  }

  #loadOf(place: Place): Load {
    if (place === this.#lastPlace) return this.#lastLoad!
    let load = this.#loads.get(place)
    if (load === undefined)
      this.#loads.set(place, (load = { streams: [], batches: [], live: 0, liveBytes: 0, openIntents: 0 }))
    this.#lastPlace = place
    this.#lastLoad = load
    return load
  }
}
