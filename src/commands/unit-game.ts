/**
 * A game as one unit of work sees it: the newest decided state, and on top of it what the unit has decided so far.
 *
 *     live game   v1 .. v7 | v8 v9    the unit's own, on drafts: nobody else sees them
 *
 * Nothing of the game itself is changed before `commit`, so a unit that falls leaves no trace.
 */
import type { PlacedLater } from '../events/codec.js'
import type { GameEvent } from '../events/envelope.js'
import type { GameId, Kind, PlayerId, StreamId } from '../events/ids.js'
import type { Accepted, DecidedGame } from './decision.js'
import { foldOnDraft } from './fold.js'
import type { AnyGame } from './game.js'
import { GamePart } from './game-part.js'
import type { LiveGame } from './live-game.js'

/** Folding so few events anew costs less than staying on drafts for the rest of the game. */
const refoldEventsMax = 64

export class UnitGame implements DecidedGame {
  readonly isInPlace = false
  readonly live: LiveGame
  readonly #game: AnyGame
  readonly #envelopes: PlacedLater[] = []
  #lines = ''
  #state: { readonly value: unknown } | undefined
  #players: readonly PlayerId[]
  #isFinal: boolean

  constructor(live: LiveGame, game: AnyGame) {
    this.live = live
    this.#game = game
    this.#players = live.players
    this.#isFinal = live.isFinal
  }

  get stream(): StreamId {
    return this.live.stream
  }
  get kind(): Kind {
    return this.live.kind
  }
  get gameId(): GameId {
    return this.live.gameId
  }
  get version(): number {
    return this.live.version + this.#envelopes.length
  }
  get players(): readonly PlayerId[] {
    return this.#players
  }
  get isFinal(): boolean {
    return this.#isFinal
  }
  get hasEvents(): boolean {
    return this.#envelopes.length > 0
  }

  decidedState(): unknown {
    return this.#state ? this.#state.value : this.live.decidedState()
  }

  /** The same, for the unit to look at: it is never changed in place any more. */
  stateToHandOut(): unknown {
    // What the unit made on drafts shares parts with it.
    const before = this.live.decidedStateToHandOut()
    return this.#state ? this.#state.value : before
  }

  evolve(events: readonly GameEvent[], isChecked: boolean): unknown {
    return foldOnDraft(this.#game, this.decidedState(), events, isChecked)
  }

  /** On drafts nothing can be spoilt. */
  dropState(): void {}

  /** One command of the unit was accepted. */
  keep({ envelopes, lines, state, players, isFinal }: Accepted): void {
    this.#envelopes.push(...envelopes)
    this.#lines += lines
    this.#state = { value: state }
    this.#players = players
    this.#isFinal = isFinal
  }

  /** The whole unit stands: the game is at the unit's state. `commandId` is recorded with the events. */
  commit(commandId: string | undefined): GamePart {
    const { live } = this
    const record = live.log.append(this.#lines, this.#envelopes.length)
    live.keepDraft(this.#state!.value, this.#players, this.#isFinal)
    if (commandId !== undefined) live.noteCommandId(commandId, record.firstVersion)
    const part = new GamePart(live, record, this.#envelopes)
    // Nobody was handed this state: folded anew from a short log it is private, and the next events change it in place.
    if (live.version <= refoldEventsMax) live.dropState()
    return part
  }

  /** What the unit recorded here, for its receipt. */
  get envelopes(): readonly PlacedLater[] {
    return this.#envelopes
  }
}
