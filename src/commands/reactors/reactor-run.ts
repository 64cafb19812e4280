/**
 * One reactor at work.
 *
 *     events from the checkpoint on --> [ lane of each stream ] --> on(envelope), `concurrencyMax` streams at a time
 *                                                                        |
 *     checkpoint = below the lowest event that is not done  <------------+
 *
 * In order within a stream, concurrent across streams. The checkpoint is saved behind the disk, so after a crash every event
 * that was not done is reacted to, and some that were, again: what `on` dispatches has ids of the event, so it takes effect
 * once. An `on` that fails is tried again, ever more seldom; its stream waits behind it, the others go on, nothing is lost.
 * What is held in memory is bounded; where it is full, the reading waits.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from '../../events/envelope.js'
import type { Fault } from '../../events/fault.js'
import { CheckpointLostError } from '../../events/follow.js'
import { streamIdOf, type GameId, type Position, type StreamId } from '../../events/ids.js'
import type { AnyGame, GameCommand } from '../game.js'
import { ownCommandId } from '../own-command-id.js'
import type { OwnCommands } from '../own-commands.js'
import type { Answered } from '../request.js'
import { Lane } from './lane.js'
import { checkpointLost, checkpointNotSaved, readingFailed, reactorFailed } from './reactor-faults.js'

/** Sends a command in the name of the event that is reacted to. */
export type ReactorDispatch = (
  game: AnyGame,
  gameId: GameId,
  command: GameCommand,
  options?: { readonly expectedVersion?: number },
) => Promise<Answered>

/** What a reactor is wired to. */
export interface ReactorPorts {
  readonly name: string
  readonly wants: (envelope: EventEnvelope) => boolean
  readonly on: (envelope: EventEnvelope, dispatch: ReactorDispatch) => unknown
  readonly concurrencyMax: number
  /** Where to begin, where nothing was saved. */
  readonly from: 'now' | 'start'
  /** Of the newest published event. */
  readonly head: () => Position
  /** All events after a position, and then what happens. @throws CheckpointLostError */
  readonly follow: (checkpoint: Position, signal: AbortSignal) => AsyncIterable<EventEnvelope>
  /** The published events of a stream from its first. */
  readonly read: (stream: StreamId) => AsyncIterable<EventEnvelope>
  /** Saving waits until all up to there is on the disk, with all that was dispatched for it. */
  readonly checkpoint: { load(): Promise<Position | undefined>; save(position: Position): Promise<void> }
  readonly own: Pick<OwnCommands, 'send'>
  readonly onFault: (fault: Fault) => void
}

/** Of a reactor, as `stats()` tells it. */
export interface ReactorStats {
  /** All up to there is done. */
  readonly checkpoint: Position
  /** Events that were reacted to since the opening. */
  readonly reacted: number
  /** Streams whose event is being reacted to now. */
  readonly running: number
  /** Events in memory that are not done; from 4 096 on the reading waits. */
  readonly held: number
  /** Streams that wait behind an event that failed. */
  readonly failing: number
}

/** Held by all lanes together: what a reader of recent events would have anyway. */
const heldMax = 4_096
const saveEveryMs = 1_000
/** An event that failed so often is told. */
const toldAtTry = 5
const againMs = { first: 100, longest: 60_000 } as const
const readAgainMs = 1_000

/** The ledger closes, or must be opened again: the event is not done, and nothing is wrong with it. */
class Interrupted extends Error {}

export class ReactorRun {
  readonly #ports: ReactorPorts
  readonly #lanes = new Map<StreamId, Lane>()
  readonly #ready: Lane[] = []
  /** Positions of events that are held. */
  readonly #unfinished = new Set<Position>()
  readonly #end = new AbortController()
  #cursor = 0 as Position
  #saved = -1
  #saving: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()
  #running = 0
  #reacted = 0
  #isSavingFailing = false
  #room: (() => void) | undefined
  #idle: (() => void)[] = []

  constructor(ports: ReactorPorts) {
    this.#ports = ports
  }

  /** Finds its place and begins. Resolves when what happens from now on will be reacted to, whatever comes. */
  async begin(): Promise<void> {
    const { checkpoint, from, head } = this.#ports
    const saved = await checkpoint.load()
    this.#cursor = saved ?? (from === 'start' ? (0 as Position) : head())
    if (saved === undefined) await this.#save()
    else this.#saved = saved
    this.#timer = setInterval(() => void this.#save(), saveEveryMs)
    this.#timer.unref()
    this.#reading = this.#read()
  }

  stats(): ReactorStats {
    let failing = 0
    for (const { tries } of this.#lanes.values()) if (tries > 0) failing++
    const held = this.#unfinished.size
    return { checkpoint: this.#checkpoint(), reacted: this.#reacted, running: this.#running, held, failing }
  }

  /** Begins nothing more; resolves when what is being reacted to is done. */
  async stop(): Promise<void> {
    this.#end.abort()
    this.#room?.()
    clearInterval(this.#timer)
    await this.#reading
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** The last saving, when nothing more is done. */
  async end(): Promise<void> {
    await this.#save()
  }

  /** O(held): asked about once a second. */
  #checkpoint(): Position {
    let lowest = this.#cursor + 1
    for (const position of this.#unfinished) if (position < lowest) lowest = position
    for (const { behind } of this.#lanes.values()) if (behind && behind.from < lowest) lowest = behind.from
    return (lowest - 1) as Position
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const position = this.#checkpoint()
      if (position === this.#saved) return
      try {
        await this.#ports.checkpoint.save(position)
        this.#saved = position
        this.#isSavingFailing = false
      } catch (cause) {
        if (!this.#isSavingFailing) this.#ports.onFault(checkpointNotSaved(this.#ports.name, cause))
        this.#isSavingFailing = true
      }
    })
    return this.#saving
  }

  async #read(): Promise<void> {
    const { signal } = this.#end
    for (let isTold = false; !signal.aborted;) {
      try {
        for await (const envelope of this.#ports.follow(this.#cursor, signal)) {
          isTold = false
          await this.#take(envelope)
          if (signal.aborted) return
        }
        return
      } catch (cause) {
        if (cause instanceof CheckpointLostError) {
          this.#ports.onFault(checkpointLost(this.#ports.name, cause))
          this.#cursor = this.#ports.head()
          continue
        }
        if (!isTold) this.#ports.onFault(readingFailed(this.#ports.name, cause))
        isTold = true
        await this.#pause(readAgainMs)
      }
    }
  }

  async #take(envelope: EventEnvelope): Promise<void> {
    if (this.#ports.wants(envelope)) {
      while (this.#unfinished.size >= heldMax && !this.#end.signal.aborted)
        await new Promise<void>((resolve) => (this.#room = resolve))
      // Not taken: so the checkpoint stays before it.
      if (this.#end.signal.aborted) return
      this.#put(envelope)
    }
    this.#cursor = envelope.position
  }

  #put(envelope: EventEnvelope): void {
    const stream = streamIdOf(envelope.kind, envelope.gameId)
    const lane = this.#lanes.get(stream) ?? new Lane(stream)
    this.#lanes.set(stream, lane)
    if (!lane.take(envelope)) return
    this.#unfinished.add(envelope.position)
    if (!lane.isBusy) this.#getReady(lane)
  }

  #getReady(lane: Lane): void {
    lane.isBusy = true
    this.#ready.push(lane)
    this.#pump()
  }

  #pump(): void {
    while (this.#running < this.#ports.concurrencyMax && !this.#end.signal.aborted) {
      const lane = this.#ready.shift()
      if (!lane) return
      this.#running++
      void this.#run(lane).then(() => {
        this.#running--
        this.#pump()
        if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
      })
    }
  }

  /** The first of a lane, once. */
  async #run(lane: Lane): Promise<void> {
    const envelope = lane.queue[0]!
    try {
      await this.#react(envelope)
      if (lane.queue.length === 1 && lane.behind) await this.#refill(lane, envelope)
    } catch (cause) {
      if (!(cause instanceof Interrupted)) this.#failed(lane, envelope, cause)
      return
    }
    lane.tries = 0
    lane.queue.shift()
    this.#unfinished.delete(envelope.position)
    this.#reacted++
    this.#room?.()
    lane.isBusy = false
    if (lane.queue.length > 0) this.#getReady(lane)
    else this.#lanes.delete(lane.stream)
  }

  /** Behind an event that is done but not yet let go: so the checkpoint does not pass what is not yet held. */
  async #refill(lane: Lane, { version }: EventEnvelope): Promise<void> {
    await lane.refill(this.#ports.read(lane.stream), version)
    if (lane.queue.length === 1)
      throw new Error(`${lane.stream} has no event behind version ${version}, though one was published.`)
    for (const { position } of lane.queue) this.#unfinished.add(position)
  }

  #failed(lane: Lane, envelope: EventEnvelope, cause: unknown): void {
    lane.tries++
    for (const { position } of lane.queue.slice(1)) this.#unfinished.delete(position)
    if (lane.holdFirstAlone() > 0) this.#room?.()
    if (lane.tries === toldAtTry) this.#ports.onFault(reactorFailed(this.#ports.name, envelope, cause))
    const waitMs = Math.min(againMs.first * 2 ** (lane.tries - 1), againMs.longest)
    void this.#pause(waitMs).then(() => {
      if (!this.#end.signal.aborted) this.#getReady(lane)
    })
  }

  async #react(envelope: EventEnvelope): Promise<void> {
    const { name, on, own } = this.#ports
    const { kind, gameId, version } = envelope
    const sent: Promise<Answered>[] = []
    const dispatch: ReactorDispatch = (game, target, command, options = {}) => {
      const commandId = ownCommandId('reactor', `${name}/${kind}/${gameId}`, version, sent.length)
      const answer = own.send(game, streamIdOf(game.kind, target), command, { ...options, commandId })
      // Whoever does not wait for it is told below all the same.
      answer.catch(() => undefined)
      sent.push(answer)
      return answer
    }
    await on(envelope, dispatch)
    for (const answer of await Promise.all(sent))
      if (isLeft(answer) && answer.left._tag === 'Unavailable' && answer.left.code !== 'game-quarantined')
        throw new Interrupted()
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined)
  }
}
