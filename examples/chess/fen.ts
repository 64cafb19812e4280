/**
 * What the FEN of a position says: one line of text that holds all of it, as chess players write it.
 *
 *     rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2
 *     board, from the 8th rank, a to h                | |    | | +-- the number of the move
 *                          the side to move ----------+ |    | +---- halves of moves since a capture or a pawn's move
 *                                  who may still castle +    +------ where a pawn may be captured en passant
 */

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
