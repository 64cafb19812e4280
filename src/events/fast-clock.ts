/** A clock that runs faster than the machine's, from the time at which it is made: for demonstrations. */
import { sleepOn, systemClock, type Clock } from './clock.js'

/** So many times as fast; `1` is the machine's own pace. @throws TypeError unless `factor` is above 0 */
export const fastClock = (factor: number): Clock => {
  if (!(factor > 0 && factor < Infinity))
    throw new TypeError(`A clock runs so many times as fast, above 0; got ${String(factor)}.`)
  const start = Date.now()
  return {
    now: () => Math.floor(start + (Date.now() - start) * factor),
    sleep: (ms, signal) => sleepOn(systemClock, ms / factor, signal),
  }
}
