/**
 * Games that retention took out of the archive. What is gone was asked for, was over, is gone whole, and never comes back;
 * the world outside has kept its events.
 */
import type { EventEnvelope } from 'gameledger'
import { demand } from './violation.js'

const streamOf = ({ kind, gameId }: EventEnvelope): string => `${kind}/${gameId}`

export class DroppedGames {
  /** A read model was made from a history without them. */
  isForgotten = false
  /** All events that were ever found, by position. */
  readonly #known = new Map<number, EventEnvelope>()
  /** When a game ended, by stream. */
  readonly #endedAt = new Map<string, number>()
  readonly #gone = new Set<string>()
  #before = -Infinity

  /** Games that ended up to this time may go from now on. */
  asked(endedBefore: number): void {
    this.#before = Math.max(this.#before, endedBefore)
  }

  get streams(): ReadonlySet<string> {
    return this.#gone
  }

  isGone(envelope: EventEnvelope): boolean {
    return this.#gone.has(streamOf(envelope))
  }

  hasPosition(position: number): boolean {
    const envelope = this.#known.get(position)
    return envelope !== undefined && this.isGone(envelope)
  }

  without(events: readonly EventEnvelope[]): readonly EventEnvelope[] {
    return this.#gone.size === 0 ? events : events.filter((envelope) => !this.isGone(envelope))
  }

  /** These, and those of games that are gone: what happened. */
  with(events: readonly EventEnvelope[]): readonly EventEnvelope[] {
    if (this.#gone.size === 0) return events
    const gone = [...this.#known.values()].filter((envelope) => this.isGone(envelope))
    return [...events, ...gone].sort((one, other) => one.position - other.position)
  }

  /** Published, or found. */
  saw(envelope: EventEnvelope): void {
    this.#known.set(envelope.position, envelope)
    if (envelope.final) this.#endedAt.set(streamOf(envelope), envelope.recordedAt)
  }

  /** A crash took positions back: a game that ended there was not dropped, it never ended. */
  lost(isLost: (position: number) => boolean): void {
    for (const [position, envelope] of this.#known) {
      if (!isLost(position)) continue
      this.#known.delete(position)
      if (envelope.final) this.#endedAt.delete(streamOf(envelope))
    }
  }

  /** Holds what a ledger says: which games are gone by now. */
  compare(events: readonly EventEnvelope[]): void {
    const found = new Set(events.map(streamOf))
    for (const stream of this.#gone) demand(!found.has(stream), () => `${stream} was gone, and is back`)
    for (const [stream, endedAt] of this.#endedAt)
      if (endedAt <= this.#before && !found.has(stream)) this.#gone.add(stream)
  }
}
