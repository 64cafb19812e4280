/**
 * The 56 plays: what may be led, and what may win a turn. All pieces of a play have one colour.
 *
 *     SINGLE               7 kinds                                       14   (counts are those of both colours)
 *     PAIR                 6 kinds; there is one GENERAL                 12
 *     THREE_, FOUR_, FIVE_OF_A_KIND   soldiers                        2+2+2
 *     STRAIGHT             GENERAL ADVISOR ELEPHANT, or CHARIOT HORSE CANNON   4
 *     EXTENDED_STRAIGHT    a straight and one more of its kinds          10   (G A A E, G A E E; C C H N, C H H N, C H N N)
 *     EXTENDED_STRAIGHT_5  a straight and two more, of two of its kinds   8
 *     DOUBLE_STRAIGHT      CHARIOT HORSE CANNON, two of each              2
 *
 * The list is made once, and what is asked of pieces is looked up in it: which pieces are a play is said here alone.
 */
import { colours, kinds, sumOfPoints, supplyOf, type Colour, type Kind, type Piece } from './pieces.js'

export type PlayType =
  | 'SINGLE'
  | 'PAIR'
  | 'THREE_OF_A_KIND'
  | 'FOUR_OF_A_KIND'
  | 'FIVE_OF_A_KIND'
  | 'STRAIGHT'
  | 'EXTENDED_STRAIGHT'
  | 'EXTENDED_STRAIGHT_5'
  | 'DOUBLE_STRAIGHT'

/** Pieces that form a valid type. */
export interface ValidPlay {
  readonly type: PlayType
  readonly pieces: readonly Piece[]
  /** What decides between two plays of one type. */
  readonly value: number
}

interface Pattern {
  readonly type: PlayType
  readonly kinds: readonly Kind[]
}

const high: readonly Kind[] = ['GENERAL', 'ADVISOR', 'ELEPHANT']
const low: readonly Kind[] = ['CHARIOT', 'HORSE', 'CANNON']

const repeated = (kind: Kind, count: number): Kind[] => Array<Kind>(count).fill(kind)

const sameKind = (type: PlayType, count: number): readonly Pattern[] =>
  kinds
    // Of a kind are soldiers only, and no other kind has three.
    .filter((kind) => supplyOf(kind) >= count)
    .map((kind) => ({ type, kinds: repeated(kind, count) }))

const straights = (group: readonly Kind[]): readonly Pattern[] => {
  const twins = group.filter((kind) => supplyOf(kind) > 1)
  const pairsOfTwins = twins.flatMap((one, index) => twins.slice(index + 1).map((other) => [one, other]))
  return [
    { type: 'STRAIGHT', kinds: group },
    ...twins.map((twin) => ({ type: 'EXTENDED_STRAIGHT', kinds: [...group, twin] }) as const),
    ...pairsOfTwins.map((pair) => ({ type: 'EXTENDED_STRAIGHT_5', kinds: [...group, ...pair] }) as const),
  ]
}

const patterns: readonly Pattern[] = [
  ...sameKind('SINGLE', 1),
  ...sameKind('PAIR', 2),
  ...sameKind('THREE_OF_A_KIND', 3),
  ...sameKind('FOUR_OF_A_KIND', 4),
  ...sameKind('FIVE_OF_A_KIND', 5),
  ...straights(high),
  ...straights(low),
  { type: 'DOUBLE_STRAIGHT', kinds: [...low, ...low] },
]

/** In the extended straights each of the three names counts once. */
const valueOf = (type: PlayType, pieces: readonly Piece[]): number =>
  sumOfPoints(type.startsWith('EXTENDED') ? pieces.slice(0, 3) : pieces)

const playOf = ({ type, kinds: names }: Pattern, colour: Colour): ValidPlay => {
  const pieces = names.map((kind) => ({ kind, colour }))
  return { type, pieces, value: valueOf(type, pieces) }
}

/** All of them. Not to be changed. */
export const validPlays: readonly ValidPlay[] = colours.flatMap((colour) =>
  patterns.map((pattern) => playOf(pattern, colour)),
)

/** The most pieces that can be led. */
export const playSizeMax = 6

/** The same for the same pieces in any order. */
const keyOf = (pieces: readonly Piece[]): string =>
  pieces
    .map(({ kind, colour }) => `${colour} ${kind}`)
    .sort()
    .join()

const byKey: ReadonlyMap<string, ValidPlay> = new Map(validPlays.map((play) => [keyOf(play.pieces), play]))

/** The play that these pieces form, in any order; `undefined` where they form none. */
export const findPlay = (pieces: readonly Piece[]): ValidPlay | undefined =>
  pieces.length > playSizeMax ? undefined : byKey.get(keyOf(pieces))

/** The plays that can be formed of a hand, of so many pieces where a size is given. 56 look-ups. */
export const playsIn = (hand: readonly Piece[], size?: number): readonly ValidPlay[] => {
  const counts = countsOf(hand)
  return countedPlays
    .filter(({ play, needs }) => (size === undefined || play.pieces.length === size) && hasAll(counts, needs))
    .map(({ play }) => play)
}

const codeOf = ({ kind, colour }: Piece): string => colour + kind

const countsOf = (pieces: readonly Piece[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const piece of pieces) counts.set(codeOf(piece), (counts.get(codeOf(piece)) ?? 0) + 1)
  return counts
}

const hasAll = (
  counts: ReadonlyMap<string, number>,
  needs: readonly (readonly [string, number])[],
): boolean => needs.every(([code, count]) => (counts.get(code) ?? 0) >= count)

const countedPlays = validPlays.map((play) => ({ play, needs: [...countsOf(play.pieces)] }))
