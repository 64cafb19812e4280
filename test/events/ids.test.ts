import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, FingerprintTable } from '../../src/events/fingerprint.js'
import {
  checkCommandId,
  checkGameId,
  checkKind,
  checkPlayerId,
  partsOfStream,
  streamIdOf,
} from '../../src/events/ids.js'

describe('ids', () => {
  test.each(['a', 'g-1', 'room~2', 'Zoë ♞', 'x'.repeat(200), 'é'.repeat(100)])('%s is a game id', (id) =>
    expect(checkGameId(id)).toBe(id),
  )

  test.each(['', 'a/b', 'a\nb', '\u0085', 'x'.repeat(201), 'é'.repeat(101), '\ud800', undefined, 7, null])(
    '%j is no game id',
    (id) => expect(() => checkGameId(id)).toThrow(TypeError),
  )

  test.each(['chess', 'tic-tac-toe', '4', 'a'.repeat(64)])('%s is a kind', (kind) =>
    expect(checkKind(kind)).toBe(kind),
  )

  test.each(['', 'Chess', 'a b', 'a/b', 'é', 'a'.repeat(65), 3])('%j is no kind', (kind) =>
    expect(() => checkKind(kind)).toThrow(TypeError),
  )

  test('players and commands may have any text of 1 to 200 bytes', () => {
    for (const check of [checkPlayerId, checkCommandId]) {
      for (const text of ['a/b', 'line\nfeed', '🎲'.repeat(50)]) expect(check(text)).toBe(text)
      for (const none of ['', '🎲'.repeat(51), '\udfff', {}]) expect(() => check(none)).toThrow(TypeError)
    }
  })

  test('a stream id comes apart as it was put together', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,64}$/), fc.string({ minLength: 1 }), (kind, gameId) => {
        expect(partsOfStream(streamIdOf(kind, gameId))).toEqual({ kind, gameId })
      }),
    )
    expect(() => partsOfStream('nothing')).toThrow(TypeError)
    expect(() => partsOfStream('/a')).toThrow(TypeError)
  })
})

describe('the table of fingerprints', () => {
  test('fingerprints are for ever: they stand in journals', () => {
    const shown = ['', 'a', 'tic-tac-toe/game-1', 'chess/♞'].map((text) => {
      const { high, low } = fingerprintOf(text)
      return `${high.toString(16)} ${low.toString(16)}`
    })
    expect(shown).toMatchInlineSnapshot(`
      [
        "ebb6c228 3cd6e3f3",
        "11caa9f5 abed0ccc",
        "e35a984d 341b1b94",
        "4cc36ab8 8af6041f",
      ]
    `)
  })

  test('finds what a map finds, collisions and several values included', () => {
    const low = fc.constantFrom(0, 1, 7, 8, 0xffffffff)
    const key = fc.record({ high: fc.constantFrom(0, 1), low })
    const entries = fc.array(fc.tuple(key, fc.nat({ max: 0xfffffffe })), { maxLength: 200 })
    fc.assert(
      fc.property(entries, key, (entered, absent) => {
        const table = new FingerprintTable()
        const model = new Map<string, number[]>()
        for (const [fingerprint, value] of entered) {
          table.add(fingerprint, value)
          const name = JSON.stringify(fingerprint)
          model.set(name, [...(model.get(name) ?? []), value])
        }
        expect(table.size).toBe(entered.length)
        for (const one of [absent, ...entered.map(([fingerprint]) => fingerprint)]) {
          const wanted = model.get(JSON.stringify(one)) ?? []
          expect(table.candidates(one).sort()).toEqual([...wanted].sort())
          for (const value of wanted) expect(table.find(one, (found) => found === value)).toBe(value)
          expect(table.find(one, () => false)).toBeUndefined()
        }
      }),
    )
  })

  test('holds 12 bytes a slot at a load of at most one half', () => {
    const table = new FingerprintTable()
    for (let nth = 0; nth < 10_000; nth++) table.add(fingerprintOf(`game-${nth}`), nth)
    expect(table.bytes).toBeLessThanOrEqual(12 * 4 * 10_000)
    expect(table.bytes).toBeGreaterThanOrEqual(12 * 2 * 10_000)
    expect(table.find(fingerprintOf('game-77'), (value) => value === 77)).toBe(77)
    expect(table.find(fingerprintOf('game-10001'), () => true)).toBeUndefined()
  })
})
