/** Tables fit: measured in cells of a terminal, which are not characters. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tableLines } from '../../src/cli/table.js'
import { cutToWidth, padToWidth, textWidth } from '../../src/cli/text-width.js'

describe('the width of a text', () => {
  it.each([
    ['Ann', 3],
    ['山田 太郎', 9],
    ['김철수', 6],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝｶｸ', 4],
    ['Zoe\u0308', 3],
    ['👨‍👩‍👧‍👦', 2],
    ['🏳️‍🌈', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['❤', 1],
    ['1️⃣', 2],
    ['a\u200bb', 2],
    ['', 0],
  ])('of %s is %i cells', (text, width) => {
    expect(textWidth(text)).toBe(width)
  })
})

describe('a text that is cut', () => {
  it.each([
    ['Anderssen', 9, 'Anderssen'],
    ['Anderssen', 5, 'Ande…'],
    ['山田 太郎', 4, '山…'],
    ['山田 太郎', 5, '山田…'],
    ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3, '👨‍👩‍👧‍👦…'],
    ['Zoe\u0308e\u0308', 3, 'Zo…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%s in %i cells is %s', (text, width, cut) => {
    expect(cutToWidth(text, width)).toBe(cut)
  })

  it('takes no more cells than it may, and as many as it is padded to', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '山', 'e\u0301', '👨‍👩‍👧‍👦', '🇩🇪', ' '), maxLength: 30 })
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 20 }), (given, width) => {
        const cut = cutToWidth(given, width)
        expect(textWidth(cut)).toBeLessThanOrEqual(width)
        expect(textWidth(padToWidth(cut, width, 'left'))).toBe(width)
        if (textWidth(given) <= width) expect(cut).toBe(given)
      }),
    )
  })
})

describe('a table', () => {
  const heads = ['game', 'events', 'players', 'result']
  const rows = [
    ['chess/chess-53e8b6760580ab51', 52, 'Rotlewi, Georg - Rubinstein, Akiba', 'resignation'],
    ['chess/g', 1_234, '山田 太郎 - 김철수', ''],
  ]

  it('puts numbers to the right and texts to the left', () => {
    expect(tableLines(heads, rows)).toEqual([
      'game                          events  players                             result',
      'chess/chess-53e8b6760580ab51      52  Rotlewi, Georg - Rubinstein, Akiba  resignation',
      'chess/g                        1 234  山田 太郎 - 김철수',
    ])
  })

  it('cuts the widest text first, and what names the row last', () => {
    expect(tableLines(heads, rows, 72)).toEqual([
      'game                          events  players                result',
      'chess/chess-53e8b6760580ab51      52  Rotlewi, Georg - Rub…  resignation',
      'chess/g                        1 234  山田 太郎 - 김철수',
    ])
    expect(tableLines(heads, rows, 40)[1]).toBe('chess/chess-53e8b6760580ab51      52  R…')
  })

  it('never has a line that is wider than the terminal', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '山', '👨‍👩‍👧‍👦', 'e\u0301'), maxLength: 40 })
    const row = fc.tuple(word, fc.integer(), word, word)
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 1, max: 120 }), (some, room) => {
        for (const line of tableLines(heads, some, room)) expect(textWidth(line)).toBeLessThanOrEqual(room)
      }),
    )
  })

  it('has its head alone where there are no rows', () => {
    expect(tableLines(['player', 'name'], [])).toEqual(['player  name'])
  })
})
