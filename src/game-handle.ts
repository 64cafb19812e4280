/** One game, as callers hold it: a name and the way to it. A handle keeps no state; make as many as you like. */
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { ReplayError } from './archive/replay.js'
import type { DispatchError } from './commands/dispatch-error.js'
import type { Dispatcher } from './commands/dispatcher.js'
import type { Game, GameCommand, Viewer } from './commands/game.js'
import type { Receipt } from './commands/receipt.js'
import { fromOutside, type DispatchOptions } from './commands/command-options.js'
import type { EventEnvelope, GameEvent } from './events/envelope.js'
import type { GameClosed } from './events/ledger-event.js'
import { streamIdOf, type GameId, type Kind, type StreamId, type Version } from './events/ids.js'
import type { GameReader } from './game-reader.js'

/** A game as it was found. */
export interface LoadedGame<State> {
  readonly state: State
  readonly version: Version
  /** True when the game is over. */
  readonly final: boolean
}

export class GameHandle<
  State = unknown,
  Command extends GameCommand = GameCommand,
  Event extends GameEvent = GameEvent,
  Reason extends string = string,
> {
  readonly kind: Kind
  readonly id: GameId
  readonly #game: Game<State, Command, Event, Reason>
  readonly #stream: StreamId
  readonly #dispatcher: Dispatcher
  readonly #reader: GameReader

  constructor(
    game: Game<State, Command, Event, Reason>,
    id: GameId,
    dispatcher: Dispatcher,
    reader: GameReader,
  ) {
    this.kind = game.kind
    this.id = id
    this.#game = game
    this.#stream = streamIdOf(game.kind, id)
    this.#dispatcher = dispatcher
    this.#reader = reader
  }

  /** The last published state, from memory alone: `initialState` before the first event, `undefined` once the game has left memory. Not to be changed. */
  get state(): State | undefined {
    return this.#reader.stateInMemory(this.#game, this.#stream) as State | undefined
  }

  /** The last published version, from memory alone: 0 before the first event, `undefined` once the game has left memory. */
  get version(): Version | undefined {
    return this.#reader.versionInMemory(this.#stream)
  }

  /** The last published state, wherever the game is; reads the archive where it must. */
  load(): Promise<Either<ReplayError, LoadedGame<State>>> {
    return this.#reader.load(this.#game, this.#stream) as Promise<Either<ReplayError, LoadedGame<State>>>
  }

  /**
   * Sends a command. Resolves when its events are published, that is: durable to the ledger's degree. Refusals are
   * values. Commands of one game are decided in call order; none waits for another's answer.
   * @throws TypeError on misuse of the options, RulesError (rejects) where the rules throw
   */
  dispatch(
    command: Command,
    options: DispatchOptions = {},
  ): Promise<Either<DispatchError<Reason | 'invalid-command', Event>, Receipt<Event>>> {
    const answer = this.#dispatcher.dispatch(this.#game, this.#stream, command, fromOutside(options))
    return answer as Promise<Either<DispatchError<Reason | 'invalid-command', Event>, Receipt<Event>>>
  }

  /** What this viewer may see of the game now; hidden hands stay hidden. */
  async view(viewer: Viewer): Promise<Either<ReplayError, unknown>> {
    const loaded = await this.load()
    if (isLeft(loaded)) return left(loaded.left)
    const { state } = loaded.right
    return right(this.#game.view ? this.#game.view(state, viewer) : state)
  }

  /**
   * The published events of the game from its first, as they stand now. Complete: not cut down for a viewer. The last may be
   * the ledger's own `$closed`, of a game that nobody played any more.
   * @throws GameQuarantinedError where a repair of the journal set the game aside
   */
  events(): AsyncIterable<EventEnvelope<Event | GameClosed>> {
    return this.#reader.events(this.#stream) as AsyncIterable<EventEnvelope<Event | GameClosed>>
  }
}
