/**
 * A real ledger beside the reference one: every step is done to both, and every answer is compared.
 *
 * What is seen meanwhile (events in publish order, faults, the state of each game at its end) is kept over openings.
 */
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import {
  defineProjection,
  leaderboard,
  openLedger,
  RulesError,
  type EventEnvelope,
  type Fault,
  type Journal,
  type Ledger,
  type LedgerOptions,
  type ViewsOf,
} from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { expect } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { ReferenceLedger, type Expected } from './reference-ledger.js'
import { commandOf, definitionOf, type Draw, type Step } from './table-of-games.js'
import { tally } from './tally-game.js'

export const projections = {
  points: leaderboard({
    score: (event: { type: string; player?: string; amount?: number }) =>
      event.type === 'Counted' ? { [event.player!]: event.amount! } : {},
  }),
  wins: leaderboard({
    kinds: ['tic-tac-toe'],
    score: (event: { type: string; player?: string }) => (event.type === 'Won' ? { [event.player!]: 1 } : {}),
  }),
  counts: defineProjection({
    name: 'counts',
    version: 1,
    initial: { events: 0, lastPosition: 0, types: {} as Record<string, number> },
    apply(model, { event, position }: EventEnvelope) {
      model.events++
      model.lastPosition = position
      model.types[event.type] = (model.types[event.type] ?? 0) + 1
    },
    view: (model) => ({ get: () => structuredClone(model) }),
  }),
}

export type Tested = Ledger<ViewsOf<typeof projections>>

/** What every opening shares; without `journal` and `archive` a directory must be given. */
export type Surroundings = Omit<LedgerOptions<typeof projections>, 'games' | 'projections'>

export class TestedLedger {
  readonly reference = new ReferenceLedger()
  readonly published: EventEnvelope[] = []
  readonly faults: Fault[] = []
  /** The published state of each game when its final event was published. */
  readonly lastStates = new Map<string, unknown>()
  readonly clock = manualClock()
  ledger!: Tested
  readonly #surroundings: Surroundings
  /** The bytes of the journal, to be compared. */
  readonly #bytesOfJournal: () => Promise<string>

  constructor(surroundings: Surroundings, bytesOfJournal: () => Promise<string>) {
    this.#surroundings = surroundings
    this.#bytesOfJournal = bytesOfJournal
  }

  async open(): Promise<void> {
    this.ledger = await openLedger({
      games: [ticTacToe, tally],
      projections,
      clock: this.clock,
      chance: { next: () => 0.5 },
      ...this.#surroundings,
    })
    this.ledger.faults$.subscribe((fault) => this.faults.push(fault))
    this.ledger.events$.subscribe((envelope) => {
      this.published.push(envelope)
      if (!envelope.final) return
      const { state } = this.ledger.game(definitionOf(envelope.kind as Draw['kind']), envelope.gameId)
      this.lastStates.set(`${envelope.kind}/${envelope.gameId}`, structuredClone(state))
    })
  }

  async reopen(): Promise<void> {
    await this.ledger.close()
    await this.open()
  }

  async take(step: Step): Promise<void> {
    this.clock.advance(3)
    switch (step.type) {
      case 'commands':
        await Promise.all(step.draws.map((draw) => this.#dispatch(draw)))
        break
      case 'reopen':
        await this.reopen()
        break
      case 'settle':
        await this.ledger.settled()
        break
      case 'refuse':
        await this.#refuse(step.draw)
        break
      case 'replay':
        await this.#replay(step.kind, step.game, step.toVersion)
        break
      case 'follow':
        await this.#follow(step.checkpoint)
        break
      case 'look':
        await this.#look(step.kind, step.game)
        break
    }
  }

  async #dispatch(draw: Draw): Promise<void> {
    const game = definitionOf(draw.kind)
    const gameId = `g${draw.game}`
    const stream = `${draw.kind}/${gameId}`
    const { reference } = this
    const command = commandOf(draw, reference.stateOf(game, stream), reference.isOver(stream))
    const version = reference.log(stream).length
    const options = {
      ...(draw.commandId !== undefined && { commandId: draw.commandId }),
      ...(draw.expect !== undefined && {
        expectedVersion: draw.expect === 'right' ? version : Math.max(0, version - 1 - (draw.choice % 3)),
      }),
    }
    const expected = reference.dispatch(game, gameId, command, options)
    const answer = this.ledger.game(game, gameId).dispatch(command, options)
    expect(await shown(answer)).toEqual(expected)
  }

  /** A wish of somebody who never sits at the table: refused, whatever the game. */
  async #refuse({ kind, game }: Draw): Promise<void> {
    await this.ledger.settled()
    const before = await this.#bytesOfJournal()
    const { position } = this.ledger.stats()
    const handle = this.ledger.game(definitionOf(kind), `g${game}`)
    const command = { type: kind === 'tally' ? 'Count' : 'Mark', player: 'nobody', amounts: [], cell: 0 }
    expect(isLeft(await handle.dispatch(command, { commandId: 'refused' }))).toBe(true)
    await this.ledger.settled()
    expect(await this.#bytesOfJournal()).toBe(before)
    expect(this.ledger.stats().position).toBe(position)
  }

  async #replay(kind: Draw['kind'], game: number, toVersion: number): Promise<void> {
    const definition = definitionOf(kind)
    const stream = `${kind}/g${game}`
    const replay = await this.ledger.replay(definition, `g${game}`, { toVersion })
    const log = this.reference.log(stream).slice(0, toVersion)
    if (this.reference.log(stream).length === 0) expect(replay).toMatchObject({ left: { _tag: 'NotFound' } })
    else {
      if (!isRight(replay)) throw new Error(JSON.stringify(replay))
      expect(replay.right.version).toBe(log.length)
      expect(replay.right.events.map(({ event }) => event)).toEqual(log.map(({ event }) => event))
      expect(replay.right.state).toEqual(this.reference.stateOf(definition, stream, toVersion))
    }
  }

  async #follow(asked: number): Promise<void> {
    const checkpoint = Math.min(asked, this.reference.position)
    expect(await this.eventsAfter(checkpoint)).toEqual(this.published.slice(checkpoint))
  }

  async #look(kind: Draw['kind'], game: number): Promise<void> {
    const definition = definitionOf(kind)
    const stream = `${kind}/g${game}`
    const state = this.reference.stateOf(definition, stream)
    const handle = this.ledger.game(definition, `g${game}`)
    if (handle.state !== undefined) expect(handle.state).toEqual(state)
    const version = this.reference.log(stream).length
    expect(await handle.load()).toMatchObject({
      right: { state, version, final: this.reference.isOver(stream) },
    })
  }

  /** All published events after a position, as a reader gets them. */
  async eventsAfter(checkpoint: number): Promise<EventEnvelope[]> {
    const events: EventEnvelope[] = []
    const head = this.reference.position
    if (checkpoint === head) return events
    for await (const envelope of this.ledger.eventsFrom(checkpoint)) {
      events.push(envelope)
      if (envelope.position >= head) break
    }
    return events
  }
}

/** An answer in the words of the reference. */
const shown = async (answer: ReturnType<ReturnType<Tested['game']>['dispatch']>): Promise<Expected> => {
  try {
    const settled = await answer
    if (isRight(settled)) {
      const { version, position, events, duplicate } = settled.right
      return { _tag: 'Accepted', version, position, events, duplicate }
    }
    const error = settled.left
    if (error._tag === 'Rejected') return { _tag: 'Rejected', reason: error.reason }
    if (error._tag === 'GameCompleted') return { _tag: 'GameCompleted', version: error.version }
    if (error._tag === 'VersionConflict')
      return { _tag: 'VersionConflict', actual: error.actual, since: error.since }
    throw new Error(`unexpected: ${JSON.stringify(error)}`)
  } catch (cause) {
    if (cause instanceof RulesError) return { _tag: 'RulesError' }
    throw cause
  }
}

/** A journal that can be read from outside while a ledger has it. */
export const readableJournal = (journal: Journal): { journal: Journal; bytes: () => Promise<string> } => {
  let opened: Awaited<ReturnType<Journal['open']>> | undefined
  return {
    journal: { ...journal, open: async (...given) => (opened = await journal.open(...given)) },
    bytes: async () => {
      const shownRecords: string[] = []
      for await (const record of opened!.read({
        after: 0 as never,
        through: Number.MAX_SAFE_INTEGER as never,
      }))
        shownRecords.push(
          `${record.stream} ${record.firstVersion} ${record.firstPosition} ${record.bytes.toString('utf8', record.start, record.end)}`,
        )
      return shownRecords.join('')
    },
  }
}
