/**
 * The FEN of a position: one line of text that says all of it, as chess players write it.
 *
 *     rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2
 *     board, from the 8th rank, a to h                | |    | | the number of the move
 *                          the side to move ----------+ |    | +-- halves of moves since a capture or a pawn's move
 *                                  who may still castle +    +---- where a pawn may be captured en passant
 *
 * chessops writes it too, by asking every square what stands there; as every move of a game needs one, this asks the
 * twelve sets of pieces instead, and takes a quarter of the time. A test holds both to the same text.
 */
import type { Board } from 'chessops/board'
import type { Chess } from 'chessops/chess'
import { makeCastlingFen } from 'chessops/fen'
import { makeSquare } from 'chessops/util'

const sets = [
  ['pawn', 'P', 'p'],
  ['knight', 'N', 'n'],
  ['bishop', 'B', 'b'],
  ['rook', 'R', 'r'],
  ['queen', 'Q', 'q'],
  ['king', 'K', 'k'],
] as const

const lettersOf = (board: Board): string[] => {
  const letters = Array<string>(64).fill('')
  for (const [role, white, black] of sets) {
    // The half-boards as bits, taken lowest first; the iterator of a set would cost half of what is saved.
    for (const half of ['lo', 'hi'] as const)
      for (let bits = board[role][half]; bits !== 0; bits &= bits - 1) {
        const bit = 31 - Math.clz32(bits & -bits)
        letters[half === 'lo' ? bit : bit + 32] = (board.white[half] >>> bit) & 1 ? white : black
      }
  }
  return letters
}

const boardText = (board: Board): string => {
  const letters = lettersOf(board)
  let text = ''
  let gap = 0
  for (let index = 0; index < 64; index += 1) {
    const letter = letters[index ^ 56] as string // from the 8th rank down
    if (letter === '') gap += 1
    else {
      text += gap > 0 ? gap + letter : letter
      gap = 0
    }
    if (index % 8 === 7) {
      if (gap > 0) text += gap
      if (index < 63) text += '/'
      gap = 0
    }
  }
  return text
}

/** The FEN of a position. */
export const fenOf = (position: Chess): string => {
  const { board, turn, castlingRights, epSquare, halfmoves, fullmoves } = position.toSetup()
  const enPassant = epSquare === undefined ? '-' : makeSquare(epSquare)
  return `${boardText(board)} ${turn[0]} ${makeCastlingFen(board, castlingRights)} ${enPassant} ${halfmoves} ${fullmoves}`
}

/** Whose move it is. */
export const turnOf = (fen: string): 'white' | 'black' => (fen.includes(' w ') ? 'white' : 'black')

/** Halves of moves since the last capture or pawn's move: 100 make fifty moves. */
export const quietPliesOf = (fen: string): number => Number(fen.split(' ')[4])

/** What two FENs of the same position share: all but the counters. */
export const positionIn = (fen: string): string => fen.split(' ').slice(0, 4).join(' ')

/** The board as text, White below. */
export const drawBoard = (fen: string): string => {
  const ranks = (fen.split(' ')[0] as string).split('/')
  const lines = ranks.map((rank, index) => {
    const squares = rank.replace(/\d/g, (gap) => '.'.repeat(Number(gap))).split('')
    return `${8 - index}  ${squares.join(' ')}`
  })
  return [...lines, '', '   a b c d e f g h'].join('\n')
}
