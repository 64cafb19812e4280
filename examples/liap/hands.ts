/** Hands: what is taken out of them, what is lowest in them, and how they are dealt. */
import { allPieces, copyOfPiece, isSamePiece, pointsOf, type Piece } from './pieces.js'

/** Pieces that each player is dealt. */
export const handSize = 8

/** The hand without these pieces, each taken once; `undefined` where one of them is not in it. */
export const handWithout = (hand: readonly Piece[], pieces: readonly Piece[]): Piece[] | undefined => {
  const left = [...hand]
  for (const piece of pieces) {
    const at = left.findIndex((each) => isSamePiece(each, piece))
    if (at < 0) return undefined
    left.splice(at, 1)
  }
  return left
}

/** The so many pieces of the hand with the fewest points. */
export const lowestOf = (hand: readonly Piece[], count: number): readonly Piece[] =>
  [...hand]
    .sort((one, other) => pointsOf(one) - pointsOf(other))
    .slice(0, count)
    .map(copyOfPiece)

/** Four hands of eight, drawn evenly from all deals: the shuffle is that of Fisher and Yates. */
export const dealHands = (random: () => number): readonly Piece[][] => {
  const pieces = allPieces()
  for (let last = pieces.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const piece = pieces[last]!
    pieces[last] = pieces[other]!
    pieces[other] = piece
  }
  return [0, 1, 2, 3].map((seat) => pieces.slice(seat * handSize, (seat + 1) * handSize))
}
