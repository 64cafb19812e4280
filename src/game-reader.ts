/** Finds a game for reading, in the one place where it is: in memory, asleep in the journal, or in the archive. */
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { AsleepGames } from './commands/asleep-games.js'
import type { AnyGame } from './commands/game.js'
import type { LiveGames } from './commands/live-games.js'
import type { Rules } from './archive/completed-game.js'
import type { EventEnvelope } from './events/envelope.js'
import type { StreamId, Version } from './events/ids.js'
import { SchemaTooNewError } from './events/upcaster.js'
import type { Catalog } from './archive/catalog.js'
import {
  replayOf,
  type GameEvents,
  type Replay,
  type ReplayError,
  type ReplayOptions,
} from './archive/replay.js'
import type { LiveGame } from './commands/live-game.js'
import type { LoadedGame } from './game-handle.js'

/** A repair of the journal set this game aside: it can neither be read nor go on. */
export class GameQuarantinedError extends Error {
  override readonly name = 'GameQuarantinedError'
  readonly code = 'game-quarantined'
  readonly stream: StreamId

  constructor(stream: StreamId) {
    super(
      `game-quarantined: a repair of the journal set ${stream} aside. What is left of it is in the folder ` +
        '`quarantine` beside the journal; begin another game under a new id.',
    )
    this.stream = stream
  }
}

export class GameReader {
  readonly #live: LiveGames
  readonly #asleep: AsleepGames
  readonly #catalog: Catalog
  readonly #rules: Rules
  readonly #quarantined: ReadonlySet<StreamId>

  constructor(
    live: LiveGames,
    asleep: AsleepGames,
    catalog: Catalog,
    rules: Rules,
    quarantined: ReadonlySet<StreamId>,
  ) {
    this.#live = live
    this.#asleep = asleep
    this.#catalog = catalog
    this.#rules = rules
    this.#quarantined = quarantined
  }

  stateInMemory(game: AnyGame, stream: StreamId): unknown {
    const live = this.#live.get(stream)
    if (live && live.publishedVersion > 0) return live.publishedState()
    return this.#isElsewhere(stream) ? undefined : (game.initialState as unknown)
  }

  versionInMemory(stream: StreamId): Version | undefined {
    const live = this.#live.get(stream)
    if (live) return live.publishedVersion
    return this.#isElsewhere(stream) ? undefined : (0 as Version)
  }

  async load(game: AnyGame, stream: StreamId): Promise<Either<ReplayError, LoadedGame<unknown>>> {
    const live = this.#live.get(stream)
    if (live && live.publishedVersion > 0) {
      const version = live.publishedVersion
      return right({ state: live.publishedState(), version, final: live.isFinal && version === live.version })
    }
    const replay = await this.replay(game, stream, {})
    if (isLeft(replay))
      // What the archive had and dropped is not a game that has not begun.
      return replay.left._tag === 'NotFound' && !this.#catalog.mayHave(stream)
        ? right({ state: game.initialState as unknown, version: 0 as Version, final: false })
        : replay
    const { state, version, final } = replay.right
    return right({ state, version, final })
  }

  async *events(stream: StreamId): AsyncGenerator<EventEnvelope> {
    yield* (await this.find(stream))?.envelopes() ?? []
  }

  /** The events of a game, live or archived, as a replay. */
  async replay(
    game: AnyGame,
    stream: StreamId,
    options: ReplayOptions,
  ): Promise<Either<ReplayError, Replay>> {
    try {
      const log = await this.find(stream)
      return log ? await replayOf(game, log, options) : left({ _tag: 'NotFound', stream })
    } catch (cause) {
      if (cause instanceof GameQuarantinedError) return left({ _tag: 'Quarantined', stream })
      if (!(cause instanceof SchemaTooNewError)) throw cause
      const { type, found, known } = cause
      return left({ _tag: 'SchemaTooNew', stream, type, found, known })
    }
  }

  /** The newest published version, without reading anything: Infinity where the game is archived, or set aside. */
  newestVersion(stream: StreamId): number {
    const live = this.#live.get(stream)
    if (live) return live.publishedVersion
    const asleep = this.#asleep.get(stream)
    if (asleep) return asleep.version
    return this.#isElsewhere(stream) ? Infinity : 0
  }

  /**
   * The published events of a game as they stand now, `undefined` where there are none. Reads the journal or the archive
   * where it must.
   * @throws GameQuarantinedError, what reading throws
   */
  async find(stream: StreamId): Promise<GameEvents | undefined> {
    const live = this.#live.get(stream)
    if (live) return live.publishedVersion > 0 ? eventsOf(live) : undefined
    if (this.#asleep.has(stream)) return eventsOf(await this.#asleep.read(stream))
    if (this.#quarantined.has(stream)) throw new GameQuarantinedError(stream)
    return this.#catalog.readGame(stream, (game) => game.events(this.#rules.get(game.index.kind)))
  }

  /** Not in memory, and perhaps on a disk, or set aside. */
  #isElsewhere(stream: StreamId): boolean {
    return this.#asleep.has(stream) || this.#quarantined.has(stream) || this.#catalog.mayHave(stream)
  }
}

/** A live game's log only grows: through this version it stays as it is, also when the game has left memory. */
const eventsOf = (game: LiveGame): GameEvents => {
  const through = game.publishedVersion
  return { stream: game.stream, envelopes: (fromVersion = 1) => game.envelopes(fromVersion, through) }
}
