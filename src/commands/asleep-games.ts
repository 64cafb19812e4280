/**
 * Games that are not archived, and not in memory: the journal has them. Nobody has asked for them since the ledger was
 * opened, or they have hibernated since. The next command wakes one; reading does not. What is kept here of each is what
 * a list of games needs. Few are over, and wait for the archive.
 */
import { partsOfStream, type PlayerId, type StreamId } from '../events/ids.js'
import type { AsleepGame, EventsRecord } from '../events/journal/journal.js'
import { RecoveredLogs } from '../events/recovered-logs.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'

/** What they are wired to. */
export interface AsleepPorts {
  readonly live: LiveGames
  /** The records of a game, in order of their versions. */
  readonly read: (stream: StreamId) => AsyncIterable<EventsRecord>
  /** Looks at a game that was read, before it is in memory. @throws SchemaTooNewError */
  readonly check: (game: LiveGame) => void
}

/** Holds most games whole. */
const slabBytes = 16 * 1024

export class AsleepGames {
  readonly #games: Map<StreamId, AsleepGame>
  readonly #over = new Set<StreamId>()
  readonly #ports: AsleepPorts

  constructor(games: Iterable<AsleepGame>, ports: AsleepPorts) {
    this.#games = new Map([...games].map((game) => [game.stream, game]))
    this.#ports = ports
  }

  get size(): number {
    return this.#games.size
  }

  /** Of those that sleep: a game that is over, and waits for the archive. */
  isOver(stream: StreamId): boolean {
    return this.#over.has(stream)
  }

  /** A game leaves memory: the journal has it in one piece. */
  add(game: AsleepGame, isOver: boolean): void {
    this.#games.set(game.stream, game)
    if (isOver) this.#over.add(game.stream)
  }

  /** The archive has it. */
  remove(stream: StreamId): void {
    this.#games.delete(stream)
    this.#over.delete(stream)
  }

  has(stream: StreamId): boolean {
    return this.#games.has(stream)
  }

  /** What is known of a game without reading it. */
  get(stream: StreamId): AsleepGame | undefined {
    return this.#games.get(stream)
  }

  values(): IterableIterator<AsleepGame> {
    return this.#games.values()
  }

  /** Puts one player in the place of another, wherever one is named. O(games) */
  rename(player: PlayerId, alias: PlayerId): void {
    for (const [stream, game] of this.#games) {
      if (!game.players.includes(player)) continue
      this.#games.set(stream, { ...game, players: game.players.map((one) => (one === player ? alias : one)) })
    }
  }

  /** Reads a game, and leaves it asleep. @throws what the journal throws, SchemaTooNewError */
  async read(stream: StreamId): Promise<LiveGame> {
    const { live, read, check } = this.#ports
    const logs = new RecoveredLogs(slabBytes)
    for await (const record of read(stream)) logs.add(record)
    const [recovered] = logs.take()
    if (!recovered)
      throw new Error(`The journal has no record of ${stream}, though it told of it when it was opened.`)
    const game = live.recovered(recovered)
    check(game)
    return game
  }

  /**
   * Takes a game back into memory, for good. Its place is kept meanwhile, so that many at once do not pass the bound:
   * ask for an `overload` before. One wake at a time a game. `undefined`: it was over, and the archive took it meanwhile.
   */
  async wake(stream: StreamId): Promise<LiveGame | undefined> {
    if (!this.has(stream)) return undefined
    const { live } = this.#ports
    const { kind } = partsOfStream(stream)
    live.keepPlace(kind)
    try {
      const game = await this.read(stream)
      if (!this.has(stream)) return undefined
      live.add(game)
      this.remove(stream)
      return game
    } finally {
      live.giveBack(kind)
    }
  }
}
