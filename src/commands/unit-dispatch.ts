/** One unit of work on its way to its answer: run after run of `build`, until all the games that it touches are at hand. */
import { left, right } from 'fp-ts/lib/Either.js'
import type { StreamId } from '../events/ids.js'
import type { Ticket } from '../events/journal/journal.js'
import { roomKind } from '../events/room-event.js'
import type { Admission } from './admission.js'
import type { Pending } from './answer.js'
import type { CommitQueue } from './commit-queue.js'
import type { DecisionContexts } from './decision-context.js'
import type { DispatchError, Overloaded } from './dispatch-error.js'
import type { Archived } from './archived-answer.js'
import type { AnyGame } from './game.js'
import type { Found, GameFinder } from './game-finder.js'
import { receiptFor } from './live-answer.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import { PendingUnit } from './pending-unit.js'
import type { Receipt } from './receipt.js'
import type { CommandOptions } from './command-options.js'
import type { Answered, Request } from './request.js'
import type { UnitGame } from './unit-game.js'
import { unitGamesMax, UnitRun, type Unit } from './unit-of-work.js'

/** What it needs of its dispatcher. */
export interface UnitDispatchPorts {
  readonly finder: GameFinder
  readonly admission: Pick<Admission, 'stopped' | 'unsyncedOverload'>
  readonly live: Pick<LiveGames, 'add' | 'overload'>
  /** Takes idle games out of memory. */
  readonly makeRoom: () => Promise<boolean>
  readonly contexts: DecisionContexts
  readonly queue: CommitQueue
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
    const { finder, admission, contexts, checkGiven, building } = this.#ports
    const { stopped } = admission
    if (stopped) return this.#refuse(stopped)
    const run = new UnitRun(
      {
        atHand: (stream) => finder.atHand(stream),
        checkGiven,
        context: contexts.of(this.#options, 0),
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
      const overload = writes.length > 0 ? this.#overload(writes) : undefined
      if (overload) this.#refuse(overload)
      else if (writes.length > 0) this.#commit(writes)
      else this.#answer(lives, () => right([]))
    }
  }

  /** The bound that events for these games would pass, where they would. */
  #overload(writes: readonly UnitGame[]): Overloaded | undefined {
    const { admission, live, makeRoom } = this.#ports
    const unsynced = admission.unsyncedOverload()
    if (unsynced) return unsynced
    const begun = writes.filter(({ live: { version } }) => version === 0)
    if (begun.length === 0) return undefined
    const rooms = begun.filter(({ kind }) => kind === roomKind).length
    const full = live.overload({ games: begun.length - rooms, rooms })
    // For the next one: a unit is decided at once or not at all.
    if (full) void makeRoom()
    return full
  }

  #commit(writes: readonly UnitGame[]): void {
    const { contexts, queue } = this.#ports
    for (const { live } of writes) if (live.version === 0) this.#ports.live.add(live)
    const { now } = contexts.of(this.#options, 0)
    for (const { live } of writes) live.usedAt = now
    const parts = writes.map((game) => game.commit(this.#options.commandId))
    this.#request.answer = () =>
      right(writes.map(({ live, envelopes }) => receiptFor(live, envelopes, false)))
    const pending = new PendingUnit(this.#request, parts, queue.left)
    for (const { live } of writes) live.newest = pending
    const ticket = queue.add(pending)
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
