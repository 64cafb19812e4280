/** Watches a demonstration: a frame ten times a second on a terminal, a line a second elsewhere. */
import { isRight } from 'fp-ts/lib/Either.js'
import type { LeaderboardView, LedgerStats } from '../../index.js'
import type { BotPlay, DataLedger } from '../data.js'
import { note } from '../terminal.js'
import type { BotTables } from './bot-tables.js'
import { frameLines, plainLine, type Moment } from './demo-frame.js'
import { LiveScreen } from './live-screen.js'

const frameEveryMs = 100
const lineEveryMs = 1_000
/** Rates and changes of rank are those of so long a time. */
const spanMs = 4_000
/** More are shown on no terminal. */
const leadersMax = 24

interface Past {
  readonly at: number
  readonly commands: number
  readonly ranks: ReadonlyMap<string, number>
}

export interface WatchOptions {
  readonly title: string
  readonly games: number
  /** Whether stdout is drawn on; otherwise lines go to stderr. */
  readonly isLive: boolean
}

export class DemoWatch {
  readonly #ledger: DataLedger
  readonly #play: BotPlay
  readonly #tables: BotTables
  readonly #options: WatchOptions
  readonly #screen: LiveScreen | undefined
  readonly #begun = performance.now()
  readonly #past: Past[] = []
  #watched: string | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined

  constructor(ledger: DataLedger, play: BotPlay, tables: BotTables, options: WatchOptions) {
    this.#ledger = ledger
    this.#play = play
    this.#tables = tables
    this.#options = options
    this.#screen = options.isLive ? new LiveScreen(process.stdout) : undefined
  }

  start(): void {
    this.#timer = setInterval(
      () => {
        this.#looking ??= this.#look().finally(() => {
          this.#looking = undefined
        })
      },
      this.#screen ? frameEveryMs : lineEveryMs,
    )
  }

  /** Gives the terminal back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
    this.#screen?.close()
  }

  async #look(): Promise<void> {
    const moment = await this.#moment()
    if (!this.#screen) return note(plainLine(moment))
    const { columns, rows } = this.#screen.size
    this.#screen.draw(frameLines(moment, columns, rows))
  }

  async #moment(): Promise<Moment> {
    const now = performance.now()
    const stats = this.#ledger.stats()
    const leaders = (this.#ledger.views['wins'] as LeaderboardView).top(leadersMax)
    const commands = acceptedIn(stats)
    this.#past.push({
      at: now,
      commands,
      ranks: new Map(leaders.map(({ player, rank }) => [player, rank])),
    })
    while (this.#past[1] && now - this.#past[1].at >= spanMs) this.#past.shift()
    const before = this.#past[0]!
    const { answer } = stats.commands
    return {
      title: this.#options.title,
      seconds: (now - this.#begun) / 1_000,
      going: this.#tables.going.length,
      rooms: this.#tables.open,
      over: this.#tables.over,
      games: this.#options.games,
      commandsPerSecond: now > before.at ? ((commands - before.commands) * 1_000) / (now - before.at) : 0,
      answerP50Ms: answer.p50Ms,
      answerP99Ms: answer.p99Ms,
      archived: stats.archive.gamesArchived,
      waiting: stats.archive.gamesWaiting,
      lag: Math.max(0, ...Object.values(stats.projections).map(({ lag }) => lag)),
      leaders,
      ranksBefore: before.ranks,
      board: this.#screen && (await this.#board()),
    }
  }

  /** One game, the same until it is over. */
  async #board(): Promise<Moment['board']> {
    const { going } = this.#tables
    const shown = going.find(({ gameId }) => gameId === this.#watched) ?? going[0]
    this.#watched = shown?.gameId
    if (!shown) return undefined
    const { game } = this.#play
    const view = await this.#ledger.game(game, shown.gameId).view({ as: 'spectator' })
    if (!isRight(view)) return undefined
    return {
      title: `${game.kind}/${shown.gameId} in room ${shown.roomCode}, as a spectator sees it`,
      text: game.render?.(view.right) ?? JSON.stringify(view.right),
    }
  }
}

/** Commands and units that were accepted so far. */
const acceptedIn = ({ commands: { answered, units } }: LedgerStats): number =>
  Object.values(answered).reduce((sum, { accepted }) => sum + accepted, units.accepted)
