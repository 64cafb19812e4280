/**
 * Deadlines: the commands that time itself gives, `deadline(state)` of the games that have it.
 *
 *     opened, woken, published --> deadline(state) --> [ when, by stream ] --due--> find the game, ask again, dispatch
 *
 * Level-triggered: what is kept is only when to look at a game again. The command is made from the state on which it is
 * decided, in one synchronous stretch with its decision and never before its time; so a deadline that has moved or was
 * met meanwhile sends nothing, and none can take effect twice. Its id is `deadline/<version>`. A game that sleeps is
 * woken by what is due. A command that is refused is told as a fault, and waits for the game's next version.
 */
import type { Clock } from '../events/clock.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { Fault } from '../events/fault.js'
import { partsOfStream, streamIdOf, type Kind, type StreamId } from '../events/ids.js'
import { dueAnswer } from './due-answer.js'
import type { Dispatcher } from './dispatcher.js'
import type { AnyGame, Deadline, GameCommand } from './game.js'
import { Lateness } from './lateness.js'
import type { LiveGame } from './live-game.js'
import type { OwnCommand } from './own-acts.js'
import { Schedule } from './schedule.js'

export interface DeadlinesPorts {
  readonly clock: Clock
  readonly games: ReadonlyMap<Kind, AnyGame>
  readonly live: { get(stream: StreamId): LiveGame | undefined }
  readonly dispatcher: () => Pick<Dispatcher, 'act'>
  readonly firingMax: number
  readonly onFault: (fault: Fault) => void
}

/** Of deadlines, as `stats()` tells them. */
export interface DeadlineStats {
  /** Games that have one. */
  readonly pending: number
  /** Commands that were sent since the opening. */
  readonly fired: number
  /** 99 of 100 were decided no later than so many ms after they were due (after the opening, for what fell due before), as a bound. */
  readonly lateP99Ms: number
  /** How many were late up to each bound of `latenessBoundsMs`, and last beyond. */
  readonly late: readonly number[]
}

/** A deadline that is being met. */
interface Sent {
  readonly version: number
  readonly command: GameCommand
  readonly lateMs: number
}

const ownCommand = ({ version, command }: Sent): OwnCommand => ({
  command,
  options: { commandId: `deadline/${version}`, expectedVersion: version },
})

export class Deadlines {
  readonly #ports: DeadlinesPorts
  readonly #timed: ReadonlyMap<Kind, AnyGame>
  readonly #schedule: Schedule
  readonly #lateness = new Lateness()
  readonly #openedAt: number
  readonly #threw = new Set<Kind>()
  /** Games whose deadline was refused, at this version. */
  readonly #refusedAt = new Map<StreamId, number>()

  constructor(ports: DeadlinesPorts) {
    const { clock, games, firingMax } = ports
    this.#ports = ports
    this.#openedAt = clock.now()
    this.#timed = new Map([...games].filter(([, game]) => game.deadline !== undefined))
    this.#schedule = new Schedule({ clock, firingMax, fire: (stream, at) => this.#fire(stream, at) })
  }

  /** Whether games of this kind have deadlines at all. */
  has(kind: Kind): boolean {
    return this.#timed.has(kind)
  }

  /** An event was published. One call of the rule for all the events of a command, and O(log n). */
  hear({ kind, gameId, version }: EventEnvelope): void {
    if (!this.#timed.has(kind)) return
    const live = this.#ports.live.get(streamIdOf(kind, gameId))
    if (live && version === live.publishedVersion) this.meet(live)
  }

  /** The game is in memory, at another state than when it was last looked at. Costs what `deadline` costs, and O(log n). */
  meet(live: LiveGame): void {
    const at = this.#deadlineOf(live)?.at
    if (this.#refusedAt.size > 0 && this.#refusedAt.get(live.stream) !== live.version)
      this.#refusedAt.delete(live.stream)
    if (at === undefined || this.#refusedAt.has(live.stream)) this.#schedule.delete(live.stream)
    else this.#schedule.set(live.stream, at)
  }

  /** The game sleeps, with this deadline: it will be woken by it. O(log n) */
  sleeps(stream: StreamId, at: number | undefined): void {
    if (at === undefined) this.#schedule.delete(stream)
    else this.#schedule.set(stream, at)
  }

  /** When this game is looked at again; what a game takes along into its sleep. O(1) */
  dueAt(stream: StreamId): number | undefined {
    return this.#schedule.timeOf(stream)
  }

  stats(): DeadlineStats {
    return {
      pending: this.#schedule.pending,
      fired: this.#lateness.total,
      lateP99Ms: this.#lateness.percentile(0.99),
      late: this.#lateness.counts,
    }
  }

  /** No more are sent; resolves when those that were are answered. */
  stop(): Promise<void> {
    return this.#schedule.stop()
  }

  async #fire(stream: StreamId, at: number): Promise<void> {
    const game = this.#timed.get(partsOfStream(stream).kind)!
    let sent: Sent | undefined
    try {
      const answer = await this.#ports.dispatcher().act(game, stream, (live) => {
        sent = this.#dueOf(live)
        return sent && ownCommand(sent)
      })
      const became = dueAnswer(answer)
      if (became._tag !== 'Again') this.#count(sent)
      if (became._tag === 'Again') this.#schedule.again(stream, at, became.isOfAll)
      if (became._tag === 'Refused') this.#refused(stream, sent, became.why)
    } catch (cause) {
      this.#count(sent)
      this.#refused(stream, sent, String(cause), cause)
    }
  }

  #count(sent: Sent | undefined): void {
    if (sent) this.#lateness.add(sent.lateMs)
  }

  /** What is due of this game now; where that is not yet, it is looked at again then. */
  #dueOf(live: LiveGame): Sent | undefined {
    const due = this.#deadlineOf(live)
    if (!due) return undefined
    const now = this.#ports.clock.now()
    if (now < due.at) {
      this.#schedule.set(live.stream, due.at)
      return undefined
    }
    const lateMs = now - Math.max(due.at, this.#openedAt)
    return { version: live.version, command: due.command, lateMs }
  }

  #deadlineOf(live: LiveGame): Deadline<GameCommand> | undefined {
    if (live.isFinal || live.version === 0) return undefined
    const { kind, gameId } = live
    try {
      const due = this.#timed.get(kind)?.deadline?.(live.decidedState()) as Deadline<GameCommand> | undefined
      if (due === undefined) return undefined
      if (!Number.isFinite(due.at) || typeof due.command?.type !== 'string')
        throw new TypeError('`deadline` gives `{ at, command }`, with `at` in ms since 1970, or undefined.')
      return due
    } catch (cause) {
      if (!this.#threw.has(kind)) this.#ports.onFault(deadlineThrew(kind, gameId, cause))
      this.#threw.add(kind)
      return undefined
    }
  }

  #refused(stream: StreamId, sent: Sent | undefined, why: string, cause?: unknown): void {
    if (sent) this.#refusedAt.set(stream, sent.version)
    this.#ports.onFault(deadlineRefused(stream, sent, why, cause))
  }
}

const deadlineThrew = (kind: Kind, gameId: string, cause: unknown): Fault => ({
  code: 'deadline-threw',
  message:
    `\`deadline\` of ${kind}/${gameId} threw: ${String(cause)}. Games of this kind for which it throws have no deadline; ` +
    'this is told once. Mend the rules and open the ledger again.',
  cause,
})

const deadlineRefused = (stream: StreamId, sent: Sent | undefined, why: string, cause?: unknown): Fault => ({
  code: 'deadline-refused',
  message:
    `The deadline of ${stream}${sent ? ` (${sent.command.type}, at version ${sent.version})` : ''} was refused: ${why.replace(/\.?$/, '.')} ` +
    'It is not sent again before the game moves on. Mend the rules: what `deadline` gives must be accepted when it is due.',
  ...(cause !== undefined && { cause }),
})
