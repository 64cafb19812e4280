/**
 * What happens because time has passed: deadlines are met, bots act, idle games and rooms end. Each keeps its own times and
 * acts through commands; here they are told of events, of the opening and of the end as one.
 */
import { ownCommandsMax } from './commands/admission.js'
import type { AsleepGames } from './commands/asleep-games.js'
import { BotPlay } from './commands/bots.js'
import { Deadlines } from './commands/deadlines.js'
import type { Dispatcher } from './commands/dispatcher.js'
import { IdleCloser } from './commands/idle-closer.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import type { EventEnvelope } from './events/envelope.js'
import type { Fault } from './events/fault.js'
import type { Streamed } from './events/stream-map.js'
import { meetGames } from './game-meeting.js'
import type { ResolvedOptions } from './options.js'

export interface TimekeeperPorts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  readonly dispatcher: () => Pick<Dispatcher, 'act'>
  readonly onFault: (fault: Fault) => void
  /** Whether a game is being imported: then nobody acts on it yet. */
  readonly isImported: (game: Streamed) => boolean
}

export class Timekeeper {
  readonly deadlines: Deadlines
  readonly bots: BotPlay
  readonly closer: IdleCloser
  readonly #ports: TimekeeperPorts

  constructor(options: ResolvedOptions, ports: TimekeeperPorts) {
    const { games, clock, chance, bots, idleMs } = options
    const firingMax = ownCommandsMax(options.commandsInFlightMax)
    const timed = options.deadlines ? games : new Map()
    this.#ports = ports
    this.deadlines = new Deadlines({ clock, games: timed, firingMax, ...ports })
    this.bots = new BotPlay({ bots, clock, chance, firingMax, ...ports })
    this.closer = new IdleCloser({
      ...{ clock, games, idleMs },
      deadlineOf: (stream) => this.deadlines.dueAt(stream),
      // A tenth of the ledger's own: what nobody waits for leaves the others room.
      closingMax: Math.max(1, Math.floor(firingMax / 10)),
      ...ports,
    })
  }

  /** An event was published. */
  hear(envelope: EventEnvelope): void {
    if (!this.#ports.isImported(envelope)) {
      this.deadlines.hear(envelope)
      this.bots.hear(envelope)
    }
    this.closer.hear(envelope)
  }

  /** Looks at one game, for what is due of it and whose turn it is: behind the opening, and when it was imported. */
  meet(game: LiveGame): void {
    if (this.deadlines.has(game.kind)) this.deadlines.meet(game)
    if (this.bots.has(game.kind)) this.bots.meet(game)
  }

  /** Looks at all games once, behind the opening: what fell due while the ledger was closed. Never rejects. */
  async begin(isOver: () => boolean): Promise<void> {
    const { deadlines, bots } = this
    const { live, asleep, onFault } = this.#ports
    const meet = (game: LiveGame): void => this.meet(game)
    await meetGames({ live, asleep, deadlines, bots, meet, onFault }, isOver)
    // What games themselves owe to time goes before.
    await this.closer.begin(isOver)
  }

  /** Nothing more is sent; resolves when what was is answered. */
  async stop(): Promise<void> {
    await Promise.all([this.closer.stop(), this.bots.stop(), this.deadlines.stop()])
  }
}
