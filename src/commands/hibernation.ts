/**
 * Takes idle games and rooms out of memory before a bound is met; the journal still has them.
 *
 *     in memory   0 ........................ 90 % ====== 95 % ------ bound
 *                                             ^ until here  ^ from here on, in the background
 *
 *     1  choose   at rest for long enough, the longest first; those that are over and wait for the archive before all
 *     2  synced   what they recorded is on the disk
 *     3  carry    the journal writes each in one piece                    they may be played meanwhile
 *     4  leave    those that are as they were then, in one synchronous stretch; the others stay
 *
 * A game with commands in flight, undurable events or pins never leaves. Nobody waits for any of it but who begins or
 * wakes a game at the bound. How long a game has been idle goes by the ledger's clock, from its last command on; games are
 * not kept in that order, which every command would pay for, but looked through when room is needed: some 20 games a game
 * that leaves, since a twentieth of the bound leaves at a time.
 */
import type { Clock } from '../events/clock.js'
import type { PlayerId, Position, StreamId } from '../events/ids.js'
import type { AsleepGame, CarriableGame, EventsRecord } from '../events/journal/journal.js'
import { roomKind } from '../events/room-event.js'
import { TimeSlice } from '../events/time-slice.js'
import type { AsleepGames } from './asleep-games.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import { noteOfGame } from './sleep-note.js'

export interface HibernationPorts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  readonly clock: Clock
  /** Resolves when all that is recorded by now is on the disk. */
  readonly synced: () => Promise<void>
  readonly carry: (games: readonly CarriableGame[]) => Promise<void>
  /** Games could not be carried: they stay, and it is tried again later. */
  readonly onFailure: (cause: unknown) => void
}

export interface HibernationOptions {
  readonly idleAfterMs: number
  /** The archive takes completed games out of memory, unless it has not for so long. */
  readonly completedAfterMs: number
}

/** At once on its way to the journal: a small part of a log file. */
const batchGamesMax = 1_000
const batchBytesMax = 4 * 1024 * 1024
/** After a failure, and where what is idle is held by somebody. */
const againAfterMs = 1_000

/** A game at rest, as it was chosen. */
interface Chosen {
  readonly game: LiveGame
  readonly version: number
}

export class Hibernation {
  readonly #ports: HibernationPorts
  readonly #options: HibernationOptions
  #running: Promise<number> | undefined
  /** Until then nothing is idle, by the ledger's clock. */
  #barrenUntil = -Infinity
  #resting = 0
  #isClosed = false
  #left = 0

  constructor(ports: HibernationPorts, options: HibernationOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** Games and rooms that have left memory since the opening. */
  get left(): number {
    return this.#left
  }

  /** Makes room in the background where memory is nearly full. O(1) */
  readonly look = (): void => {
    if (this.#mayRun() && this.#ports.live.isNearlyFull) void this.#run()
  }

  /** Resolves with whether something left memory. */
  async makeRoom(): Promise<boolean> {
    const running = this.#running ?? (this.#mayRun() ? this.#run() : undefined)
    return running !== undefined && (await running) > 0
  }

  /** Does work while nothing leaves memory, and nothing is on its way out. */
  async whileResting<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#resting++
    try {
      await this.#running
      return await work()
    } finally {
      this.#resting--
    }
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  #mayRun(): boolean {
    return (
      this.#running === undefined &&
      this.#resting === 0 &&
      !this.#isClosed &&
      this.#ports.clock.now() >= this.#barrenUntil
    )
  }

  /** Never rejects. */
  #run(): Promise<number> {
    this.#running = this.#sweep()
      .catch((cause: unknown) => {
        this.#barrenUntil = this.#ports.clock.now() + againAfterMs
        this.#ports.onFailure(cause)
        return 0
      })
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  async #sweep(): Promise<number> {
    const slice = new TimeSlice()
    await slice.next()
    const idle = await this.#idle(slice)
    let left = 0
    for (const batch of this.#batches(chosenOf(idle, this.#ports.live))) {
      if (this.#isClosed || this.#resting > 0) break
      left += await this.#leave(batch)
    }
    this.#left += left
    if (left === 0 && idle.length > 0) this.#barrenUntil = this.#ports.clock.now() + againAfterMs
    return left
  }

  /** Those that are over first, then the longest idle. */
  async #idle(slice: TimeSlice): Promise<LiveGame[]> {
    const { live, clock } = this.#ports
    const { idleAfterMs, completedAfterMs } = this.#options
    const now = clock.now()
    let next = Infinity
    const idle: LiveGame[] = []
    for (const game of live.values()) {
      const at = game.usedAt + (game.isFinal ? completedAfterMs : idleAfterMs)
      if (at <= now && isAtRest(game)) idle.push(game)
      else next = Math.min(next, at > now ? at : now + againAfterMs)
      if (slice.isOverAfterStep()) await slice.next()
    }
    // Where there was nothing to look at, all places are kept for games that are on their way.
    this.#barrenUntil = idle.length > 0 || next === Infinity ? -Infinity : next
    return idle.sort((one, other) => Number(other.isFinal) - Number(one.isFinal) || one.usedAt - other.usedAt)
  }

  *#batches(games: readonly LiveGame[]): Generator<readonly LiveGame[]> {
    let batch: LiveGame[] = []
    let bytes = 0
    for (const game of games) {
      batch.push(game)
      bytes += game.log.byteLength
      if (batch.length < batchGamesMax && bytes < batchBytesMax) continue
      yield batch
      batch = []
      bytes = 0
    }
    if (batch.length > 0) yield batch
  }

  async #leave(games: readonly LiveGame[]): Promise<number> {
    const { live, asleep, synced, carry } = this.#ports
    await synced()
    const chosen: Chosen[] = games.filter(isAtRest).map((game) => ({ game, version: game.version }))
    await carry(chosen.map(carriable))
    let left = 0
    for (const { game, version } of chosen) {
      const isSame = live.get(game.stream) === game && game.version === version && isAtRest(game)
      if (!isSame) continue
      asleep.add(asleepGame(game), game.isFinal)
      live.remove(game.stream)
      left++
    }
    return left
  }
}

/** Nothing of it is in flight, or held by somebody. */
const isAtRest = ({ newest, pins, version, publishedVersion }: LiveGame): boolean =>
  newest === undefined && pins === 0 && version > 0 && version === publishedVersion

const chosenOf = (idle: readonly LiveGame[], live: LiveGames): LiveGame[] => {
  let { games, rooms, bytes } = live.excess()
  return idle.filter((game) => {
    const isRoom = game.kind === roomKind
    if ((isRoom ? rooms : games) <= 0 && bytes <= 0) return false
    if (isRoom) rooms--
    else games--
    bytes -= live.bytesOf(game)
    return true
  })
}

const carriable = ({ game: { stream, log }, version }: Chosen): CarriableGame => ({
  stream,
  version,
  records: function* (): Generator<EventsRecord> {
    for (const { firstVersion, count, firstPosition, start, end } of log.records())
      if (firstVersion <= version)
        yield { type: 'events', stream, firstVersion, count, firstPosition, bytes: log.bytes, start, end }
  },
})

const asleepGame = (game: LiveGame): AsleepGame => {
  const { stream, version, publishedPosition } = game
  return {
    stream,
    version,
    lastPosition: publishedPosition satisfies Position,
    lastAt: game.lastAt(),
    players: game.players satisfies readonly PlayerId[],
    note: noteOfGame(game),
  }
}

/** What to note of a game in memory, where it is at this version and its rules can be asked. */
export const noteOfLive =
  (live: LiveGames) =>
  (stream: StreamId, version: number): string | undefined => {
    const game = live.get(stream)
    return game?.version === version ? noteOfGame(game) : undefined
  }
