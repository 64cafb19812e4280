/** What callers read of the past: every event in order, from a checkpoint on, up to now; and one game, played back. */
import type { Observable } from 'rxjs'
import {
  checkPlayback,
  playback,
  type PlaybackOptions,
  type PlaybackPorts,
  type PlaybackStep,
} from './archive/playback.js'
import type { AnyGame } from './commands/game.js'
import type { Clock } from './events/clock.js'
import type { EventEnvelope } from './events/envelope.js'
import { follow } from './events/follow.js'
import type { Position, StreamId, Version } from './events/ids.js'
import { pulledObservable } from './events/pulled-observable.js'
import type { GameReader } from './game-reader.js'
import { checkQuery, pastEvents, type HistoryQuery, type PastEventsPorts } from './past-events.js'

export interface ReadingsPorts extends PastEventsPorts {
  readonly reader: GameReader
  readonly clock: Clock
  /** Hears what a subscriber threw. */
  readonly report: (cause: unknown) => void
}

export class Readings {
  readonly #ports: ReadingsPorts

  constructor(ports: ReadingsPorts) {
    this.#ports = ports
  }

  eventsFrom(checkpoint: number, signal: AbortSignal | undefined): AsyncIterable<EventEnvelope> {
    if (!Number.isSafeInteger(checkpoint) || checkpoint < 0)
      throw new TypeError(`A checkpoint is a position from 0; got ${String(checkpoint)}.`)
    const { history, recent, lost } = this.#ports
    const stored = (after: Position, through: Position): AsyncIterable<EventEnvelope> =>
      history.events({ after, through })
    return follow(checkpoint as Position, recent, stored, lost, signal)
  }

  history(query: HistoryQuery): AsyncIterable<EventEnvelope> {
    // Where the ledger stands now, not where it stands when the first event is asked for.
    const { through = Infinity } = checkQuery(query)
    return pastEvents(this.#ports, { ...query, through: Math.min(through, this.#ports.recent.head) })
  }

  history$(query: HistoryQuery): Observable<EventEnvelope> {
    checkQuery(query)
    return this.#observed(query.signal, (signal) => this.history({ ...query, signal }))
  }

  playback(game: AnyGame, stream: StreamId, options: PlaybackOptions): AsyncIterable<PlaybackStep> {
    return playback(game, this.#portsOf(stream), checkPlayback(options))
  }

  playback$(game: AnyGame, stream: StreamId, options: PlaybackOptions): Observable<PlaybackStep> {
    checkPlayback(options)
    return this.#observed(options.signal, (signal) => this.playback(game, stream, { ...options, signal }))
  }

  #observed<Value>(
    outer: AbortSignal | undefined,
    open: (signal: AbortSignal) => AsyncIterable<Value>,
  ): Observable<Value> {
    const begin = (signal: AbortSignal) => open(outer ? AbortSignal.any([outer, signal]) : signal)
    return pulledObservable(begin, this.#ports.report)
  }

  #portsOf(stream: StreamId): PlaybackPorts {
    const { reader, recent, clock } = this.#ports
    return {
      find: () => reader.find(stream),
      hasNext: async (version: Version, signal) => {
        while (reader.newestVersion(stream) <= version) {
          if (recent.isOver || signal?.aborted === true) return false
          await recent.next(signal)
        }
        return true
      },
      clock,
    }
  }
}
