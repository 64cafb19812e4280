/**
 * What became of commands, by kind of game, and how long they took: numbers for operators, in fixed room.
 *
 * Counting costs an addition a command. Clocks are read for one command in seventeen: a prime, so that games whose
 * players take turns do not have the same seat measured always.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { Durations, type DurationStats } from '../events/durations.js'
import type { Kind } from '../events/ids.js'
import type { Answered } from './request.js'

/** How a command was answered. `unchanged`: accepted, and nothing happened. `rules-error`: the rules threw. */
export type CommandOutcome =
  | 'accepted'
  | 'unchanged'
  | 'duplicate'
  | 'rejected'
  | 'game-completed'
  | 'version-conflict'
  | 'overloaded'
  | 'unavailable'
  | 'not-owner'
  | 'rules-error'

/** How many commands had which answer. */
export type OutcomeCounts = { readonly [outcome in CommandOutcome]: number }

export interface CommandNumbers {
  /** Commands that were answered, by kind of their game; of rooms too, as kind `room`. */
  readonly answered: { readonly [kind: Kind]: OutcomeCounts }
  /** Units of work; the commands in them are not counted besides. */
  readonly units: OutcomeCounts
  /** What `dispatch` takes until it returns, of games in memory and others; of one command in seventeen. */
  readonly dispatch: DurationStats
  /** From the call to the answer; of the same commands. */
  readonly answer: DurationStats
}

const outcomes = {
  Rejected: 'rejected',
  GameCompleted: 'game-completed',
  VersionConflict: 'version-conflict',
  Overloaded: 'overloaded',
  Unavailable: 'unavailable',
  NotOwner: 'not-owner',
} as const

/** What was answered, of one kind of request. */
export class Tally {
  readonly #counts: { [outcome in CommandOutcome]: number } = {
    accepted: 0,
    unchanged: 0,
    duplicate: 0,
    rejected: 0,
    'game-completed': 0,
    'version-conflict': 0,
    overloaded: 0,
    unavailable: 0,
    'not-owner': 0,
    'rules-error': 0,
  }

  get counts(): OutcomeCounts {
    return { ...this.#counts }
  }

  /** `Success`: a receipt, or those of a unit. */
  answered(answer: Answered<unknown>): void {
    this.#counts[isLeft(answer) ? outcomes[answer.left._tag] : successOf(answer.right)]++
  }

  threw(): void {
    this.#counts['rules-error']++
  }
}

type Success = { readonly duplicate: boolean; readonly events: readonly unknown[] }

const successOf = (success: unknown): CommandOutcome => {
  const receipt = (Array.isArray(success) ? success[0] : success) as Success | undefined
  if (receipt === undefined) return 'unchanged'
  return receipt.duplicate ? 'duplicate' : receipt.events.length > 0 ? 'accepted' : 'unchanged'
}

/** A command that is measured. */
export class Timing {
  readonly #begun = performance.now()
  readonly #dispatch: Durations
  readonly #answer: Durations

  constructor(dispatch: Durations, answer: Durations) {
    this.#dispatch = dispatch
    this.#answer = answer
  }

  returned(): void {
    this.#dispatch.add(performance.now() - this.#begun)
  }

  answered(): void {
    this.#answer.add(performance.now() - this.#begun)
  }
}

const sampleEvery = 17

export class CommandCounts {
  readonly units = new Tally()
  readonly #kinds: ReadonlyMap<Kind, Tally>
  readonly #dispatch = new Durations()
  readonly #answer = new Durations()
  #untilSample = 1

  /** Of these kinds: all that commands may be sent to. */
  constructor(kinds: Iterable<Kind>) {
    this.#kinds = new Map(Array.from(kinds, (kind) => [kind, new Tally()]))
  }

  /** Of a kind that was given. */
  of(kind: Kind): Tally {
    return this.#kinds.get(kind)!
  }

  /** A command begins now: what measures it, if it is one of those. */
  begin(): Timing | undefined {
    if (--this.#untilSample > 0) return undefined
    this.#untilSample = sampleEvery
    return new Timing(this.#dispatch, this.#answer)
  }

  numbers(): CommandNumbers {
    return {
      answered: Object.fromEntries(Array.from(this.#kinds, ([kind, tally]) => [kind, tally.counts])),
      units: this.units.counts,
      dispatch: this.#dispatch.stats(),
      answer: this.#answer.stats(),
    }
  }
}
