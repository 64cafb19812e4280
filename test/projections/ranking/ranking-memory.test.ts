import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ranking } from '../../../src/projections/ranking/ranking.js'

describe('the memory of a ranking', () => {
  /** What its TSDoc promises. */
  const bytesMax = (handles: number) => 50 * handles + 8192

  /** Changes by the thousand: new players, new scores for those there are, or removals. */
  const phases = fc.array(
    fc.record({
      kind: fc.constantFrom('arrive', 'change', 'remove'),
      scores: fc.constantFrom(1, 2, 50, 1e9),
      count: fc.integer({ min: 500, max: 4000 }),
      seed: fc.integer({ min: 1, max: 2 ** 31 }),
    }),
    { minLength: 3, maxLength: 8 },
  )

  it('stays within 50 bytes for each handle, at any time and after whatever was done', () => {
    fc.assert(
      fc.property(phases, (list) => {
        const ranking = new Ranking()
        let handles = 0
        let position = 0
        let most = 0
        for (const { kind, scores, count, seed } of list) {
          let state = seed
          const draw = (below: number) => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % below
          for (let nth = 0; nth < count; nth++) {
            const handle = kind === 'arrive' || handles === 0 ? handles++ : draw(handles)
            if (kind === 'remove') ranking.remove(handle)
            else ranking.set(handle, draw(scores), ++position)
            most = Math.max(most, ranking.bytes - bytesMax(handles))
          }
        }
        expect(most).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  // With blocks that are joined only where both together have a quarter of what one can hold, it does not.
  it('stays there, too, where rows of players are thinned out evenly and come back elsewhere', () => {
    const ranking = new Ranking()
    const players = 20_000
    for (let round = 1; round <= 6; round++) {
      for (let handle = 0; handle < players; handle++)
        if (ranking.scoreOf(handle) === undefined)
          ranking.set(handle, round * 1e6 + ((handle * 7919) % 1e6), 1)
      expect(ranking.bytes).toBeLessThan(bytesMax(players))
      const newest = ranking.slice(0, ranking.countBetterOrEqual(round * 1e6))
      for (const [nth, handle] of newest.entries()) if (nth % 4 !== 0) ranking.remove(handle)
    }
  })
})
