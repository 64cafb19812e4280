/**
 * The ledger as one would write it on a napkin: a map from game to its events, and nothing else.
 *
 * It predicts every answer of the real one, down to positions: commands are decided in the order in which they are
 * dispatched, whatever waits for a disk meanwhile. States are folded from the events each time, on deep copies.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { AnyGame, GameCommand, GameEvent, GameResult } from 'gameledger'

export interface ReferenceEvent {
  readonly version: number
  readonly position: number
  readonly event: GameEvent
  readonly commandId: string | undefined
  readonly final: boolean
  readonly outcome: GameResult | undefined
}

/** What the real ledger is to answer. */
export type Expected =
  | {
      readonly _tag: 'Accepted'
      readonly version: number
      readonly position: number
      readonly events: readonly GameEvent[]
      readonly duplicate: boolean
    }
  | { readonly _tag: 'Rejected'; readonly reason: string }
  | { readonly _tag: 'GameCompleted'; readonly version: number }
  | { readonly _tag: 'VersionConflict'; readonly actual: number; readonly since: readonly GameEvent[] }
  | { readonly _tag: 'RulesError' }

/** Folds on deep copies: slow, and nothing can be shared. */
export const referenceFold = (game: AnyGame, events: readonly GameEvent[]): unknown => {
  let state: unknown = structuredClone(game.initialState as unknown)
  for (const event of events) {
    const draft = structuredClone(state)
    const returned = game.evolve(draft, structuredClone(event)) as unknown
    state = returned === undefined ? draft : structuredClone(returned)
  }
  return state
}

export class ReferenceLedger {
  readonly games = new Map<string, ReferenceEvent[]>()
  readonly definitions = new Map<string, AnyGame>()
  position = 0

  log(stream: string): readonly ReferenceEvent[] {
    return this.games.get(stream) ?? []
  }

  stateOf(game: AnyGame, stream: string, toVersion = Infinity): unknown {
    return referenceFold(
      game,
      this.log(stream).flatMap(({ version, event }) => (version <= toVersion ? [event] : [])),
    )
  }

  isOver(stream: string): boolean {
    return this.log(stream).at(-1)?.final === true
  }

  /** Decides the command, and takes it over where it is accepted. */
  dispatch(
    game: AnyGame,
    gameId: string,
    command: GameCommand,
    { commandId, expectedVersion }: { commandId?: string; expectedVersion?: number },
  ): Expected {
    const stream = `${game.kind}/${gameId}`
    const log = this.log(stream)
    const before = log.filter((one) => commandId !== undefined && one.commandId === commandId)
    if (before.length > 0) return accepted(before, true)
    const version = log.length
    if (this.isOver(stream)) return { _tag: 'GameCompleted', version }
    if (expectedVersion !== undefined && expectedVersion !== version)
      return {
        _tag: 'VersionConflict',
        actual: version,
        since: log.slice(expectedVersion).map(({ event }) => event),
      }
    try {
      const state = this.stateOf(game, stream)
      const decision = game.decide(command, state, { now: 1, random: () => 0.5, version })
      if (isLeft(decision)) {
        const refusal = decision.left
        return { _tag: 'Rejected', reason: typeof refusal === 'string' ? refusal : refusal.reason }
      }
      const events = decision.right as readonly GameEvent[]
      if (events.length === 0)
        return {
          _tag: 'Accepted',
          version,
          position: log.at(-1)?.position ?? 0,
          events: [],
          duplicate: false,
        }
      return this.#record(game, stream, events, commandId)
    } catch {
      return { _tag: 'RulesError' }
    }
  }

  #record(
    game: AnyGame,
    stream: string,
    events: readonly GameEvent[],
    commandId: string | undefined,
  ): Expected {
    const log = this.log(stream)
    const after = referenceFold(game, [...log.map(({ event }) => event), ...events])
    const isFinal = game.isTerminal(after)
    const added = events.map((event, index) => {
      const final = isFinal && index === events.length - 1
      return {
        version: log.length + index + 1,
        position: this.position + index + 1,
        event: structuredClone(event),
        commandId,
        final,
        outcome: final ? game.result?.(after) : undefined,
      }
    })
    this.position += events.length
    this.games.set(stream, [...log, ...added])
    this.definitions.set(stream, game)
    return accepted(added, false)
  }
}

const accepted = (recorded: readonly ReferenceEvent[], duplicate: boolean): Expected => {
  const { version, position } = recorded.at(-1)!
  return { _tag: 'Accepted', version, position, events: recorded.map(({ event }) => event), duplicate }
}
