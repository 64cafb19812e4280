/**
 * The life of one command, and of one unit of work.
 *
 *     1 admit     closed? failed? no room? over a bound?                       -> Unavailable / Overloaded
 *     2 find      live, new, or to be woken, or looked up in the archive            (game-finder.ts)
 *     3 once      recorded before -> the first receipt again; then: over -> GameCompleted
 *     4 expect    another version -> VersionConflict
 *     5 decide    the rules       -> Rejected
 *     6 evolve    7 sequence      (decision.ts)
 *     8 commit    memory is at the new state
 *     9 journal   queued
 *    10 publish   (publisher.ts), and then every answer that has read so far
 *
 * A unit of work goes the same way with several games at once (unit-of-work.ts).
 *
 * Steps 3 to 9 are one synchronous stretch: no await, no lock, no lost update. Every answer that has read a game
 * waits until the newest event that it read is published; if the journal fails first it becomes Unavailable. So no
 * answer of any kind contradicts the log that is recovered. What is in flight is bounded, in commands and in bytes.
 */
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import { logHeaderBytes } from '../events/event-log.js'
import type { StreamId, Version } from '../events/ids.js'
import type { Durability, JournalRecord, Ticket } from '../events/journal/journal.js'
import type { Publisher } from '../events/publisher.js'
import { roomKind } from '../events/room-event.js'
import type { Sequencer } from '../events/sequencer.js'
import type { Pending } from './answer.js'
import { Admission, type AdmissionBounds, type Sender } from './admission.js'
import { archivedAnswer } from './archived-answer.js'
import type { CommandCounts, Tally } from './command-counts.js'
import { checkDispatch, checkOptions, type CommandOptions, type DispatchOptions } from './command-options.js'
import { decideOn, type Accepted, type DecisionContext } from './decision.js'
import type { Overloaded, Unavailable } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import { GameFinder, type FinderPorts, type Found, type Held } from './game-finder.js'
import { completed, conflictOf, emptyReceipt, receiptAgain, receiptFor } from './live-answer.js'
import type { LiveGame } from './live-game.js'
import { PendingCommand } from './pending-command.js'
import type { PendingUnit } from './pending-unit.js'
import type { Receipt } from './receipt.js'
import { CommandRequest, Request, type Answered, type RequestDesk } from './request.js'
import { UnitDispatch, type UnitDispatchPorts } from './unit-dispatch.js'
import type { UnitGame } from './unit-game.js'
import type { Unit } from './unit-of-work.js'

/** What the dispatcher is wired to. */
export interface DispatcherPorts extends FinderPorts, AdmissionBounds {
  readonly sequencer: Sequencer
  readonly random: () => number
  readonly publisher: Publisher
  readonly append: (record: JournalRecord) => Ticket
  readonly durability: Durability
  /** Infinity where nothing is published before it is synced. */
  readonly unsyncedEventsMax: number
  readonly isChecked: boolean
  readonly counts: CommandCounts
}

/** A command of the ledger's own, as it is made when the game is at hand. */
export interface OwnCommand {
  readonly command: GameCommand
  readonly options: DispatchOptions
}

/** Says whether a command is one to be refused. */
export type CommandTest = NonNullable<DecisionContext['isRefused']>

export class Dispatcher {
  readonly #ports: DispatcherPorts
  readonly #finder: GameFinder
  readonly #admission: Admission
  #isRefused: CommandTest | undefined
  #isBuilding = false

  constructor(ports: DispatcherPorts) {
    this.#ports = ports
    this.#finder = new GameFinder(ports)
    this.#admission = new Admission(ports)
  }

  readonly #desk: RequestDesk = this.#deskOf('player')
  readonly #ownDesk: RequestDesk = this.#deskOf('ledger')

  readonly #unitPorts: Omit<UnitDispatchPorts, 'checkGiven' | 'finder'> = {
    stopped: () => this.#admission.stopped,
    overload: (writes) => this.#unsyncedOverload() ?? this.#unitOverload(writes),
    context: (options) => this.#context(options, 0),
    add: (live) => this.#ports.live.add(live),
    journal: (pending) => this.#journal(pending),
    left: (pending) => this.#left(pending),
    building: (work) => {
      this.#isBuilding = true
      try {
        return work()
      } finally {
        this.#isBuilding = false
      }
    },
  }

  readonly #left = (pending: Pending): void => {
    this.#admission.addBytes(-pending.byteLength)
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
    this.#isRefused = isRefused
  }

  /**
   * Lets these games come to rest, wherever they are: resolves when none of their commands is in flight. Those that come
   * meanwhile, and until `release` is called, wait in call order, and their games are looked for only then.
   * @throws what the journal failed of; then nothing is held
   */
  async hold(streams: Iterable<StreamId>): Promise<Held> {
    const held = await this.#finder.hold(streams)
    try {
      for (const stream of held.streams) await published(this.#ports.live.get(stream))
    } catch (cause) {
      held.release()
      throw cause
    }
    return held
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
    const { counts } = this.#ports
    const tally = counts.of(game.kind)
    if (refusal) return refused(refusal, tally)
    return new Promise((resolve, reject) => {
      const take = (found: Found): void => {
        try {
          const made = found._tag === 'Live' && !this.#admission.stopped ? make(found.live) : noCommand
          if (!made) {
            this.#admission.leave('ledger')
            return resolve(undefined)
          }
          const request = new CommandRequest(
            game,
            stream,
            made.command,
            made.options,
            this.#ownDesk,
            tally,
            counts.begin(),
          )
          request.promise.then(resolve, reject)
          this.#take(request, found)
        } catch (cause) {
          this.#admission.leave('ledger')
          reject(cause as Error)
        }
      }
      this.#finder.find(stream, take)
    })
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
    new UnitDispatch(request, build, options, { ...this.#unitPorts, finder: this.#finder, checkGiven }).run()
    return request.promise
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
      this.#finder.findRoom(stream, (found) => this.#take(request, found))
    else if (live) this.#run(request, live)
    else this.#finder.find(stream, (found) => this.#take(request, found))
    timing?.returned()
    return request.promise
  }

  /** What was found may come late: when nothing is accepted any more. */
  #take(request: CommandRequest, found: Found): void {
    if (found._tag === 'Missed') return request.resolve(left(found.why))
    if (found._tag === 'Live') {
      const { stopped } = this.#admission
      if (stopped) request.resolve(left(stopped))
      else this.#run(request, found.live)
    } else this.#answer(request, undefined, () => archivedAnswer(found.log, request.options.commandId))
  }

  #run(request: CommandRequest, live: LiveGame): void {
    try {
      this.#answerOrDecide(request, live)
    } catch (cause) {
      this.#answer(request, live, () => {
        throw cause
      })
    }
  }

  /** Throws where the rules do, or where the log cannot be read with them. */
  #answerOrDecide(request: CommandRequest, live: LiveGame): void {
    const { commandId, expectedVersion } = request.options
    const first = commandId === undefined ? undefined : live.commandIds.firstVersionOf(commandId)
    if (first !== undefined)
      return this.#answer(request, live, () => right(receiptAgain(live, first, commandId)))
    if (live.isFinal) return this.#answer(request, live, () => left(completed(live)))
    if (expectedVersion !== undefined && expectedVersion !== live.version) {
      const conflict = conflictOf(live, expectedVersion)
      return this.#answer(request, live, () => left(conflict))
    }
    this.#decide(request, live)
  }

  #decide(request: CommandRequest, live: LiveGame): void {
    const overloaded = this.#unsyncedOverload()
    if (overloaded) return request.resolve(left(overloaded))
    const context = this.#context(request.options, live.version)
    live.usedAt = context.now
    const decision = decideOn(live, request.game, request.command, context)
    if (isLeft(decision)) return this.#answer(request, live, () => decision)
    const accepted = decision.right
    if (!accepted) {
      const version = live.version as Version
      return this.#answer(request, live, () => right(emptyReceipt(live, version)))
    }
    const full = live.version === 0 ? this.#ports.live.overloadBy(live.kind) : undefined
    if (full) return request.resolve(left(full))
    this.#commit(request, live, accepted)
  }

  #context({ commandId, actor, occurredAt }: CommandOptions, version: number): DecisionContext {
    const { sequencer, random, isChecked } = this.#ports
    const isRefused = this.#isRefused
    return { now: sequencer.time(), random, version, commandId, actor, occurredAt, isChecked, isRefused }
  }

  #unsyncedOverload(): Overloaded | undefined {
    const { unsynced, unsyncedEventsMax } = this.#ports
    if (unsynced.count < unsyncedEventsMax) return undefined
    return { _tag: 'Overloaded', bound: 'unsyncedEventsMax', max: unsyncedEventsMax }
  }

  #unitOverload(writes: readonly UnitGame[]): Overloaded | undefined {
    const begun = writes.filter(({ live }) => live.version === 0)
    if (begun.length === 0) return undefined
    const rooms = begun.filter(({ kind }) => kind === roomKind).length
    const { live, makeRoom } = this.#ports
    const full = live.overload({ games: begun.length - rooms, rooms })
    // For the next one: a unit is decided at once or not at all.
    if (full) void makeRoom()
    return full
  }

  #commit(request: CommandRequest, live: LiveGame, accepted: Accepted): void {
    const { envelopes, lines, state, players, isFinal } = accepted
    if (live.version === 0) this.#ports.live.add(live)
    const record = live.log.append(lines, envelopes.length)
    live.keep(state, players, isFinal)
    const { commandId } = request.options
    if (commandId !== undefined) live.noteCommandId(commandId, record.firstVersion)
    request.answer = () => right(receiptFor(live, envelopes, false))
    const pending = new PendingCommand(request, live, record, envelopes, this.#left)
    live.newest = pending
    const ticket = this.#journal(pending)
    if (ticket !== undefined) live.newestTicket = ticket
  }

  /** Queues what was committed to be journaled and published; `undefined` where the journal takes nothing more. */
  #journal(pending: PendingCommand | PendingUnit): Ticket | undefined {
    this.#ports.live.grown(pending.byteLength + pending.records * logHeaderBytes)
    this.#admission.addBytes(pending.byteLength)
    try {
      pending.ticket = this.#ports.append(pending)
    } catch (cause) {
      // Memory is ahead of a journal that takes nothing more: nobody may decide on this state again.
      this.stop({ _tag: 'Unavailable', code: 'journal-failed', cause })
      pending.fail(cause)
      return undefined
    }
    this.#ports.publisher.add(pending)
    return pending.ticket
  }

  /** Answers when the newest event that was read is published: at once, where all of them are. */
  #answer<Success>(
    request: Request<Success>,
    live: LiveGame | undefined,
    answer: () => Answered<Success>,
  ): void {
    request.answer = answer
    const newest = live?.newest
    if (newest) newest.await(request)
    else request.settle(live?.newestTicket ?? 0)
  }
}

/** What is not there to be sent, where there is no game to send it to: the answer says why. */
const noCommand: OwnCommand = { command: { type: '' }, options: {} }

/** Answers at once: nothing was read. */
const refused = (why: Unavailable | Overloaded, tally: Tally): Promise<Answered<never>> => {
  const answer = left(why)
  tally.answered(answer)
  return Promise.resolve(answer)
}

/** Resolves when the newest event of a game is published. */
const published = async (live: LiveGame | undefined): Promise<void> => {
  const newest = live?.newest
  if (newest)
    await new Promise<void>((resolve, reject) => newest.await({ settle: () => resolve(), fail: reject }))
}
