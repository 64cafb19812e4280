/**
 * Searches among rising keys. They are written with branches on purpose: a processor goes on past a branch that it only
 * guesses, and so has begun the next load of memory before the last one came; without branches each load waits for the
 * one before, which was a fifth slower at a million players.
 */

/** The first of the rising keys in [from, to) that is not below `key`; `to` where there is none. */
export const lowest = (keys: Float64Array, from: number, to: number, key: number): number => {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** `lowest`, beginning at a guess: most are off by less than a cache line, where a search by halves waits for three. */
export const lowestNear = (
  keys: Float64Array,
  from: number,
  to: number,
  key: number,
  guess: number,
): number => {
  if (!(guess >= from && guess < to)) return lowest(keys, from, to, key)
  let low = Math.trunc(guess)
  let high = low
  if (keys[low]! < key) {
    for (let step = 4; ; step *= 2) {
      low = high + 1
      high = low + step
      if (high >= to) return lowest(keys, low, to, key)
      if (keys[high]! >= key) return lowest(keys, low, high, key)
    }
  }
  for (let step = 4; ; step *= 2) {
    high = low
    low = high - step
    if (low <= from) return lowest(keys, from, high, key)
    if (keys[low]! < key) return lowest(keys, low + 1, high, key)
  }
}

/** The first that is above `key`; `to` where there is none. */
export const lowestAbove = (keys: Float64Array, from: number, to: number, key: number): number => {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! <= key) low = middle + 1
    else high = middle
  }
  return low
}
