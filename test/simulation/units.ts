/**
 * What the world outside knows of units of work. Each has an actor of its own, so its events are found by what they say of
 * themselves; and since nothing is decided between the last run of `build` and the commit, that run told which they are.
 */
import type { EventEnvelope, GameEvent, Receipt } from 'gameledger'
import type { DroppedGames } from './dropped.js'
import { demand } from './violation.js'

/** What a unit writes to one game, in the order of its first touch. */
export interface UnitPart {
  readonly game: string
  /** Before the unit. */
  readonly version: number
  readonly events: readonly GameEvent[]
}

const textsOf = (parts: readonly UnitPart[]): readonly string[] =>
  parts.flatMap(({ game, version, events }) =>
    events.map((event, nth) => JSON.stringify([`tally/${game}`, version + nth + 1, event])),
  )

export class Units {
  /** By actor: its events, none of a unit that was refused. */
  readonly #written = new Map<string, readonly string[]>()
  readonly #dropped: DroppedGames

  constructor(dropped: DroppedGames) {
    this.#dropped = dropped
  }

  /** A unit is sent. Returns its actor. */
  sent(): string {
    const unit = `unit ${this.#written.size}`
    this.#written.set(unit, [])
    return unit
  }

  /** A run of its `build` came to its end. */
  built(unit: string, parts: readonly UnitPart[]): void {
    this.#written.set(unit, textsOf(parts))
  }

  refused(unit: string): void {
    this.#written.set(unit, [])
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
    const wrote = this.#written.get(unit)!
    demand(
      isAgain || said.join() === wrote.join(),
      () => `${unit} wrote ${wrote.join()}, and was acknowledged as ${said.join()}`,
    )
    const positions = receipts.flatMap(({ position, events }) =>
      events.map((_, nth) => position - events.length + nth + 1),
    )
    demand(
      positions.every((position, nth) => position === positions[0]! + nth),
      () => `${unit} was acknowledged at the positions ${positions.join(', ')}`,
    )
  }

  /** Of each unit everything is there, but for games that are gone, or nothing; and at its place. */
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
      const wrote = this.#written.get(unit)!
      const there = new Map(
        envelopes.map(({ kind, gameId, version, position, event }) => [
          JSON.stringify([`${kind}/${gameId}`, version, event]),
          position,
        ]),
      )
      const wanted = wrote.flatMap((text, nth) =>
        this.#dropped.streams.has((JSON.parse(text) as [string])[0]) ? [] : { text, nth },
      )
      demand(
        wanted.map(({ text }) => text).join('\n') === [...there.keys()].join('\n'),
        () => `${unit} wrote\n${wrote.join('\n')}\nand of it is there\n${[...there.keys()].join('\n')}`,
      )
      const begins = new Set(wanted.map(({ text, nth }) => there.get(text)! - nth))
      demand(
        begins.size === 1,
        () => `the events of ${unit} are no neighbours: ${[...there.values()].join(', ')}`,
      )
    }
  }
}
