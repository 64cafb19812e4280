/**
 * What the archive holds: enough in memory to say "no" at once, and to find the rest by one manifest.
 *
 *     stream, player --held-games.ts--> ordinal --> batch --manifest (shelf)--> the game's place in the segment
 *
 * No object a game or a batch. "No" is exact; "yes" is wrong once in 2^64 for every game held, and `find` confirms it.
 * Only what a manifest names is ever in here. Of a game that was dropped the fingerprint stays: it is never listed or
 * found, and its id is never used again.
 */
import type { Fault } from '../events/fault.js'
import { fingerprintOf, fingerprintText } from '../events/fingerprint.js'
import { streamIdOf, type Kind, type PlayerId, type Position, type StreamId } from '../events/ids.js'
import { ArchiveOfAnotherLedgerError } from './archive-error.js'
import type { ArchiveCount, ArchivePage, ArchiveQuery } from './archive-query.js'
import { ArchivedGame } from './archived-game.js'
import { manifestKeyOf } from './batch-key.js'
import { digestOf, type BatchDigest } from './catalog/batch-digest.js'
import type { CatalogBatch } from './catalog/batch-table.js'
import { CatalogOpening } from './catalog/catalog-opening.js'
import type { CatalogStore } from './catalog/catalog-store.js'
import { GameList, type SlotRun } from './catalog/game-list.js'
import { HeldGames } from './catalog/held-games.js'
import { Paging } from './catalog/paging.js'
import { SavedCatalog } from './catalog/saved-catalog.js'
import type { ColdStore } from './cold-store.js'
import type { ArchiveIdentity } from './identity.js'
import type { IndexedGame, Manifest } from './manifest.js'
import { ManifestShelf } from './manifest-shelf.js'
import { gameIn, slotsOf, type PackedSlots } from './packed-slots.js'
import { Pins, type Pin } from './pins.js'

/** Some 7 million games with two players each. */
export const catalogBytesMaxDefault = 256 * 1024 * 1024

export class Catalog {
  readonly #store: ColdStore
  readonly #identity: ArchiveIdentity
  readonly #shelf: ManifestShelf
  readonly #saved: SavedCatalog | undefined
  readonly #paging: Paging | undefined
  #held = new HeldGames()
  readonly #pins = new Pins()
  readonly #list: GameList

  /**
   * @param place where it is kept between two openings, and paged to beyond `bytesMax`; without one it is all in memory
   * @param bytesMax memory that it takes, beside the manifests that were read last
   */
  constructor(
    store: ColdStore,
    identity: ArchiveIdentity,
    place?: CatalogStore,
    bytesMax = catalogBytesMaxDefault,
  ) {
    this.#store = store
    this.#identity = identity
    this.#shelf = new ManifestShelf(store)
    this.#saved = place && new SavedCatalog(place, identity.archiveId)
    this.#paging = place && new Paging(place, bytesMax)
    this.#list = new GameList({ held: () => this.#held, slotsAt: (ordinal) => this.#slotsAt(ordinal) })
  }

  /**
   * Reads the saved catalog, and the manifests of batches that came after it; all of them where none was saved, or it is
   * not believed. @returns what there is to tell of it
   * @throws CorruptManifestError, ArchiveTooNewError, ArchiveOfAnotherLedgerError
   */
  async open(): Promise<readonly Fault[]> {
    const opening = new CatalogOpening({
      store: this.#store,
      shelf: this.#shelf,
      saved: this.#saved,
      paging: this.#paging,
      digestOf: (manifest) => this.#digestOf(manifest),
    })
    const { held, faults } = await opening.run()
    this.#held = held
    return faults
  }

  /**
   * Saves what came since the last time, and makes room where more is held than `bytesMax`; nothing where there is no
   * place for it. @throws what its store throws
   */
  async save(): Promise<void> {
    await this.#saved?.save()
    await this.#paging?.keep(this.#held)
  }

  /** What was paged is gone: no more is asked of it. */
  async close(): Promise<void> {
    await this.#paging?.close()
  }

  /** Those that can be found: without those that are gone. */
  get games(): number {
    return this.#held.games
  }
  get events(): number {
    return this.#held.events
  }
  /** Of all segments. */
  get bytes(): number {
    return this.#held.segmentBytes
  }
  /** Memory that the catalog takes, beside the manifests that were read last. */
  get bytesHeld(): number {
    return this.#held.bytes
  }
  /** The highest position in the archive, of games that are gone, too; 0 when it is empty. */
  get lastPosition(): Position {
    return this.#held.lastPosition as Position
  }
  /** The highest number of a batch; 0 when the archive is empty. */
  get lastBatch(): number {
    return this.#held.newest.batch
  }
  /** Of each kind of which games were dropped: up to this position some are missing. */
  get shortenedThrough(): ReadonlyMap<Kind, Position> {
    return this.#held.shortenedThrough
  }
  /** Whether another ledger than this one has filled it, or a part of it. */
  get isAdopted(): boolean {
    return this.#identity.ledgerIds.size > 1
  }
  /** The kinds of games that were ever archived. */
  get kinds(): readonly Kind[] {
    return this.#held.table.kinds
  }

  /**
   * The batches as they are now, in order of final position; a copy, which later ones do not join. Where a range is
   * given, only those that may have an event in (after, through]. O(batches), an object for each that is given.
   */
  batches({ after = -1, through = Infinity }: Partial<BatchRange> = {}): readonly CatalogBatch[] {
    const { table } = this.#held
    const found: CatalogBatch[] = []
    for (let row = 0; row < table.rows; row++)
      if (!table.isVoid(row) && table.mayHavePosition(row, after, through)) found.push(table.at(row))
    return found
  }

  /** The manifest of a batch. */
  async manifestOf(batch: number): Promise<Manifest> {
    return this.#shelf.whole(batch)
  }

  /** The games of a batch, in order of their final position. */
  async endedIn(batch: number): Promise<readonly IndexedGame[]> {
    return slotsOf(await this.#shelf.whole(batch))
      .map(gameIn)
      .filter((game) => game !== undefined)
  }

  /** Holds what is there now, until it is released: nothing that is replaced meanwhile is deleted. */
  pin(): Pin {
    return this.#pins.pin()
  }

  /** Resolves when all pins that are held now are released. */
  released(): Promise<void> {
    return this.#pins.released()
  }

  /** Whether a manifest of this batch is known, and was not replaced. O(batches), by memory alone. */
  hasBatch(batch: number): boolean {
    return this.#held.table.rowOfBatch(batch) >= 0
  }

  /** Whether these batches are believed and lie one behind the other, in this order. O(batches). */
  areNeighbours(batches: readonly number[]): boolean {
    return this.#held.table.areNeighbours(batches)
  }

  /** Takes in a batch whose manifest stands in the store; numbers rise. @throws ArchiveOfAnotherLedgerError */
  add(manifest: Manifest): void {
    const digest = this.#digestOf(manifest)
    this.#held.enter(digest)
    this.#saved?.note(digest)
    this.#shelf.keep(manifest)
  }

  /**
   * Takes in a batch, whose manifest stands in the store, in place of those that it replaces: the same games in the same
   * order, some of them perhaps gone. No ordinal changes, and what is being listed goes on.
   * @throws CorruptManifestError where it holds other games than they do, ArchiveOfAnotherLedgerError
   */
  replace(manifest: Manifest): void {
    this.add(manifest)
  }

  /**
   * Whether the archive has or had this stream, from memory alone. `false` is exact. `true` is wrong once in 2^64 for
   * every game held: where that would cost something, confirm it by `find`. O(log games); of games that were paged
   * "yes" reads some blocks of the disk, and so does one "no" in 250.
   */
  mayHave(stream: StreamId): boolean {
    return this.#held.has(fingerprintOf(stream))
  }

  /** How many events a game had that is gone; `undefined` where none is. At most one manifest is read. */
  async goneEvents(stream: StreamId): Promise<number | undefined> {
    const fingerprint = fingerprintOf(stream)
    const text = fingerprintText(fingerprint)
    for (const ordinal of this.#held.ordinals(fingerprint)) {
      const { firstOrdinal, slots } = await this.#slotsAt(ordinal)
      const slot = slots.at(ordinal - firstOrdinal)
      if ('fingerprint' in slot && slot.fingerprint === text) return slot.events
    }
    return undefined
  }

  /** The game of this stream; exact; none where it is gone. At most one manifest is read. Who reads its log: `readGame`. */
  async find(stream: StreamId): Promise<ArchivedGame | undefined> {
    for (const ordinal of this.#held.ordinals(fingerprintOf(stream))) {
      const { firstOrdinal, slots } = await this.#slotsAt(ordinal)
      const game = gameIn(slots.at(ordinal - firstOrdinal))
      if (game && streamIdOf(game.kind, game.gameId) === stream)
        return new ArchivedGame(this.#store, slots.segment, game)
    }
    return undefined
  }

  /** Whether this stream was ever archived, whether it is still there or was dropped; exact but for fingerprints of what was dropped. */
  async had(stream: StreamId): Promise<boolean> {
    if (!this.mayHave(stream)) return false
    return (await this.find(stream)) !== undefined || (await this.goneEvents(stream)) !== undefined
  }

  /** Finds a game and reads of it, pinned: it stays where it was found until `read` has ended. */
  async readGame<Result>(
    stream: StreamId,
    read: (game: ArchivedGame) => Promise<Result>,
  ): Promise<Result | undefined> {
    const pin = this.pin()
    try {
      const game = await this.find(stream)
      return game && (await read(game))
    } finally {
      pin.release()
    }
  }

  /** The games of a player, newest first. Reads the manifests of the page; no segment. */
  ofPlayer(player: PlayerId, query: Omit<ArchiveQuery, 'player'> = {}): Promise<ArchivePage> {
    return this.list({ ...query, player })
  }

  /**
   * Games by what is asked, newest first, by pages. Reads no segment, and only manifests in which a game may be that is
   * asked for. O(games of the player) or, without a player, O(batches) and the manifests read.
   * @throws TypeError where the cursor or the limit is none
   */
  list(query: ArchiveQuery = {}): Promise<ArchivePage> {
    return this.#list.page(query)
  }

  /**
   * How many games a query names, and their events. By time and kind it reads the manifests at the edges of the time
   * alone; by player, opponent or reason those of all games passed. No segment.
   */
  count(query: Omit<ArchiveQuery, 'cursor' | 'limit'> = {}): Promise<ArchiveCount> {
    return this.#list.count(query)
  }

  #digestOf(manifest: Manifest): BatchDigest {
    const { ledgerIds, ledgerId } = this.#identity
    if (!ledgerIds.has(manifest.ledger))
      throw new ArchiveOfAnotherLedgerError(manifestKeyOf(manifest.batch), manifest.ledger, ledgerId)
    return digestOf(manifest)
  }

  /** Where they are at hand no promise is made of them. */
  #slotsAt(ordinal: number): SlotRun | Promise<SlotRun> {
    const { table } = this.#held
    const { batch, firstOrdinal } = table.at(table.rowOfOrdinal(ordinal))
    const kept = this.#shelf.slots(batch)
    if (!(kept instanceof Promise)) return { firstOrdinal, slots: kept }
    return kept.then(
      (slots: PackedSlots) => ({ firstOrdinal, slots }),
      (cause: unknown) => {
        // It may have been replaced, and deleted, meanwhile.
        if (table.batchAt(table.rowOfOrdinal(ordinal)) === batch) throw cause
        return this.#slotsAt(ordinal)
      },
    )
  }
}

/** A stretch of positions. */
interface BatchRange {
  readonly after: number
  readonly through: number
}
