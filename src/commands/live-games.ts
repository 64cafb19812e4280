/**
 * The games and rooms in memory, by stream id. Bounded, each kind apart: at a bound nothing new begins. Hibernation makes
 * room before that (hibernation.ts). All operations O(1).
 */
import type { EventLog } from '../events/event-log.js'
import { partsOfStream, type Kind, type StreamId, type Version } from '../events/ids.js'
import type { RecoveredLog } from '../events/recovered-logs.js'
import { roomKind } from '../events/room-event.js'
import type { Overloaded } from './dispatch-error.js'
import type { AnyGame } from './game.js'
import { LiveBytes } from './live-bytes.js'
import { LiveGame } from './live-game.js'

export interface LiveBounds {
  readonly gamesLiveMax: number
  readonly roomsLiveMax: number
  /** Of logs, states and tables, as an estimate (live-bytes.ts). */
  readonly liveBytesMax: number
}

/** What is in memory, or what of it is too much. */
export interface LiveCounts {
  readonly games: number
  readonly rooms: number
  readonly bytes: number
}

/** From this share of a bound on, room is made... */
const fullShare = 0.95
/** ...until so much of it is taken. */
const roomyShare = 0.9

export class LiveGames {
  readonly #games = new Map<StreamId, LiveGame>()
  readonly #definitions: ReadonlyMap<Kind, AnyGame>
  readonly #bounds: LiveBounds
  readonly #kept = { games: 0, rooms: 0 }
  #rooms = 0
  readonly #bytes = new LiveBytes(this.#games)
  /** Told of each game that comes. */
  onAdded: () => void = () => undefined

  constructor(definitions: ReadonlyMap<Kind, AnyGame>, bounds: LiveBounds) {
    this.#definitions = definitions
    this.#bounds = bounds
  }

  /** Games, without rooms. */
  get games(): number {
    return this.#games.size - this.#rooms
  }

  get rooms(): number {
    return this.#rooms
  }

  /** Bytes of all their logs: what they hold in memory, but for states and what is idle in buffers. */
  get logBytes(): number {
    return this.#bytes.logs
  }

  /** A record has made logs so many bytes longer. */
  grown(bytes: number): void {
    this.#bytes.grown(bytes)
  }

  /** An estimate. O(kinds) */
  get bytes(): number {
    return this.#bytes.total
  }

  /** What a game takes of them. */
  bytesOf(live: LiveGame): number {
    return this.#bytes.of(live)
  }

  /** The bound that so many more games and rooms would pass, where they would. Places that are kept count as taken. */
  overload(more: { readonly games?: number; readonly rooms?: number }): Overloaded | undefined {
    const { gamesLiveMax, roomsLiveMax, liveBytesMax } = this.#bounds
    const { games = 0, rooms = 0 } = more
    const over = (bound: Overloaded['bound'], max: number): Overloaded => ({ _tag: 'Overloaded', bound, max })
    if (games > 0 && this.games + this.#kept.games + games > gamesLiveMax)
      return over('gamesLiveMax', gamesLiveMax)
    if (rooms > 0 && this.rooms + this.#kept.rooms + rooms > roomsLiveMax)
      return over('roomsLiveMax', roomsLiveMax)
    return games + rooms > 0 && this.bytes >= liveBytesMax ? over('liveBytesMax', liveBytesMax) : undefined
  }

  /** The same for one more of this kind. */
  overloadBy(kind: Kind): Overloaded | undefined {
    return this.overload(kind === roomKind ? { rooms: 1 } : { games: 1 })
  }

  /** Whether a bound is nearly met. */
  get isNearlyFull(): boolean {
    const { gamesLiveMax, roomsLiveMax, liveBytesMax } = this.#bounds
    return (
      this.games >= Math.ceil(gamesLiveMax * fullShare) ||
      this.rooms >= Math.ceil(roomsLiveMax * fullShare) ||
      this.bytes >= liveBytesMax * fullShare
    )
  }

  /** What is to leave for memory to be roomy again. */
  excess(): LiveCounts {
    const { gamesLiveMax, roomsLiveMax, liveBytesMax } = this.#bounds
    const over = (count: number, max: number): number =>
      count >= Math.ceil(max * fullShare) ? count - Math.floor(max * roomyShare) : 0
    return {
      games: over(this.games, gamesLiveMax),
      rooms: over(this.rooms, roomsLiveMax),
      bytes: over(this.bytes, liveBytesMax),
    }
  }

  /** Keeps a place for a game that is on its way, until `giveBack`. */
  keepPlace(kind: Kind): void {
    this.#kept[kind === roomKind ? 'rooms' : 'games']++
  }

  giveBack(kind: Kind): void {
    this.#kept[kind === roomKind ? 'rooms' : 'games']--
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
    if (live.kind === roomKind) this.#rooms++
    this.#bytes.add(live)
    this.onAdded()
  }

  /** Takes a game out of memory. */
  remove(stream: StreamId): void {
    const live = this.#games.get(stream)
    if (!live) return
    this.#bytes.remove(live)
    this.#games.delete(stream)
    if (live.kind === roomKind) this.#rooms--
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
