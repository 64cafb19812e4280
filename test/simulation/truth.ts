/**
 * What the world outside the ledger has seen, over all its lives: every published event, and every answer. Held
 * against what a ledger says after each opening.
 */
import type { Durability, EventEnvelope, Receipt } from 'gameledger'
import { DroppedGames } from './dropped.js'
import { Units } from './units.js'
import { demand } from './violation.js'

/** A process that is killed keeps what the operating system has; a machine that loses power what the disk has. */
export type End = 'kill' | 'power-loss' | 'close'

const rank: { readonly [degree in Durability]: number } = { memory: 0, written: 1, synced: 2 }
const needed: { readonly [end in End]: number } = { close: 0, kill: 1, 'power-loss': 2 }

/** An event as text: what must be equal. */
export const textOf = ({ kind, gameId, version, event, commandId, final }: EventEnvelope): string =>
  JSON.stringify([kind, gameId, version, event, commandId, final])

interface Seen {
  readonly text: string
  degree: number
  /** It was seen since the last end. */
  isFresh: boolean
  /** All ends since it was last seen must have left it. */
  isSafe: boolean
}

export class Truth {
  readonly dropped = new DroppedGames()
  readonly units = new Units(this.dropped)
  /** By position. */
  readonly #published = new Map<number, Seen>()
  /** By command id: how often it was sent and not refused. */
  readonly #tries = new Map<string, number>()

  published(envelope: EventEnvelope, degree: Durability): void {
    this.dropped.saw(envelope)
    const text = textOf(envelope)
    const before = this.#published.get(envelope.position)
    demand(
      before === undefined || before.text === text,
      () => `position ${envelope.position} was published as ${before!.text}, and again as ${text}`,
    )
    this.#published.set(envelope.position, {
      text,
      degree: Math.max(rank[degree], before?.degree ?? 0),
      isFresh: true,
      isSafe: before?.isSafe ?? false,
    })
  }

  /** A receipt: its events are safe to this degree. */
  acknowledged(receipt: Receipt, degree: Durability): void {
    for (let back = 0; back < receipt.events.length; back++) {
      const position = receipt.position - back
      const seen = this.#published.get(position)
      if (receipt.duplicate && seen === undefined) continue
      demand(seen !== undefined, () => `position ${position} was acknowledged, and was not published`)
      const event = receipt.events[receipt.events.length - 1 - back]
      const said = JSON.stringify([receipt.kind, receipt.gameId, receipt.version - back, event])
      demand(seen!.text.startsWith(said.slice(0, -1)), () => `acknowledged ${said}, published ${seen!.text}`)
      seen!.degree = Math.max(seen!.degree, rank[degree])
    }
  }

  sent(commandId: string): void {
    this.#tries.set(commandId, (this.#tries.get(commandId) ?? 0) + 1)
  }

  /** Nothing of this try is recorded, and nothing was of an earlier one. */
  refused(commandId: string): void {
    this.#tries.set(commandId, this.#tries.get(commandId)! - 1)
  }

  /** A life is over: what was safe enough for this end must be found. `isSyncBroken`: a sync failed in it. */
  ended(end: End, isSyncBroken: boolean): void {
    const least = end === 'kill' && isSyncBroken ? needed['power-loss'] : needed[end]
    for (const seen of this.#published.values()) {
      seen.isSafe = (seen.isFresh || seen.isSafe) && seen.degree >= least
      seen.isFresh = false
    }
  }

  /** Holds what a ledger says, all events in order, against what was seen. */
  compare(
    events: readonly EventEnvelope[],
    lost: readonly { readonly after: number; readonly through: number }[],
  ): void {
    const isLost = (position: number): boolean =>
      lost.some(({ after, through }) => position > after && position <= through)
    const found = new Map(events.map((envelope) => [envelope.position as number, textOf(envelope)]))
    this.dropped.lost(isLost)
    this.dropped.compare(events)
    const isGone = (position: number): boolean => this.dropped.hasPosition(position)
    let last = 0
    for (const { position } of events) {
      demand(position > last, () => `position ${position} comes after ${last}`)
      for (let between = last + 1; between < position; between++)
        demand(
          isLost(between) || isGone(between),
          () => `there is a hole at position ${between}, before ${position}`,
        )
      demand(!isLost(position), () => `position ${position} is told to be lost, and is there`)
      last = position
    }
    for (const [position, seen] of this.#published) {
      demand(
        found.has(position) || !seen.isSafe || isGone(position),
        () => `position ${position}, ${seen.text}, was acknowledged and is lost`,
      )
      seen.isFresh = found.has(position) || isGone(position)
    }
    // What an opening has found is on the disk from then on.
    for (const envelope of events) this.published(envelope, 'synced')
    this.#compareCommands(events)
    this.units.compare(events)
  }

  #compareCommands(events: readonly EventEnvelope[]): void {
    const recorded = new Map<string, number>()
    for (const { kind, gameId, version, commandId } of events) {
      if (commandId === undefined) continue
      const key = `${kind}/${gameId} ${commandId}`
      const before = recorded.get(key)
      demand(before === undefined || before === version - 1, () => `command ${key} is recorded twice`)
      recorded.set(key, version)
      // The ledger's own: no one has sent them.
      if (commandId.startsWith('idle/')) continue
      demand(this.#tries.get(commandId)! > 0, () => `command ${commandId} was refused, and left a trace`)
    }
  }
}
