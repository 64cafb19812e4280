/**
 * What a viewer may see of a game: its state through `view`, its events through `viewEvent`. A game that hides states and
 * says nothing of events shows events to operators alone. The ledger's own events (`$closed`) hide nothing.
 */
import type { AnyGame, Viewer } from '../commands/game.js'
import type { EventEnvelope, GameEvent } from '../events/envelope.js'
import { isOfLedger } from '../events/ledger-event.js'

/** The state as this viewer may see it; as it is where nobody is named. */
export const stateSeenBy = (game: AnyGame, state: unknown, viewer: Viewer | undefined): unknown =>
  viewer && game.view ? game.view(state, viewer) : state

/** The event as this viewer may see it; `undefined` where it is hidden. */
export const eventSeenBy = (
  game: AnyGame,
  envelope: EventEnvelope,
  viewer: Viewer | undefined,
): EventEnvelope | undefined => {
  if (!viewer || isOfLedger(envelope.event)) return envelope
  if (!game.viewEvent) return game.view && viewer.as !== 'operator' ? undefined : envelope
  const event: unknown = game.viewEvent(envelope.event, viewer)
  return event === undefined ? undefined : { ...envelope, event: event as GameEvent }
}
