/**
 * One game in memory: its log as bytes, and its state, in two ages.
 *
 *     published state  <- what callers are handed: only what the journal has made safe
 *     decided state    <- what the next command is decided on: ahead of it by the commands in flight
 *
 * While nobody was ever handed the state, there is only the decided one, and events change it in place. The first
 * reading ends that: from then on each command makes a new state on a draft, and each publication moves the
 * published state along by reference. If commands are in flight at that first reading, what was published is folded
 * from the log once. Anything that throws half-way drops the state; the log is the truth, and the state is folded
 * from it again when it is next needed. So are the states of recovered games.
 */
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { EventLog } from '../events/event-log.js'
import type { GameId, Kind, PlayerId, Position, StreamId, Version } from '../events/ids.js'
import type { Ticket } from '../events/journal/journal.js'
import { roomKind } from '../events/room-event.js'
import { CommandIds } from './command-ids.js'
import { evolveInPlace, fold, foldOnDraft, isFoldableInPlace } from './fold.js'
import type { AnyGame } from './game.js'
import type { Pending } from './answer.js'

/** One list for all games without players. */
const nobody: readonly PlayerId[] = []

/**
 * A room waits, for the most part, and its state takes more than its log, in bytes, up to here: it is folded anew for the
 * next command, from some ten events at most.
 */
const foldedAnewMax = 1024

export class LiveGame {
  readonly stream: StreamId
  readonly kind: Kind
  readonly gameId: GameId
  /** The rules; `undefined` for a kind that this ledger was not given: kept as bytes, never dropped. */
  readonly game: AnyGame | undefined
  log: EventLog
  /** Decided: nothing follows. */
  isFinal = false
  publishedVersion = 0 as Version
  publishedPosition = 0 as Position
  /** The newest of what is not yet published: answers that have read its state wait for it. */
  newest: Pending | undefined
  /** Of the newest record in the journal; 0 where there was none since the ledger was opened. */
  newestTicket: Ticket = 0
  /** When a command was last decided on it, by the ledger's clock; for a recovered game its last event. */
  usedAt = 0
  /** Units of work that were handed this game and are not yet decided: it stays in memory. */
  pins = 0
  #decided: { state: unknown; isPrivate: boolean } | undefined
  #published: { readonly state: unknown; readonly version: number } | undefined
  #commandIds: CommandIds | undefined
  #players: readonly PlayerId[] | undefined

  constructor(
    stream: StreamId,
    kind: Kind,
    gameId: GameId,
    game: AnyGame | undefined,
    log: EventLog = new EventLog(),
  ) {
    this.stream = stream
    this.kind = kind
    this.gameId = gameId
    this.game = game
    this.log = log
  }

  /** The decided version. */
  get version(): number {
    return this.log.version
  }

  /** As last decided; read from the log when first asked for. */
  get players(): readonly PlayerId[] {
    return (this.#players ??= this.#playersAt(this.version))
  }

  /** As last published. O(1), but for a game with commands in flight. */
  publishedPlayers(): readonly PlayerId[] {
    return this.publishedVersion === this.version ? this.players : this.#playersAt(this.publishedVersion)
  }

  /** The decided state, where it is in memory. Not to be kept or handed out. */
  get stateInMemory(): unknown {
    return this.#decided?.state
  }

  /** The state to decide on. Not to be kept or handed out. @throws what the rules throw when the log has to be folded */
  decidedState(): unknown {
    return this.#load().state
  }

  /** Whether the next events change the state in place: then `evolve` may take them apart. */
  get isInPlace(): boolean {
    return this.game !== undefined && this.#load().isPrivate && isFoldableInPlace(this.game)
  }

  /** The state after `events`, for `keep`; throws what the rules throw. Frozen where `isChecked`. */
  evolve(events: readonly GameEvent[], isChecked: boolean): unknown {
    const decided = this.#load()
    const { game } = this
    if (!game) throw new TypeError(`The rules of ${this.kind} were not given.`)
    if (isChecked || !decided.isPrivate || !isFoldableInPlace(game)) {
      decided.isPrivate = false
      return foldOnDraft(game, decided.state, events, isChecked)
    }
    return this.#evolveInPlace(game, events)
  }

  /** What was evolved is the decided state now, with these players; nothing follows where `isFinal`. */
  keep(state: unknown, players: readonly PlayerId[], isFinal: boolean): void {
    this.#load().state = state
    this.#players = players
    this.isFinal = isFinal
  }

  /** A record of this game was published, or has failed. */
  leave(pending: Pending): void {
    if (this.newest !== pending) return
    this.newest = undefined
    if (this.kind === roomKind && this.log.byteLength <= foldedAnewMax && this.#decided?.isPrivate === true)
      this.#decided = undefined
  }

  /** The newest decided state, for a unit of work to look at: it is never changed in place any more. */
  decidedStateToHandOut(): unknown {
    const decided = this.#load()
    decided.isPrivate = false
    return decided.state
  }

  /** What a unit of work evolved on drafts is the decided state now. */
  keepDraft(state: unknown, players: readonly PlayerId[], isFinal: boolean): void {
    this.#decided = { state, isPrivate: false }
    this.#players = players
    this.isFinal = isFinal
  }

  /** The decided state may be spoilt: fold it from the log when it is next needed. */
  dropState(): void {
    this.#decided = undefined
  }

  /** What a publication needs to remember to move the published state along; `undefined` while nobody holds one. */
  stateToPublish(): { readonly state: unknown } | undefined {
    return this.#decided && !this.#decided.isPrivate ? { state: this.#decided.state } : undefined
  }

  /** All through this version is published; `after` is the state there, where it was remembered. */
  publish(version: Version, position: Position, after: { readonly state: unknown } | undefined): void {
    this.publishedVersion = version
    this.publishedPosition = position
    this.#published = after && { state: after.state, version }
  }

  /** The published state, to be handed out. O(1), but for the first reading of a game with commands in flight. */
  publishedState(): unknown {
    if (this.#published?.version === this.publishedVersion) return this.#published.state
    const decided = this.#load()
    decided.isPrivate = false
    const state =
      this.publishedVersion === this.version ? decided.state : this.#foldThrough(this.publishedVersion)
    this.#published = { state, version: this.publishedVersion }
    return state
  }

  /**
   * Puts another log of the same versions and positions in the place of its own (an erasure). Whatever was made of the old
   * one is made anew when it is next needed. Only while all of it is published.
   */
  replaceLog(log: EventLog): void {
    if (this.newest !== undefined) throw new Error(`${this.stream} has commands in flight.`)
    this.log = log
    this.#decided = undefined
    this.#published = undefined
    this.#commandIds = undefined
    this.#players = undefined
  }

  /** What the archive takes of a game that is over: the log, and the final state where it is in memory. */
  completed(): { readonly log: EventLog; readonly final?: { readonly state: unknown } } {
    return this.#decided ? { log: this.log, final: { state: this.#decided.state } } : { log: this.log }
  }

  /** `recordedAt` of its last event; 0 where there is none. O(its last record) */
  lastAt(): number {
    for (const { recordedAt } of this.envelopes(this.version, this.version)) return recordedAt
    return 0
  }

  /** The recorded command ids; built on first use. */
  get commandIds(): CommandIds {
    return (this.#commandIds ??= new CommandIds(this.log, this.kind, this.gameId))
  }

  /** Notes a recorded command id, if anybody has asked for ids before. */
  noteCommandId(commandId: string, firstVersion: number): void {
    this.#commandIds?.add(commandId, firstVersion)
  }

  /** The published events. */
  *envelopes(fromVersion = 1, toVersion: number = this.publishedVersion): Generator<EventEnvelope> {
    yield* this.log.envelopes(this.kind, this.gameId, this.game, fromVersion, toVersion)
  }

  #load(): { state: unknown; isPrivate: boolean } {
    if (!this.#decided) {
      const { game } = this
      if (!game) throw new TypeError(`The rules of ${this.kind} were not given.`)
      this.#decided = { ...fold(game, () => this.#events(this.version)) }
    }
    return this.#decided
  }

  #evolveInPlace(game: AnyGame, events: readonly GameEvent[]): unknown {
    try {
      let state = this.decidedState()
      for (const event of events) state = evolveInPlace(game, state, event)
      return state
    } catch {
      // The rules threw, or wrote into something that was never theirs. On a fresh state and a draft it shows which.
      this.dropState()
      const decided = this.#load()
      const state = foldOnDraft(game, decided.state, events, false)
      decided.isPrivate = false
      return state
    }
  }

  #playersAt(version: number): readonly PlayerId[] {
    let last = nobody
    for (const { players } of this.log.envelopes(this.kind, this.gameId, undefined, 1, version))
      last = players ?? last
    return last
  }

  #foldThrough(version: number): unknown {
    const { game } = this
    return game && fold(game, () => this.#events(version)).state
  }

  *#events(through: number): Generator<GameEvent> {
    for (const { event } of this.envelopes(1, through)) yield event
  }
}
