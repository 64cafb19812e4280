/** Games that wait for their batch, held against a plain array. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { WaitingGames, type WaitingGame } from '../../src/archive/waiting-games.js'

const bounds = { batchGamesMax: 4, batchBytesMax: 100 }

/** The oldest, within both bounds, one at least. */
const batchOf = (queue: readonly WaitingGame[]): readonly WaitingGame[] => {
  let count = 0
  let bytes = 0
  while (count < bounds.batchGamesMax && count < queue.length) {
    bytes += queue[count]!.bytes
    if (count > 0 && bytes > bounds.batchBytesMax) break
    count++
  }
  return queue.slice(0, count)
}

test('whatever comes and goes, batches are the oldest that wait, each game once, and sums are right', () => {
  const step = fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constant('take' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const waiting = new WaitingGames()
      let queue: WaitingGame[] = []
      let collected = 0
      for (const [at, one] of steps.entries()) {
        if (one === 'take') {
          const batch = waiting.next(bounds)
          expect(batch).toEqual(batchOf(queue))
          waiting.take(batch)
          queue = queue.slice(batch.length)
        } else {
          const game = { stream: `g/${at}`, bytes: one, since: at }
          waiting.add(game)
          queue.push(game)
          collected++
        }
        const bytes = queue.reduce((sum, game) => sum + game.bytes, 0)
        expect(waiting.count).toBe(queue.length)
        expect(waiting.bytes).toBe(bytes)
        expect(waiting.oldest).toEqual(queue[0])
        expect([waiting.collected, waiting.taken]).toEqual([collected, collected - queue.length])
        expect(waiting.isFull(bounds)).toBe(queue.length >= 4 || bytes >= 100)
      }
    }),
  )
})

/** Counts how many elements are copied by `slice`: a million that wait cost no more for each batch than a thousand. */
test('a batch of a long backlog costs what it holds, not what waits', () => {
  const waiting = new WaitingGames()
  const games = 100_000
  for (let at = 0; at < games; at++) waiting.add({ stream: `g/${at}`, bytes: 1, since: at })
  const slices = vi.spyOn(Array.prototype, 'slice')
  while (waiting.count > 0) waiting.take(waiting.next(bounds))
  const copied = slices.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0)
  slices.mockRestore()
  expect(waiting.taken).toBe(games)
  expect(copied).toBeGreaterThan(games)
  expect(copied).toBeLessThan(3 * games)
})
