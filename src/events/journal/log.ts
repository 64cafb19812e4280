/**
 * The log as a whole: its files in order, the one that is written, the spare one, and the manifest that names them.
 *
 *     log-3  sealed   ->  log-4  active  ->  log-5  spare (reserved, synced, in the manifest, no header yet)
 *
 *     log-1  generation 1: games that were carried out of files which are gone (carrying.ts), or out of memory (whole-games.ts)
 *
 * When a frame no longer fits, the active file is sealed by an index, the spare becomes the active file (header written
 * and synced) and the next spare is made in the background (reserve.ts). How files leave again is upkeep.ts; the first
 * failure of any of this is handed to `failed`, once for each, and the journal stops there.
 */
import type { StreamId } from '../ids.js'
import type { LostGap } from '../lost-gap.js'
import { Ballast } from './ballast.js'
import type { Batch } from './batch.js'
import { areCovered, CarriedGames } from './carried-games.js'
import type { CarryingListener } from './carrying.js'
import type { Disk } from './disk.js'
import { indexFrame, indexFrameBytesMax } from './file-index.js'
import { fileHeaderBytes, formatMajor, formatMinor } from './frame.js'
import type { NoteOf } from './gathering.js'
import { Holdings } from './holdings.js'
import type { EventsRecord } from './journal.js'
import { LogFile } from './log-file.js'
import type { Manifest } from './manifest.js'
import { Manifests } from './manifests.js'
import { Reserve, type ReserveListener } from './reserve.js'
import { Upkeep } from './upkeep.js'

/** Where the log lies, and how large its pieces are. */
export interface LogPlace {
  readonly disk: Disk
  readonly directory: string
  readonly logFileBytesMax: number
}

/** Hears of the log's work in the background. */
export interface LogListener extends ReserveListener, CarryingListener {
  /** See `JournalListener`. */
  readonly noteOf: NoteOf
}

export class Log {
  readonly place: LogPlace
  readonly ledgerId: string
  readonly holdings = new Holdings<LogFile>()
  /** Room for one manifest where there is none. */
  readonly ballast: Ballast
  readonly upkeep: Upkeep
  /** All that have been begun, in order; the last is the active one. */
  files: LogFile[] = []
  /** Those of generation 1. */
  carried: LogFile[] = []
  readonly carriedGames = new CarriedGames()
  /** No position up to this one is given again: the last that is on the disk, or left out. */
  lastPosition: number
  /** How many events may be published and not synced from now on. */
  eventsAtRisk: number
  /** Positions that crashes took back. */
  lost: readonly LostGap[]
  readonly #quarantined: readonly StreamId[]
  readonly #repairedThrough: number
  readonly #reserve: Reserve
  readonly #manifests: Manifests
  #listener: LogListener | undefined
  #nextFileId: number

  constructor(place: LogPlace, manifest: Manifest) {
    this.place = place
    this.ballast = new Ballast(place.disk, place.directory, place.logFileBytesMax)
    this.ledgerId = manifest.ledgerId
    this.lastPosition = manifest.lastPosition
    this.eventsAtRisk = manifest.eventsAtRisk
    this.lost = manifest.lost
    this.#quarantined = manifest.quarantined
    this.#repairedThrough = manifest.repairedThrough
    this.#nextFileId = manifest.nextFileId
    this.#manifests = new Manifests(
      {
        place,
        manifest: (number, closedAtFrame) => this.#manifest(number, closedAtFrame),
        makeRoom: async () => (await this.giveBackKept()) || (await this.ballast.giveUp()),
      },
      manifest.number,
    )
    this.#reserve = new Reserve(this, {
      failed: (cause) => this.#listener?.failed(cause),
      space: (shortage) => {
        this.#listener?.space(shortage)
        // What can be carried frees more than it takes.
        if (shortage) this.upkeep.reclaim()
      },
    })
    this.upkeep = new Upkeep({
      log: this,
      reserve: this.#reserve,
      manifests: this.#manifests,
      listener: () => this.#listener,
    })
  }

  get active(): LogFile {
    return this.files[this.files.length - 1]!
  }

  /** From now on files are made and dropped in the background, and `listener` hears what goes wrong, or short. */
  run(listener: LogListener): void {
    this.#listener = listener
    this.#reserve.begin()
    this.upkeep.reclaim()
  }

  /** A new file object under the next id; nothing is on disk yet. */
  newFile(): LogFile {
    return new LogFile(this.place.directory, this.#nextFileId++)
  }

  /** Ids below this one may be on disk from an earlier try: never take them again. */
  skipFileIds(below: number): void {
    this.#nextFileId = Math.max(this.#nextFileId, below)
  }

  /** A spare file that an earlier opening left, ready to be begun. */
  adoptSpare(spare: LogFile): void {
    this.#reserve.adopt(spare)
  }

  /**
   * The file that takes a batch within what is reserved: the active one, or the spare, which then is active. Where
   * there is no room for it on the disk, this waits until there is.
   */
  async fileFor(batch: Batch): Promise<LogFile> {
    const { active } = this
    const bytes = batch.length + batch.indexBytes
    if (active.end + this.#indexBytes(active) + bytes <= active.reserved) return active
    if (active.end === fileHeaderBytes) {
      await this.#reserve.widen(active, bytes + indexFrameBytesMax)
      return active
    }
    const next = await this.#reserve.take(bytes + indexFrameBytesMax)
    await this.#goOnIn(next)
    return next
  }

  /**
   * Goes on in the spare, with nothing in it that a former life left, and makes the next one of zeros. Between two batches.
   * For an erasure: until `rewrite` has ended no file is used again.
   */
  async turnOver(): Promise<void> {
    await this.#reserve.keepNone()
    const next = await this.#reserve.take(indexFrameBytesMax)
    await next.wipe()
    await this.#goOnIn(next)
  }

  async #goOnIn(next: LogFile): Promise<void> {
    const { active } = this
    await active.seal(indexFrame(this.holdings.indexOf(active), active.lastFrame + 1, active.id))
    await next.begin(this.ledgerId, active.lastFrame + 1)
    this.files.push(next)
    this.#reserve.taken()
    this.upkeep.reclaim()
  }

  #indexBytes(file: LogFile): number {
    return this.holdings.indexBytesMax(file) + indexFrameBytesMax
  }

  /** Enters what lies in a batch that is about to be written to `file`. */
  hold(batch: Batch, file: LogFile): void {
    for (const { stream, bytes, firstVersion, lastVersion } of batch.events)
      this.holdings.holdStream(stream, file, bytes, firstVersion, lastVersion)
    for (const mark of batch.marks) this.holdings.hold(mark, file)
    file.cover(batch.firstPosition, batch.lastPosition)
  }

  /** A batch is on the disk: its positions are given for good. */
  keep({ lastPosition }: Batch): void {
    if (lastPosition > 0) this.lastPosition = lastPosition
  }

  /**
   * Puts the present state in force, as the next manifest (manifests.ts). Where there is no room for it kept files are
   * given back, then the ballast.
   */
  save(closedAtFrame?: number): Promise<void> {
    return this.#manifests.save(closedAtFrame)
  }

  /** Removes dropped files that wait to be used again. Resolves with whether there were some. */
  giveBackKept(): Promise<boolean> {
    return this.#reserve.giveBack()
  }

  /** Whether a record that stands in a file is live, and read there and nowhere else. O(runs of its game) */
  isNeeded({ stream, firstVersion }: EventsRecord, file: LogFile): boolean {
    if (!this.holdings.isLive(stream)) return false
    const run = this.carriedGames
      .runsOf(stream)
      .find((one) => one.firstVersion <= firstVersion && one.lastVersion >= firstVersion)
    return run === undefined ? file.generation === 0 : run.file === file
  }

  /** What was noted of a game when it was carried at this version, or what is to be noted now. */
  readonly noteOf: NoteOf = (stream, version) => {
    const last = this.carriedGames.runsOf(stream).at(-1)
    return (last?.lastVersion === version ? last.note : undefined) ?? this.#listener?.noteOf(stream, version)
  }

  /** Marks what of these games lies in generation 1, too, or in a newer file of it. O(games and their places) */
  supersede(streams: Iterable<StreamId>): void {
    for (const stream of streams) {
      const runs = this.carriedGames.runsOf(stream)
      this.holdings.supersede(stream, ({ place, firstVersion, lastVersion }) =>
        place.generation === 1
          ? !runs.some(({ file }) => file === place)
          : areCovered(runs, firstVersion, lastVersion),
      )
    }
  }

  /** The journal is to be closed: nothing waits for room any more. */
  giveUpWaiting(): void {
    this.upkeep.stop()
    this.#reserve.giveUp()
  }

  /** Lets the background come to rest, whatever becomes of it. Nothing is made in it any more. */
  async settle(): Promise<void> {
    await this.#reserve.close()
    await this.upkeep.settle()
    await this.#manifests.settle()
  }

  /** Closes the files that are open for writing. */
  async close(): Promise<void> {
    for (const file of this.files) await file.close()
  }

  #manifest(number: number, closedAtFrame: number | null): Manifest {
    const spare = this.#reserve.listed === undefined ? [] : [this.#reserve.listed]
    return {
      format: 'gameledger-journal',
      major: formatMajor,
      minor: formatMinor,
      number,
      ledgerId: this.ledgerId,
      nextFileId: this.#nextFileId,
      lastPosition: this.lastPosition,
      eventsAtRisk: this.eventsAtRisk,
      lost: this.lost,
      files: [...this.files, ...spare].map((file) => ({
        id: file.id,
        firstFrame: file.firstFrame ?? null,
        lastFrame: file.isSealed ? file.lastFrame : null,
      })),
      carried: this.carried.map(({ id, lastFrame, indexAt, end }) => ({
        id,
        lastFrame,
        indexAt,
        length: end,
      })),
      settled: this.holdings.settled(),
      remnants: this.holdings.remnants() satisfies StreamId[],
      quarantined: this.#quarantined,
      repairedThrough: this.#repairedThrough,
      closedAtFrame,
    }
  }
}
