/** Positions that were published and taken back by a crash are never given to other events. */
import { expect, test } from 'vitest'
import { isLost, withGap } from '../../src/events/lost-gap.js'

test('a gap begins behind what was kept, and is as long as what may have been published', () => {
  expect(withGap([], 50, 60, 100)).toEqual([{ after: 50, through: 160 }])
  expect(withGap([], 50, 0, 100)).toEqual([{ after: 50, through: 150 }])
})

test('where nothing is at risk there is no gap', () => {
  expect(withGap([], 50, 60, 0)).toEqual([])
})

test('a crash before anything new was kept makes the last gap longer, others are added', () => {
  const once = withGap([], 50, 60, 100)
  expect(withGap(once, 50, 170, 100)).toEqual([{ after: 50, through: 270 }])
  expect(withGap(once, 50, 60, 100)).toEqual([{ after: 50, through: 260 }])
  expect(withGap(once, 161, 161, 100)).toEqual([...once, { after: 161, through: 261 }])
})

test('what was kept is not lost, what was taken back is', () => {
  const gaps = [{ after: 50, through: 160 }]
  expect([50, 51, 160, 161].map((position) => isLost(gaps, position))).toEqual([false, true, true, false])
})
