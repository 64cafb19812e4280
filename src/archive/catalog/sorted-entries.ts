/** Entries of fingerprints, `low | high | value`, sorted by low: one behind the other in one array. */
import type { Fingerprint } from '../../events/fingerprint.js'

/** Numbers an entry. */
export const lanes = 3

/** The first value under a fingerprint that `isIt` confirms. O(log n). */
export const findSorted = (
  entries: Uint32Array,
  { high, low }: Fingerprint,
  isIt: (value: number) => boolean,
): number | undefined => {
  const first = firstAtLeast(entries.length / lanes, (at) => entries[lanes * at]!, low)
  for (let at = lanes * first; at < entries.length && entries[at] === low; at += lanes)
    if (entries[at + 1] === high && isIt(entries[at + 2]!)) return entries[at + 2]
  return undefined
}

/** The first of so many ascending numbers that is not below one; their count where there is none. O(log n). */
export const firstAtLeast = (count: number, numberAt: (at: number) => number, least: number): number => {
  let first = 0
  let end = count
  while (first < end) {
    const middle = (first + end) >>> 1
    if (numberAt(middle) < least) first = middle + 1
    else end = middle
  }
  return first
}
