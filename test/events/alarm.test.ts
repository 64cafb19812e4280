/** An alarm rings once, at the time that was set last, and never before. */
import { systemClock, type Clock } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Alarm } from '../../src/events/alarm.js'
import { fastClock } from '../../src/events/fast-clock.js'

describe('on a clock that tells', () => {
  test('it rings when the clock gets there', () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(30)
    clock.advance(19)
    expect(rung).toEqual([])
    clock.advance(1)
    expect(rung).toEqual([30])
    expect(clock.next).toBeUndefined()
  })

  test('what was set before no longer rings', () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(30)
    alarm.set(50)
    clock.set(40)
    expect(rung).toEqual([])
    alarm.set(Infinity)
    clock.set(60)
    expect(rung).toEqual([])
    expect(clock.next).toBeUndefined()
  })

  test('it rings in a turn of its own where the time is past', async () => {
    const clock = manualClock(10)
    const rung: number[] = []
    const alarm = new Alarm(clock, () => rung.push(clock.now()))
    alarm.set(5)
    expect(rung).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    expect(rung).toEqual([10])
  })
})

describe("on the machine's clock", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('a month passes in one piece for who waits, and no timer is too long for Node', async () => {
    const month = 31 * 86_400_000
    let rung = 0
    const alarm = new Alarm(systemClock, () => rung++)
    alarm.set(Date.now() + month)
    await vi.advanceTimersByTimeAsync(month - 1)
    expect(rung).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(rung).toBe(1)
  })

  test('a clock that was set forward is noticed within a minute', async () => {
    let ahead = 0
    const clock: Clock = { now: () => Date.now() + ahead }
    let rung = 0
    new Alarm(clock, () => rung++).set(clock.now() + 86_400_000)
    await vi.advanceTimersByTimeAsync(1_000)
    ahead = 86_400_000
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rung).toBe(1)
  })

  test('a fast clock rings in its own time', async () => {
    const clock = fastClock(100)
    let rung = 0
    new Alarm(clock, () => rung++).set(clock.now() + 1_000_000)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(rung).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(rung).toBe(1)
  })
})
