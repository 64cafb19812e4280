/**
 * The life of one command.
 *
 *     1 admit     closed? failed? no room? over a bound?                       -> Unavailable / Overloaded
 *     2 find      live, new, or to be woken, or looked up in the archive, in a FIFO of that game
 *     3 once      recorded before -> the first receipt again; then: over -> GameCompleted
 *     4 expect    another version -> VersionConflict
 *     5 decide    the rules       -> Rejected
 *     6 evolve    7 sequence      (decision.ts)
 *     8 commit    memory is at the new state
 *     9 journal   queued
 *    10 publish   (publisher.ts), and then every answer that has read so far
 *
 * Steps 3 to 9 are one synchronous stretch: no await, no lock, no lost update. Every answer that has read a game
 * waits until the newest event that it read is published; if the journal fails first it becomes Unavailable. So no
 * answer of any kind contradicts the log that is recovered. What is in flight is bounded, in commands and in bytes.
 */
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from '../events/envelope.js'
import { checkCommandId, checkPlayerId, type StreamId, type Version } from '../events/ids.js'
import { strength, type Durability, type JournalRecord, type Ticket } from '../events/journal/journal.js'
import type { Publisher } from '../events/publisher.js'
import type { Sequencer } from '../events/sequencer.js'
import type { UnsyncedEvents } from '../events/unsynced-events.js'
import { archivedAnswer, type ArchivedLogs } from './archived-answer.js'
import type { AsleepGames } from './asleep-games.js'
import { decideOn, type Accepted } from './decision.js'
import type { DispatchError, Unavailable, UnavailableCode, VersionConflict } from './dispatch-error.js'
import type { AnyGame, GameCommand } from './game.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import { PendingCommand } from './pending-command.js'
import type { Receipt } from './receipt.js'
import { Request, type Answered, type DispatchOptions, type RequestDesk } from './request.js'

/** What the dispatcher is wired to. */
export interface DispatcherPorts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  /** Games that a repair of the journal set aside. */
  readonly quarantined: ReadonlySet<StreamId>
  readonly archived: ArchivedLogs
  readonly sequencer: Sequencer
  readonly random: () => number
  readonly publisher: Publisher
  readonly append: (record: JournalRecord) => Ticket
  readonly durability: Durability
  readonly commandsInFlightMax: number
  readonly bytesInFlightMax: number
  readonly unsynced: UnsyncedEvents
  /** Infinity where nothing is published before it is synced. */
  readonly unsyncedEventsMax: number
  readonly isChecked: boolean
}

/** Says whether a command is one to be refused. */
export type CommandTest = (command: GameCommand, options: DispatchOptions) => boolean

const sinceMax = 100
const noneHeld: ReadonlyMap<StreamId, Request[]> = new Map()

export class Dispatcher {
  readonly #ports: DispatcherPorts
  readonly #lookups = new Map<StreamId, Request[]>()
  readonly #finding = new Set<Promise<unknown>>()
  /** Commands of games that are held. */
  #held: ReadonlyMap<StreamId, Request[]> = noneHeld
  #isErased: CommandTest | undefined
  #stopped: Unavailable | undefined
  #paused: Unavailable | undefined
  #inFlight = 0
  #bytesInFlight = 0

  constructor(ports: DispatcherPorts) {
    this.#ports = ports
  }

  readonly #desk: RequestDesk = {
    safe: (durability, ticket) => this.#ports.publisher.safe(durability, ticket),
    answered: () => {
      this.#inFlight--
    },
  }

  readonly #left = (pending: PendingCommand): void => {
    this.#bytesInFlight -= pending.byteLength
  }

  /** Commands that are not yet answered. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Bytes of events that are not yet published. */
  get bytesInFlight(): number {
    return this.#bytesInFlight
  }

  /** From now on everything is refused. The first reason stays. */
  stop(why: Unavailable): void {
    this.#stopped ??= why
    if (why.code !== 'journal-failed') return
    for (const queue of this.#lookups.values())
      for (const waiting of queue.splice(0)) waiting.resolve(left(why))
  }

  /** Until it is called with `undefined`, new commands are refused; what is in flight goes on. */
  pause(why: Unavailable | undefined): void {
    this.#paused = why
  }

  /**
   * Until it is called with `undefined`, no command is decided that `isErased` says names a player who is being erased.
   * What was decided before goes on.
   */
  refuse(isErased: CommandTest | undefined): void {
    this.#isErased = isErased
  }

  /**
   * Lets these games come to rest, wherever they are: resolves when none of their commands is in flight. Those that come
   * meanwhile, and until `release` is called, wait in call order, and are looked for only then. One hold at a time.
   * @throws what the journal failed of; then nothing is held
   */
  async hold(streams: Iterable<StreamId>): Promise<{ release(): void }> {
    const held = new Map<StreamId, Request[]>()
    for (const stream of streams) held.set(stream, [])
    this.#held = held
    const release = (): void => {
      this.#held = noneHeld
      for (const waiting of held.values()) for (const request of waiting) this.#findUnlessStopped(request)
    }
    try {
      // Those that are being found run as soon as they are.
      await Promise.allSettled(this.#finding)
      for (const stream of held.keys()) await this.#published(this.#ports.live.get(stream))
      return { release }
    } catch (cause) {
      release()
      throw cause
    }
  }

  /** Resolves when the newest event of a game is published. */
  async #published(live: LiveGame | undefined): Promise<void> {
    const newest = live?.newest
    if (newest)
      await new Promise<void>((resolve, reject) => newest.await({ settle: () => resolve(), fail: reject }))
  }

  dispatch(
    game: AnyGame,
    stream: StreamId,
    command: GameCommand,
    options: DispatchOptions,
  ): Promise<Answered> {
    checkDispatch(command, options, this.#ports.durability)
    const refusal = this.#admit()
    if (refusal) return Promise.resolve(left(refusal))
    this.#inFlight++
    const request = new Request(game, stream, command, options, this.#desk)
    this.#find(request)
    return request.promise
  }

  #admit(): DispatchError | undefined {
    const refused = this.#stopped ?? this.#paused
    if (refused) return refused
    const { commandsInFlightMax, bytesInFlightMax, unsynced } = this.#ports
    if (this.#inFlight >= commandsInFlightMax)
      return { _tag: 'Overloaded', bound: 'commandsInFlightMax', max: commandsInFlightMax }
    if (this.#bytesInFlight >= bytesInFlightMax || unsynced.bytes >= bytesInFlightMax)
      return { _tag: 'Overloaded', bound: 'bytesInFlightMax', max: bytesInFlightMax }
    return undefined
  }

  #find(request: Request): void {
    const { stream } = request
    const held = this.#held.size > 0 ? this.#held.get(stream) : undefined
    if (held) {
      held.push(request)
      return
    }
    const live = this.#ports.live.get(stream)
    if (live) return this.#run(request, live)
    const queue = this.#lookups.get(stream)
    const { asleep, archived, quarantined } = this.#ports
    if (queue) queue.push(request)
    else if (asleep.has(stream)) this.#wake(request)
    else if (quarantined.has(stream)) request.resolve(left({ _tag: 'Unavailable', code: 'game-quarantined' }))
    else if (archived.mayHave(stream)) this.#lookUp(request)
    else this.#run(request, this.#ports.live.unbegun(stream))
  }

  #findUnlessStopped(request: Request): void {
    if (this.#stopped) request.resolve(left(this.#stopped))
    else this.#find(request)
  }

  /** The journal has it. */
  #wake(request: Request): void {
    const { live, asleep } = this.#ports
    if (live.isFull)
      return request.resolve(left({ _tag: 'Overloaded', bound: 'gamesLiveMax', max: live.max }))
    this.#wait(request, asleep.wake(request.stream), 'journal-unreadable', (waiting, game) =>
      this.#runUnlessStopped(waiting, game),
    )
  }

  /** The archive may have it. */
  #lookUp(request: Request): void {
    const { live, archived } = this.#ports
    const { stream } = request
    this.#wait(request, archived.read(stream), 'archive-unavailable', (waiting, log) => {
      if (log) this.#answer(waiting, undefined, () => archivedAnswer(log, waiting.options.commandId))
      else this.#runUnlessStopped(waiting, live.get(stream) ?? live.unbegun(stream))
    })
  }

  /** What has waited may find that nothing is accepted any more. */
  #runUnlessStopped(request: Request, live: LiveGame): void {
    if (this.#stopped) request.resolve(left(this.#stopped))
    else this.#run(request, live)
  }

  /** Until it is found, later commands of the same game wait behind this one, in call order. */
  #wait<Found>(
    request: Request,
    finding: Promise<Found>,
    why: UnavailableCode,
    go: (waiting: Request, found: Found) => void,
  ): void {
    const queue = [request]
    this.#lookups.set(request.stream, queue)
    const leave = (each: (waiting: Request) => void): void => {
      this.#lookups.delete(request.stream)
      for (const waiting of queue.splice(0)) each(waiting)
    }
    this.#finding.add(finding)
    const isOver = (): void => {
      this.#finding.delete(finding)
    }
    finding.then(
      (found) => leave((waiting) => go(waiting, found)),
      (cause: unknown) =>
        leave((waiting) => waiting.resolve(left({ _tag: 'Unavailable', code: why, cause }))),
    )
    finding.then(isOver, isOver)
  }

  #run(request: Request, live: LiveGame): void {
    try {
      this.#answerOrDecide(request, live)
    } catch (cause) {
      this.#answer(request, live, () => {
        throw cause
      })
    }
  }

  /** Throws where the rules do, or where the log cannot be read with them. */
  #answerOrDecide(request: Request, live: LiveGame): void {
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

  #decide(request: Request, live: LiveGame): void {
    const { sequencer, random, isChecked, unsynced, unsyncedEventsMax } = this.#ports
    if (unsynced.count >= unsyncedEventsMax)
      return request.resolve(left({ _tag: 'Overloaded', bound: 'unsyncedEventsMax', max: unsyncedEventsMax }))
    if (this.#isErased?.(request.command, request.options))
      return request.resolve(left({ _tag: 'Unavailable', code: 'player-being-erased' }))
    const { commandId, actor, occurredAt } = request.options
    const decision = decideOn(live, request.game, request.command, {
      now: sequencer.time(),
      random,
      version: live.version,
      commandId,
      actor,
      occurredAt,
      isChecked,
    })
    if (isLeft(decision)) return this.#answer(request, live, () => decision)
    const accepted = decision.right
    if (!accepted) {
      const { kind, gameId } = live
      const version = live.version as Version
      return this.#answer(request, live, () =>
        right({
          kind,
          gameId,
          version,
          position: live.log.positionOf(version),
          events: [],
          duplicate: false,
        }),
      )
    }
    if (live.version === 0 && this.#ports.live.isFull)
      return request.resolve(left({ _tag: 'Overloaded', bound: 'gamesLiveMax', max: this.#ports.live.max }))
    this.#commit(request, live, accepted)
  }

  #commit(request: Request, live: LiveGame, accepted: Accepted): void {
    const { envelopes, lines, state, players, isFinal } = accepted
    if (live.version === 0) this.#ports.live.add(live)
    const record = live.log.append(lines, envelopes.length)
    live.keep(state, players, isFinal)
    const { commandId } = request.options
    if (commandId !== undefined) live.noteCommandId(commandId, record.firstVersion)
    request.answer = () => right(receiptFor(live, envelopes, false))
    const pending = new PendingCommand(request, live, record, envelopes, this.#left)
    live.newest = pending
    this.#bytesInFlight += pending.byteLength
    this.#journal(pending, live)
  }

  #journal(pending: PendingCommand, live: LiveGame): void {
    try {
      pending.ticket = live.newestTicket = this.#ports.append(pending)
    } catch (cause) {
      // Memory is ahead of a journal that takes nothing more: nobody may decide on this state again.
      this.stop({ _tag: 'Unavailable', code: 'journal-failed', cause })
      pending.fail(cause)
      return
    }
    this.#ports.publisher.add(pending)
  }

  /** Answers when the newest event that was read is published: at once, where all of them are. */
  #answer(request: Request, live: LiveGame | undefined, answer: () => Answered): void {
    request.answer = answer
    const newest = live?.newest
    if (newest) newest.await(request)
    else request.settle(live?.newestTicket ?? 0)
  }
}

const checkDispatch = (command: GameCommand, options: DispatchOptions, durability: Durability): void => {
  if (typeof command?.type !== 'string')
    throw new TypeError(`A command is an object with a \`type\`; got ${typeof command}.`)
  const { commandId, actor, occurredAt, expectedVersion } = options
  if (commandId !== undefined) checkCommandId(commandId)
  if (actor !== undefined) checkPlayerId(actor)
  if (occurredAt !== undefined && !Number.isSafeInteger(occurredAt))
    throw new TypeError(`occurredAt is whole milliseconds since 1970; got ${String(occurredAt)}.`)
  if (expectedVersion !== undefined && !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0))
    throw new TypeError(`expectedVersion is a whole number from 0; got ${String(expectedVersion)}.`)
  if (options.durability !== undefined && !(strength[options.durability] >= strength[durability]))
    throw new TypeError(
      `A command may ask for a stronger degree than the ledger's '${durability}', not for '${options.durability}'.`,
    )
}

/** The receipt of a command that recorded these. */
const receiptFor = (
  { kind, gameId }: LiveGame,
  envelopes: readonly EventEnvelope[],
  duplicate: boolean,
): Receipt => {
  const { version, position } = envelopes[envelopes.length - 1]!
  return { kind, gameId, version, position, events: envelopes.map(({ event }) => event), duplicate }
}

/** The receipt of a command that was recorded before. */
const receiptAgain = (live: LiveGame, first: number, commandId: string | undefined): Receipt => {
  const envelopes: EventEnvelope[] = []
  for (const envelope of live.envelopes(first, live.version)) {
    if (envelope.commandId !== commandId) break
    envelopes.push(envelope)
  }
  return receiptFor(live, envelopes, true)
}

const completed = (live: LiveGame): DispatchError => {
  const version = live.version as Version
  const { kind, gameId } = live
  for (const { outcome } of live.envelopes(version, version))
    if (outcome) return { _tag: 'GameCompleted', kind, gameId, version, outcome }
  return { _tag: 'GameCompleted', kind, gameId, version }
}

const conflictOf = (live: LiveGame, expected: number): VersionConflict => {
  const actual = live.version as Version
  const { kind, gameId } = live
  const from = Math.max(expected + 1, 1)
  const since = Array.from(live.envelopes(from, Math.min(actual, expected + sinceMax)), ({ event }) => event)
  return { _tag: 'VersionConflict', kind, gameId, expected, actual, since }
}
