/**
 * Which older models of a projection are kept, so that a board of the past need not be built from the first event.
 *
 *     day  0            512       768    896  960 992 1008 .. 1020 1022 1023 now
 *          x             x         x      x    x   x   x  ...   x    x    x
 *
 * The first model that is saved on a day (of its newest event, UTC) is kept. Where there are too many, that one goes
 * whose going makes the smallest gap for its age: so the recent days stay daily, and older ones thin out to weeks and
 * months. A view of the past costs the events behind the nearest kept model, that is a bounded share of its age.
 */
import type { ModelHead } from './model-file.js'

/** A month of days is nearly whole, a year has gaps of some weeks: about as often as people ask. */
const keptMax = 32
/** Of all kept models of one projection. A board of a million players is 50 MB, so it keeps ten. */
const keptBytesMax = 512 * 1024 * 1024

const dayMs = 86_400_000

const dayOf = ({ recordedAt }: Pick<ModelHead, 'recordedAt'>): number => Math.floor(recordedAt / dayMs)

/** Whether a model is to be kept beside those that are; oldest first. */
export const isFirstOfDay = (model: Pick<ModelHead, 'recordedAt'>, kept: readonly ModelHead[]): boolean => {
  const last = kept.at(-1)
  return last === undefined || dayOf(model) > dayOf(last)
}

/** Those that have to go, of the kept ones, oldest first; the newest stays. O(kept²). */
export const thinnedOut = <Head extends ModelHead>(kept: readonly Head[]): readonly Head[] => {
  const left = [...kept]
  const out: Head[] = []
  const isTooMuch = (): boolean =>
    left.length > keptMax || left.reduce((sum, { bytes }) => sum + bytes, 0) > keptBytesMax
  while (left.length > 1 && isTooMuch()) out.push(...left.splice(leastMissed(left), 1))
  return out
}

/** The one between whose neighbours the gap is smallest for its age; the oldest has the first event before it. */
const leastMissed = (kept: readonly ModelHead[]): number => {
  const now = dayOf(kept.at(-1)!) + 1
  let least = 0
  let smallest = Infinity
  for (let at = 0; at < kept.length - 1; at++) {
    const before = at === 0 ? 2 * dayOf(kept[0]!) - dayOf(kept[1]!) : dayOf(kept[at - 1]!)
    const gap = (dayOf(kept[at + 1]!) - before) / (now - dayOf(kept[at]!))
    if (gap < smallest) [smallest, least] = [gap, at]
  }
  return least
}
