import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rate } from '../../src/archive/rate.js'

describe('a rate', () => {
  it('is the mean of what was added in the last sixty seconds', () => {
    const steps = fc.array(fc.record({ passed: fc.nat(90_000), count: fc.nat(500) }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (list) => {
        const rate = new Rate()
        const added: { readonly second: number; readonly count: number }[] = []
        let now = 1_763_900_000_000
        for (const { passed, count } of list) {
          now += passed
          rate.add(count, now)
          added.push({ second: Math.floor(now / 1_000), count })
          const newest = Math.floor(now / 1_000)
          const sum = added.reduce((total, each) => total + (newest - each.second < 60 ? each.count : 0), 0)
          expect(rate.perSecond(now)).toBeCloseTo(sum / 60)
        }
        expect(rate.perSecond(now + 60_000)).toBe(0)
      }),
    )
  })

  it('does not go back with the clock', () => {
    const rate = new Rate()
    rate.add(60, 100_000)
    rate.add(60, 50_000)
    expect(rate.perSecond(100_000)).toBe(2)
  })
})
