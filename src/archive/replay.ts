/**
 * A game step by step, from its events: live or archived, to a version, to a time, as one viewer may see it.
 *
 * Folding is done on drafts, because the events of a replay are handed out and may share parts with the state.
 * Where the rules hide something (`view`), events pass through `viewEvent`; without it operators alone get them,
 * everybody else learns from `version` how many there were.
 */
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { foldOnDraft } from '../commands/fold.js'
import type { AnyGame, Viewer } from '../commands/game.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { streamIdOf, type StreamId, type Version } from '../events/ids.js'
import { isOfLedger } from './state-hash.js'

/** How far, and for whom. */
export interface ReplayOptions {
  /** The last version to include. @default the last one there is */
  readonly toVersion?: number
  /** Events recorded later than this, in milliseconds since 1970, are left out. @default none */
  readonly toTime?: number
  /** Who is looking. @default nobody: everything is shown, as it is */
  readonly viewer?: Viewer
}

/** The state after one version. */
export interface ReplayedState<State = unknown> {
  readonly version: Version
  readonly state: State
}

/** A game as it stood at `version`. */
export interface Replay<State = unknown, Event extends GameEvent = GameEvent> {
  readonly version: Version
  /** The state after the last event included, through `view` where a viewer was named. */
  readonly state: State
  /** True where the last event included ended the game. */
  readonly final: boolean
  /** The events included, through `viewEvent` where a viewer was named; none where they are hidden. */
  readonly events: readonly EventEnvelope<Event>[]
  /** The states one by one: before the first event, then after each. Costs a draft an event. */
  states(): Generator<ReplayedState<State>, void, undefined>
}

/** Why a game cannot be replayed. */
export type ReplayError =
  | { readonly _tag: 'NotFound'; readonly stream: StreamId }
  /** A repair of the journal set the game aside; what is left of it is in the folder `quarantine`. */
  | { readonly _tag: 'Quarantined'; readonly stream: StreamId }
  /** The rules cannot apply this event: they throw. */
  | {
      readonly _tag: 'UnknownEvent'
      readonly stream: StreamId
      readonly type: string
      readonly version: Version
      readonly cause: unknown
    }
  | {
      readonly _tag: 'SchemaTooNew'
      readonly stream: StreamId
      readonly type: string
      readonly found: number
      readonly known: number
    }

/**
 * Replays events that were decoded with the shape of `game`: all of one game, from version 1.
 * O(events); nothing is kept but the events included and the state.
 */
export const replayOf = (
  game: AnyGame,
  envelopes: readonly EventEnvelope[],
  options: ReplayOptions = {},
): Either<ReplayError, Replay> => {
  const first = envelopes[0]
  if (!first) return left({ _tag: 'NotFound', stream: streamIdOf(game.kind, '') })
  const included = includedOf(envelopes, options)
  const folded = foldAll(game, streamIdOf(first.kind, first.gameId), included)
  if (isLeft(folded)) return folded
  const last = included[included.length - 1]
  const { viewer } = options
  return right({
    version: (last?.version ?? 0) as Version,
    state: seenBy(game, folded.right, viewer),
    final: last?.final ?? false,
    events: eventsSeenBy(game, included, viewer),
    states: () => statesOf(game, included, viewer),
  })
}

const includedOf = (
  envelopes: readonly EventEnvelope[],
  { toVersion = Infinity, toTime = Infinity }: ReplayOptions,
): readonly EventEnvelope[] => {
  const end = envelopes.findIndex(({ version, recordedAt }) => version > toVersion || recordedAt > toTime)
  return end < 0 ? envelopes : envelopes.slice(0, end)
}

const foldAll = (
  game: AnyGame,
  stream: StreamId,
  envelopes: readonly EventEnvelope[],
): Either<ReplayError, unknown> => {
  let state: unknown = game.initialState
  for (const { event, version } of envelopes) {
    if (isOfLedger(event)) continue
    try {
      state = foldOnDraft(game, state, [event], false)
    } catch (cause) {
      return left({ _tag: 'UnknownEvent', stream, type: event.type, version, cause })
    }
  }
  return right(state)
}

function* statesOf(
  game: AnyGame,
  envelopes: readonly EventEnvelope[],
  viewer: Viewer | undefined,
): Generator<ReplayedState, void, undefined> {
  let state: unknown = game.initialState
  yield { version: 0 as Version, state: seenBy(game, state, viewer) }
  for (const { event, version } of envelopes) {
    if (!isOfLedger(event)) state = foldOnDraft(game, state, [event], false)
    yield { version, state: seenBy(game, state, viewer) }
  }
}

const seenBy = (game: AnyGame, state: unknown, viewer: Viewer | undefined): unknown =>
  viewer && game.view ? game.view(state, viewer) : state

const eventsSeenBy = (
  game: AnyGame,
  envelopes: readonly EventEnvelope[],
  viewer: Viewer | undefined,
): readonly EventEnvelope[] => {
  if (!viewer) return envelopes
  if (!game.viewEvent) return game.view && viewer.as !== 'operator' ? [] : envelopes
  const seen: EventEnvelope[] = []
  for (const envelope of envelopes) {
    const event: unknown = isOfLedger(envelope.event)
      ? envelope.event
      : game.viewEvent(envelope.event, viewer)
    if (event !== undefined) seen.push({ ...envelope, event: event as GameEvent })
  }
  return seen
}
