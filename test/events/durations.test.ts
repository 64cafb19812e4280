/** Percentiles from a histogram are those of the sorted durations, at most a quarter too high, in fixed room. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Durations } from '../../src/events/durations.js'

const durations = fc.array(fc.double({ min: 0.001, max: 90_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
})

const statsOf = (all: readonly number[]) => {
  const measured = new Durations()
  for (const ms of all) measured.add(ms)
  return measured.stats()
}

/** The one that so great a share of them do not exceed. */
const exact = (all: readonly number[], share: number): number =>
  all.toSorted((one, other) => one - other)[Math.ceil(all.length * share) - 1]!

test('percentiles are never too low, and at most 29 % too high', () => {
  fc.assert(
    fc.property(durations, (all) => {
      const { p50Ms, p99Ms, maxMs, count, sumMs } = statsOf(all)
      for (const [told, share] of [
        [p50Ms, 0.5],
        [p99Ms, 0.99],
      ] as const) {
        expect(told).toBeGreaterThanOrEqual(exact(all, share))
        // From 5 to 6.3 and from 1.25 to 1.6 are the widest steps of the series.
        expect(told).toBeLessThanOrEqual(exact(all, share) * 1.29)
      }
      expect({ count, maxMs }).toEqual({ count: all.length, maxMs: Math.max(...all) })
      expect(sumMs).toBeCloseTo(all.reduce((sum, ms) => sum + ms, 0))
    }),
  )
})

test('the coarse edges count exactly what was at most so long', () => {
  fc.assert(
    fc.property(durations, (all) => {
      const { atMost } = statsOf(all)
      expect(atMost.map(({ ms }) => ms).slice(0, 7)).toEqual([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1])
      for (const { ms, count } of atMost) expect(count).toBe(all.filter((one) => one <= ms).length)
    }),
  )
})

test('nothing measured is 0, and what is longer than the last edge is told by the longest', () => {
  expect(new Durations().stats()).toMatchObject({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 })
  expect(statsOf([200_000, 300_000])).toMatchObject({ p50Ms: 300_000, p99Ms: 300_000 })
  expect(statsOf([0])).toMatchObject({ count: 1, p50Ms: 0 })
})
