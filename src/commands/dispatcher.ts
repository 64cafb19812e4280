/**
 * The life of one command, and of one unit of work.
 *
 *     1 admit     closed? failed? no room? over a bound?                       -> Unavailable / Overloaded  (admission.ts)
 *     2 find      live, new, or to be woken, or looked up in the archive            (game-finder.ts)
 *     3 once      recorded before -> the first receipt again; then: over -> GameCompleted
 *     4 expect    another version -> VersionConflict
 *     5 decide    the rules       -> Rejected                                       (3 to 8: command-runner.ts)
 *     6 evolve    7 sequence                                                        (decision.ts)
 *     8 commit    memory is at the new state
 *     9 journal   queued                                                            (commit-queue.ts)
 *    10 publish   and then every answer that has read so far                        (publisher.ts)
 *
 * A unit of work goes the same way with several games at once (unit-dispatch.ts, unit-of-work.ts).
 *
 * Steps 3 to 9 are one synchronous stretch: no await, no lock, no lost update. Every answer that has read a game
 * waits until the newest event that it read is published; if the journal fails first it becomes Unavailable. So no
 * answer of any kind contradicts the log that is recovered. What is in flight is bounded, in commands and in bytes.
 * Here are the doors: what is let in and found is handed on, to be answered once.
 */
import { left } from 'fp-ts/lib/Either.js'
import type { StreamId } from '../events/ids.js'
import type { Durability } from '../events/journal/journal.js'
import type { Publisher } from '../events/publisher.js'
import { Admission, type AdmissionBounds, type Sender } from './admission.js'
import type { CommandCounts, Tally } from './command-counts.js'
import { checkDispatch, checkOptions, type CommandOptions, type DispatchOptions } from './command-options.js'
import { CommandRunner } from './command-runner.js'
import { CommitQueue, type CommitQueuePorts } from './commit-queue.js'
import { DecisionContexts, type CommandTest, type DecisionContextPorts } from './decision-context.js'
import type { Overloaded, Unavailable } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import { GameFinder, type FinderPorts, type Held } from './game-finder.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import { OwnActs, type OwnCommand } from './own-acts.js'
import type { Receipt } from './receipt.js'
import { CommandRequest, Request, type Answered, type RequestDesk } from './request.js'
import { UnitDispatch, type UnitDispatchPorts } from './unit-dispatch.js'
import type { Unit } from './unit-of-work.js'

/** What the dispatcher is wired to. */
export interface DispatcherPorts
  extends FinderPorts, AdmissionBounds, CommitQueuePorts, DecisionContextPorts {
  readonly live: LiveGames
  readonly publisher: Publisher
  readonly durability: Durability
  readonly counts: CommandCounts
}

export class Dispatcher {
  readonly #ports: DispatcherPorts
  readonly #finder: GameFinder
  readonly #admission: Admission
  readonly #contexts: DecisionContexts
  readonly #runner: CommandRunner
  readonly #acts: OwnActs
  readonly #desk: RequestDesk = this.#deskOf('player')
  readonly #ownDesk: RequestDesk = this.#deskOf('ledger')
  readonly #unitPorts: Omit<UnitDispatchPorts, 'checkGiven'>
  #isBuilding = false

  constructor(ports: DispatcherPorts) {
    const { live, makeRoom, counts } = ports
    const finder = new GameFinder(ports)
    const admission = new Admission(ports)
    const contexts = new DecisionContexts(ports)
    const queue = new CommitQueue(ports, admission, (why) => this.stop(why))
    const runner = new CommandRunner({ live, admission, contexts, queue })
    const building = <Result>(work: () => Result): Result => this.#building(work)
    this.#ports = ports
    this.#finder = finder
    this.#admission = admission
    this.#contexts = contexts
    this.#runner = runner
    this.#acts = new OwnActs({ finder, admission, runner, counts, desk: this.#ownDesk })
    this.#unitPorts = { finder, admission, live, makeRoom, contexts, queue, building }
  }

  /** Commands that are not yet answered. */
  get inFlight(): number {
    return this.#admission.inFlight
  }

  /** Bytes of events that are not yet published. */
  get bytesInFlight(): number {
    return this.#admission.bytesInFlight
  }

  /** From now on everything is refused. The first reason stays. */
  stop(why: Unavailable): void {
    this.#admission.stop(why)
    if (why.code === 'journal-failed') this.#finder.stop(why)
  }

  /** From now on only the ledger's own commands are accepted. */
  closeDoors(): void {
    this.#admission.closeDoors()
  }

  /** Until it is called with `undefined`, new commands are refused; what is in flight goes on. */
  pause(why: Unavailable | undefined): void {
    this.#admission.pause(why)
  }

  /**
   * Until it is called with `undefined`, no command is decided that `isRefused` says names a player who is being erased.
   * What was decided before goes on.
   */
  refuse(isRefused: CommandTest | undefined): void {
    this.#contexts.refuse(isRefused)
  }

  /**
   * Lets these games come to rest, wherever they are: resolves when none of their commands is in flight. Those that come
   * meanwhile, and until `release` is called, wait in call order, and their games are looked for only then.
   * @throws what the journal failed of; then nothing is held
   */
  hold(streams: Iterable<StreamId>): Promise<Held> {
    return this.#finder.hold(streams)
  }

  dispatch(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
  ): Promise<Answered> {
    this.#checkNotBuilding()
    checkDispatch(command, options, this.#ports.durability)
    return this.#dispatch(game, stream, command, options, 'player')
  }

  /** The same for a command of the ledger's own: for it a tenth of what may be in flight is kept. */
  dispatchOwn(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
  ): Promise<Answered> {
    return this.#dispatch(game, stream, command, options, 'ledger')
  }

  /**
   * A command of the ledger's own that is made when the game is at hand, on the state on which it is decided: so it is
   * never too late for it. Where `make` gives none, nothing is sent, and the answer is `undefined`. Rejects with what
   * `make` throws.
   */
  act(
    game: AnyGame,
    stream: StreamId,
    make: (live: LiveGame) => OwnCommand | undefined,
  ): Promise<Answered | undefined> {
    const refusal = this.#admission.enter('ledger')
    const tally = this.#ports.counts.of(game.kind)
    if (refusal) return refused(refusal, tally)
    return this.#acts.begin(game, stream, make, tally)
  }

  /** See `Ledger.transact`. `checkGiven` throws for a game that the ledger does not have. */
  transact(
    build: (tx: Unit) => void,
    options: CommandOptions,
    checkGiven: (definition: AnyGame) => void,
  ): Promise<Answered<readonly Receipt[]>> {
    this.#checkNotBuilding()
    if (typeof build !== 'function')
      throw new TypeError(`A unit of work is built by a function; got ${typeof build}.`)
    checkOptions(options, this.#ports.durability)
    const { units } = this.#ports.counts
    const refusal = this.#admission.enter('player')
    if (refusal) return refused(refusal, units)
    const request = new Request<readonly Receipt[]>(options.durability, this.#desk, units)
    new UnitDispatch(request, build, options, { ...this.#unitPorts, checkGiven }).run()
    return request.promise
  }

  /** No command may be dispatched meanwhile. */
  #building<Result>(work: () => Result): Result {
    this.#isBuilding = true
    try {
      return work()
    } finally {
      this.#isBuilding = false
    }
  }

  #checkNotBuilding(): void {
    if (this.#isBuilding)
      throw new TypeError(
        'This was called inside a unit of work, whose `build` may run several times. Dispatch through what it is handed; units are not nested.',
      )
  }

  #deskOf(sender: Sender): RequestDesk {
    return {
      safe: (durability, ticket) => this.#ports.publisher.safe(durability, ticket),
      answered: () => this.#admission.leave(sender),
    }
  }

  #dispatch(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
    sender: Sender,
  ): Promise<Answered> {
    const { counts } = this.#ports
    const tally = counts.of(game.kind)
    const refusal = this.#admission.enter(sender)
    if (refusal) return refused(refusal, tally)
    const timing = counts.begin()
    const desk = sender === 'player' ? this.#desk : this.#ownDesk
    const request = new CommandRequest(game, stream, command, options, desk, tally, timing)
    const live = this.#finder.atHand(stream)
    if (live && live.version === 0 && this.#ports.live.overloadBy(live.kind))
      this.#finder.findRoom(stream, (found) => this.#runner.take(request, found))
    else if (live) this.#runner.run(request, live)
    else this.#finder.find(stream, (found) => this.#runner.take(request, found))
    timing?.returned()
    return request.promise
  }
}

/** Answers at once: nothing was read. */
const refused = (why: Unavailable | Overloaded, tally: Tally): Promise<Answered<never>> => {
  const answer = left(why)
  tally.answered(answer)
  return Promise.resolve(answer)
}
