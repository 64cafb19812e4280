/**
 * Bots: who plays for those whom a game says a bot plays.
 *
 *     opened, woken, published --> botSeats(state) --> [ when, by game and player ] --due--> view --policy--> command
 *
 * Level-triggered like deadlines: what is kept is only when to look. When the delay is over, the policy is asked on the state
 * on which its command is decided, in one synchronous stretch; so a bot acts once on what it has seen, and a person who
 * is back in time is not acted for. The policy is handed `view(state, { as: 'player', player })`, the player and chance, and
 * nothing else. A seat that is still to act keeps its time, whatever others do; a restart draws it anew. Ids are
 * `bot/<seat>/<version>`. What is refused is told as a fault, and the bot waits for the game's next version.
 */
import type { Chance } from '../events/chance.js'
import type { Clock } from '../events/clock.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import type { Fault } from '../events/fault.js'
import { partsOfStream, streamIdOf, type Kind, type PlayerId, type StreamId } from '../events/ids.js'
import { dueAnswer } from './due-answer.js'
import type { Dispatcher } from './dispatcher.js'
import type { AnyGame, Game, GameCommand } from './game.js'
import { Lateness } from './lateness.js'
import type { LiveGame } from './live-game.js'
import type { OwnCommand } from './own-acts.js'
import { ownCommandId } from './own-command-id.js'
import { Schedule } from './schedule.js'

/** What a bot does on what its player sees: a command, or `undefined` to let the moment pass. Synchronous; keeps nothing. */
export type BotPolicy<View, Command extends GameCommand> = (
  view: View,
  player: PlayerId,
  random: () => number,
) => Command | undefined

export interface BotsOptions<
  State,
  Command extends GameCommand,
  Event extends GameEvent,
  Reason extends string,
  View,
> {
  /** What is played. It must have `botSeats`. */
  readonly game: Game<State, Command, Event, Reason>
  /** Asked when the delay is over. The view is that of `game.view` for the player; the state, where the game has no `view`. */
  readonly policy: BotPolicy<View, NoInfer<Command>>
  /** A bot acts so many ms after its turn has come: drawn evenly between the two. @default [500, 1500] */
  readonly delayMs?: readonly [from: number, to: number]
}

/** Bots of one game, for `openLedger({ reactors: [...] })`. */
export interface Bots {
  readonly type: 'bots'
  readonly game: AnyGame
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a view is, only the game and its policy know
  readonly policy: BotPolicy<any, GameCommand>
  readonly delayMs: readonly [number, number]
}

/** Bots that play a game for those whom its `botSeats` names. @throws TypeError where a part is missing or is none */
export const bots = <
  State,
  const Command extends GameCommand,
  Event extends GameEvent,
  Reason extends string,
  View,
>({
  game,
  policy,
  delayMs = [500, 1_500],
}: BotsOptions<State, Command, Event, Reason, View>): Bots => {
  if (typeof game?.botSeats !== 'function')
    throw new TypeError(
      `Bots need a game with \`botSeats\`, which says whom they play; got ${String(game?.kind)}.`,
    )
  if (typeof policy !== 'function')
    throw new TypeError(`Bots need a function \`policy\`; got ${typeof policy}.`)
  const [from, to] = delayMs
  if (!(from >= 0 && from <= to && to < Infinity))
    throw new TypeError(
      `\`delayMs\` is [from, to] in ms, from 0 and in order; got [${String(from)}, ${String(to)}].`,
    )
  return { type: 'bots', game, policy, delayMs: [from, to] }
}

/** What bots are wired to. */
export interface BotPlayPorts {
  readonly bots: readonly Bots[]
  readonly clock: Clock
  readonly chance: Chance
  readonly live: { get(stream: StreamId): LiveGame | undefined }
  readonly dispatcher: () => Pick<Dispatcher, 'act'>
  readonly firingMax: number
  readonly onFault: (fault: Fault) => void
}

/** Of bots, as `stats()` tells them. */
export interface BotStats {
  /** Seats that are to act, and wait for their delay. */
  readonly pending: number
  /** Commands that were sent since the opening. */
  readonly acted: number
  /** 99 of 100 were decided no later than so many ms after their delay, as a bound. */
  readonly lateP99Ms: number
  /** How many were late up to each bound of `latenessBoundsMs`, and last beyond. */
  readonly late: readonly number[]
}

/** A seat at a game, in one text: no stream has a line feed. */
const keyOf = (stream: StreamId, player: PlayerId): string => `${stream}\n${player}`
const partsOf = (key: string): readonly [StreamId, PlayerId] => {
  const end = key.indexOf('\n')
  return [key.slice(0, end), key.slice(end + 1)]
}

const nobody: readonly PlayerId[] = []

/** All bots of a ledger at play. */
export class BotPlay {
  readonly #ports: BotPlayPorts
  readonly #bots: ReadonlyMap<Kind, Bots>
  readonly #schedule: Schedule
  readonly #lateness = new Lateness()
  readonly #random: () => number
  /** The seats of each game that have a time. */
  readonly #waiting = new Map<StreamId, readonly PlayerId[]>()
  /** Seats whose command was refused, at this version. */
  readonly #refusedAt = new Map<string, number>()
  readonly #threw = new Set<Kind>()

  constructor(ports: BotPlayPorts) {
    const { clock, chance, firingMax } = ports
    this.#ports = ports
    this.#bots = new Map(ports.bots.map((each) => [each.game.kind, each]))
    this.#random = () => chance.next()
    this.#schedule = new Schedule({ clock, firingMax, fire: (key, at) => this.#fire(key, at) })
  }

  /** Whether bots play games of this kind. */
  has(kind: Kind): boolean {
    return this.#bots.has(kind)
  }

  /** An event was published. One call of `botSeats` for all the events of a command, and O(log n) a seat. */
  hear({ kind, gameId, version }: EventEnvelope): void {
    if (!this.#bots.has(kind)) return
    const live = this.#ports.live.get(streamIdOf(kind, gameId))
    if (live && version === live.publishedVersion) this.meet(live)
  }

  /** The game is in memory, at another state than when it was last looked at. */
  meet(live: LiveGame): void {
    const { stream, version } = live
    const before = this.#waiting.get(stream) ?? nobody
    const seats = this.#seatsOf(live)
    for (const player of before) if (!seats.includes(player)) this.#forget(keyOf(stream, player))
    const waiting = seats.filter((player) => this.#refusedAt.get(keyOf(stream, player)) !== version)
    for (const player of waiting) if (!before.includes(player)) this.#wait(live, player)
    if (waiting.length === 0) this.#waiting.delete(stream)
    else this.#waiting.set(stream, waiting)
  }

  stats(): BotStats {
    return {
      pending: this.#schedule.pending,
      acted: this.#lateness.total,
      lateP99Ms: this.#lateness.percentile(0.99),
      late: this.#lateness.counts,
    }
  }

  /** Nobody acts any more; resolves when those who did are answered. */
  stop(): Promise<void> {
    return this.#schedule.stop()
  }

  #seatsOf(live: LiveGame): readonly PlayerId[] {
    if (live.isFinal || live.version === 0) return nobody
    try {
      return this.#bots.get(live.kind)!.game.botSeats!(live.decidedState())
    } catch (cause) {
      if (!this.#threw.has(live.kind)) this.#ports.onFault(botSeatsThrew(live.stream, cause))
      this.#threw.add(live.kind)
      return nobody
    }
  }

  #wait({ stream, kind }: LiveGame, player: PlayerId): void {
    const [from, to] = this.#bots.get(kind)!.delayMs
    const key = keyOf(stream, player)
    this.#refusedAt.delete(key)
    this.#schedule.set(key, this.#ports.clock.now() + from + (to - from) * this.#random())
  }

  #forget(key: string): void {
    this.#refusedAt.delete(key)
    this.#schedule.delete(key)
  }

  async #fire(key: string, at: number): Promise<void> {
    const [stream, player] = partsOf(key)
    this.#noLongerWaits(stream, player)
    const { game } = this.#bots.get(partsOfStream(stream).kind)!
    let asked: number | undefined
    let lateMs: number | undefined
    try {
      const answer = await this.#ports.dispatcher().act(game, stream, (live) => {
        if (!this.#seatsOf(live).includes(player)) return undefined
        asked = live.version
        const command = this.#commandOf(live, player)
        if (command) lateMs = this.#ports.clock.now() - at
        return command
      })
      const became = dueAnswer(answer)
      if (became._tag === 'Again') return this.#schedule.again(key, at, became.isOfAll)
      if (became._tag === 'Refused') this.#refused(key, asked, became.why)
    } catch (cause) {
      this.#refused(key, asked, String(cause), cause)
    }
    if (lateMs !== undefined) this.#lateness.add(lateMs)
  }

  /** The next version gives it a time anew. */
  #noLongerWaits(stream: StreamId, player: PlayerId): void {
    const left = this.#waiting.get(stream)?.filter((each) => each !== player) ?? nobody
    if (left.length === 0) this.#waiting.delete(stream)
    else this.#waiting.set(stream, left)
  }

  #commandOf(live: LiveGame, player: PlayerId): OwnCommand | undefined {
    const { game, policy } = this.#bots.get(live.kind)!
    const { version } = live
    const state: unknown = live.decidedStateToHandOut()
    const view: unknown = game.view ? game.view(state, { as: 'player', player }) : state
    const command = policy(view, player, this.#random)
    if (command === undefined) return undefined
    if (typeof command?.type !== 'string')
      throw new TypeError(`\`policy\` gives a command with a \`type\`, or undefined; got ${typeof command}.`)
    const seat = live.players.indexOf(player)
    const commandId = ownCommandId('bot', seat < 0 ? player : String(seat), version)
    return { command, options: { commandId, expectedVersion: version, actor: player } }
  }

  #refused(key: string, version: number | undefined, why: string, cause?: unknown): void {
    if (version !== undefined) this.#refusedAt.set(key, version)
    const [stream, player] = partsOf(key)
    this.#ports.onFault(botRefused(stream, player, version, why, cause))
  }
}

const botSeatsThrew = (stream: StreamId, cause: unknown): Fault => ({
  code: 'bot-seats-threw',
  message:
    `\`botSeats\` of ${stream} threw: ${String(cause)}. In games of this kind for which it throws no bot acts; this is told ` +
    'once. Mend the rules and open the ledger again.',
  cause,
})

const botRefused = (
  stream: StreamId,
  player: PlayerId,
  version: number | undefined,
  why: string,
  cause?: unknown,
): Fault => ({
  code: 'bot-refused',
  message:
    `The bot of ${player} at ${stream}${version === undefined ? '' : ` could not act at version ${version}`}: ${why.replace(/\.?$/, '.')} ` +
    'It waits for the next version. Mend its policy: what it gives must be accepted.',
  ...(cause !== undefined && { cause }),
})
