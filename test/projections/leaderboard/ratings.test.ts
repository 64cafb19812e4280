/** Boards of ratings: Elo, Glicko-2, and ratings of one's own. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elo } from '../../../src/projections/leaderboard/elo.js'
import { glicko2 } from '../../../src/projections/leaderboard/glicko2.js'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import { clockAt, envelopeAt, resultOf } from '../envelopes.js'

const allOf = (view: LeaderboardView) => view.page(0, 1000)

const erased = 'erased:7'

describe('elo', () => {
  const rated = (...results: readonly ReturnType<typeof resultOf>[]) => {
    const board = leaderboard({ operator: elo() }).start({ clock: clockAt() })
    for (const [index, outcome] of results.entries())
      board.apply(envelopeAt(index + 1, { final: true, outcome }))
    return board.view
  }

  it('moves two equals by half of k, and nobody in a draw', () => {
    expect(
      rated(resultOf(['ann'], ['bob']))
        .top()
        .map(({ score }) => score),
    ).toEqual([1510, 1490])
    expect(
      rated(resultOf(['ann', 'bob']))
        .top()
        .map(({ score }) => score),
    ).toEqual([1500, 1500])
  })

  it('takes the expected score from the difference of ratings', () => {
    const view = rated(resultOf(['ann'], ['bob']), resultOf(['bob'], ['ann']))
    const gain = 20 * (1 - 1 / (1 + 10 ** (20 / 400)))
    expect(view.scoreOf('bob')).toBeCloseTo(1490 + gain, 10)
  })

  it('makes no points, however many play and whoever ties', () => {
    const places = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(places, { maxLength: 20 }), (games) => {
        const view = rated(
          ...games.map((list) => ({
            standings: list.map((place, index) => ({ player: `p${index}`, place })),
          })),
        )
        const rows = allOf(view)
        expect(rows.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1500 * rows.length, 6)
      }),
      { numRuns: 50 },
    )
  })

  it('hears final events alone, and passes over games without an outcome', () => {
    expect(leaderboard({ operator: elo() }).on).toBe('final')
    const board = leaderboard({ operator: elo() }).start({ clock: clockAt() })
    board.apply(envelopeAt(1, { final: true }))
    expect(board.view.count).toBe(0)
  })

  it('is one rating of many: any function of ratings and result is an operator', () => {
    const board = leaderboard({
      operator: (ratings, { standings }) =>
        new Map(standings.map(({ player, place }) => [player, (ratings.get(player) ?? 0) + 10 / place])),
    }).start({ clock: clockAt() })
    board.apply(envelopeAt(1, { final: true, outcome: resultOf(['ann'], ['bob']) }))
    board.apply(envelopeAt(2, { final: true, outcome: resultOf(['ann'], ['bob']) }))
    expect(board.view.top().map(({ player, score }) => [player, score])).toEqual([
      ['ann', 20],
      ['bob', 10],
    ])
  })
})

describe('glicko2', () => {
  it("comes to the numbers of Glickman's worked example", () => {
    const ratings = new Map([
      ['player', [1500, 200, 0.06]],
      ['first', [1400, 30, 0.06]],
      ['second', [1550, 100, 0.06]],
      ['third', [1700, 300, 0.06]],
    ])
    const result = resultOf(['second'], ['third'], ['player'], ['first'])
    const [rating, deviation, volatility] = glicko2({ tau: 0.5 }).rate(ratings, result).get('player')!
    expect(rating).toBeCloseTo(1464.06, 1)
    expect(deviation).toBeCloseTo(151.52, 2)
    expect(volatility).toBeCloseTo(0.05999, 4)
  })

  it('raises the volatility of who surprises', () => {
    const steady = new Map([
      ['ann', [1500, 50, 0.06]],
      ['bob', [2300, 50, 0.06]],
    ])
    const ann = glicko2({ tau: 1.2 })
      .rate(steady, resultOf(['ann'], ['bob']))
      .get('ann')!
    expect(ann[2]).toBeGreaterThan(0.06)
    // Some 800 points below: whoever wins that has improved by far more than their deviation.
    const upset = new Map([
      ['ann', [1500, 10, 0.3]],
      ['bob', [2300, 10, 0.3]],
    ])
    expect(
      glicko2()
        .rate(upset, resultOf(['ann'], ['bob']))
        .get('ann')!
        .every(Number.isFinite),
    ).toBe(true)
  })

  it('is sure of who plays much, shows how sure, and keeps it over a saved board', () => {
    const start = () => leaderboard({ operator: glicko2() }).start({ clock: clockAt() })
    const games = [resultOf(['ann'], ['bob']), resultOf(['ann'], ['cid']), resultOf(['bob'], ['ann'])]
    const envelopes = games.map((outcome, index) => envelopeAt(index + 1, { final: true, outcome }))
    const live = start()
    for (const envelope of envelopes) live.apply(envelope)
    const loaded = start()
    const half = start()
    for (const envelope of envelopes.slice(0, 2)) half.apply(envelope)
    loaded.load(half.save())
    loaded.apply(envelopes[2]!)
    expect(allOf(loaded.view)).toEqual(allOf(live.view))
    const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((player) =>
      allOf(live.view).find((row) => row.player === player)!,
    )
    expect(ann!.deviation).toBeLessThan(bob!.deviation!)
    expect(bob!.deviation).toBeLessThan(cid!.deviation!)
    expect(cid!.deviation).toBeLessThan(350)
  })

  it('leaves who plays alone as they were', () => {
    expect(
      glicko2()
        .rate(new Map(), resultOf(['ann']))
        .get('ann'),
    ).toEqual([1500, 350, 0.06])
  })

  it('gives finite numbers, whatever is played', () => {
    const places = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 })
    const tau = fc.double({ min: 0.1, max: 2, noNaN: true })
    fc.assert(
      fc.property(fc.array(places, { maxLength: 40, size: 'max' }), tau, (games, by) => {
        const system = glicko2({ tau: by })
        let ratings: ReadonlyMap<string, readonly number[]> = new Map()
        for (const list of games)
          ratings = system.rate(ratings, {
            standings: list.map((place, index) => ({ player: `p${index}`, place })),
          })
        expect([...ratings.values()].flat().every((number) => Number.isFinite(number))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('goes on though an expected score rounds to 1', () => {
    const apart = new Map([
      ['ann', [20_000, 30, 0.06]],
      ['bob', [0, 30, 0.06]],
    ])
    for (const result of [resultOf(['ann'], ['bob']), resultOf(['bob'], ['ann'])])
      expect([...glicko2().rate(apart, result).values()].flat().every(Number.isFinite)).toBe(true)
  })

  it('refuses options that are no numbers above 0', () => {
    expect(() => glicko2({ tau: 0 })).toThrow(/tau of glicko2/)
    expect(() => glicko2({ deviation: NaN })).toThrow(/deviation of glicko2/)
  })
})

describe('a rating of any sort', () => {
  it.each([
    ['elo', elo()],
    ['glicko2', glicko2()],
  ])('rates by %s against an erased player, who is never shown', (_, operator) => {
    const withName = (name: string) => {
      const board = leaderboard({ operator }).start({ clock: clockAt() })
      board.apply(envelopeAt(1, { final: true, outcome: resultOf([name], ['bob']) }))
      board.apply(envelopeAt(2, { final: true, outcome: resultOf(['ann'], [name]) }))
      return board.view
    }
    const view = withName(erased)
    expect(view.scoreOf('ann')).toBe(withName('zoe').scoreOf('ann'))
    expect(view.count).toBe(2)
    expect(allOf(view).map(({ player, rank }) => [player, rank])).toEqual([
      ['ann', 1],
      ['bob', 2],
    ])
    expect([
      view.rankOf(erased),
      view.scoreOf(erased),
      view.percentile(erased),
      view.cursorOf(erased),
    ]).toEqual([undefined, undefined, undefined, undefined])
    expect([...view.around(erased, 3), ...view.among([erased])]).toEqual([])
  })

  it('starts who was removed anew', () => {
    const outcome = resultOf(['ann'], ['bob'])
    const board = leaderboard({
      operator: glicko2(),
      remove: ({ type }) => (type === 'Left' ? ['ann'] : []),
    }).start({ clock: clockAt() })
    board.apply(envelopeAt(1, { final: true, outcome }))
    const first = board.view.among(['ann'])[0]!
    board.apply(envelopeAt(2, { final: true, event: { type: 'Left' }, outcome }))
    expect(board.view.count).toBe(1)
    board.apply(envelopeAt(3, { final: true, outcome: resultOf(['ann']) }))
    expect(board.view.among(['ann'])[0]).toMatchObject({ score: 1500, deviation: 350, games: 1, attempts: 1 })
    expect(first.score).toBeGreaterThan(1500)
  })

  it('keeps as many finite numbers as it says', () => {
    const broken = leaderboard({
      operator: { keeps: ['mu', 'sigma'], rate: () => new Map([['ann', [25]]]) },
    }).start({ clock: clockAt() })
    expect(() => broken.apply(envelopeAt(1, { final: true, outcome: resultOf(['ann']) }))).toThrow(
      /gave \[25\] for player ann; give 2/,
    )
    // @ts-expect-error a rating of several numbers names them
    expect(() => leaderboard({ operator: { rate: () => new Map() } })).toThrow(/`keeps`/)
    const names = Array.from({ length: 9 }, (_, index) => `n${index}`)
    expect(() => leaderboard({ operator: { keeps: names, rate: () => new Map() } })).toThrow(/1 to 8/)
  })
})
