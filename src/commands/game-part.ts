/**
 * The events that one command, or one unit of work, adds to one game: as a record that the journal takes, and as the
 * envelopes that are published once the journal has given them their positions.
 */
import type { PlacedLater } from '../events/codec.js'
import type { EventEnvelope } from '../events/envelope.js'
import type { EventLog, LogRecord } from '../events/event-log.js'
import { loggedBytes } from '../events/log-header.js'
import type { EventsRecord } from '../events/journal/journal.js'
import type { Position, StreamId } from '../events/ids.js'
import type { LiveGame } from './live-game.js'

export class GamePart implements EventsRecord {
  readonly type = 'events'
  readonly stream: StreamId
  readonly firstVersion: number
  readonly count: number
  firstPosition = 0 as Position
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly log: EventLog
  readonly live: LiveGame
  readonly #offset: number
  readonly #envelopes: readonly PlacedLater[]
  readonly #after: { readonly state: unknown } | undefined

  /** What `record` of the game's log holds; the game is at the state behind it. */
  constructor(live: LiveGame, record: LogRecord, envelopes: readonly PlacedLater[]) {
    this.stream = live.stream
    this.firstVersion = record.firstVersion
    this.count = record.count
    this.log = live.log
    this.bytes = live.log.bytes
    this.start = record.start
    this.end = record.end
    this.live = live
    this.#offset = record.offset
    this.#envelopes = envelopes
    this.#after = live.stateToPublish()
  }

  /** Bytes of its event lines. */
  get byteLength(): number {
    return this.end - this.start
  }

  /** What they come to in the log of the game. */
  get loggedBytes(): number {
    return loggedBytes(this.byteLength, this.count)
  }

  /** The events with their positions; the game's published state moves along. Asked once. */
  envelopes(): readonly EventEnvelope[] {
    const { live, firstPosition } = this
    live.log.place(this.#offset, firstPosition)
    const envelopes = this.#envelopes
    for (let index = 0; index < envelopes.length; index++)
      envelopes[index]!.position = (firstPosition + index) as Position
    const { version, position } = envelopes[envelopes.length - 1]!
    live.publish(version, position, this.#after)
    return envelopes
  }
}
