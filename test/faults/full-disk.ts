/**
 * A disk that is full, for real: the journal on a tmpfs of 1 MiB, the archive elsewhere.
 *
 *     play --> the next log file cannot be reserved --> read-only --> space is freed --> play
 *
 * Space is freed from outside (another program's file is removed), or by the ledger itself: what is over is archived,
 * and its log files are dropped. The second must go even where the other program has taken the last byte.
 */
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileColdStore, fileJournal, openLedger, type ColdStore, type DispatchError } from 'gameledger'
import { tally, type TallyCommand } from '../ledger/tally-game.js'
import { Violation } from './account.js'
import { withTmpfs } from './file-system.js'
import { inScratch } from './scratch.js'

const diskBytes = 1024 * 1024
const logFileBytesMax = 64 * 1024
/** What the law of a full disk promises at the latest. */
const resumesWithinMs = 5_000

/** A file of another program, which takes all but so many bytes. */
class Foreign {
  readonly #path: string

  constructor(directory: string) {
    this.#path = join(directory, 'foreign')
  }

  /** Takes up to `bytes`, down to the last that is free. */
  take(bytes = Infinity): void {
    const file = openSync(this.#path, 'a')
    const piece = Buffer.alloc(4096)
    try {
      for (let left = bytes; left > 0;) left -= writeSync(file, piece, 0, Math.min(left, piece.length))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.#path)
  }
}

/** A store that can be out of reach, so that what is over waits. */
const gated = (store: ColdStore): ColdStore & { isOpen: boolean } => {
  const gate = {
    ...store,
    isOpen: false,
    put: (key: string, bytes: Uint8Array) =>
      gate.isOpen || key === 'ledger.json'
        ? store.put(key, bytes)
        : Promise.reject(new Error('The store is out of reach.')),
  }
  return gate
}

const sizeOf = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)

/** A ledger on a small disk, what it was told to do, and what it said. */
class SmallWorld {
  readonly foreign: Foreign
  readonly store: ReturnType<typeof gated>
  readonly faults: string[] = []
  /** Of each game: the last version that was acknowledged. */
  readonly versions = new Map<string, number>()
  readonly #journal: string
  #ledger: Awaited<ReturnType<SmallWorld['open']>> | undefined

  constructor(directory: string, archive: string) {
    this.#journal = join(directory, 'journal')
    this.foreign = new Foreign(directory)
    this.store = gated(fileColdStore(archive))
  }

  async open() {
    const ledger = await openLedger({
      games: [tally],
      journal: fileJournal(this.#journal, { logFileBytesMax }),
      archive: this.store,
      // What is in flight must fit a log file.
      bytesInFlightMax: logFileBytesMax / 2,
      batchAgeMaxMs: 10,
      batchGamesMax: 16,
    })
    ledger.faults$.subscribe(({ code }) => this.faults.push(code))
    this.#ledger = ledger
    return ledger
  }

  get ledger() {
    return this.#ledger!
  }

  get journalBytes(): number {
    return sizeOf(this.#journal)
  }

  /** Each manifest that meets no room takes it anew, until enough is dropped: so it may be a moment until it stays. */
  async ballastBytes(): Promise<number> {
    const path = join(this.#journal, 'BALLAST')
    for (let waited = 0; waited < resumesWithinMs && !existsSync(path); waited += 20) await sleep(20)
    return existsSync(path) ? statSync(path).size : 0
  }

  /** Returns the refusal, if it was refused. */
  async send(game: string, command: TallyCommand): Promise<DispatchError | undefined> {
    const answer = await this.ledger.game(tally, game).dispatch(command)
    if (!isRight(answer)) return answer.left
    this.versions.set(game, answer.right.version)
    return undefined
  }

  /** Plays games, and ends them or not, until a command is refused. */
  async playUntilRefused(isToEnd: boolean): Promise<DispatchError> {
    for (let number = 1; number < 10_000; number++) {
      const game = `game-${number}`
      const amounts = Array.from({ length: 40 }, (_, amount) => amount)
      const refusal =
        (await this.send(game, { type: 'Sit', player: 'ann' })) ??
        (await this.send(game, { type: 'Count', player: 'ann', amounts })) ??
        (isToEnd ? await this.send(game, { type: 'Finish' }) : undefined)
      if (refusal) return refusal
    }
    throw new Violation('the disk does not fill up')
  }

  /** Asks until a command is taken again. Resolves with how many ms that took. */
  async untilPlayed(): Promise<number> {
    const begun = performance.now()
    for (let probe = 1; ; probe++) {
      const passed = performance.now() - begun
      if ((await this.send(`probe-${probe}`, { type: 'Sit', player: 'bob' })) === undefined) return passed
      if (passed > resumesWithinMs)
        throw new Violation(
          `commands do not flow again: ${this.faults.join(', ')}; ${this.journalBytes} bytes of log, ${this.ledger.stats().games.archived} games archived`,
        )
      await sleep(20)
    }
  }

  /** How many games have another version than was acknowledged last. */
  async lost(): Promise<number> {
    let lost = 0
    for (const [game, version] of this.versions) {
      const replay = await this.ledger.replay(tally, game)
      if (!isRight(replay) || replay.right.version !== version) lost++
    }
    return lost
  }
}

/** Closes the ledger however the work ends: nobody writes into a scratch directory that is being removed. */
const inSmallWorld = <Result>(work: (world: SmallWorld) => Promise<Result>): Promise<Result> =>
  inScratch((scratch) =>
    withTmpfs(scratch, diskBytes, async ({ directory }) => {
      const world = new SmallWorld(directory, join(scratch, 'archive'))
      await world.open()
      try {
        return await work(world)
      } finally {
        await world.ledger.close()
      }
    }),
  )

/** What came of one full disk. */
export interface FullDisk {
  readonly acknowledgedGames: number
  /** Games of which something acknowledged is missing: while it is full, and opened again afterwards. */
  readonly lostWhileFull: number
  readonly lostAfterwards: number
  readonly refusal: DispatchError
  readonly state: string
  readonly faults: readonly string[]
  readonly archivedGames: number
  readonly resumedAfterMs: number
  /** Of the file that frees the journal's space where there is none, once all is archived. */
  readonly ballastBytes: number
  readonly journalBytesWhenFull: number
  readonly journalBytesAfterwards: number
}

const meetFullDisk = (isToEnd: boolean, makeRoom: (world: SmallWorld) => Promise<void>): Promise<FullDisk> =>
  inSmallWorld(async (world) => {
    world.foreign.take(diskBytes / 4)
    const refusal = await world.playUntilRefused(isToEnd)
    const { state } = world.ledger.stats().journal
    const lostWhileFull = await world.lost()
    const journalBytesWhenFull = world.journalBytes
    await makeRoom(world)
    const resumedAfterMs = await world.untilPlayed()
    const faults = [...world.faults]
    world.store.isOpen = true
    await world.ledger.settled()
    const ballastBytes = await world.ballastBytes()
    const archivedGames = world.ledger.stats().games.archived
    const journalBytesAfterwards = world.journalBytes
    await world.ledger.close()
    await world.open()
    const lostAfterwards = await world.lost()
    return {
      acknowledgedGames: world.versions.size,
      lostWhileFull,
      lostAfterwards,
      refusal,
      state,
      faults,
      archivedGames,
      resumedAfterMs,
      ballastBytes,
      journalBytesWhenFull,
      journalBytesAfterwards,
    }
  })

/** Another program's file is removed. */
export const fillAndFree = (): Promise<FullDisk> => meetFullDisk(false, async (world) => world.foreign.free())

/** Another program takes every byte that is left, and keeps it; then the archive can be reached again. */
export const fillToTheLastByte = (): Promise<FullDisk> =>
  meetFullDisk(true, async (world) => {
    world.foreign.take()
    world.store.isOpen = true
  })

/** Opened again where not a byte is free: resolves with why not, and how many games were lost once one was. */
export const openOnFullDisk = (): Promise<{ readonly code: unknown; readonly lost: number }> =>
  inSmallWorld(async (world) => {
    world.store.isOpen = true
    await world.playUntilRefused(false)
    await world.ledger.close()
    world.foreign.take()
    const { code } = (await world.open().catch((error: unknown) => error)) as { code?: unknown }
    world.foreign.free()
    await world.open()
    const lost = await world.lost()
    return { code, lost }
  })
