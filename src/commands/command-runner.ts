/**
 * Steps 3 to 8 of the life of one command, on the game that was found for it.
 *
 *     3 once      recorded before -> the first receipt again; then: over -> GameCompleted
 *     4 expect    another version -> VersionConflict
 *     5 decide    over a bound    -> Overloaded; the rules -> Rejected
 *     6 evolve    7 sequence      (decision.ts)
 *     8 commit    memory is at the new state, and the record is queued (commit-queue.ts)
 *
 * One synchronous stretch: no await, no lock, no lost update. Every answer that tells of a game waits until the newest event
 * that it has read is published; that the ledger is full or stopped is told at once. One runner for all commands: nothing
 * of a command is kept here.
 */
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { Version } from '../events/ids.js'
import type { Admission } from './admission.js'
import { archivedAnswer } from './archived-answer.js'
import type { CommitQueue } from './commit-queue.js'
import { decideOn, type Accepted } from './decision.js'
import type { DecisionContexts } from './decision-context.js'
import type { Found } from './game-finder.js'
import { completed, conflictOf, emptyReceipt, receiptAgain, receiptFor } from './live-answer.js'
import type { LiveGame } from './live-game.js'
import type { LiveGames } from './live-games.js'
import { PendingCommand } from './pending-command.js'
import type { Answered, CommandRequest } from './request.js'

/** What it is wired to. */
export interface CommandRunnerPorts {
  readonly live: Pick<LiveGames, 'add' | 'overloadBy'>
  readonly admission: Pick<Admission, 'stopped' | 'unsyncedOverload'>
  readonly contexts: DecisionContexts
  readonly queue: CommitQueue
}

export class CommandRunner {
  readonly #ports: CommandRunnerPorts

  constructor(ports: CommandRunnerPorts) {
    this.#ports = ports
  }

  /** What was found may come late: when nothing is accepted any more. */
  take(request: CommandRequest, found: Found): void {
    if (found._tag === 'Missed') return request.resolve(left(found.why))
    if (found._tag === 'Live') {
      const { stopped } = this.#ports.admission
      if (stopped) request.resolve(left(stopped))
      else this.run(request, found.live)
    } else this.#answer(request, undefined, () => archivedAnswer(found.log, request.options.commandId))
  }

  /** On a game at hand. Whatever comes of it is the request's answer. */
  run(request: CommandRequest, live: LiveGame): void {
    try {
      this.#answerOrDecide(request, live)
    } catch (cause) {
      this.#answer(request, live, () => {
        throw cause
      })
    }
  }

  /** Throws where the rules do, or where the log cannot be read with them. */
  #answerOrDecide(request: CommandRequest, live: LiveGame): void {
    const { commandId, expectedVersion } = request.options
    const first = commandId === undefined ? undefined : live.commandIds.firstVersionOf(commandId)
    if (first !== undefined)
      return this.#answer(request, live, () => right(receiptAgain(live, first, commandId)))
    if (live.isFinal) return this.#answer(request, live, () => left(completed(live)))
    if (expectedVersion !== undefined && expectedVersion !== live.version) {
      const conflict = conflictOf(live, expectedVersion)
      return this.#answer(request, live, () => left(conflict))
    }
    this.#decide(request, live)
  }

  #decide(request: CommandRequest, live: LiveGame): void {
    const overloaded = this.#ports.admission.unsyncedOverload()
    if (overloaded) return request.resolve(left(overloaded))
    const context = this.#ports.contexts.of(request.options, live.version)
    live.usedAt = context.now
    const decision = decideOn(live, request.game, request.command, context)
    if (isLeft(decision)) return this.#answer(request, live, () => decision)
    const accepted = decision.right
    if (!accepted) {
      const version = live.version as Version
      return this.#answer(request, live, () => right(emptyReceipt(live, version)))
    }
    const full = live.version === 0 ? this.#ports.live.overloadBy(live.kind) : undefined
    if (full) return request.resolve(left(full))
    this.#commit(request, live, accepted)
  }

  #commit(request: CommandRequest, live: LiveGame, accepted: Accepted): void {
    const { envelopes, lines, state, players, isFinal } = accepted
    const { queue } = this.#ports
    if (live.version === 0) this.#ports.live.add(live)
    const record = live.log.append(lines, envelopes.length)
    live.keep(state, players, isFinal)
    const { commandId } = request.options
    if (commandId !== undefined) live.noteCommandId(commandId, record.firstVersion)
    request.answer = () => right(receiptFor(live, envelopes, false))
    const pending = new PendingCommand(request, live, record, envelopes, queue.left)
    live.newest = pending
    const ticket = queue.add(pending)
    if (ticket !== undefined) live.newestTicket = ticket
  }

  /** Answers when the newest event that was read is published: at once, where all of them are. */
  #answer(request: CommandRequest, live: LiveGame | undefined, answer: () => Answered): void {
    request.answer = answer
    const newest = live?.newest
    if (newest) newest.await(request)
    else request.settle(live?.newestTicket ?? 0)
  }
}
