/**
 * Ends games and rooms that nobody plays any more (`idleCloseMs`): games by the ledger's own event `$closed`, rooms by
 * `Abandoned`.
 *
 *     begun, opened --> [ when to look, by stream ] --then--> idle by now? --> find the game, look again, $closed
 *                                    ^                            | no
 *                                    +------ last event + idleMs -+
 *
 * Level-triggered like deadlines, and lazy: an event moves nothing here, it is seen when the game is looked at. How long a
 * game is idle is read off its last event, also of a game that sleeps, which is woken only to be ended; and once more in the
 * synchronous stretch in which the end is decided. So a game that is played meanwhile goes on, and none ends twice. A room
 * whose game goes on is left alone until it hears of that game's end. What the game itself owes to time goes before: a
 * game with a deadline that has fallen due is looked at again when that was met.
 *
 * One look a game that is not over is kept: 16 bytes and an entry of a map each.
 */
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import type { Clock } from '../events/clock.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { Fault } from '../events/fault.js'
import { partsOfStream, streamIdOf, type Kind, type StreamId } from '../events/ids.js'
import { gameClosed } from '../events/ledger-event.js'
import { roomKind } from '../events/room-event.js'
import { TimeSlice } from '../events/time-slice.js'
import type { AsleepGames } from './asleep-games.js'
import { dueAnswer } from './due-answer.js'
import type { Dispatcher } from './dispatcher.js'
import type { AnyGame, GameCommand } from './game.js'
import { decidedByLedger } from './ledger-rules.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import type { OwnCommand } from './own-acts.js'
import { room, type RoomCommand, type RoomState } from './rooms/room.js'
import { Schedule } from './schedule.js'
import { sleepNote } from './sleep-note.js'

export interface IdleCloserPorts {
  readonly clock: Clock
  readonly games: ReadonlyMap<Kind, AnyGame>
  /** After how long games are idle, by kind; others are left alone. */
  readonly idleMs: ReadonlyMap<Kind, number>
  readonly live: Pick<LiveGames, 'get' | 'values'>
  readonly asleep: Pick<AsleepGames, 'get' | 'values' | 'isOver'>
  readonly dispatcher: () => Pick<Dispatcher, 'act'>
  /** When the deadline of a game is due, where it has one that was not yet met. */
  readonly deadlineOf: (stream: StreamId) => number | undefined
  /** How many may be on their way at a time. */
  readonly closingMax: number
  readonly onFault: (fault: Fault) => void
}

/** What was ended since the opening, as `stats()` tells it. */
export interface ClosedIdle {
  readonly games: number
  readonly rooms: number
}

/** A game that cannot be read, which somebody has to see to, is looked at again so much later: there may be many. */
const unreadableMs = 60_000

const abandon: RoomCommand = { type: 'Abandon' }
const close: GameCommand = { type: '$close' }

/** A room by its own rules; a game whatever its rules say. */
const rulesFor = (game: AnyGame): AnyGame =>
  game.kind === roomKind ? room : decidedByLedger(game, () => right([gameClosed]))

export class IdleCloser {
  readonly #ports: IdleCloserPorts
  readonly #rules: ReadonlyMap<Kind, AnyGame>
  readonly #schedule: Schedule
  /** Not looked at before their next event: rooms whose game goes on, and games that could not be ended. */
  readonly #resting = new Set<StreamId>()
  readonly #closed = { games: 0, rooms: 0 }

  constructor(ports: IdleCloserPorts) {
    const { clock, games, idleMs, closingMax } = ports
    this.#ports = ports
    this.#rules = new Map([...idleMs.keys()].map((kind) => [kind, rulesFor(games.get(kind)!)]))
    this.#schedule = new Schedule({
      clock,
      firingMax: closingMax,
      fire: (stream, at) => this.#look(stream, at),
    })
  }

  /** Since the opening. */
  get closed(): ClosedIdle {
    return { ...this.#closed }
  }

  /** Games and rooms that are looked at when their time has come. */
  get pending(): number {
    return this.#schedule.pending
  }

  /** An event was published. O(log n) for the first and the last of a game, O(1) for the others. */
  hear({ kind, gameId, version, final, recordedAt }: EventEnvelope): void {
    const idleMs = this.#ports.idleMs.get(kind)
    if (idleMs === undefined || (version > 1 && !final && this.#resting.size === 0)) return
    const stream = streamIdOf(kind, gameId)
    const hasRested = this.#resting.delete(stream)
    if (final) this.#schedule.delete(stream)
    else if (version === 1 || hasRested) this.#schedule.set(stream, recordedAt + idleMs)
  }

  /** The ledger was opened: all that is not over has a time from now on. In slices; O(n log n). */
  async begin(isOver: () => boolean): Promise<void> {
    const { idleMs, live, asleep } = this.#ports
    if (idleMs.size === 0) return
    const slice = new TimeSlice()
    for (const { stream } of asleep.values()) {
      if (isOver()) return
      this.#meet(stream)
      if (slice.isOverAfterStep()) await slice.next()
    }
    for (const { stream } of live.values()) {
      if (isOver()) return
      this.#meet(stream)
      if (slice.isOverAfterStep()) await slice.next()
    }
  }

  /** Nothing more is ended; resolves when what was begun is done. */
  stop(): Promise<void> {
    return this.#schedule.stop()
  }

  #meet(stream: StreamId): void {
    const dueAt = this.#dueAt(stream)
    if (dueAt !== undefined) this.#schedule.set(stream, dueAt)
  }

  /** When it is idle, wherever it is; `undefined` where it is over, or of a kind that is left alone. */
  #dueAt(stream: StreamId): number | undefined {
    const { idleMs, live, asleep } = this.#ports
    const ms = idleMs.get(partsOfStream(stream).kind)
    if (ms === undefined) return undefined
    const game = live.get(stream)
    if (game) return game.isFinal || game.version === 0 ? undefined : game.lastAt() + ms
    const sleeping = asleep.get(stream)
    return sleeping === undefined || asleep.isOver(stream) ? undefined : sleeping.lastAt + ms
  }

  async #look(stream: StreamId, at: number): Promise<void> {
    if (this.#isNotYet(stream, at)) return
    try {
      let version: number | undefined
      const rules = this.#rules.get(partsOfStream(stream).kind)!
      const answer = await this.#ports.dispatcher().act(rules, stream, (live) => {
        const command = this.#endOf(live)
        if (command) version = live.version
        return command
      })
      const became = dueAnswer(answer)
      // There is no hurry: where there is no room to wake one, the others wait with it.
      const isOfAll = answer !== undefined && isLeft(answer) && answer.left._tag === 'Overloaded'
      if (became._tag === 'Again')
        if (became.isOfAll || isOfAll) this.#schedule.again(stream, at, true)
        else this.#schedule.set(stream, this.#ports.clock.now() + unreadableMs)
      else if (became._tag === 'Refused') this.#refused(stream, version, became.why)
      else if (answer !== undefined && isRight(answer))
        this.#closed[rules.kind === roomKind ? 'rooms' : 'games']++
    } catch (cause) {
      this.#refused(stream, undefined, String(cause), cause)
    }
  }

  /** Whether it need not be found now: then it is known when it is looked at again. */
  #isNotYet(stream: StreamId, at: number): boolean {
    const { clock, live, asleep, deadlineOf } = this.#ports
    const now = clock.now()
    const dueAt = this.#dueAt(stream)
    if (dueAt === undefined) return true
    if (now < dueAt) this.#schedule.set(stream, dueAt)
    else if ((deadlineOf(stream) ?? Infinity) <= now) this.#schedule.again(stream, at, false)
    else if (!live.get(stream) && sleepNote(asleep.get(stream)?.note)?.playing) this.#resting.add(stream)
    else return false
    return true
  }

  /** On the state on which it is decided: the command that ends it, where it is idle. */
  #endOf(live: LiveGame): OwnCommand | undefined {
    const { stream, version, kind } = live
    const dueAt = this.#dueAt(stream)
    if (dueAt === undefined) return undefined
    if (this.#ports.clock.now() < dueAt) {
      this.#schedule.set(stream, dueAt)
      return undefined
    }
    const isRoom = kind === roomKind
    if (isRoom && (live.decidedState() as RoomState).playing !== null) {
      this.#resting.add(stream)
      return undefined
    }
    const options = { commandId: `idle/${version}`, expectedVersion: version }
    return { command: isRoom ? abandon : close, options }
  }

  #refused(stream: StreamId, version: number | undefined, why: string, cause?: unknown): void {
    this.#resting.add(stream)
    this.#ports.onFault(idleNotClosed(stream, version, why, cause))
  }
}

const idleNotClosed = (
  stream: StreamId,
  version: number | undefined,
  why: string,
  cause?: unknown,
): Fault => ({
  code: 'idle-not-closed',
  message:
    `${stream} is idle${version === undefined ? '' : ` at version ${version}`} and could not be ended: ${why.replace(/\.?$/, '.')} ` +
    'It stays as it is until its next event, or the next opening. Mend its rules.',
  ...(cause !== undefined && { cause }),
})
