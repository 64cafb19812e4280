/**
 * The 32 pieces of Liap: seven kinds in two colours.
 *
 *     kind      points red / black   of each colour
 *     GENERAL        14 / 13              1
 *     ADVISOR        12 / 11              2
 *     ELEPHANT       10 /  9              2
 *     CHARIOT         8 /  7              2
 *     HORSE           6 /  5              2
 *     CANNON          4 /  3              2
 *     SOLDIER         2 /  1              5        all 32 together: 192 points
 */

/** From the highest to the lowest. */
export const kinds = ['GENERAL', 'ADVISOR', 'ELEPHANT', 'CHARIOT', 'HORSE', 'CANNON', 'SOLDIER'] as const
export type Kind = (typeof kinds)[number]

export const colours = ['red', 'black'] as const
export type Colour = (typeof colours)[number]

/** Pieces have no identity: two red soldiers are the same. */
export interface Piece {
  readonly kind: Kind
  readonly colour: Colour
}

const redPoints: Readonly<Record<Kind, number>> = {
  GENERAL: 14,
  ADVISOR: 12,
  ELEPHANT: 10,
  CHARIOT: 8,
  HORSE: 6,
  CANNON: 4,
  SOLDIER: 2,
}

/** Black is worth one less than red. */
export const pointsOf = ({ kind, colour }: Piece): number =>
  colour === 'red' ? redPoints[kind] : redPoints[kind] - 1

export const sumOfPoints = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + pointsOf(piece), 0)

/** How many pieces of this kind each colour has. */
export const supplyOf = (kind: Kind): number => {
  if (kind === 'GENERAL') return 1
  return kind === 'SOLDIER' ? 5 : 2
}

export const isSamePiece = (one: Piece, other: Piece): boolean =>
  one.kind === other.kind && one.colour === other.colour

/** A copy with nothing in it but kind and colour. */
export const copyOfPiece = ({ kind, colour }: Piece): Piece => ({ kind, colour })

/** All pieces, sorted; a new array of new objects each time. */
export const allPieces = (): Piece[] =>
  kinds.flatMap((kind) =>
    colours.flatMap((colour) => Array.from({ length: supplyOf(kind) }, () => ({ kind, colour }))),
  )
