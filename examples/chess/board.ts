/**
 * The chess board: what a move makes of a position. All questions of the rules are asked here, of chessops.
 *
 * A position is named by its FEN, the one-line text that chess players use, and that text is all a game keeps of
 * it. Reading it back costs more than the move itself, so the positions met lately stay in a small cache, each
 * with the step last taken from it: `decide` works a move out once, and `evolve` finds it done. The cache is
 * keyed by the text and never by a state; what is in it is never changed, only copied and moved on. It saves
 * time and decides nothing: without it the answers are the same.
 */
import { Chess } from 'chessops/chess'
import { INITIAL_FEN, makeFen, parseFen } from 'chessops/fen'
import { makeSanAndPlay, parseSan } from 'chessops/san'
import type { Move } from 'chessops/types'
import { parseUci } from 'chessops/util'
import { LRUCache } from 'lru-cache'

/** How a move ends a game by itself. */
export type BoardEnd = 'checkmate' | 'stalemate' | 'insufficient-material'

/** A move, and where it leads. */
export interface Step {
  /** The move in standard algebraic notation, shortest form, with its `+` or `#`. */
  readonly san: string
  /** The position after it. */
  readonly fen: string
  /** Set when the game is over with it. */
  readonly end?: BoardEnd
}

interface Place {
  readonly position: Chess
  /** The step last taken from here, and the text that asked for it. */
  taken?: { readonly text: string; readonly step: Step }
}

// A live game needs one place; a whole recorded game, walked through and then played, has at most some 300.
const placesMax = 1024
const places = new LRUCache<string, Place>({ max: placesMax })

const placeAt = (fen: string): Place => {
  const known = places.get(fen)
  if (known) return known
  const place = { position: Chess.fromSetup(parseFen(fen).unwrap()).unwrap() }
  places.set(fen, place)
  return place
}

const endOf = (position: Chess, san: string): BoardEnd | undefined => {
  if (san.endsWith('#')) return 'checkmate'
  if (position.isInsufficientMaterial()) return 'insufficient-material'
  // A check that is no mate can be answered, so only a quiet position can be stalemate.
  if (!san.endsWith('+') && !position.hasDests()) return 'stalemate'
  return undefined
}

/** The move that a text means in a position, whether written as `Nf3`, `O-O`, `0-0` or `g1f3`. */
const moveOf = (position: Chess, text: string): Move | undefined => {
  const bySan = parseSan(position, text.replaceAll('0', 'O'))
  if (bySan) return bySan
  const byUci = parseUci(text)
  return byUci && position.isLegal(byUci) ? byUci : undefined
}

/** Takes one step; `undefined` where the text means no legal move, or more than one. About 10 us, less when known. */
export const stepFrom = (fen: string, text: string): Step | undefined => {
  const place = placeAt(fen)
  const { taken } = place
  if (taken && (taken.text === text || taken.step.san === text)) return taken.step
  const move = moveOf(place.position, text)
  if (!move) return undefined
  const after = place.position.clone()
  const san = makeSanAndPlay(after, move)
  const end = endOf(after, san)
  const step: Step = { san, fen: makeFen(after.toSetup()), ...(end && { end }) }
  places.set(step.fen, { position: after })
  place.taken = { text, step }
  return step
}

/** Whose move it is. */
export const turnOf = (fen: string): 'white' | 'black' => (fen.includes(' w ') ? 'white' : 'black')

/** How many moves of one side have been made since the last capture or pawn move, in halves: 100 make fifty moves. */
export const quietPliesOf = (fen: string): number => Number(fen.split(' ')[4])

// Same position: same board, side to move, castling rights and en passant capture. The counters do not matter.
const sameAs = (fen: string): string => fen.split(' ').slice(0, 4).join(' ')

/**
 * How often the position has stood on the board, this time included. Plays the game through again, some 10 us a
 * move: it is asked only when a draw is claimed, and so a live game carries no record of its positions.
 */
export const timesSeen = (fen: string, moves: readonly string[]): number => {
  const sought = sameAs(fen)
  const firstComparable = moves.length - quietPliesOf(fen)
  const position = Chess.default()
  let times = firstComparable <= 0 && sameAs(INITIAL_FEN) === sought ? 1 : 0
  for (const [index, san] of moves.entries()) {
    position.play(moveOf(position, san) as Move)
    if (index + 1 >= firstComparable && makeFen(position.toSetup(), { epd: true }) === sought) times += 1
  }
  return times
}

/** The board as text, White below. */
export const drawBoard = (fen: string): string => {
  const ranks = (fen.split(' ')[0] as string).split('/')
  const lines = ranks.map((rank, index) => {
    const squares = rank.replace(/\d/g, (gap) => '.'.repeat(Number(gap))).split('')
    return `${8 - index}  ${squares.join(' ')}`
  })
  return [...lines, '', '   a b c d e f g h'].join('\n')
}
