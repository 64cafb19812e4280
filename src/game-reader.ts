/** Finds a game for reading, in the one place where it is: in memory, asleep in the journal, or in the archive. */
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { ArchivedLogs } from './commands/archived-answer.js'
import type { AsleepGames } from './commands/asleep-games.js'
import type { AnyGame } from './commands/game.js'
import type { LiveGames } from './commands/live-games.js'
import type { EventEnvelope } from './events/envelope.js'
import type { StreamId, Version } from './events/ids.js'
import { SchemaTooNewError } from './events/upcaster.js'
import { replayOf, type Replay, type ReplayError, type ReplayOptions } from './archive/replay.js'
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
  readonly #archived: ArchivedLogs
  readonly #quarantined: ReadonlySet<StreamId>

  constructor(
    live: LiveGames,
    asleep: AsleepGames,
    archived: ArchivedLogs,
    quarantined: ReadonlySet<StreamId>,
  ) {
    this.#live = live
    this.#asleep = asleep
    this.#archived = archived
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
      return replay.left._tag === 'NotFound' && !this.#archived.mayHave(stream)
        ? right({ state: game.initialState as unknown, version: 0 as Version, final: false })
        : replay
    const { state, version, final } = replay.right
    return right({ state, version, final })
  }

  async *events(stream: StreamId): AsyncGenerator<EventEnvelope> {
    yield* (await this.#envelopes(stream)) ?? []
  }

  /** The events of a game, live or archived, as a replay. */
  async replay(
    game: AnyGame,
    stream: StreamId,
    options: ReplayOptions,
  ): Promise<Either<ReplayError, Replay>> {
    try {
      const envelopes = await this.#envelopes(stream)
      return envelopes ? replayOf(game, envelopes, options) : left({ _tag: 'NotFound', stream })
    } catch (cause) {
      if (cause instanceof GameQuarantinedError) return left({ _tag: 'Quarantined', stream })
      if (!(cause instanceof SchemaTooNewError)) throw cause
      const { type, found, known } = cause
      return left({ _tag: 'SchemaTooNew', stream, type, found, known })
    }
  }

  async #envelopes(stream: StreamId): Promise<readonly EventEnvelope[] | undefined> {
    const live = this.#live.get(stream)
    if (live) return live.publishedVersion > 0 ? [...live.envelopes()] : undefined
    if (this.#asleep.has(stream)) return [...(await this.#asleep.read(stream)).envelopes()]
    if (this.#quarantined.has(stream)) throw new GameQuarantinedError(stream)
    return this.#archived.mayHave(stream) ? this.#archived.read(stream) : undefined
  }

  /** Not in memory, and perhaps on a disk, or set aside. */
  #isElsewhere(stream: StreamId): boolean {
    return this.#asleep.has(stream) || this.#quarantined.has(stream) || this.#archived.mayHave(stream)
  }
}
