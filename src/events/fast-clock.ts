/** A clock that runs faster than the machine's, from the time at which it is made: for demonstrations. */
import { sleepOn, systemClock, type Clock } from './clock.js'

/**
 * So many times as fast; `1` is the machine's own pace. It shows `start` when it is made, in ms since 1970: one that lies
 * in the past keeps what it tells from being of the future. @throws TypeError unless `factor` is above 0
 */
export const fastClock = (factor: number, start = Date.now()): Clock => {
  if (!(factor > 0 && factor < Infinity))
    throw new TypeError(`A clock runs so many times as fast, above 0; got ${String(factor)}.`)
  const begun = Date.now()
  return {
    now: () => Math.floor(start + (Date.now() - begun) * factor),
    sleep: (ms, signal) => sleepOn(systemClock, ms / factor, signal),
  }
}
