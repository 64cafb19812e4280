/**
 * A clock that runs faster, so that a demonstration tells of half an hour in half a minute.
 *
 *     an hour ago ----(so many times as fast)----> now ----> goes on as the machine's
 *
 * It begins in the past and never passes the machine's clock: what it recorded is never of the future, whoever opens the
 * ledger next.
 */
import { systemClock, type Clock } from '../../index.js'

const headStartMs = 3_600_000

export const fastClock = (speed: number): Clock => {
  if (speed === 1) return systemClock
  const begun = systemClock.now()
  return {
    now() {
      const now = systemClock.now()
      return Math.min(now, Math.floor(begun - headStartMs + (now - begun) * speed))
    },
  }
}
