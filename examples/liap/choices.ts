/**
 * What a simple bot does with a hand. So does the clock for a person who is silent, where it declares.
 *
 * Everything here is a function of what the owner of the hand may see.
 */
import { handWithout, lowestOf } from './hands.js'
import { pointsOf, sumOfPoints, type Piece } from './pieces.js'
import { playsIn, type ValidPlay } from './plays.js'
import { legalDeclarations, type Declaring } from './rules.js'

/** A straight of so many points opens a round as well as a general does. */
const openingStraight = 20

const isOpener = ({ type, pieces, value }: ValidPlay): boolean =>
  pieces[0]!.kind === 'GENERAL' || (type.includes('STRAIGHT') && value >= openingStraight)

/** Combinations of three pieces or more, none of which share a piece: the largest first, of those the most points. */
export const combinationsIn = (hand: readonly Piece[]): readonly ValidPlay[] => {
  const found = playsIn(hand).filter(({ pieces }) => pieces.length >= 3)
  const [first] = found.sort(
    (one, other) =>
      other.pieces.length - one.pieces.length || sumOfPoints(other.pieces) - sumOfPoints(one.pieces),
  )
  return first ? [first, ...combinationsIn(handWithout(hand, first.pieces)!)] : []
}

/** How many piles the hand promises, before the rules have their say. */
export const promisedPiles = (hand: readonly Piece[], isFirst: boolean): number => {
  const combinations = combinationsIn(hand).length
  if (combinations === 0 && hand.every((piece) => pointsOf(piece) < 9)) return 0
  const hasOpener = playsIn(hand).some(isOpener)
  return Math.min(7, Math.max(1, combinations + Number(hasOpener) + Number(isFirst)))
}

/** The legal value that is nearest to what the hand promises; of two that are, the smaller. */
export const chooseDeclaration = (hand: readonly Piece[], declaring: Declaring): number => {
  const wanted = promisedPiles(hand, declaring.position === 0)
  return legalDeclarations(declaring).reduce((best, piles) =>
    Math.abs(piles - wanted) < Math.abs(best - wanted) ? piles : best,
  )
}

/** The play with the most points, of `size` pieces where the leader has played; lots are drawn between equals. Without one, the lowest pieces. */
export const choosePlay = (
  hand: readonly Piece[],
  size: number | undefined,
  random: () => number,
): readonly Piece[] => {
  const plays = playsIn(hand, size)
  const most = Math.max(...plays.map(({ pieces }) => sumOfPoints(pieces)))
  const best = plays.filter(({ pieces }) => sumOfPoints(pieces) === most)
  return best[Math.floor(random() * best.length)]?.pieces ?? lowestOf(hand, size!)
}
