/**
 * The events of one stream that wait for a reactor, in order of versions.
 *
 *     queue   [ 7 8 9 ]           held; the first is the one that is being reacted to
 *     behind  from 10 to 14       not held: more than a lane may have, or the first one fails. Read again from the game's log
 */
import type { EventEnvelope } from '../../events/envelope.js'
import type { Position, StreamId, Version } from '../../events/ids.js'

/** So many events of one stream are held; more are read again when it is their turn. */
const laneMax = 64

/** What is not held: the first of it stands here, and it goes up to this version. */
export interface Behind {
  from: Position
  through: Version
}

export class Lane {
  readonly stream: StreamId
  readonly queue: EventEnvelope[] = []
  behind: Behind | undefined
  /** How often the first one has failed. */
  tries = 0
  isBusy = false

  constructor(stream: StreamId) {
    this.stream = stream
  }

  get isEmpty(): boolean {
    return this.queue.length === 0 && this.behind === undefined
  }

  /** Takes an event as the last one; `false` where it is not held. */
  take(envelope: EventEnvelope): boolean {
    const { position, version } = envelope
    if (this.behind) this.behind.through = version
    else if (this.tries === 0 && this.queue.length < laneMax) {
      this.queue.push(envelope)
      return true
    } else this.behind = { from: position, through: version }
    return false
  }

  /** Lets go of all but the first. Returns how many. */
  holdFirstAlone(): number {
    const others = this.queue.splice(1)
    const [next] = others
    if (next) this.behind = { from: next.position, through: this.behind?.through ?? others.at(-1)!.version }
    return others.length
  }

  /** Takes back what was left behind `last`, as far as it goes. `events` are those of the stream from its first. */
  async refill(events: AsyncIterable<EventEnvelope>, last: Version): Promise<void> {
    const before = this.behind!
    for await (const envelope of events) {
      const { version, position } = envelope
      if (version <= last) continue
      if (this.queue.length === laneMax || version > before.through) {
        if (version <= before.through) before.from = position
        break
      }
      this.queue.push(envelope)
    }
    if (this.queue.at(-1)?.version === before.through) this.behind = undefined
  }
}
