/** The boards of the example games, kept by a ledger in memory. */
import { Readable } from 'node:stream'
import { isRight } from 'fp-ts/lib/Either.js'
import { openLedger, seededRandom } from 'gameledger'
import { expect, it } from 'vitest'
import { chess, famousGames, fromPgn, projections as chessBoards } from '../../examples/chess/index.js'
import { liap, playBotGame, projections as liapBoards, type LiapResult } from '../../examples/liap/index.js'
import { projections as ticTacToeBoards, ticTacToe } from '../../examples/tic-tac-toe/index.js'
import { isBroken, readPgn } from '../../src/cli/pgn.js'

const scores = (rows: readonly { readonly player: string; readonly score: number }[]) =>
  rows.map(({ player, score }) => [player, score])

it('chess counts points, wins, games and ratings of the famous games', async () => {
  const ledger = await openLedger({ games: [chess], projections: chessBoards })
  for await (const game of readPgn(Readable.from([famousGames]))) {
    const importable = isBroken(game) ? undefined : fromPgn(game)
    if (!importable || !isRight(importable)) throw new Error('a famous game is broken')
    const handle = ledger.game(chess, importable.right.gameId)
    for (const command of importable.right.commands)
      expect(isRight(await handle.dispatch(command))).toBe(true)
  }
  await ledger.settled()
  const { points, wins, games, rating } = ledger.views

  expect(scores(wins.top(3))).toEqual([
    ['Anderssen, Adolf', 2],
    ['Legall de Kermeur', 1],
    ['Morphy, Paul', 1],
  ])
  expect(wins.scoreOf('Hamppe, Carl')).toBe(0)
  expect(points.scoreOf('Hamppe, Carl')).toBe(0.5)
  expect(points.scoreOf('Kieseritzky, Lionel')).toBe(0)
  expect(games.scoreOf('Anderssen, Adolf')).toBe(2)
  expect([points, wins, games, rating].map(({ count }) => count)).toEqual([17, 17, 17, 17])
  expect(rating.scoreOf('Morphy, Paul')).toBe(1510)
  expect(rating.scoreOf('Meitner, Philipp')).toBe(1500)
  expect(rating.scoreOf('Rotlewi, Georg')).toBe(1490)
  await ledger.close()
})

it('tic-tac-toe counts wins and games, and a draw is nobody’s win', async () => {
  const ledger = await openLedger({ games: [ticTacToe], projections: ticTacToeBoards })
  const play = async (gameId: string, cells: readonly number[]) => {
    const game = ledger.game(ticTacToe, gameId)
    for (const player of ['ann', 'bob']) await game.dispatch({ type: 'Join', player })
    for (const [turn, cell] of cells.entries())
      await game.dispatch({ type: 'Mark', player: turn % 2 === 0 ? 'ann' : 'bob', cell })
  }
  await play('won', [4, 0, 2, 1, 6])
  await play('drawn', [0, 1, 2, 4, 3, 5, 7, 6, 8])
  await play('going-on', [4])
  await ledger.settled()

  expect(scores(ledger.views.wins.top(9))).toEqual([
    ['ann', 1],
    ['bob', 0],
  ])
  expect(scores(ledger.views.games.top(9))).toEqual([
    ['ann', 2],
    ['bob', 2],
  ])
  await ledger.close()
})

it('Liap counts wins, turns and perfect rounds, as the outcomes of its games say', async () => {
  const ledger = await openLedger({ games: [liap], projections: liapBoards, chance: seededRandom(9) })
  const outcomes: LiapResult[] = []
  ledger.events$.subscribe(({ outcome }) => outcome && outcomes.push(outcome as LiapResult))
  const { next } = seededRandom(10)
  for (const gameId of ['g1', 'g2', 'g3']) await playBotGame(ledger, gameId, { random: next })
  await ledger.settled()

  expect(outcomes).toHaveLength(3)
  const standings = outcomes.flatMap((outcome) => outcome.standings)
  const { wins, games, 'turns-won': turns, 'perfect-rounds': perfect } = ledger.views
  for (const bot of ['Bot 1', 'Bot 2', 'Bot 3', 'Bot 4']) {
    const own = standings.filter(({ player }) => player === bot)
    const sum = (of: (standing: (typeof own)[number]) => number) =>
      own.reduce((total, standing) => total + of(standing), 0)
    expect(games.scoreOf(bot)).toBe(3)
    expect(wins.scoreOf(bot)).toBe(sum(({ place }) => (place === 1 ? 1 : 0)))
    expect(turns.scoreOf(bot)).toBe(sum(({ turnsWon }) => turnsWon))
    expect(perfect.scoreOf(bot)).toBe(sum(({ perfectRounds }) => perfectRounds))
  }
  await ledger.close()
})
