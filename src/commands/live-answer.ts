/** Answers that are read from a game in memory: receipts, and why nothing was recorded. */
import type { EventEnvelope } from '../events/envelope.js'
import type { Version } from '../events/ids.js'
import type { GameCompleted, VersionConflict } from './dispatch-error.js'
import type { LiveGame } from './live-game.js'
import type { Receipt } from './receipt.js'

/** A conflict tells at most so many events: who is further behind reads the game anew. */
const sinceMax = 100

/** The receipt of what recorded these. */
export const receiptFor = (
  { kind, gameId }: LiveGame,
  envelopes: readonly EventEnvelope[],
  duplicate: boolean,
): Receipt => {
  const { version, position } = envelopes[envelopes.length - 1]!
  return { kind, gameId, version, position, events: envelopes.map(({ event }) => event), duplicate }
}

/** The receipt of what was recorded under this id before, from version `first` on. */
export const receiptAgain = (live: LiveGame, first: number, commandId: string | undefined): Receipt => {
  const envelopes: EventEnvelope[] = []
  for (const envelope of live.envelopes(first, live.version)) {
    if (envelope.commandId !== commandId) break
    envelopes.push(envelope)
  }
  return receiptFor(live, envelopes, true)
}

/** The receipt of a success without events, at a version that is published by now. */
export const emptyReceipt = (live: LiveGame, version: Version): Receipt => {
  const { kind, gameId } = live
  return { kind, gameId, version, position: live.log.positionOf(version), events: [], duplicate: false }
}

/** Nothing follows the final event. */
export const completed = (live: LiveGame): GameCompleted => {
  const version = live.version as Version
  const { kind, gameId } = live
  for (const { outcome } of live.envelopes(version, version))
    if (outcome) return { _tag: 'GameCompleted', kind, gameId, version, outcome }
  return { _tag: 'GameCompleted', kind, gameId, version }
}

/** What happened since the version that was expected. */
export const conflictOf = (live: LiveGame, expected: number): VersionConflict => {
  const actual = live.version as Version
  const { kind, gameId } = live
  const from = Math.max(expected + 1, 1)
  const since = Array.from(live.envelopes(from, Math.min(actual, expected + sinceMax)), ({ event }) => event)
  return { _tag: 'VersionConflict', kind, gameId, expected, actual, since }
}
