import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { FingerprintIndex } from '../../../src/archive/catalog/fingerprint-index.js'
import type { Fingerprint } from '../../../src/events/fingerprint.js'

it('agrees with a Map of lists, however often one half, or all, of a fingerprint comes', () => {
  // All in one shard, so that it settles often; few lows, so that many are equal.
  const fingerprint = fc.record({
    high: fc.integer({ min: 0, max: 3 }),
    low: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 0xffffffff })),
  })
  fc.assert(
    fc.property(fc.array(fingerprint, { minLength: 2_000, maxLength: 4_000, size: 'max' }), (added) => {
      const index = new FingerprintIndex()
      const model = new Map<string, number[]>()
      const textOf = ({ high, low }: Fingerprint) => `${high} ${low}`
      added.forEach((one, value) => {
        index.add(one, value)
        model.set(textOf(one), [...(model.get(textOf(one)) ?? []), value])
      })
      expect(index.size).toBe(added.length)
      for (const one of [...added, { high: 4, low: 7 }, { high: 0, low: 0xffffffff }])
        expect(index.candidates(one).sort((a, b) => a - b)).toEqual(model.get(textOf(one)) ?? [])
    }),
    { numRuns: 5 },
  )
})

it('takes 12 to 20 bytes an entry beyond a quarter of a million', () => {
  const index = new FingerprintIndex()
  let hash = 1
  const next = () => (hash = (Math.imul(hash, 1_664_525) + 1_013_904_223) >>> 0)
  for (let n = 1; n <= 1_000_000; n++) {
    index.add({ high: next(), low: next() }, n)
    if (n % 250_000 === 0 && n > 250_000) {
      expect(index.bytes / n).toBeLessThan(20)
      expect(index.bytes / n).toBeGreaterThanOrEqual(12)
    }
  }
})
