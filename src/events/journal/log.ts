/**
 * The log as a whole: its files in order, the one that is written, the spare one, and the manifest that names them.
 *
 *     log-3  sealed   ->  log-4  active  ->  log-5  spare (reserved, synced, in the manifest, no header yet)
 *
 *     log-1  generation 1: games that were carried out of files which are gone (carrying.ts)
 *
 * When a frame no longer fits, the active file is sealed by an index, the spare becomes the active file (header written
 * and synced) and the next spare is made in the background. Sealed files that nothing needs leave the manifest first;
 * then they are used again as spares, or removed. Those that hold little are emptied into new ones. Manifests are saved
 * one after the other; the first failure of any of this is handed to `failed`, once for each, and the journal stops there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamId } from '../ids.js'
import type { LostGap } from '../lost-gap.js'
import { Ballast } from './ballast.js'
import type { Batch } from './batch.js'
import { areCovered, CarriedGames } from './carried-games.js'
import { Carrying, type CarryingListener } from './carrying.js'
import type { Disk } from './disk.js'
import { indexFrame, indexFrameBytesMax, type CarriedEntry } from './file-index.js'
import { fileHeaderBytes, formatMajor, formatMinor } from './frame.js'
import { Holdings } from './holdings.js'
import type { CarriableGame, EventsRecord, RecordChange, Rewritten } from './journal.js'
import { LogFile } from './log-file.js'
import { writeCarried } from './carried-file.js'
import { saveManifest, type Manifest } from './manifest.js'
import { againAfterMs, Reserve, type ReserveListener } from './reserve.js'
import { asWritten, Gathering, type NoteOf } from './gathering.js'
import { rewriteFiles, RewritingClosedError, type CarriedInto } from './rewriting.js'
import { TimeSlice } from '../time-slice.js'
import { isNoRoom, StorageFullError } from './storage-full.js'

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
  readonly #carrying: Carrying
  #listener: LogListener | undefined
  #nextFileId: number
  #manifestNumber: number
  #numberInForce: number
  #saving: Promise<void> = Promise.resolve()
  #reclaiming: Promise<void> = Promise.resolve()
  /** No manifest is to name them any more; they are removed behind the next one that is saved. */
  #gone: LogFile[] = []
  /** They are being emptied, and stay until that is done. */
  #emptying: readonly LogFile[] = []
  #isRewriting = false
  #isClosing = false
  #startingReaders = 0
  #whenAllRead: (() => void)[] = []

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
    this.#manifestNumber = this.#numberInForce = manifest.number
    this.#reserve = new Reserve(this, {
      failed: (cause) => this.#listener?.failed(cause),
      space: (shortage) => {
        this.#listener?.space(shortage)
        // What can be carried frees more than it takes.
        if (shortage) this.reclaim()
      },
    })
    this.#carrying = new Carrying(this, { damaged: (cause) => this.#listener?.damaged(cause) })
  }

  get active(): LogFile {
    return this.files[this.files.length - 1]!
  }

  /** From now on files are made and dropped in the background, and `listener` hears what goes wrong, or short. */
  run(listener: LogListener): void {
    this.#listener = listener
    this.#reserve.begin()
    this.reclaim()
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
    this.reclaim()
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
   * Puts the present state in force, as the next manifest. Where there is no room for it kept files are given back, then
   * the ballast; where that is not enough the older one stays in force, and a later save is a new try. After any other
   * failure every later save fails the same way.
   */
  save(closedAtFrame: number | null = null): Promise<void> {
    const saved = this.#saving.then(async () => {
      const manifest = this.#manifest(closedAtFrame)
      const { disk, directory } = this.place
      const saving = (): Promise<void> =>
        saveManifest(disk, directory, manifest, this.#numberInForce).catch(async (cause: unknown) => {
          if (!isNoRoom(cause) || !(await this.#makeRoom())) throw cause
          await saving()
        })
      await saving()
      this.#numberInForce = manifest.number
    })
    this.#saving = saved.catch((cause: unknown) => {
      if (!isNoRoom(cause)) throw cause
    })
    this.#saving.catch(() => undefined)
    return saved
  }

  /** Resolves with whether something was given up for it. */
  async #makeRoom(): Promise<boolean> {
    return (await this.giveBackKept()) || (await this.ballast.giveUp())
  }

  /** Removes dropped files that wait to be used again. Resolves with whether there were some. */
  giveBackKept(): Promise<boolean> {
    return this.#reserve.giveBack()
  }

  /** Drops, in the background, the sealed files that nothing needs, and empties those that hold little. O(files) */
  reclaim(): void {
    if (this.#startingReaders > 0) return
    const gone = this.holdings.reclaim((file) => file.isSealed && !this.#emptying.includes(file))
    if (gone.length > 0) {
      this.#leave(gone)
      this.#inBackground(() => this.#drop())
    }
    if (this.#emptying.length > 0 || this.#isRewriting) return
    this.#emptying = this.#carrying.choose()
    if (this.#emptying.length > 0)
      this.#inBackground(async () => {
        await this.#carrying.carry(this.#emptying)
        this.#emptying = []
      })
  }

  /**
   * Writes the live records of all sealed files anew, and removes those files, and what was kept of others to be used
   * again. Resolves with what resolves when no byte of them is left. See `rewriting.ts`. Where the active file was turned over just before,
   * all that was appended by then is meant.
   */
  async rewrite(change: RecordChange): Promise<Rewritten> {
    if (this.#isRewriting) throw new Error('This journal is being rewritten already. Wait for that to end.')
    this.#isRewriting = true
    let gone: readonly LogFile[]
    try {
      gone = await this.#afterBackground(() => this.#rewrite(change))
    } finally {
      this.#isRewriting = false
      this.#emptying = []
      this.#reserve.keepAgain()
      if (!this.#isClosing) this.reclaim()
    }
    const { disk, directory } = this.place
    return {
      vanished: async () => {
        for (const file of gone) await file.untilRemoved()
        await disk.syncDirectory(directory)
      },
    }
  }

  /** Resolves with the files that no manifest names any more. */
  async #rewrite(change: RecordChange): Promise<readonly LogFile[]> {
    const old = [...this.files, ...this.carried].filter(({ isSealed }) => isSealed)
    this.#emptying = old
    if (old.some((file) => this.holdings.hasOpenIntent(file)))
      throw new Error('A batch of the archiver is open: the journal is rewritten between two of them.')
    const gone = [...old, ...this.#gone]
    await this.replace(old, await rewriteFiles(this, old, change, () => this.#isClosing))
    // Without room for the manifest all is yet to come; who asked must not take it for done, nor for given up.
    while (this.#gone.length > 0) {
      if (this.#isClosing) throw new RewritingClosedError()
      await sleep(againAfterMs)
      await this.#drop()
    }
    return gone
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

  /** Writes games into a file of generation 1, which is then in force. What is there already stays. @throws StorageFullError */
  carry(games: readonly CarriableGame[]): Promise<void> {
    return this.#afterBackground(() => this.#carryGames(games))
  }

  async #carryGames(games: readonly CarriableGame[]): Promise<void> {
    const file = this.newFile()
    const { disk, directory, logFileBytesMax } = this.place
    const gathering = new Gathering()
    const slice = new TimeSlice()
    for (const { stream, version, records } of games) {
      if (this.carriedGames.covers(stream, 1, version)) continue
      for (const record of records()) gathering.add(asWritten(record, file.id))
      if (slice.isOverAfterStep()) await slice.next()
    }
    if (gathering.isEmpty) return
    let entries: readonly CarriedEntry[]
    try {
      entries = (await writeCarried(disk, file, this.ledgerId, gathering.runs(this.noteOf)))!
    } catch (cause) {
      await disk.remove(file.path)
      if (!isNoRoom(cause)) throw cause
      throw new StorageFullError(directory, { missingBytes: logFileBytesMax, cause }, 'carry')
    }
    try {
      await this.replace([], [{ file, entries }])
    } catch (cause) {
      this.#listener?.failed(cause)
      throw cause
    }
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

  /** Live records of `from` stand in `into`, too, which is on the disk: those files are needed no more. */
  async replace(from: readonly LogFile[], into: readonly CarriedInto[]): Promise<void> {
    while (this.#startingReaders > 0)
      await new Promise<void>((resolve) => {
        this.#whenAllRead.push(resolve)
      })
    for (const { file, entries } of into) {
      for (const { stream, length, firstVersion, lastVersion } of entries)
        this.holdings.holdStream(stream, file, length, firstVersion, lastVersion)
      this.carriedGames.add(file, entries)
      this.carried.push(file)
    }
    this.holdings.forget(from)
    this.#leave(from)
    for (const { entries } of into) this.supersede(entries.map(({ stream }) => stream))
    if (this.#gone.length > 0) await this.#drop()
    else await this.#saveIfRoom()
    this.reclaim()
  }

  /** Between choosing what to read and pinning it nothing is reclaimed. */
  async whileStartingToRead<Result>(start: () => Promise<Result>): Promise<Result> {
    this.#startingReaders++
    try {
      return await start()
    } finally {
      if (--this.#startingReaders === 0) for (const go of this.#whenAllRead.splice(0)) go()
      this.reclaim()
    }
  }

  /** The journal is to be closed: nothing waits for room any more. */
  giveUpWaiting(): void {
    this.#isClosing = true
    this.#carrying.stop()
    this.#reserve.giveUp()
  }

  /** Lets the background come to rest, whatever becomes of it. Nothing is made in it any more. */
  async settle(): Promise<void> {
    await this.#reserve.close()
    await this.#reclaiming.catch(() => undefined)
    await this.#saving.catch(() => undefined)
  }

  /** Closes the files that are open for writing. */
  async close(): Promise<void> {
    for (const file of this.files) await file.close()
  }

  #leave(files: readonly LogFile[]): void {
    this.files = this.files.filter((file) => !files.includes(file))
    this.carried = this.carried.filter((file) => !files.includes(file))
    for (const file of files) this.carriedGames.forget(file)
    this.#gone.push(...files)
  }

  /** Behind what goes on in the background; what goes wrong is for who asked. */
  #afterBackground<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#reclaiming.then(work)
    this.#reclaiming = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }

  #inBackground(work: () => Promise<void>): void {
    this.#reclaiming = this.#reclaiming.then(work)
    this.#reclaiming.catch((cause: unknown) => this.#listener?.failed(cause))
  }

  /** Keeps for later use, or removes, what no manifest names. Without room for a manifest all stay until a later one. */
  async #drop(): Promise<void> {
    if (this.#gone.length === 0) return
    const gone = [...this.#gone]
    if (!(await this.#saveIfRoom())) return
    this.#gone = this.#gone.filter((file) => !gone.includes(file))
    for (const file of gone) if (!(await this.#reserve.keep(file))) await file.drop(this.place.disk)
    this.#reserve.freed()
  }

  /** Resolves with whether there was room: else a later save says the same. */
  async #saveIfRoom(): Promise<boolean> {
    try {
      await this.save()
      return true
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause
      return false
    }
  }

  #manifest(closedAtFrame: number | null): Manifest {
    const spare = this.#reserve.listed === undefined ? [] : [this.#reserve.listed]
    return {
      format: 'gameledger-journal',
      major: formatMajor,
      minor: formatMinor,
      number: ++this.#manifestNumber,
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
