/**
 * Rooms where bots play, each one game after another, until so many games were played:
 *
 *     create --> bots sit down --> start --> a bot sees its view, thinks, acts ... --> over --> start --> ... --> close
 *
 * Everything goes the way that a server would send it: rooms by `ledger.rooms`, moves by commands. A bot is handed the
 * view of its seat alone.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { messageOf, seededRandom, type DispatchError, type Receipt } from '../../index.js'
import type { BotPlay, DataLedger } from '../data.js'
import { CommandError, exitCode } from '../exit-code.js'

export interface TablesOptions {
  /** Games altogether. */
  readonly games: number
  readonly rooms: number
  readonly seed: number
  /** Bots think for 0.5 to 1.5 s, divided by this. */
  readonly speed: number
  readonly signal: AbortSignal
  /** Hears of every event that the ledger said is safe, by game and version. */
  readonly acknowledged?: (receipt: Receipt) => void
}

/** A game that is played now. */
export interface GoingGame {
  readonly gameId: string
  readonly roomCode: string
}

const players = [
  ...[
    'Ada',
    'Alan',
    'Annie',
    'Barbara',
    'Blaise',
    'Charles',
    'Claude',
    'Donald',
    'Edsger',
    'Emmy',
    'Frances',
  ],
  ...['Grace', 'Hedy', 'Joan', 'John', 'Kathleen', 'Kurt', 'Leslie', 'Margaret', 'Mary', 'Niklaus', 'Noor'],
  ...['Radia', 'Sophie'],
]

const thinkMinMs = 500
const thinkMaxMs = 1_500

/** A game that waits for nobody would be looked at for ever. */
const rePollMs = 20

export class BotTables {
  readonly #ledger: DataLedger
  readonly #play: BotPlay
  readonly #options: TablesOptions
  readonly #final = new Set<string>()
  readonly #going = new Map<string, GoingGame>()
  #begun = 0
  #over = 0
  #open = 0

  constructor(ledger: DataLedger, play: BotPlay, options: TablesOptions) {
    this.#ledger = ledger
    this.#play = play
    this.#options = options
  }

  /** In the order in which they began. */
  get going(): readonly GoingGame[] {
    return [...this.#going.values()]
  }

  /** Games that are over. */
  get over(): number {
    return this.#over
  }

  /** Rooms that are open. */
  get open(): number {
    return this.#open
  }

  /** Plays until all games are over, or the signal says stop. */
  async run(): Promise<void> {
    const { kind } = this.#play.game
    const hearing = this.#ledger.events$.subscribe((envelope) => {
      if (envelope.final && envelope.kind === kind) this.#final.add(envelope.gameId)
    })
    // Ids are never used again: a later run on the same ledger has others.
    const prefix = `demo-${this.#options.seed}-${this.#ledger.stats().position}`
    try {
      await Promise.all(
        Array.from({ length: this.#options.rooms }, (_, nth) => this.#table(`${prefix}-${nth + 1}`, nth)),
      )
    } finally {
      hearing.unsubscribe()
    }
  }

  async #table(roomId: string, nth: number): Promise<void> {
    const { rooms } = this.#ledger
    const { games, seed, signal } = this.#options
    const { next: random } = seededRandom(seed * 100_003 + nth)
    const [host = '', ...others] = seatedAt(random)
    const game = this.#play.game.kind
    const made = this.#safe(await rooms.create({ roomId, host, game, capacity: 4, isForBots: true }))
    this.#open++
    for (const bot of others) this.#safe(await rooms.addBot(roomId, host, bot))
    while (this.#begun < games && !signal.aborted) {
      this.#begun++
      await this.#game(roomId, made.code, [host, ...others], random)
    }
    if (!signal.aborted) this.#safe(await rooms.close(roomId, host))
    this.#open--
  }

  async #game(
    roomId: string,
    roomCode: string,
    seated: readonly string[],
    random: () => number,
  ): Promise<void> {
    const { game, start } = this.#play
    const command = start(seated, random)
    const begun = await this.#ledger.rooms.start(roomId, game, seated[0]!, (begins) => {
      begins.dispatch(command)
    })
    if (isLeft(begun)) throw refusedError(begun.left)
    const { gameId, room, game: receipt } = begun.right
    this.#options.acknowledged?.(room)
    this.#options.acknowledged?.(receipt)
    this.#going.set(gameId, { gameId, roomCode })
    for (let seat = 0; !this.#final.has(gameId) && !this.#options.signal.aborted;)
      seat = await this.#act(gameId, seated, seat, random)
    this.#going.delete(gameId)
    if (this.#final.delete(gameId)) this.#over++
  }

  /** One bot acts: the first from `seat` on that is to. Returns the seat behind it. */
  async #act(gameId: string, seated: readonly string[], seat: number, random: () => number): Promise<number> {
    const handle = this.#ledger.game(this.#play.game, gameId)
    for (let step = 0; step < seated.length; step++) {
      const at = (seat + step) % seated.length
      const view = await handle.view({ as: 'player', player: seated[at]! })
      if (isLeft(view)) throw new Error(`${gameId} cannot be seen: ${view.left._tag}.`)
      const command = this.#play.act(view.right, at, random)
      if (!command) continue
      await this.#think(random)
      this.#safe(await handle.dispatch(command))
      return (at + 1) % seated.length
    }
    await sleep(rePollMs)
    return seat
  }

  async #think(random: () => number): Promise<void> {
    const ms = (thinkMinMs + random() * (thinkMaxMs - thinkMinMs)) / this.#options.speed
    await (ms < 1 ? setImmediate() : sleep(ms))
  }

  #safe<Proof extends Receipt>(answer: Either<DispatchError, Proof>): Proof {
    if (isLeft(answer)) throw refusedError(answer.left)
    this.#options.acknowledged?.(answer.right)
    return answer.right
  }
}

/** What bots do is allowed; so what refuses it is the machine. */
const refusedError = (why: DispatchError): Error =>
  why._tag === 'Unavailable'
    ? new CommandError(why.code, exitCode.disk, messageOf(why))
    : new Error(messageOf(why))

/** Four of the players, by lot. */
const seatedAt = (random: () => number): readonly string[] => {
  const left = [...players]
  return Array.from({ length: 4 }, () => left.splice(Math.floor(random() * left.length), 1)[0]!)
}
