import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ranking, type Direction } from '../../../src/projections/ranking/ranking.js'
import { SortedModel } from './sorted-model.js'

/** How a ranking and its model order players. */
interface Order {
  readonly direction: Direction
  readonly tieBreak: readonly Direction[]
}

interface Change {
  readonly handle: number
  readonly score: number
  readonly subScores: readonly number[]
  readonly isRemoval: boolean
  /** How far the log goes on: 0 gives equal reach positions. */
  readonly step: number
}

const expectSame = (ranking: Ranking, model: SortedModel): void => {
  const sorted = model.sorted()
  expect(ranking.size).toBe(sorted.length)
  expect(ranking.slice(0, sorted.length + 1)).toEqual(sorted.map(({ handle }) => handle))
  // One assertion for all: an expect for each of some thousand entries takes longer than everything else.
  const found = sorted.map((_, ordinal) => {
    const handle = ranking.at(ordinal)!
    const place = ranking.ordinal(handle)
    const marks = [ranking.scoreOf(handle), ranking.reachedAtOf(handle), ranking.subScoresOf(handle)]
    return { place, handle, marks }
  })
  expect(found).toEqual(
    sorted.map(({ handle, score, reachedAt, subScores }, place) => ({
      place,
      handle,
      marks: [score, reachedAt, subScores],
    })),
  )
}

/** Sub-scores of -1, 0 and 1, so that they are equal often. */
const changes = (scores: number, handles: number, maxLength: number, order: Order) =>
  fc.array(
    fc.record({
      handle: fc.nat(handles - 1),
      score: fc.integer({ min: -scores, max: scores }),
      subScores: fc.tuple(...order.tieBreak.map(() => fc.integer({ min: -1, max: 1 }))),
      isRemoval: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
      step: fc.nat(1),
    }),
    { maxLength, minLength: Math.floor(maxLength / 2), size: 'max' },
  )

const play = (ranking: Ranking, model: SortedModel, list: readonly Change[]): void => {
  let position = 1
  for (const { handle, score, subScores, isRemoval, step } of list) {
    position += step
    if (isRemoval) {
      expect(ranking.remove(handle)).toBe(model.remove(handle))
    } else {
      ranking.set(handle, score, position, subScores)
      model.set(handle, score, position, subScores)
    }
  }
}

const orders: readonly Order[] = [
  { direction: 'desc', tieBreak: [] },
  { direction: 'asc', tieBreak: [] },
  { direction: 'desc', tieBreak: ['asc'] },
  { direction: 'asc', tieBreak: ['desc', 'asc'] },
]

describe.each(orders)('a ranking, $direction, sub-scores $tieBreak', (order) => {
  const ranked = () => [new Ranking(order), new SortedModel(order.direction, order.tieBreak)] as const

  it('stands as a sorted array does, with many equal scores and removals', () => {
    fc.assert(
      fc.property(changes(3, 40, 200, order), (list) => {
        const [ranking, model] = ranked()
        play(ranking, model, list)
        expectSame(ranking, model)
        for (let score = -4; score <= 4; score++) {
          expect(ranking.countBetter(score)).toBe(model.countUpTo(score, false))
          expect(ranking.countBetterOrEqual(score)).toBe(model.countUpTo(score, true))
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
        const [ranking, model] = ranked()
        const draws = fc.sample(changes(scores, 3000, 6000, order), { seed, numRuns: 1 })[0]!
        play(ranking, model, draws)
        const doomed = model.sorted().filter((_entry, index) => index % 7 !== 0)
        expectSame(ranking, model)
        for (const { handle } of doomed) {
          ranking.remove(handle)
          model.remove(handle)
        }
        expectSame(ranking, model)
      }),
      { numRuns: 3 },
    )
  })

  it('stands the same after it is saved and loaded at any time, and goes on from there', () => {
    fc.assert(
      fc.property(changes(5, 600, 900, order), changes(5, 600, 300, order), (before, after) => {
        const [ranking, model] = ranked()
        play(ranking, model, before)
        const loaded = new Ranking(order)
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

  it('takes -0 and 0 for one score, and for one sub-score', () => {
    const ranking = new Ranking({ tieBreak: ['desc'] })
    ranking.set(0, 0, 1, [0])
    expect(ranking.set(0, -0, 2, [-0])).toBe(false)
    ranking.set(1, -0, 3, [-0])
    expect(ranking.scoreOf(1)).toBe(0)
    expect(ranking.subScoresOf(1)).toEqual([0])
    expect(ranking.countBetter(0)).toBe(0)
    expect(ranking.countBetterOrEqual(-0)).toBe(2)
    expect(ranking.slice(0, 2)).toEqual([0, 1])
  })

  it('asks `compare` between players who reached a score at the same position', () => {
    const ids = ['zoe', 'ann']
    const ranking = new Ranking({ compare: (handle, other) => (ids[handle]! < ids[other]! ? -1 : 1) })
    ranking.set(0, 10, 1)
    ranking.set(1, 10, 1)
    expect(ranking.slice(0, 2)).toEqual([1, 0])
  })

  it('throws, and does not search for ever, where `compare` changes its mind about who comes first', () => {
    let isTurned = false
    const compare = (handle: number, other: number) => (isTurned ? other - handle : handle - other)
    const ranking = new Ranking({ compare })
    for (let handle = 0; handle < 1_000; handle++) ranking.set(handle, 10, 1)
    isTurned = true
    expect(() => ranking.remove(3)).toThrow('Player 3 is out of order.')
  })

  it('orders equals by sub-scores before who was first, and counts them as equals still', () => {
    const ranking = new Ranking({ tieBreak: ['asc', 'desc'] })
    ranking.set(0, 10, 1, [7, 0])
    ranking.set(1, 10, 2, [5, 0])
    ranking.set(2, 10, 3, [5, 9])
    ranking.set(3, 11, 4, [9, 0])
    expect(ranking.slice(0, 4)).toEqual([3, 2, 1, 0])
    expect(ranking.countBetter(10)).toBe(1)
    expect(ranking.countBetterOrEqual(10)).toBe(4)
  })

  it('takes a changed sub-score for reaching the score anew', () => {
    const ranking = new Ranking({ tieBreak: ['asc'] })
    ranking.set(0, 10, 1, [5])
    expect(ranking.set(0, 10, 2, [5])).toBe(false)
    expect(ranking.reachedAtOf(0)).toBe(1)
    expect(ranking.set(0, 10, 3, [4])).toBe(true)
    expect([ranking.reachedAtOf(0), ranking.subScoresOf(0)]).toEqual([3, [4]])
  })

  it('has no sub-scores of players who are absent, and none at all without `tieBreak`', () => {
    const ranking = new Ranking()
    ranking.set(1, 10, 1)
    expect([ranking.subScoresOf(0), ranking.subScoresOf(1), ranking.subScoresOf(2)]).toEqual([
      undefined,
      [],
      undefined,
    ])
  })

  it('refuses a score that is not finite', () => {
    expect(() => new Ranking().set(0, NaN, 1)).toThrow(TypeError)
    expect(() => new Ranking().set(0, Infinity, 1)).toThrow(/finite/)
  })

  it('refuses more or fewer sub-scores than it has directions, and such as are not finite', () => {
    expect(() => new Ranking().set(0, 1, 1, [1])).toThrow(/needs 0 finite sub-scores.*got \[1\]/)
    const ranking = new Ranking({ tieBreak: ['asc', 'desc'] })
    expect(() => ranking.set(0, 1, 1)).toThrow(/needs 2/)
    expect(() => ranking.set(0, 1, 1, [1, NaN])).toThrow(TypeError)
    expect(ranking.size).toBe(0)
    expect(() => new Ranking({ tieBreak: Array<Direction>(9).fill('asc') })).toThrow(/at most 8/)
  })
})

describe('a saved ranking', () => {
  const saved = () => {
    const ranking = new Ranking()
    for (const [handle, score] of [5, 3, 9, 3].entries()) ranking.set(handle, score, handle)
    return ranking.save()
  }
  const load = (changed: object) => () => new Ranking().load({ ...saved(), ...changed })

  it('is loaded as it is', () => {
    expect(load({})).not.toThrow()
    expect(saved().order).toEqual(Uint32Array.of(2, 0, 1, 3))
  })

  it('is refused where it is out of order, has a player twice, leaves one out, or has one without a score', () => {
    for (const order of [
      [0, 2, 1, 3],
      [2, 0, 3, 1],
      [2, 0, 1, 1],
      [2, 0, 1],
      [2, 0, 1, 4],
    ])
      expect(load({ order: Uint32Array.from(order) })).toThrow(/out of order. Rebuild it/)
  })

  it('is refused where its columns do not fit together', () => {
    expect(load({ keys: saved().keys.subarray(1) })).toThrow(/has 3 keys, 4 reach positions/)
    expect(load({ reachedAts: saved().reachedAts.subarray(1) })).toThrow(/has 4 keys, 3 reach positions/)
    expect(load({ subScores: Float64Array.of(1) })).toThrow(
      /1 sub-scores, where each player has one, one and 0/,
    )
    expect(() => new Ranking({ tieBreak: ['asc'] }).load(saved())).toThrow(/Rebuild it/)
  })
})
