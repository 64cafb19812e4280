/** What pieces form and are worth, once more: written from the rules as they are told, sharing nothing with the code. */
import type { Piece, PlayType } from '../../../examples/liap/rules.js'

export const points: Readonly<Record<string, number>> = {
  'red GENERAL': 14,
  'black GENERAL': 13,
  'red ADVISOR': 12,
  'black ADVISOR': 11,
  'red ELEPHANT': 10,
  'black ELEPHANT': 9,
  'red CHARIOT': 8,
  'black CHARIOT': 7,
  'red HORSE': 6,
  'black HORSE': 5,
  'red CANNON': 4,
  'black CANNON': 3,
  'red SOLDIER': 2,
  'black SOLDIER': 1,
}
export const nameOf = ({ kind, colour }: Piece): string => `${colour} ${kind}`

export const supply = (kind: string): number => (kind === 'GENERAL' ? 1 : kind === 'SOLDIER' ? 5 : 2)

/** Every multiset of at most `size` pieces that the 32 allow. */
export const multisets = (size: number): Piece[][] => {
  const distinct = Object.keys(points).map((name) => {
    const [colour, kind] = name.split(' ')
    return { colour, kind } as Piece
  })
  const from = (index: number, room: number): Piece[][] => {
    const piece = distinct[index]
    if (!piece || room === 0) return [[]]
    const found: Piece[][] = []
    for (let count = 0; count <= Math.min(room, supply(piece.kind)); count++)
      for (const rest of from(index + 1, room - count))
        found.push([...Array<Piece>(count).fill(piece), ...rest])
    return found
  }
  return from(0, size)
}

/** The type, by the names and counts alone. */
export const oracleType = (set: readonly Piece[]): PlayType | undefined => {
  if (new Set(set.map(({ colour }) => colour)).size !== 1) return undefined
  const counts: Record<string, number> = {}
  for (const { kind } of set) counts[kind] = (counts[kind] ?? 0) + 1
  const found = Object.keys(counts)
  if (found.length === 1) {
    if (set.length === 1) return 'SINGLE'
    if (set.length === 2) return 'PAIR'
    if (found[0] !== 'SOLDIER') return undefined
    return (['THREE_OF_A_KIND', 'FOUR_OF_A_KIND', 'FIVE_OF_A_KIND'] as const)[set.length - 3]
  }
  const group = ['GENERAL,ADVISOR,ELEPHANT', 'CHARIOT,HORSE,CANNON'].find((each) =>
    found.every((kind) => each.split(',').includes(kind)),
  )
  if (!group || found.length !== 3) return undefined
  const shape = Object.values(counts).sort().join('')
  if (shape === '222' && !group.startsWith('CHARIOT')) return undefined
  return (
    { 111: 'STRAIGHT', 112: 'EXTENDED_STRAIGHT', 122: 'EXTENDED_STRAIGHT_5', 222: 'DOUBLE_STRAIGHT' } as const
  )[shape]
}

export const oracleValue = (set: readonly Piece[]): number => {
  const each = set.map(nameOf)
  const counted = oracleType(set)?.startsWith('EXTENDED') ? [...new Set(each)] : each
  return counted.reduce((sum, name) => sum + points[name]!, 0)
}
