/**
 * What the world outside knows of units of work. Each has an actor of its own, so its events are found by what they say of
 * themselves; and since nothing is decided between the last run of `build` and the commit, that run told which they are.
 */
import type { EventEnvelope, GameEvent, Receipt } from 'gameledger'
import { demand } from './violation.js'

/** What a unit writes to one game, in the order of its first touch. */
export interface UnitPart {
  readonly game: string
  /** Before the unit. */
  readonly version: number
  readonly events: readonly GameEvent[]
}

const textsOf = (parts: readonly UnitPart[]): string =>
  parts
    .flatMap(({ game, version, events }) =>
      events.map((event, nth) => JSON.stringify([game, version + nth + 1, event])),
    )
    .join('\n')

export class Units {
  /** By actor: its events, none of a unit that was refused. */
  readonly #written = new Map<string, string>()

  /** A unit is sent. Returns its actor. */
  sent(): string {
    const unit = `unit ${this.#written.size}`
    this.#written.set(unit, '')
    return unit
  }

  /** A run of its `build` came to its end. */
  built(unit: string, parts: readonly UnitPart[]): void {
    this.#written.set(unit, textsOf(parts))
  }

  refused(unit: string): void {
    this.#written.set(unit, '')
  }

  acknowledged(unit: string, receipts: readonly Receipt[]): void {
    const said = textsOf(
      receipts.map(({ gameId, version, events }) => ({
        game: gameId,
        version: version - events.length,
        events,
      })),
    )
    const isAgain = receipts.some(({ duplicate }) => duplicate)
    demand(
      isAgain || said === this.#written.get(unit),
      () => `${unit} wrote ${this.#written.get(unit)}, and was acknowledged as ${said}`,
    )
    this.#areNeighbours(
      unit,
      receipts.flatMap(({ position, events }) => events.map((_, nth) => position - events.length + nth + 1)),
    )
  }

  /** Of each unit everything is there, or nothing. */
  compare(events: readonly EventEnvelope[]): void {
    const found = new Map<string, EventEnvelope[]>()
    for (const envelope of events) {
      const { actor } = envelope
      if (actor === undefined) continue
      const before = found.get(actor)
      if (before) before.push(envelope)
      else found.set(actor, [envelope])
    }
    for (const [unit, envelopes] of found) {
      const texts = envelopes
        .map(({ gameId, version, event }) => JSON.stringify([gameId, version, event]))
        .join('\n')
      demand(
        texts === this.#written.get(unit),
        () => `${unit} wrote\n${this.#written.get(unit)}\nand of it is there\n${texts}`,
      )
      this.#areNeighbours(
        unit,
        envelopes.map(({ position }) => position),
      )
    }
  }

  #areNeighbours(unit: string, positions: readonly number[]): void {
    demand(
      positions.every((position, nth) => position === positions[0]! + nth),
      () => `the events of ${unit} have the positions ${positions.join(', ')}`,
    )
  }
}
