/**
 * Rooms where bots play, each one game after another, until so many games were played:
 *
 *     create --> bots sit down --> start --> ... --> over --> start --> ... --> over --> close
 *                                           `-- the ledger's `bots` play; nothing is done here
 *
 * Everything goes the way that a server would send it: rooms by `ledger.rooms`, games begun in one unit with their room.
 */
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { messageOf, seededRandom, type DispatchError, type EventEnvelope, type Fault } from '../../index.js'
import type { BotPlay, DataLedger } from '../data.js'
import { CommandError, exitCode } from '../exit-code.js'

export interface TablesOptions {
  /** Games altogether. */
  readonly games: number
  readonly rooms: number
  readonly seed: number
  readonly signal: AbortSignal
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

export class BotTables {
  readonly #ledger: DataLedger
  readonly #play: BotPlay
  readonly #options: TablesOptions
  readonly #going = new Map<string, GoingGame>()
  /** Who waits for the end of a game, or for the end of all. */
  readonly #waiting = new Map<string, () => void>()
  #failure: Error | undefined
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

  /** Plays until all games are over, or the signal says stop. @throws what the journal failed with */
  async run(): Promise<void> {
    const { rooms, seed, signal } = this.#options
    const hearing = [
      this.#ledger.events$.subscribe((envelope) => this.#hear(envelope)),
      this.#ledger.faults$.subscribe((fault) => this.#hearFault(fault)),
    ]
    signal.addEventListener('abort', this.#wakeAll)
    // Ids are never used again: a later run on the same ledger has others.
    const prefix = `demo-${seed}-${this.#ledger.stats().position}`
    try {
      await Promise.all(Array.from({ length: rooms }, (_, nth) => this.#table(`${prefix}-${nth + 1}`, nth)))
    } finally {
      signal.removeEventListener('abort', this.#wakeAll)
      for (const subscription of hearing) subscription.unsubscribe()
    }
    if (this.#failure) throw this.#failure
  }

  get #isStopped(): boolean {
    return this.#options.signal.aborted || this.#failure !== undefined
  }

  async #table(roomId: string, nth: number): Promise<void> {
    const { rooms } = this.#ledger
    const { games, seed } = this.#options
    const { next: random } = seededRandom(seed * 100_003 + nth)
    const [host = '', ...others] = seatedAt(random)
    const { kind: game } = this.#play.game
    const { code } = safe(await rooms.create({ roomId, host, game, capacity: 4, isForBots: true }))
    this.#open++
    for (const bot of others) safe(await rooms.addBot(roomId, host, bot))
    while (this.#begun < games && !this.#isStopped) {
      this.#begun++
      await this.#game(roomId, code, [host, ...others], random)
    }
    if (!this.#isStopped) safe(await rooms.close(roomId, host))
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
    const { gameId } = safe(
      await this.#ledger.rooms.start(roomId, game, seated[0]!, (begins) => {
        begins.dispatch(command)
      }),
    )
    this.#going.set(gameId, { gameId, roomCode })
    if (!this.#isStopped) await new Promise<void>((resolve) => this.#waiting.set(gameId, resolve))
    this.#going.delete(gameId)
  }

  #hear({ kind, gameId, final }: EventEnvelope): void {
    if (!final || kind !== this.#play.game.kind || !this.#waiting.has(gameId)) return
    this.#over++
    this.#wake(gameId)
  }

  /** Without a journal no game ever ends. */
  #hearFault({ code, message }: Fault): void {
    if (code !== 'journal-failed') return
    this.#failure ??= new CommandError(code, exitCode.disk, message)
    this.#wakeAll()
  }

  readonly #wakeAll = (): void => {
    for (const gameId of [...this.#waiting.keys()]) this.#wake(gameId)
  }

  #wake(gameId: string): void {
    this.#waiting.get(gameId)?.()
    this.#waiting.delete(gameId)
  }
}

/** What is asked of the rooms is allowed; so what refuses it is the machine. */
const safe = <Success>(answer: Either<DispatchError, Success>): Success => {
  if (!isLeft(answer)) return answer.right
  const why = answer.left
  throw why._tag === 'Unavailable'
    ? new CommandError(why.code, exitCode.disk, messageOf(why))
    : new Error(messageOf(why))
}

/** Four of the players, by lot. */
const seatedAt = (random: () => number): readonly string[] => {
  const left = [...players]
  return Array.from({ length: 4 }, () => left.splice(Math.floor(random() * left.length), 1)[0]!)
}
