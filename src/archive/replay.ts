/**
 * A game step by step, from its events: live or archived, to a version, to a time, as one viewer may see it.
 *
 *     log (bytes) --decode--> fold in place, once      --> state, and its hash beside the recorded one
 *                 --decode--> `events`, when asked for --> through `viewEvent`
 *                 --decode--> `states()`, step by step --> a draft an event, through `view`
 *
 * A replay keeps the bytes of the log and one state. What is handed out is decoded anew each time, so a game of 100 000
 * events costs no more than its bytes until somebody asks for all of its events. Folding is done in slices: a long game
 * is no stretch of the event loop.
 */
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { foldOnDraft } from '../commands/fold.js'
import type { AnyGame, Viewer } from '../commands/game.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import type { StreamId, Version } from '../events/ids.js'
import { foldLog, UnknownEventError } from './fold-log.js'
import { hashToCompare, stateHashOf, type RecordedState } from './state-hash.js'
import { eventSeenBy, stateSeenBy } from './viewing.js'

/** How far, and for whom. */
export interface ReplayOptions {
  /** The last version to include, a whole number from 0. @default the last one there is */
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

/**
 * The final state beside the one that was recorded when the game was archived, by its hash. They can be compared where
 * a completed game was replayed to its end by rules of the same `schema` and the same `rules` number. `'different'`: the
 * rules have changed without a new number, or the archive is damaged.
 */
export type StateComparison = 'equal' | 'different' | 'not-comparable'

/** A game as it stood at `version`. */
export interface Replay<State = unknown, Event extends GameEvent = GameEvent> {
  readonly version: Version
  /** The state after the last event included, through `view` where a viewer was named. */
  readonly state: State
  /** True where the last event included ended the game. */
  readonly final: boolean
  /** Whether the final state is the one that was recorded. */
  readonly hash: StateComparison
  /**
   * The events included, through `viewEvent` where a viewer was named; none where they are hidden. Decoded when first
   * asked for, and kept from then on: some 250 bytes an event.
   */
  readonly events: readonly EventEnvelope<Event>[]
  /**
   * The states one by one: before the first event, then after each. Lazy: it decodes an event and makes a draft a step,
   * and keeps no state but the last one.
   */
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

/** The events of one game, wherever it is, as they stood when it was found. */
export interface GameEvents {
  readonly stream: StreamId
  /** Decodes the events from a version on, in the shape of today, anew at each call: nobody else holds them. */
  envelopes(fromVersion?: number): Iterable<EventEnvelope>
  /** What was recorded of its final state, where it is archived. */
  readonly recorded?: RecordedState
}

/**
 * Replays a game by its rules. O(events), in slices of some milliseconds.
 * @throws what reading the events throws; TypeError (rejects) where an option is none
 */
export const replayOf = async (
  game: AnyGame,
  log: GameEvents,
  options: ReplayOptions = {},
): Promise<Either<ReplayError, Replay>> => {
  const included = includedIn(log, checked(options))
  try {
    const { state, last } = await foldLog(game, included)
    const final = last?.final ?? false
    const version = last?.version ?? (0 as Version)
    const hash = final ? comparisonOf(game, state, log.recorded) : 'not-comparable'
    return right(handedOut(game, { version, final, hash }, state, included, options.viewer))
  } catch (error) {
    if (!(error instanceof UnknownEventError)) throw error
    const { stream, type, version, cause } = error
    return left({ _tag: 'UnknownEvent', stream, type, version, cause })
  }
}

const checked = (options: ReplayOptions): ReplayOptions => {
  const { toVersion, toTime } = options
  const isVersion = toVersion === Infinity || Number.isSafeInteger(toVersion ?? 0)
  if (!isVersion || (toVersion ?? 0) < 0)
    throw new TypeError(`toVersion is a whole number from 0; got ${String(toVersion)}.`)
  if (toTime !== undefined && (typeof toTime !== 'number' || Number.isNaN(toTime)))
    throw new TypeError(`toTime is a time in milliseconds since 1970; got ${String(toTime)}.`)
  return options
}

type Included = () => Generator<EventEnvelope, void, undefined>

const includedIn = (log: GameEvents, { toVersion = Infinity, toTime = Infinity }: ReplayOptions): Included =>
  function* () {
    for (const envelope of log.envelopes()) {
      if (envelope.version > toVersion || envelope.recordedAt > toTime) return
      yield envelope
    }
  }

const comparisonOf = (
  game: AnyGame,
  state: unknown,
  recorded: RecordedState | undefined,
): StateComparison => {
  const wanted = hashToCompare(game, recorded)
  if (wanted === undefined) return 'not-comparable'
  return stateHashOf(state) === wanted ? 'equal' : 'different'
}

const handedOut = (
  game: AnyGame,
  end: Pick<Replay, 'version' | 'final' | 'hash'>,
  state: unknown,
  included: Included,
  viewer: Viewer | undefined,
): Replay => {
  let events: readonly EventEnvelope[] | undefined
  return {
    ...end,
    state: stateSeenBy(game, state, viewer),
    get events() {
      return (events ??= [...seenOf(game, included(), viewer)])
    },
    states: () => statesOf(game, included(), viewer),
  }
}

function* seenOf(
  game: AnyGame,
  envelopes: Iterable<EventEnvelope>,
  viewer: Viewer | undefined,
): Generator<EventEnvelope, void, undefined> {
  for (const envelope of envelopes) {
    const seen = eventSeenBy(game, envelope, viewer)
    if (seen) yield seen
  }
}

function* statesOf(
  game: AnyGame,
  envelopes: Iterable<EventEnvelope>,
  viewer: Viewer | undefined,
): Generator<ReplayedState, void, undefined> {
  let state: unknown = game.initialState
  yield { version: 0 as Version, state: stateSeenBy(game, state, viewer) }
  for (const { event, version } of envelopes) {
    state = foldOnDraft(game, state, [event], false)
    yield { version, state: stateSeenBy(game, state, viewer) }
  }
}
