/**
 * The imports under way, and what waits for their end: as long as lines of a game may follow, nobody acts on it.
 *
 *     line by line:   game imported so far  --(its time limit passed long ago, a bot has its turn)--> nothing
 *     at the end:     whatever is in memory or asleep is looked at once, as behind an opening
 *
 * Without this the ledger would play the games that it is told: a time limit fires, or a room hears of the end of its
 * game, between two lines, and the next line finds another game under its id.
 */
import type { AsleepGames } from './commands/asleep-games.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import { streamIdOf, type StreamId } from './events/ids.js'
import type { Streamed } from './events/stream-map.js'
import type { EventsImport, ImportOptions, ImportReport } from './events-import.js'

export interface ImportsPorts {
  readonly live: LiveGames
  readonly asleep: AsleepGames
  /** Looks at a game that is not over, for what is due of it. */
  readonly meet: (game: LiveGame) => Promise<void> | void
  /** A game that could not be looked at. */
  readonly onUnread: (stream: StreamId, cause: unknown) => void
}

export class Imports {
  readonly #ports: ImportsPorts
  readonly #running = new Set<EventsImport>()

  constructor(ports: ImportsPorts) {
    this.#ports = ports
  }

  /** Whether lines of a game may follow. O(imports under way) */
  mayContinue({ kind, gameId }: Streamed): boolean {
    return this.#running.size > 0 && this.#hasTaken(streamIdOf(kind, gameId))
  }

  /** Runs an import to its end, whatever that is. @throws what the import throws */
  async run(
    taken: EventsImport,
    lines: AsyncIterable<string> | Iterable<string>,
    options: ImportOptions,
  ): Promise<ImportReport> {
    this.#running.add(taken)
    try {
      return await taken.run(lines, options)
    } finally {
      this.#running.delete(taken)
      for (const stream of taken.streams()) if (!this.#hasTaken(stream)) await this.#meet(stream)
    }
  }

  #hasTaken(stream: StreamId): boolean {
    for (const taken of this.#running) if (taken.hasTaken(stream)) return true
    return false
  }

  async #meet(stream: StreamId): Promise<void> {
    const { live, asleep, meet, onUnread } = this.#ports
    try {
      const game = live.get(stream) ?? (asleep.has(stream) ? await asleep.read(stream) : undefined)
      if (game && !game.isFinal) await meet(game)
    } catch (cause) {
      onUnread(stream, cause)
    }
  }
}
