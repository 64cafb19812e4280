/** How many turns of the event loop work in stretches leaves to others. */
import { afterEach, expect, test } from 'vitest'
import { BackgroundSlice, TimeSlice } from '../../src/events/time-slice.js'

let isBusy = false
afterEach(() => {
  isBusy = false
})

/** Others have so much to do in every turn, until the test ends. */
const keepBusy = (ms: number): void => {
  isBusy = true
  const turn = (): void => {
    const until = performance.now() + ms
    while (performance.now() < until);
    if (isBusy) setImmediate(turn)
  }
  setImmediate(turn)
}

test('a stretch is followed by one turn for others, however much they do', async () => {
  const slice = new TimeSlice(0)
  keepBusy(3)
  for (let stretch = 1; stretch <= 5; stretch++) {
    await slice.next()
    expect(slice.turns).toBe(stretch)
  }
})

test('in the background it is followed by several, where others are busy, and goes on all the same', async () => {
  const slice = new BackgroundSlice(0)
  keepBusy(3)
  // The first turn may begin before theirs.
  await slice.next()
  const before = slice.turns
  for (let stretch = 1; stretch <= 5; stretch++) {
    await slice.next()
    expect(slice.turns - before).toBe(8 * stretch)
  }
})

test('in the background it goes on at the next turn, where nobody is busy', async () => {
  const slice = new BackgroundSlice(0)
  let alone = 0
  for (let stretch = 0; stretch < 50; stretch++) {
    const before = slice.turns
    await slice.next()
    if (slice.turns - before === 1) alone++
  }
  // Some other program may take the processor for a moment.
  expect(alone).toBeGreaterThan(25)
})
