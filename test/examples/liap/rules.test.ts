/** The rules of Liap as tables: every play, every comparison, every declaration, every score, every hand that is weak. */
import { describe, expect, it } from 'vitest'
import { seededRandom } from 'gameledger/testing'
import { dealHands } from '../../../examples/liap/hands.js'
import {
  beats,
  deck,
  legalDeclarations,
  playType,
  playValue,
  roundScore,
  weakHand,
} from '../../../examples/liap/rules.js'
import { multisets, nameOf, oracleType, oracleValue, points, supply } from './oracle.js'
import { pieces } from './table.js'

const plays = multisets(6).filter((set) => oracleType(set) !== undefined)

describe('deck', () => {
  it('has 32 pieces of 192 points', () => {
    expect(deck()).toHaveLength(32)
    expect(deck().reduce((sum, piece) => sum + points[nameOf(piece)]!, 0)).toBe(192)
    for (const piece of deck()) expect(Object.keys(piece)).toEqual(['kind', 'colour'])
  })

  it.each(Object.keys(points))('has the right number of the %s', (name) => {
    expect(deck().filter((piece) => nameOf(piece) === name)).toHaveLength(supply(name.split(' ')[1]!))
  })

  it('is another one each time', () => {
    deck().pop()
    expect(deck()).toHaveLength(32)
    expect(deck()[0]).not.toBe(deck()[0])
  })
})

describe('playType', () => {
  it('knows exactly 56 plays', () => {
    const counts: Record<string, number> = {}
    for (const set of plays) {
      const type = playType(set)!
      counts[type] = (counts[type] ?? 0) + 1
    }
    expect(plays).toHaveLength(56)
    expect(counts).toEqual({
      SINGLE: 14,
      PAIR: 12,
      THREE_OF_A_KIND: 2,
      FOUR_OF_A_KIND: 2,
      FIVE_OF_A_KIND: 2,
      STRAIGHT: 4,
      EXTENDED_STRAIGHT: 10,
      EXTENDED_STRAIGHT_5: 8,
      DOUBLE_STRAIGHT: 2,
    })
  })

  it('agrees with the rules on every set of up to seven pieces', () => {
    const sets = multisets(7)
    expect(sets.length).toBeGreaterThan(20_000)
    const differing = sets.filter((set) => playType(set) !== oracleType(set))
    expect(differing).toEqual([])
  })

  it.each([
    ['no pieces', ''],
    ['two colours', 'Ss'],
    ['a straight of two colours', 'GAe'],
    ['three of a kind that are no soldiers', 'AAA'],
    ['two generals of one colour', 'GG'],
    ['six soldiers', 'SSSSSS'],
    ['a doubled high straight', 'GGAAEE'],
    ['the whole hand', 'CCHHNNSS'],
  ])('says no to %s', (_, letters) => expect(playType(pieces(letters))).toBeUndefined())

  it('does not care for order, and changes nothing', () => {
    const set = Object.freeze(pieces('NCHHC'))
    expect(playType(set)).toBe('EXTENDED_STRAIGHT_5')
    expect(set).toEqual(pieces('NCHHC'))
  })
})

describe('playValue', () => {
  it.each([
    ['G', 14],
    ['s', 1],
    ['AA', 24],
    ['sssss', 5],
    ['GAE', 36],
    ['gaae', 33],
    ['CCHN', 18],
    ['NNHHC', 18],
    ['cchhnn', 30],
    ['Gs', 15],
    ['', 0],
  ])('of %s is %i', (letters, value) => expect(playValue(pieces(letters))).toBe(value))

  it('agrees with the rules on every play', () => {
    for (const set of plays) expect([set, playValue(set)]).toEqual([set, oracleValue(set)])
  })
})

describe('beats', () => {
  it('compares each of the 56 plays with each', () => {
    let beaten = 0
    for (const challenger of plays)
      for (const holder of plays) {
        const expected =
          oracleType(challenger) === oracleType(holder) && oracleValue(challenger) > oracleValue(holder)
        expect([challenger, holder, beats(challenger, holder)]).toEqual([challenger, holder, expected])
        if (expected) beaten++
      }
    // Singles 91, pairs 66, of a kind 3, straights 6, doubles 1; extended of 36, 33, 18 and 15: 2, 2, 3, 3 and 1, 1, 3, 3.
    expect(beaten).toBe(91 + 66 + 3 + 6 + 1 + (2 * 2 + 2 * 6 + 3 * 3 + 2 * 6) + (1 + 1 * 6 + 3 * 3 + 1 * 6))
  })

  it.each([
    ['a tie stays with the holder', 'S', 'S', false],
    ['an extended straight of the same three names', 'CCHN', 'CHNN', false],
    ['more points in another type', 'GA', 'ss', false],
    ['no type beats nothing', 'Ge', 's', false],
    ['no type is not beaten', 'AA', 'Gs', false],
  ])('%s', (_, challenger, holder, expected) =>
    expect(beats(pieces(challenger), pieces(holder))).toBe(expected),
  )
})

describe('legalDeclarations', () => {
  it.each([
    [0, [], 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [0, [], 1, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [0, [], 2, [1, 2, 3, 4, 5, 6, 7, 8]],
    [2, [8, 0], 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [3, [0, 0, 0], 0, [0, 1, 2, 3, 4, 5, 6, 7]],
    [3, [2, 3, 3], 0, [1, 2, 3, 4, 5, 6, 7, 8]],
    [3, [2, 3, 3], 2, [1, 2, 3, 4, 5, 6, 7, 8]],
    [3, [2, 3, 2], 2, [2, 3, 4, 5, 6, 7, 8]],
    [3, [3, 3, 3], 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [3, [8, 8, 8], 9, [1, 2, 3, 4, 5, 6, 7, 8]],
  ])('position %i after %j with %i rounds of 0: %j', (position, before, zeroStreak, expected) => {
    expect(legalDeclarations({ position, declared: before, zeroStreak })).toEqual(expected)
  })

  it('takes no streak for none', () => {
    expect(legalDeclarations({ position: 0, declared: [] })).toContain(0)
  })

  const numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const before = (count: number): number[][] =>
    count === 0 ? [[]] : before(count - 1).flatMap((some) => numbers.map((piles) => [...some, piles]))

  it.each([0, 1, 2, 3])(
    'at position %i, after all that can have been declared, with any streak',
    (position) => {
      for (const declared of before(position))
        for (const zeroStreak of [0, 1, 2, 3]) {
          const legal = new Set(numbers)
          if (zeroStreak >= 2) legal.delete(0)
          if (position === 3) legal.delete(8 - declared.reduce((sum, piles) => sum + piles, 0))
          const found = legalDeclarations({ position, declared, zeroStreak })
          expect([declared, zeroStreak, found]).toEqual([declared, zeroStreak, [...legal]])
          expect(found.length).toBeGreaterThanOrEqual(7)
        }
    },
  )
})

describe('roundScore', () => {
  // Declared down, captured across.
  const table = [
    [3, -1, -2, -3, -4, -5, -6, -7, -8],
    [-1, 6, -1, -2, -3, -4, -5, -6, -7],
    [-2, -1, 7, -1, -2, -3, -4, -5, -6],
    [-3, -2, -1, 8, -1, -2, -3, -4, -5],
    [-4, -3, -2, -1, 9, -1, -2, -3, -4],
    [-5, -4, -3, -2, -1, 10, -1, -2, -3],
    [-6, -5, -4, -3, -2, -1, 11, -1, -2],
    [-7, -6, -5, -4, -3, -2, -1, 12, -1],
    [-8, -7, -6, -5, -4, -3, -2, -1, 13],
  ]

  it.each([1, 2, 3, 4])('is the table, times %i', (multiplier) => {
    for (const [declared, row] of table.entries())
      for (const [captured, points1] of row.entries())
        expect(roundScore(declared, captured, multiplier)).toBe(points1 * multiplier)
  })

  it('counts once without a multiplier', () => expect(roundScore(2, 2)).toBe(7))
})

describe('weakHand', () => {
  it.each([
    ['eeCCHHNN', true],
    ['eeCCHHNE', false],
    ['ssssshhn', true],
    ['sssssshg', false],
    ['', true],
  ])('%s: %s', (hand, expected) => expect(weakHand(pieces(hand))).toBe(expected))

  it('is 6.99 % of all hands, counted', () => {
    const choose = (n: number, k: number): number =>
      Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1)
    // A hand is weak where each of its pieces is: so weak hands are the eights of the weak pieces.
    const weak = deck().filter((piece) => weakHand([piece])).length
    expect(weak).toBe(24)
    expect((choose(weak, 8) / choose(32, 8)) * 100).toBeCloseTo(6.99, 2)
  })

  it('is as frequent as that among hands that are dealt', () => {
    const { next } = seededRandom(20)
    const deals = 25_000
    let weak = 0
    for (let deal = 0; deal < deals; deal++) weak += dealHands(next).filter(weakHand).length
    const expected = 735_471 / 10_518_300
    // Four hands of one deal are not independent; their deviation is below that of independent ones (weak ones exclude another).
    const deviation = Math.sqrt((expected * (1 - expected)) / (4 * deals))
    expect(Math.abs(weak / (4 * deals) - expected)).toBeLessThan(4 * deviation)
  })
})

describe('dealHands', () => {
  it('deals all 32 pieces, eight each', () => {
    const hands = dealHands(seededRandom(1).next)
    expect(hands.map((hand) => hand.length)).toEqual([8, 8, 8, 8])
    expect(hands.flat().map(nameOf).sort()).toEqual(deck().map(nameOf).sort())
  })

  it('deals each piece to each seat as often', () => {
    const { next } = seededRandom(7)
    const deals = 20_000
    const generals = [0, 0, 0, 0]
    for (let deal = 0; deal < deals; deal++)
      generals[dealHands(next).findIndex((hand) => hand.some((piece) => nameOf(piece) === 'red GENERAL'))]!++
    const deviation = Math.sqrt((0.25 * 0.75) / deals)
    for (const count of generals) expect(Math.abs(count / deals - 0.25)).toBeLessThan(4 * deviation)
  })
})
