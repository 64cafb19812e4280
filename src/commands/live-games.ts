/** The games in memory, by stream id. Bounded: beyond `gamesLiveMax` no new game begins. All operations O(1). */
import type { EventLog } from '../events/event-log.js'
import { partsOfStream, type Kind, type StreamId, type Version } from '../events/ids.js'
import type { RecoveredLog } from '../events/recovered-logs.js'
import type { AnyGame } from './game.js'
import { LiveGame } from './live-game.js'

export class LiveGames {
  readonly #games = new Map<StreamId, LiveGame>()
  readonly #definitions: ReadonlyMap<Kind, AnyGame>
  #kept = 0
  #logBytes = 0
  /** The most games in memory. */
  readonly max: number

  constructor(definitions: ReadonlyMap<Kind, AnyGame>, max: number) {
    this.#definitions = definitions
    this.max = max
  }

  get size(): number {
    return this.#games.size
  }

  /** Bytes of all their logs: what they hold in memory, but for states and what is idle in buffers. */
  get logBytes(): number {
    return this.#logBytes
  }

  /** Logs of these games have got so many more bytes. */
  grown(bytes: number): void {
    this.#logBytes += bytes
  }

  /** Places that are kept count as taken. */
  get isFull(): boolean {
    return !this.hasRoomFor(1)
  }

  /** Whether so many more games have a place. */
  hasRoomFor(games: number): boolean {
    return this.#games.size + this.#kept + games <= this.max
  }

  /** Keeps a place for a game that is on its way, until `giveBack`. */
  keepPlace(): void {
    this.#kept++
  }

  giveBack(): void {
    this.#kept--
  }

  get(stream: StreamId): LiveGame | undefined {
    return this.#games.get(stream)
  }

  /** A game that has not begun: in memory only once it is `add`ed. */
  unbegun(stream: StreamId, log?: EventLog): LiveGame {
    const { kind, gameId } = partsOfStream(stream)
    const game = this.#definitions.get(kind)
    // One string for the kind of all games: it is looked up with every event.
    return new LiveGame(stream, game?.kind ?? kind, gameId, game, log)
  }

  add(live: LiveGame): void {
    this.#games.set(live.stream, live)
    this.#logBytes += live.log.byteLength
  }

  /** Takes a game out of memory. */
  remove(stream: StreamId): void {
    const live = this.#games.get(stream)
    if (!live) return
    this.#logBytes -= live.log.byteLength
    this.#games.delete(stream)
  }

  values(): IterableIterator<LiveGame> {
    return this.#games.values()
  }

  /** A game as the journal has it: all of it was published long ago. In memory only once it is `add`ed. */
  recovered({ stream, log, lastPosition }: RecoveredLog): LiveGame {
    const live = this.unbegun(stream, log)
    live.publishedVersion = live.version as Version
    live.publishedPosition = lastPosition
    return live
  }
}
