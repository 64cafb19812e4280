/** Reactors: what is to happen because something has happened. Process managers, as event sourcing calls them. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { DispatchError } from './commands/dispatch-error.js'
import type { AnyGame, Game, GameCommand } from './commands/game.js'
import type { Receipt } from './commands/receipt.js'
import type { EventEnvelope, GameEvent } from './events/envelope.js'
import type { GameId, Kind } from './events/ids.js'
import type { GameClosed } from './events/ledger-event.js'
import type { Ledger } from './ledger.js'

/** What a reactor acts through. */
export interface ReactorContext {
  /**
   * Sends a command because of this event: its id is `reactor/name/kind/gameId/version/n`, n counting the calls for the event
   * from 0, so reacting again has no second effect as long as `on` sends the same commands in the same order. Waits where the
   * ledger has no room. A refusal is an answer: the event counts as done. Good for the one call of `on`.
   */
  dispatch<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    definition: Game<State, Command, Event, Reason>,
    gameId: GameId,
    command: Command,
    options?: { readonly expectedVersion?: number },
  ): Promise<Either<DispatchError<Reason | 'invalid-command', Event>, Receipt<Event>>>
  /** For reading. What is dispatched through it is not of this event, and happens again when `on` is called again. */
  readonly ledger: Ledger
}

export interface ReactorOptions<Event extends GameEvent> {
  /** Its place is saved under this name, and its commands bear it; 1 to 64 of `a-z`, `0-9`, `-`. Never change it. */
  readonly name: string
  /** The games whose events it hears. @default all, rooms too */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only the events of the game matter here, its other types are invariant
  readonly of?: Game<any, any, Event, any> | readonly Game<any, any, Event, any>[]
  /**
   * Hears of each event, the ledger's own `$closed` too: in order within a stream, of several streams at a time. At least once: after a crash some again.
   * What it throws or rejects with is tried again, after 0.1 s and then ever more seldom, up to a minute; its stream waits.
   */
  on(envelope: EventEnvelope<Event | GameClosed>, context: ReactorContext): void | Promise<void>
  /** Where it begins when it is given to a ledger for the first time: with what happens then, or with the first event of all. */
  readonly from: 'now' | 'start'
  /** How many streams it reacts to at a time. @default 16 */
  readonly concurrencyMax?: number
}

/** A reactor, for `openLedger({ reactors: [...] })`. */
export interface Reactor {
  readonly type: 'reactor'
  readonly name: string
  /** `undefined`: all. */
  readonly kinds: ReadonlySet<Kind> | undefined
  readonly on: (envelope: EventEnvelope, context: ReactorContext) => void | Promise<void>
  readonly from: 'now' | 'start'
  readonly concurrencyMax: number
}

/**
 * Makes a reactor. It is given to `openLedger`, not to an open ledger: so no event comes between the opening and it.
 * @throws TypeError where a part is missing or is none
 */
export const reactor = <Event extends GameEvent = GameEvent>({
  name,
  of,
  on,
  from,
  concurrencyMax = 16,
}: ReactorOptions<Event>): Reactor => {
  if (typeof name !== 'string' || !/^[a-z0-9-]{1,64}$/.test(name))
    throw new TypeError(
      `A reactor's \`name\` is 1 to 64 characters of a-z, 0-9 and "-"; got ${JSON.stringify(name)}.`,
    )
  if (typeof on !== 'function')
    throw new TypeError(`The reactor ${name} needs a function \`on\`; got ${typeof on}.`)
  if (from !== 'now' && from !== 'start')
    throw new TypeError(`The reactor ${name} begins \`from\` 'now' or 'start'; got ${String(from)}.`)
  if (!Number.isSafeInteger(concurrencyMax) || concurrencyMax < 1)
    throw new TypeError(`concurrencyMax must be a whole number from 1; got ${String(concurrencyMax)}.`)
  const games: readonly AnyGame[] | undefined = of && (Array.isArray(of) ? of : [of])
  return {
    type: 'reactor',
    name,
    kinds: games && new Set(games.map(({ kind }) => kind)),
    on: on as Reactor['on'],
    from,
    concurrencyMax,
  }
}
