/** A disk that is far too slow: what waits is bounded, the surplus is told so, and play goes on when it is quick again. */
import { expect, test } from 'vitest'
import { deluges, floodSlowDisk, passed, unbounded } from './slow-disk.js'

test.each(deluges.slice(0, 2))('50 000 commands a second meet $bound', async (deluge) => {
  const seen = await floodSlowDisk(deluge, 4_000)
  expect(passed(deluge, seen)).toEqual([])
  expect(seen.others).toEqual([])
  expect(seen.overloaded[deluge.bound]).toBeGreaterThan(0)
})

test('control: a ledger without bounds passes them', async () => {
  const seen = await floodSlowDisk(unbounded, 1_500)
  expect(passed(unbounded, seen)).not.toEqual([])
})
