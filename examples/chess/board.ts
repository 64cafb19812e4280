/**
 * The chess board: what a move makes of a position. All questions of the rules are asked here, of chessops.
 *
 * A position is named by its FEN (fen.ts), and that text is all a game keeps of it. Reading it back costs as much as
 * a move, so the positions met lately stay in a small cache, each with the step last taken from it: `decide` works
 * a move out once, and `evolve` finds it done. The cache is keyed by the text and never by a state; what is in it is
 * never changed, only copied and moved on. It saves time and decides nothing: without it the answers are the same.
 */
import { Chess } from 'chessops/chess'
import { INITIAL_FEN, makeFen, parseFen } from 'chessops/fen'
import { makeSanAndPlay, parseSan } from 'chessops/san'
import type { Move } from 'chessops/types'
import { parseUci } from 'chessops/util'
import { LRUCache } from 'lru-cache'
import { positionIn, quietPliesOf } from './fen.js'

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

const fenOf = (position: Chess): string => makeFen(position.toSetup())

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

/** The move that a text means in a position, whether written as `Nf3`, `O-O`, `0-0` or `g1f3`. */
const moveOf = (position: Chess, text: string): Move | undefined => {
  const bySan = parseSan(position, text.replaceAll('0', 'O'))
  if (bySan) return bySan
  const byUci = parseUci(text)
  return byUci && position.isLegal(byUci) ? byUci : undefined
}

const endOf = (position: Chess, san: string): BoardEnd | undefined => {
  if (san.endsWith('#')) return 'checkmate'
  if (position.isInsufficientMaterial()) return 'insufficient-material'
  // A check that is no mate can be answered, so only a quiet position can be stalemate.
  if (!san.endsWith('+') && !position.hasDests()) return 'stalemate'
  return undefined
}

const arrive = (after: Chess, san: string): Step => {
  const end = endOf(after, san)
  const step = { san, fen: fenOf(after), ...(end && { end }) }
  places.set(step.fen, { position: after })
  return step
}

/** Takes the step that a text means; `undefined` where that is no legal move, or more than one. */
export const stepFrom = (fen: string, text: string): Step | undefined => {
  const place = placeAt(fen)
  if (place.taken?.text === text) return place.taken.step
  const move = moveOf(place.position, text)
  if (!move) return undefined
  const after = place.position.clone()
  const step = arrive(after, makeSanAndPlay(after, move))
  place.taken = { text, step }
  return step
}

/** Takes a step again that was recorded by its `san`: less work, as the move has its name already. */
export const recordedStep = (fen: string, san: string): Step | undefined => {
  const place = placeAt(fen)
  if (place.taken?.step.san === san) return place.taken.step
  const move = moveOf(place.position, san)
  if (!move) return undefined
  const after = place.position.clone()
  after.play(move)
  return arrive(after, san)
}

/**
 * How often the position has stood on the board, this time included. Plays the game through again:
 * it is asked only when a draw is claimed, and so a live game carries no record of its positions.
 */
export const timesSeen = (fen: string, moves: readonly string[]): number => {
  const sought = positionIn(fen)
  // What stood before the last capture or pawn's move cannot have come back.
  const firstComparable = moves.length - quietPliesOf(fen)
  const position = Chess.default()
  let times = firstComparable <= 0 && positionIn(INITIAL_FEN) === sought ? 1 : 0
  for (const [index, san] of moves.entries()) {
    position.play(moveOf(position, san) as Move)
    if (index + 1 >= firstComparable && positionIn(fenOf(position)) === sought) times += 1
  }
  return times
}
