/**
 * The chess board: what a move makes of a position. All questions of the rules are asked here, of chessops.
 *
 * A position is named by its FEN (fen.ts), and that text is all a game keeps of it. Reading it back costs as much as
 * a move, so the positions met lately stay in a small cache, each with the step last taken from it: `decide` works
 * a move out once, and `evolve` finds it done. The cache is keyed by the text and never by a state; what is in it is
 * never changed, only copied and moved on. It saves time and decides nothing: without it the answers are the same.
 */
import { Chess } from 'chessops/chess'
import { INITIAL_FEN, parseFen } from 'chessops/fen'
import { makeSanAndPlay, parseSan } from 'chessops/san'
import type { Move } from 'chessops/types'
import { parseUci } from 'chessops/util'
import { LRUCache } from 'lru-cache'
import { fenOf, positionIn, quietPliesOf } from './fen.js'

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

const playRecorded = (position: Chess, move: Move, san: string): string => {
  position.play(move)
  return san
}

type Play = (position: Chess, move: Move, text: string) => string

const take = (fen: string, text: string, play: Play): Step | undefined => {
  const place = placeAt(fen)
  const { taken } = place
  if (taken && (taken.text === text || taken.step.san === text)) return taken.step
  const move = moveOf(place.position, text)
  if (!move) return undefined
  const after = place.position.clone()
  const san = play(after, move, text)
  const end = endOf(after, san)
  const step: Step = { san, fen: fenOf(after), ...(end && { end }) }
  places.set(step.fen, { position: after })
  place.taken = { text, step }
  return step
}

/** Takes the step that a text means; `undefined` where that is no legal move, or more than one. */
export const stepFrom = (fen: string, text: string): Step | undefined => take(fen, text, makeSanAndPlay)

/** Takes a step that `stepFrom` gave before, by its `san`: half the work, as nothing has to be named again. */
export const recordedStep = (fen: string, san: string): Step | undefined => take(fen, san, playRecorded)

/**
 * How often the position has stood on the board, this time included. Plays the game through again, some 10 us a
 * move: it is asked only when a draw is claimed, and so a live game carries no record of its positions.
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
