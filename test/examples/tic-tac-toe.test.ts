import { describe, expect, it } from 'vitest'
import { ticTacToe, type TicTacToeCommand } from '../../examples/tic-tac-toe/game.js'
import { answer, played } from './playing.js'

const join = (player: string): TicTacToeCommand => ({ type: 'Join', player })
const mark = (player: string, cell: number): TicTacToeCommand => ({ type: 'Mark', player, cell })

const seated = [join('ann'), join('bob')]
/** Both sit down and mark the cells in turn. */
const afterCells = (...cells: number[]) => [
  ...seated,
  ...cells.map((cell, turn) => mark(turn % 2 === 0 ? 'ann' : 'bob', cell)),
]

describe('tic-tac-toe refuses', () => {
  it.each([
    ['a player who sits already', [join('ann')], join('ann'), 'already-joined'],
    ['a third player', seated, join('cid'), 'game-full'],
    ['a mark before two have joined', [join('ann')], mark('ann', 4), 'not-started'],
    ['a mark by a stranger', seated, mark('cid', 4), 'not-a-player'],
    ['a mark by O before X', seated, mark('bob', 4), 'not-your-turn'],
    ['a second mark in a row', afterCells(4), mark('ann', 0), 'not-your-turn'],
    ['a cell that is marked', afterCells(4), mark('bob', 4), 'cell-taken'],
    [
      'a cell above the board',
      seated,
      mark('ann', 9),
      { reason: 'no-such-cell', detail: 'The cells are 0 to 8; got 9.' },
    ],
    [
      'a cell below it',
      seated,
      mark('ann', -1),
      { reason: 'no-such-cell', detail: 'The cells are 0 to 8; got -1.' },
    ],
    [
      'half a cell',
      seated,
      mark('ann', 0.5),
      { reason: 'no-such-cell', detail: 'The cells are 0 to 8; got 0.5.' },
    ],
  ])('%s', (_, before, command, refusal) => {
    expect(answer(ticTacToe, before, command)).toEqual(refusal)
  })
})

describe('tic-tac-toe ends', () => {
  it.each([
    ['with the first row', [0, 3, 1, 4, 2], 'ann'],
    ['with the last row, by O', [0, 6, 1, 7, 3, 8], 'bob'],
    ['with a column', [1, 0, 4, 2, 7], 'ann'],
    ['with the falling diagonal', [0, 1, 4, 2, 8], 'ann'],
    ['with the rising diagonal', [4, 0, 2, 1, 6], 'ann'],
    ['with the ninth mark, when that makes three', [0, 1, 2, 3, 4, 5, 7, 6, 8], 'ann'],
  ])('%s', (_, cells, winner) => {
    const { state, events } = played(ticTacToe, afterCells(...cells))
    const loser = winner === 'ann' ? 'bob' : 'ann'
    expect(events.slice(-2)).toEqual([
      { type: 'Marked', player: winner, cell: cells.at(-1) },
      { type: 'Won', player: winner },
    ])
    expect(ticTacToe.isTerminal(state)).toBe(true)
    const result = ticTacToe.result?.(state)
    expect(result?.reason).toBe('three-in-a-row')
    expect(result?.standings).toEqual(
      expect.arrayContaining([
        { player: winner, place: 1 },
        { player: loser, place: 2 },
      ]),
    )
  })

  it('in a draw when the board is full', () => {
    const { state, events } = played(ticTacToe, afterCells(0, 1, 2, 4, 3, 5, 7, 6, 8))
    expect(events.at(-1)).toEqual({ type: 'Drawn' })
    expect(ticTacToe.isTerminal(state)).toBe(true)
    expect(ticTacToe.result?.(state)).toEqual({
      standings: [
        { player: 'ann', place: 1 },
        { player: 'bob', place: 1 },
      ],
      reason: 'board-full',
    })
  })

  it('not before', () => {
    const { state } = played(ticTacToe, afterCells(4, 0, 2, 1))
    expect(ticTacToe.isTerminal(state)).toBe(false)
    expect(ticTacToe.players?.(state)).toEqual(['ann', 'bob'])
  })
})

it('tic-tac-toe is drawn as text, free cells by their number', () => {
  const { state } = played(ticTacToe, afterCells(4, 0))
  expect(ticTacToe.render?.(state)).toBe(' O | 1 | 2 \n---+---+---\n 3 | X | 5 \n---+---+---\n 6 | 7 | 8 ')
})
