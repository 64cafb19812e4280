import { describe, expect, it } from 'vitest'
import { recordedStep, stepFrom } from '../../examples/chess/board.js'
import { drawBoard } from '../../examples/chess/fen.js'
import { chess, type ChessCommand, type ChessState } from '../../examples/chess/game.js'
import { answer, played } from './playing.js'

const start: ChessCommand = { type: 'Start', white: 'ann', black: 'bob' }
const moves = (text: string): ChessCommand[] => text.split(' ').map((san) => ({ type: 'Move', san }))
const by = (
  type: 'Resign' | 'OfferDraw' | 'AcceptDraw' | 'ClaimDraw' | 'Forfeit',
  player: string,
): ChessCommand => ({
  type,
  player,
})

const won = (player: string, loser: string) => [
  { player, place: 1, score: 1 },
  { player: loser, place: 2, score: 0 },
]
const drawn = [
  { player: 'ann', place: 1, score: 0.5 },
  { player: 'bob', place: 1, score: 0.5 },
]

const shuffle = 'Nf3 Nf6 Ng1 Ng8'
const twice = `${shuffle} ${shuffle}`
/** Fifty moves of each side: two knights on rounds of 10 and of 8 squares, so no position comes three times. */
const wander = (): string => {
  const white = ['Nf3', 'Nd4', 'Nb3', 'Nc5', 'Ne4', 'Ng3', 'Nh5', 'Nf4', 'Nh3', 'Ng1']
  const black = ['Nf6', 'Nd5', 'Nc3', 'Nb5', 'Nd6', 'Nf5', 'Nh6', 'Ng8']
  const plies: string[] = []
  for (let turn = 0; turn < 50; turn += 1) plies.push(white[turn % 10] as string, black[turn % 8] as string)
  return plies.join(' ')
}
// Sam Loyd's shortest stalemate.
const stalemate = 'e3 a5 Qh5 Ra6 Qxa5 h5 h4 Rah6 Qxc7 f6 Qxd7+ Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6'

describe('a game of chess ends', () => {
  it.each<[string, readonly ChessCommand[], string, readonly unknown[]]>([
    ['by checkmate', moves('f3 e5 g4 Qh4'), 'checkmate', won('bob', 'ann')],
    ['by stalemate', moves(stalemate), 'stalemate', drawn],
    [
      'by resignation, at the other side’s turn too',
      [...moves('e4'), by('Resign', 'ann')],
      'resignation',
      won('bob', 'ann'),
    ],
    ['by forfeit before the first move', [by('Forfeit', 'bob')], 'forfeit', won('ann', 'bob')],
    ['by agreement', [...moves('e4'), by('OfferDraw', 'ann'), by('AcceptDraw', 'bob')], 'agreement', drawn],
    ['by both offering', [by('OfferDraw', 'ann'), by('OfferDraw', 'bob')], 'agreement', drawn],
    ['by a claim of repetition', [...moves(twice), by('ClaimDraw', 'ann')], 'repetition', drawn],
    ['by a claim of fifty moves', [...moves(wander()), by('ClaimDraw', 'ann')], 'fifty-moves', drawn],
  ])('%s', (_, commands, reason, standings) => {
    const { state } = played(chess, [start, ...commands])
    expect(chess.isTerminal(state)).toBe(true)
    const result = chess.result?.(state)
    expect(result?.reason).toBe(reason)
    expect(result?.standings).toEqual(expect.arrayContaining([...standings]))
  })

  it('when neither side has the material to mate', () => {
    expect(stepFrom('8/8/8/3k4/4P3/8/8/4K3 b - - 0 1', 'Kxe4')).toMatchObject({
      san: 'Kxe4',
      end: 'insufficient-material',
    })
  })

  it('and not by a repetition that nobody claims', () => {
    const { state } = played(chess, [start, ...moves(`${twice} ${twice}`)])
    expect(chess.isTerminal(state)).toBe(false)
    expect(chess.result?.(state)).toBeUndefined()
  })
})

describe('chess refuses', () => {
  it.each<[string, readonly ChessCommand[], ChessCommand, unknown]>([
    ['a second start', [start], start, 'already-started'],
    [
      'a player against themselves',
      [],
      { type: 'Start', white: 'ann', black: 'ann' },
      { reason: 'same-player', detail: 'A game of chess needs two players.' },
    ],
    ['a move before the start', [], { type: 'Move', san: 'e4' }, 'not-started'],
    ['a resignation before the start', [], by('Resign', 'ann'), 'not-started'],
    ['a move out of turn', [start], { type: 'Move', player: 'bob', san: 'e5' }, 'not-your-turn'],
    ['a move by a stranger', [start], { type: 'Move', player: 'cid', san: 'e4' }, 'not-a-player'],
    ['a resignation by a stranger', [start], by('Resign', 'cid'), 'not-a-player'],
    [
      'an impossible move',
      [start],
      { type: 'Move', san: 'Nf6' },
      { reason: 'illegal-move', detail: '"Nf6" is not possible here.' },
    ],
    [
      'a move that two pieces could make',
      [start, ...moves('Nf3 a6 d3 a5')],
      { type: 'Move', san: 'Nd2' },
      { reason: 'illegal-move', detail: '"Nd2" is not possible here.' },
    ],
    [
      'something that is no move',
      [start],
      { type: 'Move', san: 'castle, please, on the king’s side' },
      { reason: 'illegal-move', detail: '"castle, please, " is not possible here.' },
    ],
    ['to accept what nobody offered', [start], by('AcceptDraw', 'ann'), 'no-draw-offered'],
    [
      'to accept one’s own offer',
      [start, by('OfferDraw', 'ann')],
      by('AcceptDraw', 'ann'),
      'no-draw-offered',
    ],
    [
      'to accept an offer that a move has declined',
      [start, ...moves('e4'), by('OfferDraw', 'ann'), ...moves('e5')],
      by('AcceptDraw', 'bob'),
      'no-draw-offered',
    ],
    ['a claim after two repetitions', [start, ...moves(shuffle)], by('ClaimDraw', 'ann'), 'no-draw-to-claim'],
    ['a claim at the other side’s turn', [start, ...moves(twice)], by('ClaimDraw', 'bob'), 'not-your-turn'],
    [
      'a claim one ply short of fifty moves',
      [start, ...moves(wander()).slice(0, -1)],
      by('ClaimDraw', 'bob'),
      'no-draw-to-claim',
    ],
  ])('%s', (_, before, command, refusal) => {
    expect(answer(chess, before, command)).toEqual(refusal)
  })

  it('a move that leaves the king in check', () => {
    expect(stepFrom('4r2k/8/8/8/8/8/4B3/4K3 w - - 0 1', 'Bd3')).toBeUndefined()
  })
})

it('a repetition with other castling rights is another position', () => {
  const rookTrip = 'Nf3 Nf6 Rg1 Rg8 Rh1 Rh8'
  const { state } = played(chess, [start, ...moves(`${rookTrip} Rg1 Rg8 Rh1 Rh8`)])
  // The board stood so three times, but at the first both sides could still castle with that rook.
  expect(answer(chess, [start, ...moves(`${rookTrip} Rg1 Rg8 Rh1 Rh8`)], by('ClaimDraw', 'ann'))).toBe(
    'no-draw-to-claim',
  )
  expect(state.fen).toMatch(/ w Qq - /)
})

it('a draw offer stands through a move of the side that made it, and is made only once', () => {
  const offered = [start, by('OfferDraw', 'ann')]
  expect(answer(chess, offered, by('OfferDraw', 'ann'))).toEqual([])
  expect(played(chess, [...offered, ...moves('e4')]).state.drawOfferedBy).toBe('white')
  expect(played(chess, [...offered, ...moves('e4 e5')]).state).not.toHaveProperty('drawOfferedBy')
})

describe('a move is recorded in its normal form', () => {
  const castling = 'r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1'
  const enPassant = 'rnbqkbnr/ppp1pppp/8/8/3pP3/8/PPPP1PPP/RNBQKBNR b KQkq e3 0 3'
  const promotion = '3r4/4P1k1/8/8/8/8/8/4K3 w - - 0 1'
  const rooks = '6k1/8/8/8/8/8/K7/R6R w - - 0 1'
  it.each([
    ['e2e4', 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1', 'e4'],
    ['g1f3', 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1', 'Nf3'],
    ['Ng1-f3', 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1', 'Nf3'],
    ['0-0', castling, 'O-O'],
    ['e1g1', castling, 'O-O'],
    ['e1h1', castling, 'O-O'],
    ['O-O-O', castling, 'O-O-O'],
    ['e1c1', castling, 'O-O-O'],
    ['dxe3', enPassant, 'dxe3'],
    ['d4e3', enPassant, 'dxe3'],
    ['e8Q', promotion, 'e8=Q'],
    ['e7d8n', promotion, 'exd8=N'],
    ['e7d8q', promotion, 'exd8=Q'],
    ['e7e8', promotion, undefined],
    ['Rad1', rooks, 'Rad1'],
    ['a1d1', rooks, 'Rad1'],
    ['Qh4', 'rnbqkbnr/pppp1ppp/8/4p3/6P1/5P2/PPPPP2P/RNBQKBNR b KQkq - 0 2', 'Qh4#'],
  ])('%s', (text, fen, san) => {
    expect(stepFrom(fen, text)?.san).toBe(san)
  })
})

it('what is written of the state is what the next step needs: a state read back plays on', () => {
  const { state } = played(chess, [start, ...moves('e4 c5 Nf3 d6')])
  const readBack = JSON.parse(JSON.stringify(state)) as ChessState
  expect(
    chess.decide({ type: 'Move', san: 'd4' }, readBack, { now: 0, random: () => 0, version: 5 }),
  ).toMatchObject({
    right: [{ type: 'Moved', san: 'd4' }],
  })
})

it('a record that is not of this game is not folded', () => {
  expect(() =>
    chess.evolve({ fen: chess.initialState.fen, moves: [] }, { type: 'Moved', san: 'Ke4' }),
  ).toThrow(/not of this game/)
})

it('a recorded step is the step that was taken, whatever was asked before', () => {
  const fen = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1'
  const after = 'rnbqkbnr/pppppppp/8/8/8/5N2/PPPPPPPP/RNBQKB1R b KQkq - 1 1'
  expect(recordedStep(fen, 'Nf3')).toEqual({ san: 'Nf3', fen: after })
  expect(stepFrom(fen, 'g1f3')).toEqual({ san: 'Nf3', fen: after })
  expect(recordedStep(fen, 'Nf3')).toEqual({ san: 'Nf3', fen: after })
  expect(recordedStep(fen, 'Nf6')).toBeUndefined()
})

it('the board is drawn with White below', () => {
  expect(drawBoard(chess.initialState.fen)).toBe(
    [
      '8  r n b q k b n r',
      '7  p p p p p p p p',
      '6  . . . . . . . .',
      '5  . . . . . . . .',
      '4  . . . . . . . .',
      '3  . . . . . . . .',
      '2  P P P P P P P P',
      '1  R N B Q K B N R',
      '',
      '   a b c d e f g h',
    ].join('\n'),
  )
})
