/**
 * Games and rooms of which few find a place in memory, on a disk that loses power: beside them, what they must come to.
 *
 * What was published or acknowledged is kept over all lives of the ledger, by stream; after each opening, and now and
 * then, every game is held against it: found with all of that, the same version, the same state, a receipt for each
 * command id as it was given first, and a deadline pending where its state has one. Time is the test's own.
 */
import { isRight, type Either } from 'fp-ts/lib/Either.js'
import {
  fileJournal,
  memoryColdStore,
  openLedger,
  type AnyGame,
  type DispatchError,
  type Durability,
  type EventEnvelope,
  type Journal,
  type Receipt,
} from 'gameledger'
import { manualClock, simulatedDisk, type Disk, type SimulatedDisk } from 'gameledger/testing'
import { expect } from 'vitest'
import { room, type RoomState } from '../../src/commands/rooms/room.js'
import { mortal } from '../support/mortal-store.js'
import { hourglass, type HourglassCommand, type HourglassState } from './hourglass-game.js'
import type { Opened } from './opened.js'
import { referenceFold } from './reference-ledger.js'
import { carryingIsSynced } from './watched-carrying.js'

export const gamesOf = 7
export const roomsOf = 4

/** What is done to one game or room. */
export interface Draw {
  readonly nth: number
  readonly act: 'turn' | 'turn-for-long' | 'touch' | 'smash' | 'create' | 'join' | 'leave'
  /** Of few: most are sent again later, in other lives, too. */
  readonly commandId: number | undefined
}

export type Step =
  | { readonly type: 'commands'; readonly draws: readonly Draw[] }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'look' }
  | { readonly type: 'close' }
  /** So many turns of the promise queue after these commands. */
  | {
      readonly type: 'power-loss' | 'kill'
      readonly draws: readonly Draw[]
      readonly turns: number
    }

export interface Bounds {
  readonly gamesLiveMax: number
  readonly roomsLiveMax: number
  readonly durability: Durability
  readonly seed: number
}

const longMs = 1e9
const shortMs = 300

export class Sleepers {
  /** By stream: events as they were published, in order. */
  readonly #known = new Map<string, EventEnvelope[]>()
  /** By stream and id: whatever was sent under it. */
  readonly #sent = new Map<string, { readonly draw: Draw; receipt: Receipt | undefined }>()
  readonly #clock = manualClock(1_000_000_000)
  readonly #archive = memoryColdStore()
  readonly #bounds: Bounds
  readonly #change: (disk: Disk) => Disk
  #disk: SimulatedDisk
  #ledger!: Opened
  #life = 0
  /** How many games and rooms have hibernated, in all lives. */
  hibernated = 0

  /** `change` may take a protection out. */
  constructor(bounds: Bounds, change: (disk: Disk) => Disk = (disk) => disk) {
    this.#bounds = bounds
    this.#change = change
    this.#disk = simulatedDisk(bounds.seed, { shortWritesPerMille: 20 })
  }

  async open(): Promise<void> {
    const life = ++this.#life
    const { gamesLiveMax, roomsLiveMax, durability } = this.#bounds
    const disk = this.#disk
    const journal: Journal = fileJournal('/journal', {
      disk: this.#change(disk),
      lock: disk.lock,
      logFileBytesMax: 2_048,
      batchBytesMax: 1_024,
    })
    this.#ledger = await openLedger({
      games: [hourglass],
      journal: carryingIsSynced(journal),
      archive: mortal(this.#archive, () => this.#life !== life),
      clock: this.#clock,
      durability,
      gamesLiveMax,
      roomsLiveMax,
      idleAfterMs: 50,
      batchAgeMaxMs: 5,
      batchGamesMax: 2,
      checks: false,
    })
    this.#ledger.events$.subscribe((envelope) => {
      if (this.#life === life) this.#heard(envelope)
    })
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'commands':
        await Promise.all(step.draws.map((draw) => this.#send(draw)))
        break
      case 'pass':
        await this.pass(step.ms)
        break
      case 'look':
        await this.look()
        break
      case 'close':
        await this.#ledger.settled()
        this.#ends()
        await this.#ledger.close()
        this.#disk = this.#disk.kill()
        await this.open()
        await this.look()
        break
      case 'power-loss':
      case 'kill':
        await this.#crash(step)
    }
  }

  async #crash({ type, draws, turns }: Step & { readonly type: 'power-loss' | 'kill' }): Promise<void> {
    for (const draw of draws) void this.#send(draw).catch(() => undefined)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    this.#ends()
    this.#disk = type === 'kill' ? this.#disk.kill() : this.#disk.losePower()
    // At a lesser degree what was published may be taken back by it: what is found counts.
    const isSafe = type === 'kill' || this.#bounds.durability === 'synced'
    await this.open()
    await this.#find(isSafe)
    await this.look()
  }

  async close(): Promise<void> {
    this.#ends()
    await this.#ledger.close()
  }

  /** Lets time pass, and what is due then happen. */
  async pass(ms: number): Promise<void> {
    this.#clock.advance(ms)
    await this.#rest()
  }

  /** Everything is as it was published, wherever it is by now. */
  async look(): Promise<void> {
    await this.#rest()
    let due = 0
    for (const [stream, log] of this.#known) {
      const [kind, gameId] = stream.split('/') as [string, string]
      const loaded = await this.#load(kind, gameId)
      const state = referenceFold(
        gameOf(kind),
        log.map(({ event }) => event),
      )
      expect(loaded, stream).toMatchObject({ version: log.length, state, final: log.at(-1)!.final })
      const { dueAt, isOver } = state as HourglassState
      if (kind === hourglass.kind && !isOver && dueAt !== null) due++
    }
    expect(this.#ledger.stats().deadlines.pending).toBe(due)
    this.#lookAtRooms()
  }

  /** At last all that waits for its time has its time, once, and every id is answered as it was first. */
  async end(): Promise<void> {
    await this.look()
    await this.#answersAreTheSame()
    for (let round = 0; round < 4 * gamesOf && this.#ledger.stats().deadlines.pending > 0; round++)
      await this.pass(longMs)
    await this.look()
    expect(this.#ledger.stats().deadlines.pending).toBe(0)
  }

  /** Reads everything, and takes it for what is there from now on. */
  async #find(isSafe: boolean): Promise<void> {
    await this.#rest()
    const before = new Map(this.#known)
    for await (const envelope of this.#ledger.history()) {
      const stream = `${envelope.kind}/${envelope.gameId}`
      if (envelope.version === 1) this.#known.set(stream, [])
      this.#known.get(stream)!.push(envelope)
    }
    for (const [stream, log] of before) {
      const found = this.#known.get(stream)
      // Nothing of it is there.
      if (found === log) {
        if (isSafe) throw new Error(`${stream} was published through version ${log.length}, and is lost`)
        this.#known.delete(stream)
        continue
      }
      const common = Math.min(log.length, found!.length)
      expect(found!.slice(0, common).map(told), stream).toEqual(log.slice(0, common).map(told))
      if (isSafe) expect(found!.length, stream).toBeGreaterThanOrEqual(log.length)
    }
    if (isSafe) return
    for (const [key, sent] of this.#sent) {
      const { receipt } = sent
      const found = receipt && this.#known.get(`${receipt.kind}/${receipt.gameId}`)
      if (receipt && !(found && found.length >= receipt.version))
        this.#sent.set(key, { ...sent, receipt: undefined })
    }
  }

  async #answersAreTheSame(): Promise<void> {
    for (const { draw, receipt } of this.#sent.values()) {
      if (!receipt) continue
      const answer = await this.#dispatchWhereRoom(draw)
      expect(answer).toMatchObject({ right: { ...receipt, duplicate: true } })
    }
  }

  /** Games that time has woken meanwhile leave again. */
  async #dispatchWhereRoom(draw: Draw): Promise<Either<DispatchError, Receipt>> {
    for (let tries = 0; ; tries++) {
      await this.pass(1_100)
      const answer = await this.#dispatch(draw)
      if (isRight(answer) || answer.left._tag !== 'Overloaded' || tries === 4 * gamesOf) return answer
    }
  }

  async #send(draw: Draw): Promise<void> {
    const life = this.#life
    const key = `${draw.nth} ${isOfRoom(draw) ? 'room' : 'game'} ${draw.commandId}`
    const before = draw.commandId === undefined ? undefined : this.#sent.get(key)
    // A retry is the same command.
    const sent = before ?? { draw, receipt: undefined as Receipt | undefined }
    if (draw.commandId !== undefined) this.#sent.set(key, sent)
    const answer = await this.#dispatch(sent.draw)
    if (this.#life !== life || !isRight(answer)) return
    const { right: receipt } = answer
    if (receipt.events.length === 0) return
    const log = this.#known.get(`${receipt.kind}/${receipt.gameId}`)!
    expect(
      log.slice(receipt.version - receipt.events.length, receipt.version).map(({ event }) => event),
    ).toEqual(receipt.events)
    if (draw.commandId === undefined) return
    const first = this.#sent.get(key)!.receipt
    if (first) expect(receipt).toEqual({ ...first, duplicate: true })
    else this.#sent.set(key, { ...sent, receipt: { ...receipt, duplicate: false } })
  }

  #dispatch({ nth, act, commandId }: Draw): Promise<Either<DispatchError, Receipt>> {
    const options = commandId === undefined ? {} : { commandId: `c${commandId}` }
    const { rooms } = this.#ledger
    const [host, guest] = [`host${nth}`, 'guest']
    switch (act) {
      case 'create':
        return rooms.create({ roomId: `r${nth}`, host, game: hourglass.kind, capacity: 3 }, options)
      case 'join':
        return rooms.join(`r${nth}`, guest, options)
      case 'leave':
        return rooms.leave(`r${nth}`, guest, options)
      case 'turn':
      case 'turn-for-long':
      case 'touch':
      case 'smash':
        return this.#ledger.game(hourglass, `g${nth}`).dispatch(commands[act], options)
    }
  }

  async #load(kind: string, gameId: string): Promise<unknown> {
    const loaded: Either<unknown, unknown> = await this.#ledger.game(gameOf(kind), gameId).load()
    if (isRight(loaded)) return loaded.right
    throw new Error(`${kind}/${gameId} is ${JSON.stringify(loaded.left)}`)
  }

  /** A room is found by its code, wherever it is. */
  #lookAtRooms(): void {
    for (const [stream, log] of this.#known) {
      if (!stream.startsWith(`${room.kind}/`)) continue
      const { code, isOver } = referenceFold(
        gameOf(room.kind),
        log.map(({ event }) => event),
      ) as RoomState
      const found = this.#ledger.views.rooms.byCode(code)
      expect(found && `${room.kind}/${found.roomId}`).toBe(isOver ? undefined : stream)
    }
  }

  #heard(envelope: EventEnvelope): void {
    const stream = `${envelope.kind}/${envelope.gameId}`
    const log = this.#known.get(stream) ?? []
    expect(envelope.version, `${stream} goes on`).toBe(log.length + 1)
    log.push(envelope)
    this.#known.set(stream, log)
  }

  /** This life is over: nothing of it is heard any more. */
  #ends(): void {
    this.hibernated += this.#ledger.stats().games.hibernated
    this.#life++
  }

  async #rest(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await this.#ledger.settled()
      for (let nth = 0; nth < 10; nth++) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const commands: { readonly [act in 'turn' | 'turn-for-long' | 'touch' | 'smash']: HourglassCommand } = {
  turn: { type: 'Turn', ms: shortMs },
  'turn-for-long': { type: 'Turn', ms: longMs },
  touch: { type: 'Touch' },
  smash: { type: 'Smash' },
}

const isOfRoom = ({ act }: Draw): boolean => act === 'create' || act === 'join' || act === 'leave'

const gameOf = (kind: string): AnyGame => (kind === room.kind ? (room as AnyGame) : (hourglass as AnyGame))

const told = ({ version, event, commandId, final }: EventEnvelope): unknown => ({
  version,
  event,
  commandId,
  final,
})
