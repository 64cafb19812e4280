/** An alarm rings once, at the time that was set last, and never before. */
import { fastClock, systemClock, type Clock } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { Alarm } from '../../src/events/alarm.js'

/** Long enough for who slept to be told. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('on a clock that tells', () => {
  test('it rings when the clock gets there', async () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(30)
    clock.advance(19)
    await turn()
    expect(rung).toEqual([])
    clock.advance(1)
    await turn()
    expect(rung).toEqual([30])
    expect(clock.next).toBeUndefined()
  })

  test('what was set before no longer rings', async () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(30)
    alarm.set(50)
    clock.set(40)
    await turn()
    expect(rung).toEqual([])
    alarm.set(Infinity)
    clock.set(60)
    await turn()
    expect(rung).toEqual([])
    expect(clock.next).toBeUndefined()
  })

  test('it rings in a turn of its own where the time is past', async () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(5)
    expect(rung).toEqual([])
    await turn()
    expect(rung).toEqual([10])
  })
})

test('a month passes in minutes for who waits, so that no timer is too long for Node and a clock that is set is noticed', async () => {
  const manual = manualClock()
  const slept: number[] = []
  let ahead = 0
  const clock: Clock = {
    now: () => manual.now() + ahead,
    sleep: (ms, signal) => {
      slept.push(ms)
      return manual.sleep(ms, signal)
    },
  }
  const month = 31 * 86_400_000
  let rung = 0
  new Alarm(clock, () => rung++).set(clock.now() + month)
  for (let minutes = 0; minutes < 3; minutes++) {
    manual.advance(60_000)
    await turn()
  }
  expect(slept).toEqual([60_000, 60_000, 60_000, 60_000])
  expect(rung).toBe(0)
  ahead = month
  manual.advance(60_000)
  await turn()
  expect(rung).toBe(1)
})

test.each([
  ['the machine', systemClock],
  ['a fast clock', fastClock(100)],
])('it rings by the time of %s', async (_, clock) => {
  const at = clock.now() + 30
  const rungAt = await new Promise<number>((resolve) => new Alarm(clock, () => resolve(clock.now())).set(at))
  expect(rungAt).toBeGreaterThanOrEqual(at)
})

test('a clock runs so many times as fast', async () => {
  const clock = fastClock(1_000)
  const [before, machine] = [clock.now(), Date.now()]
  await clock.sleep!(5_000)
  expect(clock.now() - before).toBeGreaterThan(100 * (Date.now() - machine))
  expect(() => fastClock(0)).toThrow(TypeError)
})
