import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ranking, type Direction } from '../../../src/projections/ranking/ranking.js'

interface Entry {
  readonly handle: number
  readonly score: number
  readonly reachedAt: number
}

/** The same as a Map that is sorted at every question. */
class SortedModel {
  readonly entries = new Map<number, Entry>()
  readonly #sign: number
  constructor(direction: Direction) {
    this.#sign = direction === 'desc' ? -1 : 1
  }
  set(handle: number, score: number, reachedAt: number): void {
    if (this.entries.get(handle)?.score !== score) this.entries.set(handle, { handle, score, reachedAt })
  }
  sorted(): Entry[] {
    return [...this.entries.values()].sort(
      (a, b) => this.#sign * (a.score - b.score) || a.reachedAt - b.reachedAt || a.handle - b.handle,
    )
  }
  countWhere(score: number, hasEqual: boolean): number {
    const better = (entry: Entry) => this.#sign * (entry.score - score) < 0
    return this.sorted().filter((entry) => better(entry) || (hasEqual && entry.score === score)).length
  }
}

const expectSame = (ranking: Ranking, model: SortedModel): void => {
  const sorted = model.sorted()
  expect(ranking.size).toBe(sorted.length)
  expect(ranking.slice(0, sorted.length + 1)).toEqual(sorted.map(({ handle }) => handle))
  for (const [ordinal, { handle, score, reachedAt }] of sorted.entries()) {
    expect(ranking.ordinal(handle)).toBe(ordinal)
    expect(ranking.at(ordinal)).toBe(handle)
    expect(ranking.scoreOf(handle)).toBe(score)
    expect(ranking.reachedAtOf(handle)).toBe(reachedAt)
  }
}

const changes = (scores: number, handles: number, maxLength: number) =>
  fc.array(
    fc.record({
      handle: fc.nat(handles - 1),
      score: fc.integer({ min: -scores, max: scores }),
      isRemoval: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
      step: fc.nat(1),
    }),
    { maxLength, size: 'max' },
  )

const play = (
  ranking: Ranking,
  model: SortedModel,
  list: readonly { handle: number; score: number; isRemoval: boolean; step: number }[],
) => {
  let position = 1
  for (const { handle, score, isRemoval, step } of list) {
    position += step
    if (isRemoval) {
      expect(ranking.remove(handle)).toBe(model.entries.delete(handle))
    } else {
      ranking.set(handle, score, position)
      model.set(handle, score, position)
    }
  }
}

describe.each(['desc', 'asc'] as const)('a ranking, %s', (direction) => {
  it('stands as a sorted array does, with many equal scores and removals', () => {
    fc.assert(
      fc.property(changes(3, 40, 200), (list) => {
        const ranking = new Ranking({ direction })
        const model = new SortedModel(direction)
        play(ranking, model, list)
        expectSame(ranking, model)
        for (let score = -4; score <= 4; score++) {
          expect(ranking.countBetter(score)).toBe(model.countWhere(score, false))
          expect(ranking.countBetterOrEqual(score)).toBe(model.countWhere(score, true))
        }
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    ['few scores', 5],
    ['many scores', 100_000],
  ])('cuts and joins blocks as thousands come and go: %s', (_, scores) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const ranking = new Ranking({ direction })
        const model = new SortedModel(direction)
        const draws = fc.sample(changes(scores, 3000, 6000), { seed, numRuns: 1 })[0]!
        play(ranking, model, draws)
        const doomed = model.sorted().filter((_entry, index) => index % 7 !== 0)
        expectSame(ranking, model)
        for (const { handle } of doomed) {
          ranking.remove(handle)
          model.entries.delete(handle)
        }
        expectSame(ranking, model)
      }),
      { numRuns: 3 },
    )
  })

  it('stands the same after it is saved and loaded, and goes on from there', () => {
    fc.assert(
      fc.property(changes(5, 600, 900), changes(5, 600, 300), (before, after) => {
        const ranking = new Ranking({ direction })
        const model = new SortedModel(direction)
        play(ranking, model, before)
        const loaded = new Ranking({ direction })
        loaded.load(ranking.save())
        expectSame(loaded, model)
        play(loaded, model, after)
        expectSame(loaded, model)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a ranking', () => {
  it('keeps the earlier reach position when a score does not change', () => {
    const ranking = new Ranking()
    ranking.set(0, 10, 1)
    ranking.set(1, 10, 2)
    expect(ranking.set(0, 10, 3)).toBe(false)
    expect(ranking.slice(0, 2)).toEqual([0, 1])
  })

  it('takes -0 and 0 for one score', () => {
    const ranking = new Ranking()
    ranking.set(0, 0, 1)
    expect(ranking.set(0, -0, 2)).toBe(false)
    ranking.set(1, -0, 3)
    expect(ranking.scoreOf(1)).toBe(0)
    expect(ranking.countBetter(0)).toBe(0)
    expect(ranking.countBetterOrEqual(-0)).toBe(2)
  })

  it('asks `compare` between players who reached a score at the same position', () => {
    const ids = ['zoe', 'ann']
    const ranking = new Ranking({ compare: (handle, other) => (ids[handle]! < ids[other]! ? -1 : 1) })
    ranking.set(0, 10, 1)
    ranking.set(1, 10, 1)
    expect(ranking.slice(0, 2)).toEqual([1, 0])
  })

  it('refuses a score that is not finite', () => {
    expect(() => new Ranking().set(0, NaN, 1)).toThrow(TypeError)
    expect(() => new Ranking().set(0, Infinity, 1)).toThrow(/finite/)
  })

  it('refuses to load what is out of order', () => {
    const order = Uint32Array.of(0, 1)
    expect(() => new Ranking().load({ order, marks: Float64Array.of(5, 1, 3, 2) })).toThrow(/Rebuild/)
  })
})
