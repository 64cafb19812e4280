/**
 * A game as it was played, at its own pace times a factor: for spectators.
 *
 *     events   1     2  3           4 (a night later)      5 ...
 *     steps    0 1   2 3     4                   5 ...         factor 2, pauses of at most `maxPauseMs`
 *
 * A pause is the time between two events, divided by the factor, counted from when the step before was given: a reader that
 * takes its time sees the game later, never faster. Where it stands at the newest event of a game that goes on, it waits
 * for the next one. It keeps the log as bytes and one state, makes one draft an event, and sets no timer but the one of
 * the pause it is in. What a viewer may not see is in no step.
 */
import { foldOnDraft } from '../commands/fold.js'
import type { AnyGame, Viewer } from '../commands/game.js'
import { sleepOn, type Clock } from '../events/clock.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import type { Version } from '../events/ids.js'
import { foldLog, UnknownEventError } from './fold-log.js'
import type { GameEvents } from './replay.js'
import { eventSeenBy, stateSeenBy } from './viewing.js'

export interface PlaybackOptions {
  /** Who is looking. @default a spectator */
  readonly viewer?: Viewer
  /** How much faster than it was played; `Infinity` makes no pauses. @default 1 */
  readonly factor?: number
  /** The version to begin with; `Infinity` begins with the newest one. @default 0, the state before the first event */
  readonly from?: number
  /** No pause takes longer, in milliseconds; at most a day. @default 5 000 */
  readonly maxPauseMs?: number
  /** Whether to wait for what happens next in a game that goes on; else it ends with the newest event. @default true */
  readonly follow?: boolean
  /** Ends it, at any moment. */
  readonly signal?: AbortSignal
}

/** The game after one of its versions, as the viewer may see it. */
export interface PlaybackStep<View = unknown, Event extends GameEvent = GameEvent> {
  readonly version: Version
  /** What happened; absent at version 0, and where it is hidden. */
  readonly event?: EventEnvelope<Event>
  /** What `view` gives; the state, where the game has no `view`. */
  readonly view: View
  /** True for the last step of a game that is over. */
  readonly final: boolean
}

/** Where a playback finds its game. */
export interface PlaybackPorts {
  /** The game as it stands now; `undefined` before its first event. */
  readonly find: () => Promise<GameEvents | undefined>
  /** Resolves to true when the game has, or may have, a later version; to false when nothing follows, or the signal was given. */
  readonly hasNext: (version: Version, signal: AbortSignal | undefined) => Promise<boolean>
  readonly clock: Clock
}

const maxPauseMsDefault = 5_000
const dayMs = 86_400_000

/** Checks the options of a playback. @throws TypeError that says what was got */
export const checkPlayback = (options: PlaybackOptions): PlaybackOptions => {
  const { factor = 1, from = 0, maxPauseMs = 0 } = options
  if (typeof factor !== 'number' || !(factor > 0))
    throw new TypeError(`factor is a number above 0; got ${String(factor)}.`)
  if (from !== Infinity && (!Number.isSafeInteger(from) || from < 0))
    throw new TypeError(`from is a version from 0, or Infinity; got ${String(from)}.`)
  if (typeof maxPauseMs !== 'number' || !(maxPauseMs >= 0 && maxPauseMs <= dayMs))
    throw new TypeError(
      `maxPauseMs is a number of milliseconds from 0 to ${dayMs}; got ${String(maxPauseMs)}.`,
    )
  return options
}

/**
 * Plays a game back. Ends with its final event, with `follow: false` at the newest one, or with the signal.
 * @throws UnknownEventError, and what finding and reading the game throws
 */
export async function* playback(
  game: AnyGame,
  { find, hasNext, clock }: PlaybackPorts,
  options: PlaybackOptions,
): AsyncGenerator<PlaybackStep, void, undefined> {
  const { viewer = { as: 'spectator' }, from = 0, follow = true, signal } = options
  const isOver = (): boolean => signal?.aborted === true
  let log = await find()
  const begun = await foldLog(game, () => throughVersion(log, from))
  let { state, last } = begun
  const step = (): PlaybackStep => {
    const event = last && eventSeenBy(game, last, viewer)
    const [version, final] = [last?.version ?? (0 as Version), last?.final ?? false]
    return { version, ...(event && { event }), view: stateSeenBy(game, state, viewer), final }
  }
  if (isOver()) return
  let givenAt = clock.now()
  yield step()
  while (last?.final !== true) {
    for (const envelope of after(log, last)) {
      const pauseMs = pauseBetween(last, envelope, options) - Math.max(0, clock.now() - givenAt)
      if (pauseMs > 0) await sleepOn(clock, pauseMs, signal)
      if (isOver()) return
      state = applied(game, state, envelope)
      last = envelope
      givenAt = clock.now()
      yield step()
      if (isOver()) return
    }
    if (last?.final === true || !follow) return
    if (!(await hasNext(last?.version ?? (0 as Version), signal))) return
    log = await find()
    // There was to be more, and there is not: the game has been taken away.
    if (isEmpty(after(log, last))) return
  }
}

function* throughVersion(log: GameEvents | undefined, version: number): Generator<EventEnvelope, void> {
  for (const envelope of log?.envelopes() ?? []) {
    if (envelope.version > version) return
    yield envelope
  }
}

const after = (log: GameEvents | undefined, last: EventEnvelope | undefined): Iterable<EventEnvelope> =>
  log?.envelopes((last?.version ?? 0) + 1) ?? []

const isEmpty = (envelopes: Iterable<EventEnvelope>): boolean =>
  envelopes[Symbol.iterator]().next().done === true

/** By the times at which it really happened, where both tell them. */
const pauseBetween = (
  last: EventEnvelope | undefined,
  next: EventEnvelope,
  { factor = 1, maxPauseMs = maxPauseMsDefault }: PlaybackOptions,
): number => {
  if (!last) return 0
  const isTold = last.occurredAt !== undefined && next.occurredAt !== undefined
  const playedMs = isTold ? next.occurredAt - last.occurredAt : next.recordedAt - last.recordedAt
  return Math.min(Math.max(0, playedMs) / factor, maxPauseMs)
}

const applied = (game: AnyGame, state: unknown, envelope: EventEnvelope): unknown => {
  try {
    return foldOnDraft(game, state, [envelope.event], false)
  } catch (cause) {
    throw new UnknownEventError(envelope, cause)
  }
}
