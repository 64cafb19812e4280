/** One unit of work on its way to its answer: run after run of `build`, until all the games that it touches are at hand. */
import { left, right } from 'fp-ts/lib/Either.js'
import type { StreamId } from '../events/ids.js'
import type { Ticket } from '../events/journal/journal.js'
import type { Pending } from './answer.js'
import type { DecisionContext } from './decision.js'
import type { DispatchError, Unavailable } from './dispatch-error.js'
import type { Archived } from './archived-answer.js'
import type { AnyGame } from './game.js'
import type { Found, GameFinder } from './game-finder.js'
import { receiptFor } from './live-answer.js'
import type { LiveGame } from './live-game.js'
import { PendingUnit } from './pending-unit.js'
import type { Receipt } from './receipt.js'
import type { CommandOptions } from './command-options.js'
import type { Answered, Request } from './request.js'
import type { UnitGame } from './unit-game.js'
import { unitGamesMax, UnitRun, type Unit } from './unit-of-work.js'

/** What it needs of its dispatcher. */
export interface UnitDispatchPorts {
  readonly finder: GameFinder
  /** Why nothing is accepted any more, where that is so. */
  readonly stopped: () => Unavailable | undefined
  /** The bound that events for these games would pass, where they would. */
  readonly overload: (writes: readonly UnitGame[]) => DispatchError | undefined
  readonly context: (options: CommandOptions) => Omit<DecisionContext, 'version'>
  /** Puts a game that begins in memory. */
  readonly add: (live: LiveGame) => void
  /** Queues what was committed; `undefined` where the journal takes nothing more. */
  readonly journal: (pending: PendingUnit) => Ticket | undefined
  /** Hears of a unit that leaves the queue. */
  readonly left: (pending: Pending) => void
  /** No command may be dispatched meanwhile. */
  readonly building: <Result>(work: () => Result) => Result
  readonly checkGiven: (definition: AnyGame) => void
}

export class UnitDispatch {
  readonly #request: Request<readonly Receipt[]>
  readonly #build: (tx: Unit) => void
  readonly #options: CommandOptions
  readonly #ports: UnitDispatchPorts
  readonly #archived = new Map<StreamId, Archived>()
  readonly #pinned: LiveGame[] = []
  #runs = 0

  constructor(
    request: Request<readonly Receipt[]>,
    build: (tx: Unit) => void,
    options: CommandOptions,
    ports: UnitDispatchPorts,
  ) {
    this.#request = request
    this.#build = build
    this.#options = options
    this.#ports = ports
  }

  /** Runs `build`: decides the unit, or finds what is missing first. */
  run(): void {
    const { finder, context, checkGiven, building, stopped } = this.#ports
    const why = stopped()
    if (why) return this.#refuse(why)
    const run = new UnitRun(
      {
        atHand: (stream) => finder.atHand(stream),
        checkGiven,
        context: context(this.#options),
      },
      this.#archived,
    )
    building(() => run.run(this.#build))
    if (run.missing !== undefined) this.#find(run.missing)
    else this.#decide(run)
  }

  #find(stream: StreamId): void {
    if (++this.#runs > unitGamesMax)
      return this.#fail(
        new TypeError(
          `A unit of work was built ${this.#runs} times and still touches games that were not touched before. \`build\` must do the same each time.`,
        ),
      )
    this.#ports.finder.find(stream, (found) => this.#take(stream, found))
  }

  #take(stream: StreamId, found: Found): void {
    if (found._tag === 'Missed') return this.#refuse(found.why)
    if (found._tag === 'Archived') this.#archived.set(stream, found.log)
    else {
      found.live.pins++
      this.#pinned.push(found.live)
    }
    this.run()
  }

  #decide(run: UnitRun): void {
    const { broken, refusal } = run
    const again = run.again()
    const lives = [...run.lives()]
    if (broken)
      this.#answer(lives, () => {
        throw broken.cause
      })
    else if (refusal) this.#answer(lives, () => left(refusal))
    else if (again) this.#answer(lives, () => right(again.map((receipt) => receipt())))
    else {
      const writes = run.writes()
      const overload = writes.length > 0 ? this.#ports.overload(writes) : undefined
      if (overload) this.#refuse(overload)
      else if (writes.length > 0) this.#commit(writes)
      else this.#answer(lives, () => right([]))
    }
  }

  #commit(writes: readonly UnitGame[]): void {
    const { add, journal, left: leave } = this.#ports
    for (const { live } of writes) if (live.version === 0) add(live)
    const { now } = this.#ports.context(this.#options)
    for (const { live } of writes) live.usedAt = now
    const parts = writes.map((game) => game.commit(this.#options.commandId))
    this.#request.answer = () =>
      right(writes.map(({ live, envelopes }) => receiptFor(live, envelopes, false)))
    const pending = new PendingUnit(this.#request, parts, leave)
    for (const { live } of writes) live.newest = pending
    const ticket = journal(pending)
    if (ticket !== undefined) for (const { live } of writes) live.newestTicket = ticket
    this.#unpin()
  }

  /** Answers when the newest event that was read is published. */
  #answer(lives: readonly LiveGame[], answer: () => Answered<readonly Receipt[]>): void {
    this.#unpin()
    this.#request.answer = answer
    let newest: Pending | undefined
    let ticket: Ticket = 0
    for (const live of lives) {
      if (live.newest && live.newest.ticket >= (newest?.ticket ?? 0)) newest = live.newest
      ticket = Math.max(ticket, live.newestTicket)
    }
    if (newest) newest.await(this.#request)
    else this.#request.settle(ticket)
  }

  /** At once: nothing was read that could be contradicted. */
  #refuse(why: DispatchError): void {
    this.#unpin()
    this.#request.resolve(left(why))
  }

  #fail(cause: unknown): void {
    this.#answer([], () => {
      throw cause
    })
  }

  #unpin(): void {
    for (const live of this.#pinned.splice(0)) live.pins--
  }
}
