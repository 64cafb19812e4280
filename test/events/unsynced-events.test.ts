/** What a crash could take back is never counted too low, and nothing is left when all is on the disk. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnsyncedEvents } from '../../src/events/unsynced-events.js'

const step = fc.oneof(
  fc.record({ append: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ sync: fc.double({ min: 0, max: 1, noNaN: true }) }),
)

test('the count is an upper bound of what is not synced, and no more than what two epochs hold', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const unsynced = new UnsyncedEvents()
      const counts: number[] = []
      let synced = 0
      for (const each of steps) {
        if ('append' in each) unsynced.add(counts.push(each.append), each.append, 10 * each.append)
        else {
          synced += Math.floor(each.sync * (counts.length - synced))
          if (synced > 0) unsynced.synced(synced)
        }
        const really = counts.slice(synced).reduce((sum, count) => sum + count, 0)
        expect(unsynced.count).toBeGreaterThanOrEqual(really)
        expect(unsynced.bytes).toBe(10 * unsynced.count)
      }
      if (counts.length > 0) unsynced.synced(counts.length)
      expect(unsynced.count).toBe(0)
      expect(unsynced.bytes).toBe(0)
    }),
  )
})
