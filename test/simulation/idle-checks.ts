/** The policy of `idleCloseMs`: what ended by it was idle, and nothing that is idle is left when the ledger has come to rest. */
import type { EventEnvelope } from 'gameledger'
import { demand } from './violation.js'

/** The clock of the ledger leaps back by so much now and then: also between the look at a game and its end. */
const leapMs = 500

/** So long after the last command all is over: what could not be read when it came of age is tried again after a minute. */
export const allIdleAfterMs = 65_000

/** Of a ledger at rest: all its events. */
export const checkIdle = (events: readonly EventEnvelope[], idleCloseMs: number | undefined): void => {
  const last = new Map<string, EventEnvelope>()
  for (const envelope of events) {
    const { kind, gameId, event, commandId, recordedAt } = envelope
    const stream = `${kind}/${gameId}`
    const before = last.get(stream)
    last.set(stream, envelope)
    const isIdle = commandId?.startsWith('idle/') === true
    demand(event.type !== '$closed' || isIdle, () => `${stream} was closed, and by nobody`)
    if (!isIdle) continue
    demand(idleCloseMs !== undefined, () => `${stream} ended for being idle, which it may be`)
    const idleMs = recordedAt - before!.recordedAt
    demand(idleMs >= idleCloseMs! - leapMs, () => `${stream} ended after ${idleMs} ms`)
  }
  if (idleCloseMs === undefined) return
  for (const [stream, { final, event }] of last)
    demand(final, () => `${stream} goes on for ever, after ${event.type}`)
}
