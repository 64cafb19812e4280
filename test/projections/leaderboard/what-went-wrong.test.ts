/**
 * What leaderboards elsewhere got wrong, one test each: failures that were reported of Nakama, and those of the first
 * system of the game that this ledger was made for. Failures of windows of time (irregular resets, ends that coincide
 * with resets, week = month = day) are named in test/projections/windows/.
 */
import { accept, defineGame, leaderboard, openLedger } from 'gameledger'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScoreBoardOptions } from '../../../src/projections/leaderboard/leaderboard-options.js'
import type { LeaderboardView } from '../../../src/projections/leaderboard/leaderboard-view.js'
import { Ranking } from '../../../src/projections/ranking/ranking.js'
import { clockAt, leaversOf, leftAt, scoredAt, scoresOf, type Left, type Scored } from '../envelopes.js'

const start = (options: Partial<ScoreBoardOptions<Scored | Left>> = {}) =>
  leaderboard<Scored | Left>({ score: scoresOf, remove: leaversOf, ...options }).start({ clock: clockAt() })

/** p00, p01, ... with these scores, in this order. */
const boardOf = (scores: readonly number[], options: Partial<ScoreBoardOptions<Scored | Left>> = {}) => {
  const board = start(options)
  for (const [index, score] of scores.entries()) board.apply(scoredAt(index + 1, { [nameOf(index)]: score }))
  return board
}

const nameOf = (index: number): string => `p${String(index).padStart(2, '0')}`
const namesOf = (rows: readonly { readonly player: string }[]): string[] => rows.map(({ player }) => player)
const all = (view: LeaderboardView) => view.page(0, 1000)

const manyTies = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 })

describe('elsewhere (Nakama)', () => {
  it('two players had one rank though their scores differed', () => {
    fc.assert(
      fc.property(manyTies, (scores) => {
        const ordinal = all(boardOf(scores, { ties: 'ordinal' }).view)
        expect(ordinal.map(({ rank }) => rank)).toEqual(scores.map((_, index) => index + 1))
        const competition = all(boardOf(scores).view)
        for (const one of competition)
          for (const other of competition) expect(one.rank === other.rank).toBe(one.score === other.score)
      }),
    )
  })

  it('ranks looked up were not those of the list, under load', () => {
    const updates = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -1, max: 2 })), { minLength: 30 })
    fc.assert(
      fc.property(updates, (list) => {
        const board = start()
        for (const [index, [player, score]] of list.entries()) {
          board.apply(scoredAt(index + 1, { [nameOf(player)]: score }))
          for (const row of board.view.top(5)) {
            expect(board.view.rankOf(row.player)).toBe(row.rank)
            expect(board.view.scoreOf(row.player)).toBe(row.score)
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('a previous page had other ranks than when it was the next one', () => {
    const board = boardOf([9, 8, 8, 8, 7, 7, 6, 5])
    const { view } = board
    const forwards = [0, 2, 4, 6].map((offset) => view.page(offset, 2))
    const backwards = [6, 4, 2, 0].map((offset) => view.page(offset, 2))
    expect(backwards.toReversed()).toEqual(forwards)
    expect(forwards.flat()).toEqual(all(view))
    board.apply(scoredAt(9, { p07: 100 }))
    expect(
      [4, 2, 0]
        .map((offset) => view.page(offset, 2))
        .toReversed()
        .flat(),
    ).toEqual(all(view).slice(0, 6))
  })

  it('the rows around the owner were off by one', () => {
    fc.assert(
      fc.property(manyTies, fc.nat(6), (scores, k) => {
        const { view } = boardOf(scores)
        const rows = all(view)
        for (const [index, { player }] of rows.entries()) {
          const around = view.around(player, k)
          expect(around).toEqual(rows.slice(Math.max(0, index - k), index + k + 1))
          expect(around[Math.min(index, k)]!.player).toBe(player)
        }
      }),
    )
  })

  it('reading on from the rows around the owner gave other rows than the list', () => {
    fc.assert(
      fc.property(manyTies, fc.nat(3), (scores, k) => {
        const { view } = boardOf(scores)
        const rows = all(view)
        for (const { player } of rows) {
          const last = view.around(player, k).at(-1)!
          const at = namesOf(rows).indexOf(last.player)
          expect(view.after(view.cursorOf(last.player), 4).rows).toEqual(rows.slice(at + 1, at + 5))
        }
      }),
    )
  })

  it('the rank cache still held an account that was deleted', () => {
    const board = boardOf([9, 8, 7, 6])
    const { view } = board
    expect(namesOf(view.top(3))).toEqual(['p00', 'p01', 'p02'])
    expect(view.around('p02', 1)).toHaveLength(3)
    board.apply(leftAt(5, 'p01'))
    expect(view.top(3).map(({ rank, player }) => [rank, player])).toEqual([
      [1, 'p00'],
      [2, 'p02'],
      [3, 'p03'],
    ])
    expect(namesOf(view.around('p02', 1))).toEqual(['p00', 'p02', 'p03'])
    expect([view.rankOf('p01'), view.scoreOf('p01'), view.count]).toEqual([undefined, undefined, 3])
    board.apply(scoredAt(6, { p01: 1 }))
    expect(view.top().at(-1)).toMatchObject({ player: 'p01', score: 1, games: 1, attempts: 1, best: 1 })
  })

  it('a write that left the score as it was moved the player, or was lost', () => {
    for (const operator of ['sum', 'best', 'worst', 'last'] as const) {
      const board = boardOf([5, 5, 5], { operator })
      const before = board.view.top()
      board.apply(scoredAt(4, { p00: operator === 'sum' ? 0 : 5 }, { recordedAt: 9_000 }))
      expect(namesOf(board.view.top())).toEqual(namesOf(before))
      expect(board.view.top()[0]).toMatchObject({ score: 5, games: 2, attempts: 2, lastPlayedAt: 9_000 })
    }
  })

  it('an attempt was not counted where it was no improvement', () => {
    const board = boardOf([5, 5], { operator: 'best' })
    expect(board.view.top()[0]).toMatchObject({ player: 'p00', attempts: 1 })
    board.apply(scoredAt(3, { p00: 4 }))
    expect(board.view.top()[0]).toMatchObject({ player: 'p00', score: 5, best: 5, games: 2, attempts: 2 })
  })

  it('who listens missed results that came in a race', async () => {
    type Won = { readonly type: 'Won'; readonly player: string }
    const race = defineGame({
      kind: 'race',
      initialState: { won: false as boolean },
      decide: (command: { type: 'Win'; player: string }) => accept({ type: 'Won', player: command.player }),
      evolve: (state, event: Won) => {
        state.won = event.type === 'Won'
      },
      isTerminal: ({ won }) => won,
    })
    const wins = leaderboard({ score: (event: Won) => ({ [event.player]: 1 }) })
    const ledger = await openLedger({ games: [race], projections: { wins } })
    const heard: string[] = []
    ledger.events$.subscribe(({ gameId }) => heard.push(gameId))
    const games = Array.from({ length: 500 }, (_, index) => `g${index}`)
    await Promise.all(
      games.map((id, index) => ledger.game(race, id).dispatch({ type: 'Win', player: nameOf(index % 7) })),
    )
    expect(heard.toSorted()).toEqual(games.toSorted())
    expect(ledger.views.wins.top().reduce((sum, { score }) => sum + score, 0)).toBe(500)
    expect(ledger.views.wins.top().reduce((sum, { games: played }) => sum + played, 0)).toBe(500)
    await ledger.close()
  })
})

describe('elsewhere (the first system)', () => {
  /** Ten thousand players who are told apart by the comparison alone, and a count of how often it was asked. */
  const equals = (): { ranking: Ranking; comparisons: () => number } => {
    let asked = 0
    const compare = (handle: number, other: number): number => {
      asked++
      return handle - other
    }
    const ranking = new Ranking({ compare })
    for (let handle = 0; handle < 10_000; handle++) ranking.set(handle, 7, 1)
    return {
      ranking,
      comparisons: () => {
        const since = asked
        asked = 0
        return since
      },
    }
  }
  /** A few binary searches among ten thousand; a sort takes more than a hundred thousand, a scan some thousand. */
  const fewMax = 100

  it('every update sorted all players, three times', () => {
    const { ranking, comparisons } = equals()
    comparisons()
    ranking.set(5_000, 8, 2)
    ranking.set(5_000, 7, 1)
    expect(comparisons()).toBeLessThan(fewMax)
  })

  it('a rank was found by looking at one player after the other', () => {
    const { ranking, comparisons } = equals()
    comparisons()
    expect(ranking.ordinal(9_999)).toBe(9_999)
    expect(ranking.at(9_999)).toBe(9_999)
    expect(comparisons()).toBeLessThan(fewMax)
  })

  it('a hundred waiting readers made a hundred lists', async () => {
    const board = boardOf([3, 2, 1])
    const pages = await Promise.all(
      Array.from({ length: 100 }, async () => {
        await Promise.resolve()
        return [board.view.top(), board.view.after(board.view.cursorOf('p00'), 5).rows]
      }),
    )
    expect(new Set(pages.flat()).size).toBe(2)
    expect(board.cacheStats!()).toMatchObject({ misses: 2, hits: 198 })
  })

  it('the values of cached rows moved while their order stood still', () => {
    const board = boardOf([3, 2])
    const rows = board.view.top()
    const copy = structuredClone([...rows])
    board.apply(scoredAt(3, { p01: 5 }))
    expect(rows).toEqual(copy)
    expect(() => Object.assign(rows[0]!, { score: 0 })).toThrow(TypeError)
    expect(() => (rows as unknown as unknown[]).reverse()).toThrow(TypeError)
    expect(namesOf(board.view.top())).toEqual(['p01', 'p00'])
  })
})
