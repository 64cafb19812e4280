/**
 * Tic-tac-toe, the whole of it: a game as the ledger wants one.
 *
 * `decide` holds the rules: a command is refused with a reason, or it is accepted as events. `evolve` applies an
 * event to the state and never says no: so whatever happened can be told again from its events, move by move.
 *
 *      0 | 1 | 2
 *     ---+---+---     The first to join plays X and begins.
 *      3 | 4 | 5      Three in a row win.
 *     ---+---+---     A full board without three in a row is a draw.
 *      6 | 7 | 8
 */
import { accept, defineGame, reject } from 'gameledger'

type Mark = 'X' | 'O'

export interface TicTacToeState {
  /** In order of joining: X, then O. */
  players: string[]
  cells: (Mark | null)[]
  winner?: string
  isDrawn?: boolean
}

export type TicTacToeCommand =
  | { readonly type: 'Join'; readonly player: string }
  | { readonly type: 'Mark'; readonly player: string; readonly cell: number }

export type TicTacToeEvent =
  | { readonly type: 'Joined'; readonly player: string }
  | { readonly type: 'Marked'; readonly player: string; readonly cell: number }
  | { readonly type: 'Won'; readonly player: string }
  | { readonly type: 'Drawn' }

const rows = ['012', '345', '678', '036', '147', '258', '048', '246'].map((row) => row.split('').map(Number))

const markOfTurn = (cells: TicTacToeState['cells']): Mark =>
  cells.filter((mark) => mark !== null).length % 2 === 0 ? 'X' : 'O'

const takeSeat = ({ player }: { player: string }, { players }: TicTacToeState) => {
  if (players.includes(player)) return reject('already-joined')
  if (players.length === 2) return reject('game-full')
  return accept({ type: 'Joined', player })
}

const placeMark = (
  { player, cell }: { player: string; cell: number },
  { players, cells }: TicTacToeState,
) => {
  const turn = markOfTurn(cells)
  if (players.length < 2) return reject('not-started')
  if (!players.includes(player)) return reject('not-a-player')
  if (player !== players[turn === 'X' ? 0 : 1]) return reject('not-your-turn')
  if (cells[cell] === undefined) return reject('no-such-cell', `The cells are 0 to 8; got ${cell}.`)
  if (cells[cell] !== null) return reject('cell-taken')

  const marked = { type: 'Marked', player, cell } as const
  const after = cells.with(cell, turn)
  if (rows.some((row) => row.every((each) => after[each] === turn)))
    return accept(marked, { type: 'Won', player })
  if (!after.includes(null)) return accept(marked, { type: 'Drawn' })
  return accept(marked)
}

export const ticTacToe = defineGame({
  kind: 'tic-tac-toe',
  initialState: { players: [], cells: Array(9).fill(null) },

  decide: (command: TicTacToeCommand, state: TicTacToeState) =>
    command.type === 'Join' ? takeSeat(command, state) : placeMark(command, state),

  evolve(state, event: TicTacToeEvent) {
    if (event.type === 'Joined') state.players.push(event.player)
    if (event.type === 'Marked') state.cells[event.cell] = markOfTurn(state.cells)
    if (event.type === 'Won') state.winner = event.player
    if (event.type === 'Drawn') state.isDrawn = true
  },

  isTerminal: ({ winner, isDrawn }) => winner !== undefined || isDrawn === true,

  players: ({ players }) => players,

  result: ({ players, winner }) => ({
    standings: players.map((player) => ({
      player,
      place: winner === undefined || winner === player ? 1 : 2,
    })),
    reason: winner === undefined ? 'board-full' : 'three-in-a-row',
  }),

  render(state) {
    const { cells } = state as TicTacToeState
    const shown = cells.map((mark, cell) => ` ${mark ?? cell} `)
    return [0, 3, 6].map((start) => shown.slice(start, start + 3).join('|')).join('\n---+---+---\n')
  },
})
