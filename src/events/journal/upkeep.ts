/**
 * How files leave the log: what nothing needs is dropped, what holds little is emptied, what is to vanish is rewritten.
 *
 *     sealed files --nothing in them is needed------------------------------> [ gone ] --the next manifest--> reserve, or removed
 *                  --little is needed, or all is to be written anew--> new files --'
 *
 * One such work at a time, behind play. Files leave the manifest first; then they are kept as spares (reserve.ts), or
 * removed. Without room for a manifest they stay until a later one. Between choosing what to read and pinning it none
 * leaves. What goes wrong in the background is handed to `failed`, once, and the journal stops there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Carrying } from './carrying.js'
import type { CarriableGame, RecordChange, Rewritten } from './journal.js'
import type { LogFile } from './log-file.js'
import type { Log, LogListener } from './log.js'
import type { Manifests } from './manifests.js'
import { againAfterMs, type Reserve } from './reserve.js'
import { rewriteFiles, RewritingClosedError, type CarriedInto } from './rewriting.js'
import { writeWholeGames } from './whole-games.js'

/** What it is wired to. */
export interface UpkeepPorts {
  readonly log: Log
  readonly reserve: Reserve
  readonly manifests: Manifests
  /** Nobody, before the log runs. */
  readonly listener: () => LogListener | undefined
}

export class Upkeep {
  readonly #ports: UpkeepPorts
  readonly #carrying: Carrying
  #working: Promise<void> = Promise.resolve()
  /** No manifest is to name them any more; they are removed behind the next one that is saved. */
  #gone: LogFile[] = []
  /** They are being emptied, and stay until that is done. */
  #emptying: readonly LogFile[] = []
  #isRewriting = false
  #isClosing = false
  #startingReaders = 0
  #whenAllRead: (() => void)[] = []

  constructor(ports: UpkeepPorts) {
    this.#ports = ports
    this.#carrying = new Carrying(ports.log, { damaged: (cause) => ports.listener()?.damaged(cause) })
  }

  /** Drops, in the background, the sealed files that nothing needs, and empties those that hold little. O(files) */
  reclaim(): void {
    if (this.#startingReaders > 0) return
    const { holdings } = this.#ports.log
    const gone = holdings.reclaim((file) => file.isSealed && !this.#emptying.includes(file))
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
   * again. Resolves with what resolves when no byte of them is left. See `rewriting.ts`. Where the active file was turned
   * over just before, all that was appended by then is meant.
   */
  async rewrite(change: RecordChange): Promise<Rewritten> {
    if (this.#isRewriting) throw new Error('This journal is being rewritten already. Wait for that to end.')
    this.#isRewriting = true
    let gone: readonly LogFile[]
    try {
      gone = await this.#behindBackground(() => this.#rewrite(change))
    } finally {
      this.#isRewriting = false
      this.#emptying = []
      this.#ports.reserve.keepAgain()
      if (!this.#isClosing) this.reclaim()
    }
    const { disk, directory } = this.#ports.log.place
    return {
      vanished: async () => {
        for (const file of gone) await file.untilRemoved()
        await disk.syncDirectory(directory)
      },
    }
  }

  /** Resolves with the files that no manifest names any more. */
  async #rewrite(change: RecordChange): Promise<readonly LogFile[]> {
    const { log } = this.#ports
    const old = [...log.files, ...log.carried].filter(({ isSealed }) => isSealed)
    this.#emptying = old
    if (old.some((file) => log.holdings.hasOpenIntent(file)))
      throw new Error('A batch of the archiver is open: the journal is rewritten between two of them.')
    const gone = [...old, ...this.#gone]
    await this.replace(old, await rewriteFiles(log, old, change, () => this.#isClosing))
    // Without room for the manifest all is yet to come; who asked must not take it for done, nor for given up.
    while (this.#gone.length > 0) {
      if (this.#isClosing) throw new RewritingClosedError()
      await sleep(againAfterMs)
      await this.#drop()
    }
    return gone
  }

  /** Writes games into a file of generation 1, which is then in force. What is there already stays. @throws StorageFullError */
  carry(games: readonly CarriableGame[]): Promise<void> {
    return this.#behindBackground(async () => {
      const into = await writeWholeGames(this.#ports.log, games)
      if (into.length === 0) return
      try {
        await this.replace([], into)
      } catch (cause) {
        this.#ports.listener()?.failed(cause)
        throw cause
      }
    })
  }

  /** Live records of `from` stand in `into`, too, which is on the disk: those files are needed no more. */
  async replace(from: readonly LogFile[], into: readonly CarriedInto[]): Promise<void> {
    const { log, manifests } = this.#ports
    while (this.#startingReaders > 0)
      await new Promise<void>((resolve) => {
        this.#whenAllRead.push(resolve)
      })
    for (const { file, entries } of into) {
      for (const { stream, length, firstVersion, lastVersion } of entries)
        log.holdings.holdStream(stream, file, length, firstVersion, lastVersion)
      log.carriedGames.add(file, entries)
      log.carried.push(file)
    }
    log.holdings.forget(from)
    this.#leave(from)
    for (const { entries } of into) log.supersede(entries.map(({ stream }) => stream))
    if (this.#gone.length > 0) await this.#drop()
    else await manifests.saveIfRoom()
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

  /** The journal is to be closed: begins nothing more, and waits for no room. */
  stop(): void {
    this.#isClosing = true
    this.#carrying.stop()
  }

  /** Resolves when nothing is under way, whatever became of it. */
  async settle(): Promise<void> {
    await this.#working.catch(() => undefined)
  }

  #leave(files: readonly LogFile[]): void {
    const { log } = this.#ports
    log.files = log.files.filter((file) => !files.includes(file))
    log.carried = log.carried.filter((file) => !files.includes(file))
    for (const file of files) log.carriedGames.forget(file)
    this.#gone.push(...files)
  }

  /** Keeps for later use, or removes, what no manifest names. Without room for a manifest all stay until a later one. */
  async #drop(): Promise<void> {
    if (this.#gone.length === 0) return
    const { log, manifests, reserve } = this.#ports
    const gone = [...this.#gone]
    if (!(await manifests.saveIfRoom())) return
    this.#gone = this.#gone.filter((file) => !gone.includes(file))
    for (const file of gone) if (!(await reserve.keep(file))) await file.drop(log.place.disk)
    reserve.freed()
  }

  /** Behind what goes on in the background; what goes wrong is for who asked. */
  #behindBackground<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#working.then(work)
    this.#working = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }

  #inBackground(work: () => Promise<void>): void {
    this.#working = this.#working.then(work)
    this.#working.catch((cause: unknown) => this.#ports.listener()?.failed(cause))
  }
}
