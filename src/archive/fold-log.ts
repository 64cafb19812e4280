/** Folds the events of a game that were read back, and says which of them the rules do not take. */
import type { AnyGame } from '../commands/game.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { streamIdOf, type StreamId, type Version } from '../events/ids.js'
import { TimeSlice } from '../events/time-slice.js'
import { foldInSlices } from './state-hash.js'

/** The rules of a game throw at one of its events: these are not the rules that it was played by. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError'
  readonly code = 'unknown-event'
  readonly stream: StreamId
  readonly type: string
  readonly version: Version

  constructor({ kind, gameId, event, version }: EventEnvelope, cause: unknown) {
    super(
      `The rules cannot apply ${event.type} at version ${version} of ${kind}/${gameId}: ${String(cause)}. ` +
        'Use the rules it was played by.',
      { cause },
    )
    this.stream = streamIdOf(kind, gameId)
    this.type = event.type
    this.version = version
  }
}

/** A state, and the event that made it; none for the initial state. */
export interface FoldedLog {
  readonly state: unknown
  readonly last: EventEnvelope | undefined
}

/**
 * Folds in slices of some milliseconds, in place where that is possible: `envelopes` gives events that nobody else holds,
 * and may be asked for them twice.
 * @throws UnknownEventError, and as it is what reading the events throws
 */
export const foldLog = async (
  game: AnyGame,
  envelopes: () => Iterable<EventEnvelope>,
): Promise<FoldedLog> => {
  const place: { applied?: EventEnvelope | undefined; last?: EventEnvelope | undefined } = {}
  function* events(): Generator<GameEvent, void, undefined> {
    place.applied = place.last = undefined
    for (const envelope of envelopes()) {
      place.applied = place.last = envelope
      yield envelope.event
      // From here on it is reading that may throw, not the rules.
      place.applied = undefined
    }
  }
  try {
    const state = await foldInSlices(game, events, new TimeSlice())
    return { state, last: place.last }
  } catch (cause) {
    throw place.applied ? new UnknownEventError(place.applied, cause) : cause
  }
}
