/** A negative control: caches of pages that take other rows for touched than their board says. */
import type { RowRange } from '../../../src/projections/leaderboard/ties.js'
import { ViewCache } from '../../../src/projections/leaderboard/view-cache.js'

const touch = Object.getOwnPropertyDescriptor(ViewCache.prototype, 'touch')!
const honest = touch.value as (this: ViewCache<object>, range: RowRange) => void

/** Misleads every cache while `during` runs. */
export const whileMisled = async <Result>(
  mislead: (range: RowRange) => RowRange,
  during: () => Result | Promise<Result>,
): Promise<Result> => {
  Object.defineProperty(ViewCache.prototype, 'touch', {
    ...touch,
    value(this: ViewCache<object>, range: RowRange) {
      honest.call(this, mislead(range))
    },
  })
  try {
    return await during()
  } finally {
    Object.defineProperty(ViewCache.prototype, 'touch', touch)
  }
}

/** Each is wrong by one row, or never touches at all. */
export const misleadings: readonly (readonly [string, (range: RowRange) => RowRange])[] = [
  ['begins one row late', ({ from, to }) => ({ from: from + 1, to })],
  ['ends one row early', ({ from, to }) => ({ from, to: to === Infinity ? 8 : to - 1 })],
  ['is empty', () => ({ from: 0, to: 0 })],
]
