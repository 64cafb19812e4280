/**
 * Step 1 of the life of one command: who is let in.
 *
 *     commandsInFlightMax   [ players' commands: nine tenths | the ledger's own: a tenth ]
 *     bytesInFlightMax      [ players' commands up to here ..| the ledger's own up to the end ]
 *     unsyncedEventsMax     [ events that losing the machine would take ]     asked again before a command is decided
 *
 * The ledger's own commands are those of deadlines, bots, reactors and rooms: however many players press, what time and
 * the machines owe them goes on. A bound below ten has no tenth: then the ledger's own may be one besides.
 */
import type { UnsyncedEvents } from '../events/unsynced-events.js'
import type { Overloaded, Unavailable } from './dispatch-error.js'

export interface AdmissionBounds {
  readonly commandsInFlightMax: number
  readonly bytesInFlightMax: number
  /** Infinity where nothing is published before it is synced. */
  readonly unsyncedEventsMax: number
  readonly unsynced: UnsyncedEvents
}

/** Who sends a command: somebody outside, or the ledger itself. */
export type Sender = 'player' | 'ledger'

/** How many of the ledger's own commands may be in flight. */
export const ownCommandsMax = (commandsInFlightMax: number): number =>
  Math.max(1, Math.floor(commandsInFlightMax / 10))

export class Admission {
  readonly #bounds: AdmissionBounds
  readonly #commandsMax: Readonly<Record<Sender, number>>
  readonly #bytesMax: Readonly<Record<Sender, number>>
  readonly #inFlight = { player: 0, ledger: 0 }
  #stopped: Unavailable | undefined
  #closed: Unavailable | undefined
  #paused: Unavailable | undefined
  #bytes = 0

  constructor(bounds: AdmissionBounds) {
    const { commandsInFlightMax, bytesInFlightMax } = bounds
    this.#bounds = bounds
    this.#commandsMax = {
      player: commandsInFlightMax - Math.floor(commandsInFlightMax / 10),
      ledger: ownCommandsMax(commandsInFlightMax),
    }
    this.#bytesMax = {
      player: bytesInFlightMax - Math.floor(bytesInFlightMax / 10),
      ledger: bytesInFlightMax,
    }
  }

  /** Why nothing is accepted any more. */
  get stopped(): Unavailable | undefined {
    return this.#stopped
  }

  /** Commands that are not yet answered. */
  get inFlight(): number {
    return this.#inFlight.player + this.#inFlight.ledger
  }

  /** Bytes of events that are not yet published. */
  get bytesInFlight(): number {
    return this.#bytes
  }

  /** From now on everything is refused. The first reason stays. */
  stop(why: Unavailable): void {
    this.#stopped ??= why
  }

  /** From now on only the ledger's own commands are let in. */
  closeDoors(): void {
    this.#closed = { _tag: 'Unavailable', code: 'closed' }
  }

  /** Until it is called with `undefined`, new commands are refused; what is in flight goes on. */
  pause(why: Unavailable | undefined): void {
    this.#paused = why
  }

  /** Lets a command in, until it `leave`s; or says why not. */
  enter(sender: Sender): Unavailable | Overloaded | undefined {
    const refused = this.#stopped ?? (sender === 'player' ? this.#closed : undefined) ?? this.#paused
    if (refused) return refused
    const { unsynced } = this.#bounds
    const [commands, bytes] = [this.#commandsMax[sender], this.#bytesMax[sender]]
    if (this.#inFlight[sender] >= commands)
      return { _tag: 'Overloaded', bound: 'commandsInFlightMax', max: commands }
    if (this.#bytes >= bytes || unsynced.bytes >= bytes)
      return { _tag: 'Overloaded', bound: 'bytesInFlightMax', max: bytes }
    this.#inFlight[sender]++
    return undefined
  }

  /** The bound that keeps what would be recorded now from being so. */
  unsyncedOverload(): Overloaded | undefined {
    const { unsynced, unsyncedEventsMax } = this.#bounds
    if (unsynced.count < unsyncedEventsMax) return undefined
    return { _tag: 'Overloaded', bound: 'unsyncedEventsMax', max: unsyncedEventsMax }
  }

  leave(sender: Sender): void {
    this.#inFlight[sender]--
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes
  }
}
