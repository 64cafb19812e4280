/**
 * What the archive holds, in memory: enough to say "no" at once, and to find the rest by one manifest.
 *
 *     stream --fingerprint--> ordinal --binary search--> batch --manifest (shelf)--> the game's place in the segment
 *     player --chain--------> ordinals, newest first
 *
 * Ordinals number the games in order of their final position: batches are cut in that order, and within a batch
 * they follow it. A game costs 24 to 48 bytes of fingerprints and 8 a player: no object. "No" is exact; "yes" is
 * wrong once in 2^64 for every game held, and `find` confirms it. Only what a manifest names is ever in here.
 */
import { fingerprintOf, FingerprintTable, fingerprintText, parseFingerprint } from '../events/fingerprint.js'
import { streamIdOf, type Kind, type PlayerId, type Position, type StreamId } from '../events/ids.js'
import { ArchiveOfAnotherLedgerError } from './archive-error.js'
import { ArchivedGame } from './archived-game.js'
import { batchOfManifestKey, manifestKeyOf } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import type { ArchiveIdentity } from './identity.js'
import type { GoneGame, IndexedGame, Manifest } from './manifest.js'
import { gameIn, ManifestShelf } from './manifest-shelf.js'
import { Pins, type Pin } from './pins.js'
import { PlayerGames } from './player-games.js'
import { TimeSlice } from '../events/time-slice.js'

/** What is kept in memory of a batch. */
export interface CatalogBatch {
  readonly batch: number
  /** The ordinal of its first game. */
  readonly firstOrdinal: number
  /** Its games and those that are gone: so many ordinals it takes. */
  readonly slots: number
  readonly games: number
  /** Of the segment. */
  readonly bytes: number
  /** The lowest and the highest position of its events; the lowest of its final events. */
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly firstFinalPosition: Position
  /** The earliest and the latest end of a game, ms since 1970. */
  readonly firstEndAt: number
  readonly lastEndAt: number
}

interface Entry extends CatalogBatch {
  readonly events: number
}

/** Which games to list; all where nothing is said. */
export interface ArchiveQuery {
  readonly player?: PlayerId
  /** Beside `player`: only games in which this one is, too. */
  readonly against?: PlayerId
  readonly kind?: Kind
  /** Games that ended at this time or later, ms since 1970. */
  readonly from?: number
  /** Games that ended at this time or earlier, ms since 1970. */
  readonly to?: number
  /** Games that ended for this reason, in the game's words: `'checkmate'`. */
  readonly reason?: string
  /** Goes on behind the page that gave this cursor. */
  readonly cursor?: string
  /** @default 50, at most 1 000 */
  readonly limit?: number
}

/** A page of games, newest first. */
export interface ArchivePage {
  readonly games: readonly IndexedGame[]
  /** Absent on the last page. */
  readonly cursor?: string
}

/** How much a query names. */
export interface ArchiveCount {
  readonly games: number
  readonly events: number
}

const limitDefault = 50
const limitMax = 1_000
/** Manifests read at a time while opening: hides the latency of a remote store, and bounds memory. */
const readsMax = 16

export class Catalog {
  readonly #store: ColdStore
  readonly #identity: ArchiveIdentity
  readonly #shelf: ManifestShelf
  readonly #fingerprints = new FingerprintTable()
  readonly #players = new PlayerGames()
  readonly #kinds = new Set<Kind>()
  readonly #pins = new Pins()
  readonly #replaced = new Set<number>()
  #batches: Entry[] = []
  #ordinals = 0
  #lastBatch = 0
  #games = 0
  #events = 0
  #bytes = 0
  #lastPosition = 0
  #shortenedThrough = 0

  constructor(store: ColdStore, identity: ArchiveIdentity) {
    this.#store = store
    this.#identity = identity
    this.#shelf = new ManifestShelf(store)
  }

  /** Reads all manifests. @throws CorruptManifestError, ArchiveTooNewError, ArchiveOfAnotherLedgerError */
  async open(): Promise<void> {
    const slice = new TimeSlice()
    const found: { readonly batch: number; readonly lastPosition: number }[] = []
    const reading: { readonly batch: number; readonly manifest: Promise<Manifest> }[] = []
    const look = async () => {
      const { batch, manifest } = reading.shift()!
      const { replaces = [], games, gone = [] } = await manifest
      for (const replaced of replaces) this.#replaced.add(replaced)
      found.push({ batch, lastPosition: Math.min(...[...games, ...gone].map((game) => game.lastPosition)) })
      if (slice.isOver()) await slice.next()
    }
    for await (const key of this.#store.list('')) {
      const batch = batchOfManifestKey(key)
      if (batch === undefined) continue
      const manifest = Promise.resolve(this.#shelf.get(batch)).then((shelved) => shelved.manifest)
      manifest.catch(() => undefined)
      reading.push({ batch, manifest })
      if (reading.length >= readsMax) await look()
    }
    while (reading.length > 0) await look()
    const believed = found.filter(({ batch }) => !this.#replaced.has(batch))
    for (const { batch } of believed.sort((one, other) => one.lastPosition - other.lastPosition))
      this.add((await this.#shelf.get(batch)).manifest)
  }

  get games(): number {
    return this.#games
  }
  get events(): number {
    return this.#events
  }
  /** Of all segments. */
  get bytes(): number {
    return this.#bytes
  }
  /** The highest position in the archive; 0 when it is empty. */
  get lastPosition(): Position {
    return this.#lastPosition as Position
  }
  /** The number of the newest batch; 0 when the archive is empty. */
  get lastBatch(): number {
    return this.#lastBatch
  }
  /** Up to this position games are missing that were dropped; 0 where none was. */
  get shortenedThrough(): Position {
    return this.#shortenedThrough as Position
  }
  /** Whether another ledger than this one has filled it, or a part of it. */
  get isAdopted(): boolean {
    return this.#identity.ledgerIds.size > 1
  }
  /** The kinds of the games held. */
  get kinds(): ReadonlySet<Kind> {
    return this.#kinds
  }

  /** The batches as they are now; a copy, which later ones do not join. */
  batches(): readonly CatalogBatch[] {
    return this.#batches.slice()
  }

  /** The manifest of a batch. */
  async manifestOf(batch: number): Promise<Manifest> {
    return (await this.#shelf.get(batch)).manifest
  }

  /** The games of a batch, in order of their final position. */
  async endedIn(batch: number): Promise<readonly IndexedGame[]> {
    const { slots } = await this.#shelf.get(batch)
    return slots.flatMap((slot) => gameIn(slot) ?? [])
  }

  /** Holds what is there now, until it is released: nothing that is replaced meanwhile is deleted. */
  pin(): Pin {
    return this.#pins.pin()
  }

  /** Resolves when all pins that are held now are released. */
  released(): Promise<void> {
    return this.#pins.released()
  }

  /** Whether a manifest of this batch is believed. */
  hasBatch(batch: number): boolean {
    return this.#batches.some((entry) => entry.batch === batch)
  }

  /** Takes in a batch whose manifest stands in the store; numbers rise. @throws ArchiveOfAnotherLedgerError */
  add(manifest: Manifest): void {
    this.#checkHome(manifest)
    const { slots } = this.#shelf.keep(manifest)
    for (const slot of slots) {
      const ordinal = this.#ordinals++
      const game = gameIn(slot)
      if (game) this.#enter(game, ordinal)
      else this.#fingerprints.add(parseFingerprint((slot as GoneGame).fingerprint), ordinal)
    }
    const entry = this.#entryOf(manifest, this.#ordinals - slots.length)
    this.#batches.push(entry)
    this.#count(entry, manifest)
  }

  /** Believes a replacing manifest that stands in the store, instead of those which it replaces. O(batches). */
  replace(manifest: Manifest): void {
    this.#checkHome(manifest)
    const all = new Set(manifest.replaces)
    const first = this.#batches.findIndex(({ batch }) => all.has(batch))
    const run = this.#batches.filter(({ batch }) => all.has(batch))
    const entry = this.#entryOf(manifest, run[0]!.firstOrdinal)
    if (run.reduce((sum, { slots }) => sum + slots, 0) !== entry.slots)
      throw new Error(`Batch ${manifest.batch} has other games than those that it replaces.`)
    for (const { batch, games, events, bytes } of run) {
      this.#replaced.add(batch)
      this.#bytes -= bytes
      this.#games -= games
      this.#events -= events
    }
    this.#batches = this.#batches.toSpliced(first, run.length, entry)
    this.#shelf.keep(manifest)
    this.#count(entry, manifest)
  }

  /** How many events a game had that is gone; `undefined` where none is. At most one manifest is read. */
  async goneEvents(stream: StreamId): Promise<number | undefined> {
    const fingerprint = fingerprintOf(stream)
    const text = fingerprintText(fingerprint)
    for (const ordinal of this.#fingerprints.candidates(fingerprint)) {
      const { batch, firstOrdinal } = this.#batchOf(ordinal)
      const slot = (await this.#shelf.get(batch)).slots[ordinal - firstOrdinal]!
      if ('fingerprint' in slot && slot.fingerprint === text) return slot.events
    }
    return undefined
  }

  /**
   * Whether the archive holds this stream, from memory alone. `false` is exact. `true` is wrong once in 2^64 for
   * every game held: where that would cost something, confirm it by `find`. O(1).
   */
  mayHave(stream: StreamId): boolean {
    return this.#fingerprints.find(fingerprintOf(stream), () => true) !== undefined
  }

  /** The game of this stream; exact. At most one manifest is read. */
  async find(stream: StreamId): Promise<ArchivedGame | undefined> {
    for (const ordinal of this.#fingerprints.candidates(fingerprintOf(stream))) {
      const { batch, firstOrdinal } = this.#batchOf(ordinal)
      const { manifest, slots } = await this.#shelf.get(batch)
      const game = gameIn(slots[ordinal - firstOrdinal]!)
      if (game && streamIdOf(game.kind, game.gameId) === stream)
        return new ArchivedGame(this.#store, manifest.segment, game)
    }
    return undefined
  }

  /** The games of a player, newest first. Reads the manifests of the page; no segment. */
  ofPlayer(player: PlayerId, query: Omit<ArchiveQuery, 'player'> = {}): Promise<ArchivePage> {
    return this.list({ ...query, player })
  }

  /**
   * Games by what is asked, newest first, by pages. Reads no segment. O(games of the player) or, without a player,
   * O(games passed): batches that ended outside [from, to] are passed over whole.
   * @throws TypeError where the cursor or the limit is none
   */
  async list(query: ArchiveQuery = {}): Promise<ArchivePage> {
    const limit = limitOf(query.limit)
    const found: IndexedGame[] = []
    const slice = new TimeSlice()
    for await (const game of this.#newestFirst(query, slice)) {
      if (found.length === limit) return { games: found, cursor: String(found[limit - 1]!.lastPosition) }
      found.push(game)
    }
    return { games: found }
  }

  /** How many games a query names, and their events. Reads the manifests passed; no segment. O(games passed). */
  async count(query: Omit<ArchiveQuery, 'cursor' | 'limit'> = {}): Promise<ArchiveCount> {
    let games = 0
    let events = 0
    for await (const game of this.#newestFirst(query, new TimeSlice())) {
      games++
      events += game.events
    }
    return { games, events }
  }

  async *#newestFirst(query: ArchiveQuery, slice: TimeSlice): AsyncGenerator<IndexedGame, void, undefined> {
    const { kind, reason, from = -Infinity, to = Infinity } = query
    const before = positionOfCursor(query.cursor)
    const newest = this.#batches[this.#lastWhere((entry) => entry.firstFinalPosition < before)]
    const end = newest ? newest.firstOrdinal + newest.slots : 0
    let entry: CatalogBatch | undefined
    for (const ordinal of this.#ordinalsOf(query, end)) {
      if (slice.isOver()) await slice.next()
      if (ordinal === undefined) continue
      if (!entry || ordinal < entry.firstOrdinal) entry = this.#batchOf(ordinal)
      if (entry.lastEndAt < from || entry.firstEndAt > to) continue
      const game = await this.#gameAt(entry, ordinal)
      if (!game) continue
      const isWanted = game.lastPosition < before && game.lastAt >= from && game.lastAt <= to
      const isReason = reason === undefined || game.outcome?.reason === reason
      if (isWanted && isReason && (kind === undefined || game.kind === kind)) yield game
    }
  }

  /** The ordinals below `end` that may be asked for, newest first; `undefined` for each step that leads to none. */
  #ordinalsOf({ player, against }: ArchiveQuery, end: number): Iterable<number | undefined> {
    if (player === undefined) return downFrom(end)
    const games = this.#players.ordinals(player, end)
    return against === undefined ? games : inBoth(games, this.#players.ordinals(against, end))
  }

  #checkHome(manifest: Manifest): void {
    const { ledgerIds, ledgerId } = this.#identity
    if (!ledgerIds.has(manifest.ledger))
      throw new ArchiveOfAnotherLedgerError(manifestKeyOf(manifest.batch), manifest.ledger, ledgerId)
  }

  #entryOf({ batch, games, gone = [], bytes, firstPosition, lastPosition }: Manifest, firstOrdinal: number) {
    const ends = games.map(({ lastAt }) => lastAt)
    return {
      batch,
      firstOrdinal,
      slots: games.length + gone.length,
      games: games.length,
      events: games.reduce((sum, { events }) => sum + events, 0),
      bytes,
      firstPosition,
      lastPosition,
      firstFinalPosition: Math.min(...[...games, ...gone].map((game) => game.lastPosition)) as Position,
      firstEndAt: Math.min(...ends),
      lastEndAt: Math.max(...ends),
    }
  }

  #count({ batch, games, events, bytes, lastPosition }: Entry, { gone = [] }: Manifest): void {
    this.#lastBatch = Math.max(this.#lastBatch, batch)
    this.#bytes += bytes
    this.#games += games
    this.#events += events
    this.#lastPosition = Math.max(this.#lastPosition, lastPosition)
    for (const game of gone) this.#shortenedThrough = Math.max(this.#shortenedThrough, game.lastPosition)
  }

  #enter(game: IndexedGame, ordinal: number): void {
    this.#fingerprints.add(fingerprintOf(streamIdOf(game.kind, game.gameId)), ordinal)
    for (const player of new Set(game.players)) this.#players.add(player, ordinal)
    this.#kinds.add(game.kind)
  }

  async #gameAt(entry: CatalogBatch, ordinal: number): Promise<IndexedGame | undefined> {
    const shelved = this.#shelf.get(entry.batch)
    const { slots } = shelved instanceof Promise ? await shelved : shelved
    return gameIn(slots[ordinal - entry.firstOrdinal]!)
  }

  #batchOf(ordinal: number): CatalogBatch {
    return this.#batches[this.#lastWhere((entry) => entry.firstOrdinal <= ordinal)]!
  }

  /** The index of the last batch for which a condition holds that holds for all before it; -1 where for none. */
  #lastWhere(holds: (entry: CatalogBatch) => boolean): number {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(this.#batches[middle]!)) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function* downFrom(end: number): Generator<number, void, undefined> {
  for (let ordinal = end - 1; ordinal >= 0; ordinal--) yield ordinal
}

/** What two falling sequences share; `undefined` for each step that leads to nothing. */
function* inBoth(
  one: Iterator<number, void>,
  other: Iterator<number, void>,
): Generator<number | undefined, void, undefined> {
  let [high, low] = [one.next(), other.next()]
  while (!high.done && !low.done) {
    yield high.value === low.value ? high.value : undefined
    if (high.value > low.value) high = one.next()
    else if (high.value < low.value) low = other.next()
    else [high, low] = [one.next(), other.next()]
  }
}

const limitOf = (limit = limitDefault): number => {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > limitMax)
    throw new TypeError(`A limit is a whole number from 1 to ${limitMax}; got ${String(limit)}.`)
  return limit
}

const positionOfCursor = (cursor: string | undefined): number => {
  if (cursor === undefined) return Infinity
  const position = Number(cursor)
  if (!Number.isSafeInteger(position) || position < 1)
    throw new TypeError(`A cursor is what the page before gave; got ${JSON.stringify(cursor)}.`)
  return position
}
