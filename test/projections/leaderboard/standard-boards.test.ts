/** The boards that come with every game that has a result. */
import { openLedger, standardBoards } from 'gameledger'
import { describe, expect, it } from 'vitest'
import { ticTacToe } from '../../../examples/tic-tac-toe/game.js'
import type { GameResult } from '../../../src/events/envelope.js'
import { finish, join, mark, sit, count, wonByAnn } from '../../ledger/opened.js'
import { tally } from '../../ledger/tally-game.js'
import { clockAt, envelopeAt, resultOf } from '../envelopes.js'

const game = { kind: 'tally', result: () => undefined }

/** What each board shows of these results, heard as a ledger tells final events: by their outcome alone. */
const after = (...results: readonly GameResult[]) => {
  const boards = standardBoards(game)
  return (name: keyof typeof boards) => {
    const board = boards[name].start({ clock: clockAt() })
    for (const [index, outcome] of results.entries())
      board.apply(envelopeAt(index + 1, { event: { type: '$final' }, final: true, outcome }))
    return board.view.top().map(({ player, score }) => [player, score])
  }
}

describe('standard boards', () => {
  it('count wins, games, streaks and ratings by the outcome alone', () => {
    const draw = resultOf(['ann', 'bob'])
    const shown = after(
      resultOf(['ann'], ['bob']),
      resultOf(['ann'], ['bob']),
      draw,
      resultOf(['ann'], ['cid']),
    )
    expect(shown('wins')).toEqual([
      ['ann', 3],
      ['bob', 0],
      ['cid', 0],
    ])
    expect(shown('games')).toEqual([
      ['ann', 4],
      ['bob', 3],
      ['cid', 1],
    ])
    expect(shown('streak')).toEqual([
      ['ann', 1],
      ['bob', 0],
      ['cid', 0],
    ])
    expect(shown('rating').map(([player]) => player)).toEqual(['ann', 'cid', 'bob'])
  })

  it('add the scores that standings name, and keep the best', () => {
    const scored = (score: number): GameResult => ({
      standings: [
        { player: 'ann', place: 1, score },
        { player: 'bob', place: 2 },
      ],
    })
    const shown = after(scored(7), scored(3))
    expect(shown('score')).toEqual([['ann', 10]])
    expect(shown('best-score')).toEqual([['ann', 7]])
  })

  it('list a rate of wins from the tenth game on', () => {
    const won = resultOf(['ann'], ['bob'])
    const lost = resultOf(['bob'], ['ann'])
    const nine = [...Array.from({ length: 6 }, () => won), lost, lost, lost]
    expect(after(...nine)('win-rate')).toEqual([])
    expect(after(...nine, lost)('win-rate')).toEqual([
      ['ann', 0.6],
      ['bob', 0.4],
    ])
  })

  it('hear final events of their kind alone, and share the options', () => {
    for (const board of Object.values(standardBoards(game))) {
      expect(board.on).toBe('final')
      expect(board.kinds).toEqual(['tally'])
    }
    const results = [resultOf(['ann', 'bob'], ['cid'])]
    const board = standardBoards(game, { ties: 'modified' }).wins.start({ clock: clockAt() })
    board.apply(envelopeAt(1, { final: true, outcome: results[0]! }))
    expect(board.view.rankOf('ann')).toBe(2)
  })

  it('are spread into the projections of a ledger', async () => {
    const ledger = await openLedger({
      games: [ticTacToe, tally],
      projections: { ...standardBoards(ticTacToe) },
    })
    const first = ledger.game(ticTacToe, 'a')
    for (const command of wonByAnn) await first.dispatch(command)
    const other = ledger.game(tally, 'b')
    for (const command of [sit('zoe'), count('zoe', 5), finish]) await other.dispatch(command)
    const open = ledger.game(ticTacToe, 'c')
    for (const command of [join('ann'), join('bob'), mark('ann', 0)]) await open.dispatch(command)
    const { wins, 'win-rate': rate, rating } = ledger.views
    expect(wins.top()).toMatchObject([
      { rank: 1, player: 'ann', score: 1, games: 1 },
      { rank: 2, player: 'bob', score: 0, games: 1 },
    ])
    expect(rate.count).toBe(0)
    expect(rating.scoreOf('ann')).toBe(1510)
    await ledger.close()
  })

  it('need a game that says who won', () => {
    expect(() => standardBoards({ kind: 'endless' })).toThrow(/endless has no `result`/)
  })
})
