import { describe, expect, it } from 'vitest'
import { ViewCache } from '../../../src/projections/leaderboard/view-cache.js'
import { clockAt } from '../envelopes.js'

const cacheOf = (pagesMax?: number, clock = clockAt(0)) => {
  let rendered = 0
  const cache = new ViewCache<{ n: number }>(pagesMax === undefined ? { clock } : { clock, pagesMax })
  return {
    cache,
    clock,
    read: (from: number, length: number) => cache.read(from, length, undefined, () => ({ n: ++rendered })).n,
  }
}

describe('the cache of pages', () => {
  it('drops the pages that a change touches, and no others', () => {
    const { cache, read } = cacheOf()
    const pages = [read(0, 10), read(10, 10), read(20, 10), read(5, 10)]
    cache.touch({ from: 10, to: 11 })
    expect([read(0, 10), read(20, 10)]).toEqual([pages[0], pages[2]])
    expect([read(10, 10), read(5, 10)]).toEqual([5, 6])
    cache.touch({ from: 15, to: Infinity })
    expect([read(0, 10), read(5, 10)]).toEqual([1, 6])
    expect([read(10, 10), read(20, 10)]).toEqual([7, 8])
  })

  it('holds no more pages than it may, and forgets the extents of those that fell out', () => {
    const { cache, read } = cacheOf(3)
    for (let page = 0; page < 100; page++) read(page * 10, 10)
    expect(cache.stats).toEqual({ hits: 0, misses: 100, pages: 3 })
    expect(read(990, 10)).toBe(100)
    cache.touch({ from: 0, to: Infinity })
    expect(cache.isIdle).toBe(true)
    expect(read(990, 10)).toBe(101)
  })

  it('refuses bounds that are none', () => {
    expect(() => new ViewCache({ clock: clockAt(), ttlMs: 0 })).toThrow(/ttlMs/)
    expect(() => new ViewCache({ clock: clockAt(), pagesMax: 1.5 })).toThrow(/pagesMax/)
  })
})
