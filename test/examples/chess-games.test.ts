import { createReadStream, existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { famousGames } from '../../examples/chess/famous-games.js'
import { chess, type ChessState } from '../../examples/chess/game.js'
import {
  chessCommands,
  chessGameId,
  fromPgn,
  occurredAtOf,
  type RecordedGame,
} from '../../examples/chess/pgn-game.js'
import { isBroken, readPgn } from '../../src/cli/pgn.js'
import { foldOnDraft } from '../../src/commands/fold.js'
import { played } from './playing.js'

const realGames = '../shared/data/chess/games.pgn.gz'
const context = { now: 0, random: () => 0.5, version: 0 }

/** Plays a game in place, as recovery does, and gives what it came to. */
const playedInPlace = (game: RecordedGame) => {
  const importable = fromPgn(game)
  if (!isRight(importable)) return importable.left
  const { gameId, commands } = importable.right
  const state: ChessState = structuredClone(chess.initialState)
  const events = commands.flatMap((command) => {
    const decision = chess.decide(command, state, context)
    if (!isRight(decision))
      throw new Error(`${gameId} ${JSON.stringify(command)}: ${JSON.stringify(decision.left)}`)
    for (const event of decision.right) chess.evolve(state, event)
    return decision.right
  })
  return { gameId, state, events }
}

const recorded = (moves: string, tags: Record<string, string> = {}): RecordedGame => ({
  tags: { White: 'ann', Black: 'bob', Date: '2001.02.03', Round: '1', Result: '1-0', ...tags },
  moves: moves === '' ? [] : moves.split(' '),
})

describe('famous games', () => {
  it('are legal, end as they are told, and fold alike both ways', async () => {
    const ends: unknown[] = []
    for await (const game of readPgn(Readable.from([famousGames]))) {
      if (isBroken(game)) throw new Error(game.reason)
      const importable = fromPgn(game)
      if (!isRight(importable)) throw new Error(importable.left)
      const { state } = played(chess, importable.right.commands)
      expect(state.moves).toEqual(game.moves)
      ends.push([game.tags.White, chess.result?.(state)?.reason])
    }
    expect(ends).toEqual([
      ['Legall de Kermeur', 'checkmate'],
      ['Anderssen, Adolf', 'checkmate'],
      ['Anderssen, Adolf', 'checkmate'],
      ['Morphy, Paul', 'checkmate'],
      ['Hamppe, Carl', 'agreement'],
      ['Steinitz, William', 'resignation'],
      ['Rotlewi, Georg', 'resignation'],
      ['Reti, Richard', 'checkmate'],
      ['Lasker, Edward', 'checkmate'],
    ])
  })
})

const start = { type: 'Start', white: 'ann', black: 'bob' }
const move = (san: string) => ({ type: 'Move', san })

describe('a recorded game becomes commands', () => {
  it.each<[string, RecordedGame, readonly unknown[]]>([
    ['the loser resigns', recorded('e4 e5'), [move('e4'), move('e5'), { type: 'Resign', player: 'bob' }]],
    [
      'White loses',
      recorded('e4 e5', { Result: '0-1' }),
      [move('e4'), move('e5'), { type: 'Resign', player: 'ann' }],
    ],
    ['one move only', recorded('e4'), [move('e4'), { type: 'Forfeit', player: 'bob' }]],
    ['no move at all', recorded('', { Result: '0-1' }), [{ type: 'Forfeit', player: 'ann' }]],
    [
      'a draw',
      recorded('e4 e5', { Result: '1/2-1/2' }),
      [move('e4'), move('e5'), { type: 'OfferDraw', player: 'ann' }, { type: 'AcceptDraw', player: 'bob' }],
    ],
    [
      'a mate',
      recorded('f3 e5 g4 Qh4#', { Result: '0-1' }),
      [move('f3'), move('e5'), move('g4'), move('Qh4#')],
    ],
    [
      'a mate without a result',
      recorded('f3 e5 g4 Qh4#', { Result: '*' }),
      [move('f3'), move('e5'), move('g4'), move('Qh4#')],
    ],
    [
      'a result after the moves alone',
      { tags: { White: 'ann', Black: 'bob' }, moves: ['e4', 'e5'], result: '1-0' },
      [move('e4'), move('e5'), { type: 'Resign', player: 'bob' }],
    ],
  ])('%s', (_, game, commands) => {
    expect(chessCommands(game)).toEqual({ _tag: 'Right', right: [start, ...commands] })
  })

  it.each<[RecordedGame, string]>([
    [recorded('e4 e5 Nf6'), 'illegal move 2. Nf6'],
    [recorded('e4 e5 Nf3 Nf3'), 'illegal move 2... Nf3'],
    [recorded('e4 e5', { Result: '*' }), 'no result'],
    [recorded('f3 e5 g4 Qh4#'), 'the result tag says 1-0 but the game ended 0-1 by checkmate'],
    [recorded('f3 e5 g4 Qh4# a3', { Result: '0-1' }), 'move 3. a3 after checkmate'],
    [
      recorded('e3 a5 Qh5 Ra6 Qxa5 h5 h4 Rah6 Qxc7 f6 Qxd7+ Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6'),
      'the result tag says 1-0 but the game ended 1/2-1/2 by stalemate',
    ],
    [recorded('e4', { Black: 'ann' }), 'ann plays both sides'],
    [recorded('e4', { Black: '?' }), 'a player has no name'],
    [recorded('e4', { FEN: '4k3/8/8/8/8/8/8/4K2R w K - 0 1' }), 'it does not begin from the first position'],
  ])('or is left out: %#', (game, reason) => {
    expect(fromPgn(game)).toEqual({ _tag: 'Left', left: reason })
  })

  it('with an id that is the same wherever the game comes from', () => {
    const { tags, moves } = recorded('e4 e5')
    expect(chessGameId(tags, moves)).toBe(chessGameId({ ...tags, Event: 'another file', Result: '*' }, moves))
    expect(chessGameId(tags, moves)).toMatch(/^chess-[0-9a-f]{16}$/)
    const others = [
      { ...tags, Round: '2' },
      { ...tags, Date: '?' },
      { ...tags, White: 'cid' },
    ]
    expect(new Set([tags, ...others].map((each) => chessGameId(each, moves))).size).toBe(4)
    expect(chessGameId(tags, ['e4'])).not.toBe(chessGameId(tags, moves))
  })

  it.each([
    [{ Date: '2001.02.03' }, Date.UTC(2001, 1, 3)],
    [{ Date: '1901.02.03' }, Date.UTC(1901, 1, 3)],
    [{ Date: '2001.02.03', UTCDate: '2001.02.04', UTCTime: '23:59:58' }, Date.UTC(2001, 1, 4, 23, 59, 58)],
    [{ Date: '2001.02.03', UTCTime: '23:59:58' }, Date.UTC(2001, 1, 3)],
    [{ UTCDate: '2001.02.04', UTCTime: '25:00:00' }, Date.UTC(2001, 1, 4)],
    [{ Date: '2000.02.29' }, Date.UTC(2000, 1, 29)],
    [{ Date: '2001.02.29' }, undefined],
    [{ Date: '2001.13.01' }, undefined],
    [{ Date: '2001.??.??' }, undefined],
    [{ Date: '????.??.??' }, undefined],
    [{}, undefined],
  ])('of the time in %j', (tags: Record<string, string>, time) => {
    expect(occurredAtOf(tags)).toBe(time)
  })
})

describe.skipIf(!existsSync(realGames))(`real games (${realGames})`, () => {
  it('are all read, all legal, and end as recorded; every fiftieth folds alike both ways', async () => {
    const ends: Record<string, number> = {}
    const ids = new Set<string>()
    let moves = 0
    for await (const game of readPgn(createReadStream(realGames).pipe(createGunzip()))) {
      const result = isBroken(game) ? game.reason : playedInPlace(game)
      if (typeof result === 'string') throw new Error(`game ${game.index}, line ${game.line}: ${result}`)
      const { gameId, state, events } = result
      ids.add(gameId)
      moves += state.moves.length
      const reason = chess.result?.(state)?.reason ?? 'none'
      ends[reason] = (ends[reason] ?? 0) + 1
      if (ids.size % 50 === 0) expect(foldOnDraft(chess, chess.initialState, events, false)).toEqual(state)
    }
    expect({ games: ids.size, moves }).toEqual({ games: 7305, moves: 595_809 })
    expect(ends).toEqual({
      resignation: 4180,
      agreement: 2947,
      checkmate: 123,
      'insufficient-material': 40,
      stalemate: 11,
      forfeit: 4,
    })
  }, 180_000)
})
