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
import { fingerprintOf, FingerprintTable } from '../events/fingerprint.js'
import { streamIdOf, type Kind, type PlayerId, type Position, type StreamId } from '../events/ids.js'
import { ArchiveOfAnotherLedgerError } from './archive-error.js'
import { ArchivedGame } from './archived-game.js'
import { batchOfManifestKey, manifestKeyOf } from './batch-key.js'
import type { ColdStore } from './cold-store.js'
import type { ArchiveIdentity } from './identity.js'
import type { IndexedGame, Manifest } from './manifest.js'
import { ManifestShelf, type ShelvedManifest } from './manifest-shelf.js'
import { PlayerGames } from './player-games.js'
import { TimeSlice } from '../events/time-slice.js'

/** What is kept in memory of a batch. */
export interface CatalogBatch {
  readonly batch: number
  /** The ordinal of its first game. */
  readonly firstOrdinal: number
  readonly games: number
  /** The lowest and the highest position of its events; the lowest of its final events. */
  readonly firstPosition: Position
  readonly lastPosition: Position
  readonly firstFinalPosition: Position
  /** The earliest and the latest end of a game, ms since 1970. */
  readonly firstEndAt: number
  readonly lastEndAt: number
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
  readonly #batches: CatalogBatch[] = []
  #games = 0
  #events = 0
  #bytes = 0
  #lastPosition = 0

  constructor(store: ColdStore, identity: ArchiveIdentity) {
    this.#store = store
    this.#identity = identity
    this.#shelf = new ManifestShelf(store)
  }

  /** Reads all manifests. @throws CorruptManifestError, ArchiveTooNewError, ArchiveOfAnotherLedgerError */
  async open(): Promise<void> {
    const slice = new TimeSlice()
    const reading: Promise<ShelvedManifest>[] = []
    const take = async () => {
      this.add((await reading.shift()!).manifest)
      if (slice.isOver()) await slice.next()
    }
    for await (const key of this.#store.list('', manifestKeyOf(this.lastBatch))) {
      const batch = batchOfManifestKey(key)
      if (batch === undefined) continue
      const manifest = Promise.resolve(this.#shelf.get(batch))
      manifest.catch(() => undefined)
      reading.push(manifest)
      if (reading.length >= readsMax) await take()
    }
    while (reading.length > 0) await take()
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
    return this.#batches.at(-1)?.batch ?? 0
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
    return (await this.#shelf.get(batch)).games
  }

  /** Whether a manifest of this batch is known. O(log batches). */
  hasBatch(batch: number): boolean {
    return this.#batches[this.#lastWhere((entry) => entry.batch <= batch)]?.batch === batch
  }

  /** Takes in a batch whose manifest stands in the store; numbers rise. @throws ArchiveOfAnotherLedgerError */
  add(manifest: Manifest): void {
    const { ledgerIds, ledgerId } = this.#identity
    if (!ledgerIds.has(manifest.ledger))
      throw new ArchiveOfAnotherLedgerError(manifestKeyOf(manifest.batch), manifest.ledger, ledgerId)
    const { games } = this.#shelf.keep(manifest)
    let firstEndAt = Infinity
    let lastEndAt = -Infinity
    const firstOrdinal = this.#games
    for (const game of games) {
      this.#enter(game)
      firstEndAt = Math.min(firstEndAt, game.lastAt)
      lastEndAt = Math.max(lastEndAt, game.lastAt)
    }
    const { batch, firstPosition, lastPosition } = manifest
    const firstFinalPosition = games[0]!.lastPosition
    this.#batches.push({
      batch,
      firstOrdinal,
      games: games.length,
      firstPosition,
      lastPosition,
      firstFinalPosition,
      firstEndAt,
      lastEndAt,
    })
    this.#bytes += manifest.bytes
    this.#lastPosition = Math.max(this.#lastPosition, lastPosition)
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
      const { manifest, games } = await this.#shelf.get(batch)
      const game = games[ordinal - firstOrdinal]!
      if (streamIdOf(game.kind, game.gameId) === stream)
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
    const end = newest ? newest.firstOrdinal + newest.games : 0
    let entry: CatalogBatch | undefined
    for (const ordinal of this.#ordinalsOf(query, end)) {
      if (slice.isOver()) await slice.next()
      if (ordinal === undefined) continue
      if (!entry || ordinal < entry.firstOrdinal) entry = this.#batchOf(ordinal)
      if (entry.lastEndAt < from || entry.firstEndAt > to) continue
      const game = await this.#gameAt(entry, ordinal)
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

  #enter(game: IndexedGame): void {
    const ordinal = this.#games++
    this.#fingerprints.add(fingerprintOf(streamIdOf(game.kind, game.gameId)), ordinal)
    for (const player of new Set(game.players)) this.#players.add(player, ordinal)
    this.#kinds.add(game.kind)
    this.#events += game.events
  }

  async #gameAt(entry: CatalogBatch, ordinal: number): Promise<IndexedGame> {
    const shelved = this.#shelf.get(entry.batch)
    const { games } = shelved instanceof Promise ? await shelved : shelved
    return games[ordinal - entry.firstOrdinal]!
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
