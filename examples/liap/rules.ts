/**
 * The rules of Liap that are plain functions: of pieces, of numbers, and of nothing else.
 *
 * Pieces are `{ kind, colour }`; their order never matters, and a function changes nothing that it is given. What may be
 * done when is in preparation.ts, declaration.ts, turn.ts and scoring.ts; which pieces form a play, in plays.ts.
 */
import { allPieces, pointsOf, sumOfPoints, type Piece } from './pieces.js'
import { findPlay, type PlayType } from './plays.js'

export type { Piece } from './pieces.js'
export type { PlayType } from './plays.js'

/**
 * The type that the pieces form, or `undefined` where they form none: no pieces, more than six, two colours, or more of
 * a kind than there are (two red generals). Three to five of a kind are soldiers only.
 */
export const playType = (pieces: readonly Piece[]): PlayType | undefined => findPlay(pieces)?.type

/**
 * What the pieces are worth in a turn: the sum of their points; in the two extended straights each of the three names
 * once, so that the doubled ones add nothing. Pieces that form no type are worth their sum, too, but win nothing.
 */
export const playValue = (pieces: readonly Piece[]): number => findPlay(pieces)?.value ?? sumOfPoints(pieces)

/**
 * Whether a later play takes the lead of a turn: both are of the same type, and the challenger is worth strictly more.
 * A tie stays with the holder; pieces that form no type neither win nor are beaten.
 */
export const beats = (challenger: readonly Piece[], holder: readonly Piece[]): boolean => {
  const [later, earlier] = [findPlay(challenger), findPlay(holder)]
  return later !== undefined && later.type === earlier?.type && later.value > earlier.value
}

/** Who is about to declare. */
export interface Declaring {
  /** 0 to 3, in the order of declaring: 0 is the starter of the round. */
  readonly position: number
  /** What those before declared, in their order. */
  readonly declared: readonly number[]
  /** How many rounds in a row, up to the last one, this player declared 0. @default 0 */
  readonly zeroStreak?: number
}

/** Piles that a round shares out, and the most that one player can declare. */
const pilesOfARound = 8

/**
 * What may be declared, ascending, from 0 to 8. The last of the four may not bring the total to 8 (where the others are
 * above 8 already, that excludes nothing); after two rounds of 0 in a row, 0 is not allowed. Never empty.
 */
export const legalDeclarations = ({ position, declared, zeroStreak = 0 }: Declaring): number[] => {
  const before = declared.reduce((sum, piles) => sum + piles, 0)
  const isLegal = (piles: number): boolean =>
    !(position === 3 && before + piles === pilesOfARound) && !(piles === 0 && zeroStreak >= 2)
  return Array.from({ length: pilesOfARound + 1 }, (_, piles) => piles).filter(isLegal)
}

/**
 * The points of a round for who declared so many piles and captured so many, times the round's multiplier:
 * 3 for a kept 0, -captured for a broken one, declared + 5 where both are equal, else minus the difference.
 */
export const roundScore = (declared: number, captured: number, multiplier = 1): number =>
  multiplier * plainScore(declared, captured)

const plainScore = (declared: number, captured: number): number => {
  if (declared === captured) return declared === 0 ? 3 : declared + 5
  return declared === 0 ? -captured : -Math.abs(declared - captured)
}

/** The most points of a piece in a weak hand: those of the black elephant. */
const weakPointsMax = 9

/** Whether no piece of the hand has more than 9 points. So it is with 6.99 % of all hands of eight, and with an empty one. */
export const weakHand = (hand: readonly Piece[]): boolean =>
  hand.every((piece) => pointsOf(piece) <= weakPointsMax)

/** All 32 pieces, sorted from the red general to the black soldiers: a new array of new pieces each time. */
export const deck = (): Piece[] => allPieces()
