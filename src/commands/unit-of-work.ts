/**
 * Several games in one step: all of it happens, or nothing does.
 *
 *     transact(build) --> build(tx) --- a game is out of memory ---> find it, pin it, and run build again
 *                              |
 *                              +--- a Left, an exception ----------> nothing happened
 *                              +--- all accepted: one record, one publication
 *
 * `build` is synchronous and free of side effects, for it may run several times. The last run, with what it decides and
 * its commit, is one synchronous stretch: nobody decides in between, so units and commands have one order, the order of
 * their positions. Reads inside `build` see the newest decided state and the unit's own writes; the answer waits until
 * all that was read is published.
 */
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { GameEvent } from '../events/envelope.js'
import {
  checkGameId,
  streamIdOf,
  type GameId,
  type Kind,
  type StreamId,
  type Version,
} from '../events/ids.js'
import { archivedAnswer, type Archived } from './archived-answer.js'
import { checkCommand } from './command-options.js'
import { commandBytesMax, decideOn, type Accepted } from './decision.js'
import type { DecisionContext } from './decision-context.js'
import type { DispatchError } from './dispatch-error.js'
import { fold } from './fold.js'
import type { AnyGame, Game, GameCommand } from './game.js'
import { completed, conflictOf, receiptAgain } from './live-answer.js'
import type { LiveGame } from './live-game.js'
import type { Receipt } from './receipt.js'
import { UnitGame } from './unit-game.js'

/** What `build` is handed. Good for that one run. */
export interface Unit {
  /** Why the unit is refused: of the first dispatch that was. */
  readonly refusal: DispatchError | undefined
  /** One game, whether it exists yet or not. @throws TypeError for a bad id or a game that was not given to `openLedger` */
  game<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
  ): GameInUnit<State, Command, Event, Reason>
}

/** A game inside a unit of work: the newest decided state, and the unit's own writes. */
export interface GameInUnit<
  State = unknown,
  Command extends GameCommand = GameCommand,
  Event extends GameEvent = GameEvent,
  Reason extends string = string,
> {
  readonly kind: Kind
  readonly id: GameId
  /**
   * `initialState` before the first event. Not to be changed. Of a game that retention has dropped it is not known: asking
   * for it ends the run, and the unit is refused with `GameCompleted`.
   */
  readonly state: State
  /** 0 before the first event. */
  readonly version: Version
  readonly final: boolean
  /**
   * Decides a command at once; its events are part of the unit. A refusal refuses the whole unit, also where `build` goes
   * on: from then on every dispatch answers the first refusal.
   */
  dispatch(
    command: Command,
    options?: { readonly expectedVersion?: number },
  ): Either<DispatchError<Reason | 'invalid-command', Event>, readonly Event[]>
}

/** The most games that one unit may touch, and so the most runs that finding them takes. */
export const unitGamesMax = 100

/** Ends a run of `build` from inside: a game has to be found first, or is gone. Not an error of anybody's. */
class RunIsOver extends Error {}

type Touched = UnitGame | Archived

/** What a run needs besides what it was handed. */
export interface RunPorts {
  /** The game, where it takes no waiting. */
  readonly atHand: (stream: StreamId) => LiveGame | undefined
  readonly checkGiven: (definition: AnyGame) => void
  /** Of all commands of this run, but for the version. */
  readonly context: Omit<DecisionContext, 'version'>
}

/** One run of `build`. */
export class UnitRun implements Unit {
  /** The game that has to be found before another run. */
  missing: StreamId | undefined
  refusal: DispatchError | undefined
  /** What broke inside: an exception that `build` may have caught all the same. */
  broken: { readonly cause: unknown } | undefined
  readonly #ports: RunPorts
  readonly #archived: ReadonlyMap<StreamId, Archived>
  readonly #touched = new Map<StreamId, Touched>()
  /** Receipts of what was recorded under the unit's id before, by stream. */
  readonly #again = new Map<StreamId, () => Receipt>()
  #bytes = 0
  #isOver = false

  constructor(ports: RunPorts, archived: ReadonlyMap<StreamId, Archived>) {
    this.#ports = ports
    this.#archived = archived
  }

  /** Runs `build` once. What it throws is in `broken`. */
  run(build: (tx: Unit) => void): this {
    try {
      const returned = build(this) as unknown
      if (isThenable(returned)) {
        returned.then(undefined, () => undefined)
        throw new TypeError(
          'A unit of work is built synchronously: `build` must not be async or return a promise. Nothing was recorded.',
        )
      }
    } catch (cause) {
      if (!(cause instanceof RunIsOver)) this.broken ??= { cause }
    }
    this.#isOver = true
    return this
  }

  /** The games in memory that were touched. */
  *lives(): Generator<LiveGame> {
    for (const touched of this.#touched.values()) if (touched instanceof UnitGame) yield touched.live
  }

  /** The games to which the unit adds events, in the order in which they were first touched. */
  writes(): readonly UnitGame[] {
    return [...this.#touched.values()].filter(
      (touched) => touched instanceof UnitGame && touched.hasEvents,
    ) as UnitGame[]
  }

  /** The receipts of the first time, where the unit's id was recorded before. */
  again(): readonly (() => Receipt)[] | undefined {
    return this.#again.size === 0 ? undefined : [...this.#again.values()]
  }

  game<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
  ): GameInUnit<State, Command, Event, Reason> {
    this.#checkAlive()
    this.#ports.checkGiven(definition)
    const { kind } = definition
    const stream = streamIdOf(kind, checkGameId(gameId))
    const touched = this.#touch(definition, stream)
    const look = (): Touched => {
      this.#checkAlive()
      return touched
    }
    const stateIn = (found: Touched): unknown => this.#stateOf(definition, found)
    return {
      kind,
      id: gameId,
      get state(): State {
        return stateIn(look()) as State
      },
      get version(): Version {
        return versionOf(look())
      },
      get final(): boolean {
        const found = look()
        return found instanceof UnitGame ? found.isFinal : true
      },
      dispatch: (command, options = {}) => {
        look()
        const answer = this.#dispatch(definition, stream, touched, command, options)
        if (isLeft(answer)) this.refusal ??= answer.left
        return answer as Either<DispatchError<Reason | 'invalid-command', Event>, readonly Event[]>
      },
    }
  }

  /** Of a game that was dropped from the archive nobody knows the state: all that can be said is that it is over. */
  #stateOf(game: AnyGame, touched: Touched): unknown {
    if (touched instanceof UnitGame) return touched.stateToHandOut()
    if (!('goneAt' in touched)) return fold(game, () => touched.map(({ event }) => event)).state
    const answer = archivedAnswer(touched, undefined)
    if (isLeft(answer)) this.refusal ??= answer.left
    throw new RunIsOver()
  }

  #checkAlive(): void {
    if (this.#isOver)
      throw new TypeError('This unit of work is over. What `build` was handed is good for that run alone.')
  }

  #touch(game: AnyGame, stream: StreamId): Touched {
    const touched = this.#touched.get(stream)
    if (touched) return touched
    if (this.#touched.size >= unitGamesMax)
      throw new TypeError(`A unit of work touches at most ${unitGamesMax} games. Split it.`)
    const live = this.#ports.atHand(stream)
    const found = live ? new UnitGame(live, game) : this.#archived.get(stream)
    if (!found) {
      this.missing ??= stream
      throw new RunIsOver()
    }
    this.#touched.set(stream, found)
    return found
  }

  #dispatch(
    game: AnyGame,
    stream: StreamId,
    touched: Touched,
    command: GameCommand,
    { expectedVersion }: { readonly expectedVersion?: number },
  ): Either<DispatchError, readonly GameEvent[]> {
    if (this.refusal) return left(this.refusal)
    checkCommand(command)
    const { commandId } = this.#ports.context
    if (!(touched instanceof UnitGame)) {
      const answer = archivedAnswer(touched, commandId)
      if (isLeft(answer)) return answer
      this.#again.set(stream, () => answer.right)
      return right(answer.right.events)
    }
    const { live } = touched
    const first = commandId === undefined ? undefined : live.commandIds.firstVersionOf(commandId)
    if (first !== undefined) {
      this.#again.set(stream, () => receiptAgain(live, first, commandId))
      return right(receiptAgain(live, first, commandId).events)
    }
    if (touched.isFinal) return left(touched.hasEvents ? endedHere(touched) : completed(live))
    if (expectedVersion !== undefined && expectedVersion !== touched.version)
      return left({ ...conflictOf(live, expectedVersion), actual: touched.version as Version })
    return this.#decide(game, touched, command)
  }

  #decide(
    game: AnyGame,
    touched: UnitGame,
    command: GameCommand,
  ): Either<DispatchError, readonly GameEvent[]> {
    try {
      const context = { ...this.#ports.context, version: touched.version }
      const decision = decideOn(touched, game, command, context)
      if (isLeft(decision)) return decision
      if (!decision.right) return right([])
      this.#bytes += Buffer.byteLength(decision.right.lines)
      if (this.#bytes > commandBytesMax)
        throw new TypeError(
          `One unit of work may encode to at most ${commandBytesMax} bytes; got ${this.#bytes}. Nothing was recorded. Split it.`,
        )
      touched.keep(decision.right)
      return right(eventsOf(decision.right))
    } catch (cause) {
      this.broken ??= { cause }
      throw cause
    }
  }
}

const eventsOf = ({ envelopes }: Accepted): readonly GameEvent[] => envelopes.map(({ event }) => event)

const versionOf = (touched: Touched): Version =>
  touched instanceof UnitGame
    ? (touched.version as Version)
    : 'goneAt' in touched
      ? touched.goneAt
      : touched[touched.length - 1]!.version

/** A game that this very unit has ended. */
const endedHere = ({ kind, gameId, version, envelopes }: UnitGame): DispatchError => {
  const { outcome } = envelopes[envelopes.length - 1]!
  const ended = { _tag: 'GameCompleted', kind, gameId, version: version as Version } as const
  return outcome ? { ...ended, outcome } : ended
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
