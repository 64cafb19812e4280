/**
 * One life of the ledger in a simulated world: from an opening to an end, with players who send commands and a reader
 * who follows all events. What the world outside sees of it is told to `truth`.
 */
import { isLeft, map } from 'fp-ts/lib/Either.js'
import {
  CheckpointLostError,
  defineProjection,
  leaderboard,
  openLedger,
  RulesError,
  type CheckpointStore,
  type ColdStore,
  type EventEnvelope,
  type Journal,
  type Ledger,
  type Receipt,
  type ViewsOf,
} from 'gameledger'
import { tally, type TallyEvent } from '../ledger/tally-game.js'
import { actInRoom, playUnit, type ActAnswer } from './acts.js'
import { isExpected } from './expected.js'
import type { Act, Settings, Step } from './plan.js'
import type { Truth } from './truth.js'
import { Violation } from './violation.js'
import { world } from './world.js'

/** The clock of the ledger at the beginning of the world. */
const epoch = 1e12

/** What a player counts is a point. */
export const pointsOf = (event: TallyEvent): Readonly<Record<string, number>> =>
  event.type === 'Counted' ? { [event.player]: event.amount } : {}

/** So short that a life sees many of them closed, sealed and paged out. */
export const seasons = Array.from({ length: 60 }, (_, n) => ({
  name: `s${n}`,
  from: epoch + 400 * n,
  to: epoch + 400 * (n + 1),
}))

export const projections = {
  points: leaderboard({ score: pointsOf }),
  seasons: leaderboard({ score: pointsOf, window: { season: seasons }, graceMs: 100 }),
  finals: leaderboard({
    on: 'final',
    score: (_: TallyEvent, { outcome }) =>
      Object.fromEntries((outcome?.standings ?? []).map(({ player, score = 0 }) => [player, 1 + score])),
  }),
  counts: defineProjection({
    name: 'counts',
    version: 1,
    initial: { events: 0, types: {} as Record<string, number> },
    apply(model, { event }: EventEnvelope) {
      model.events++
      model.types[event.type] = (model.types[event.type] ?? 0) + 1
    },
    view: (model) => ({ get: () => structuredClone(model) }),
  }),
}

export type Simulated = Ledger<ViewsOf<typeof projections>>

/** Who follows all events of a ledger, in each of its lives. */
interface Consumer {
  follow(ledger: Simulated): Promise<void>
}

/** A consumer outside: it keeps what it has read, over all lives, and begins anew where the ledger says that it must. */
export class Reader implements Consumer {
  events: EventEnvelope[] = []

  async follow(ledger: Simulated): Promise<void> {
    for (;;)
      try {
        for await (const envelope of ledger.eventsFrom(this.events.at(-1)?.position ?? 0))
          this.events.push(envelope)
        return
      } catch (error) {
        if (error instanceof CheckpointLostError) this.events = []
        else if (!isExpected(error)) throw error
        await world.pass(20)
      }
  }
}

/** What survives a life. */
export interface Surroundings {
  readonly journal: Journal
  readonly archive: ColdStore
  readonly checkpoints: CheckpointStore
}

const positionsOf = (ledger: Simulated, game: string): number => ledger.game(tally, game).version ?? 0

export class Life {
  ledger: Simulated | undefined
  /** Why it could not be opened. */
  failure: unknown
  /** The journal has failed: the ledger must be opened again. */
  isFaulted = false
  /** Whatever broke outside an answer: a violation, or a defect of the simulator. */
  broken: unknown
  unanswered = 0
  readonly #settings: Settings
  readonly #truth: Truth

  constructor(settings: Settings, truth: Truth) {
    this.#settings = settings
    this.#truth = truth
  }

  async open(surroundings: Surroundings, consumers: readonly Consumer[]): Promise<void> {
    const { store: _, ...options } = this.#settings
    try {
      const ledger = await openLedger({
        games: [tally],
        projections,
        clock: { now: () => Math.floor(epoch + world.now - (world.chance.next() < 0.05 ? 500 : 0)) },
        chance: world.chance,
        ...options,
        ...surroundings,
      })
      ledger.events$.subscribe((envelope) =>
        this.#guard(() => this.#truth.published(envelope, this.#settings.durability)),
      )
      ledger.faults$.subscribe(({ code, message, cause }) => {
        if (code === 'journal-failed') this.isFaulted = true
        if (code === 'history-shortened') this.#truth.dropped.isForgotten = true
        // Games that are to sleep are written into a file of their own, which is given up where the disk does not take it.
        if (code === 'hibernation-failed') return
        if (code !== 'storage-full' && isFull(cause))
          this.broken ??= new Violation(`a full disk was met by a write: ${message}`, { cause })
        else if (!expectedFaults.has(code))
          this.broken ??= new Violation(`fault ${code}: ${message}`, { cause })
      })
      for (const consumer of consumers)
        void consumer.follow(ledger).catch((error: unknown) => {
          if (!this.isFaulted) this.broken ??= error
        })
      this.ledger = ledger
    } catch (cause) {
      this.failure = cause
    }
  }

  /** Does what a player does; the answer is heard whenever it comes. */
  act(step: Act): void {
    const { ledger } = this
    if (!ledger) return
    if (step.commandId !== undefined) this.#truth.sent(step.commandId)
    switch (step.type) {
      case 'command':
        return this.#hear(step, this.#dispatch(ledger, step))
      case 'unit': {
        const { units } = this.#truth
        const unit = units.sent()
        return this.#hear(
          step,
          playUnit(ledger, step, unit, (parts) => units.built(unit, parts)),
          unit,
        )
      }
      case 'room':
        return this.#hear(step, actInRoom(ledger, step))
    }
  }

  /** Rewrites the archive, until it is done or this life is over. */
  keep(step: Step & { readonly type: 'compact' | 'retain' }): void {
    const { ledger } = this
    if (!ledger) return
    if (step.type === 'retain') this.#truth.dropped.asked(epoch + world.now - step.olderThanMs)
    const { archive } = ledger
    const kept = step.type === 'compact' ? archive.compact() : archive.retain(step)
    kept.catch((error: unknown) => {
      if (!isExpected(error)) this.broken ??= error
    })
  }

  async #dispatch(
    ledger: Simulated,
    { game, command, commandId, expectLess, durability }: Step & { readonly type: 'command' },
  ): ActAnswer {
    const options = {
      ...(commandId !== undefined && { commandId }),
      ...(expectLess !== undefined && {
        expectedVersion: Math.max(0, positionsOf(ledger, game) - expectLess),
      }),
      ...(durability !== undefined && { durability }),
    }
    return map((receipt: Receipt) => [receipt])(await ledger.game(tally, game).dispatch(command, options))
  }

  #hear({ commandId, durability }: Act, answered: ActAnswer, unit?: string): void {
    const degree = durability ?? this.#settings.durability
    const refused = (): void => {
      if (unit !== undefined) this.#truth.units.refused(unit)
      if (commandId !== undefined) this.#truth.refused(commandId)
    }
    this.unanswered++
    answered.then(
      (answer) => {
        this.unanswered--
        this.#guard(() => {
          if (isLeft(answer)) {
            if (answer.left._tag !== 'Unavailable') refused()
            return
          }
          for (const receipt of answer.right) this.#truth.acknowledged(receipt, degree)
          if (unit !== undefined) this.#truth.units.acknowledged(unit, answer.right)
        })
      },
      (error: unknown) => {
        this.unanswered--
        if (error instanceof RulesError) this.#guard(refused)
        else this.broken ??= error
      },
    )
  }

  #guard(look: () => void): void {
    try {
      look()
    } catch (error) {
      this.broken ??= error
    }
  }
}

/** A full disk is to be met where space is reserved, and told as `storage-full`. */
const isFull = (cause: unknown): boolean =>
  cause instanceof Error && ((cause as NodeJS.ErrnoException).code === 'ENOSPC' || isFull(cause.cause))

/** The store and the disk are made to fail; these are how the ledger says so. */
const expectedFaults = new Set([
  'journal-failed',
  'journal-damaged',
  'archive-unavailable',
  'read-models-paused',
  'checkpoint-failed',
  'hibernation-failed',
  'storage-full',
  'storage-free',
  'history-shortened',
  'archive-upkeep-failed',
  'archive-not-cleared',
])
