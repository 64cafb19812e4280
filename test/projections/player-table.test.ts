import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlayerTable } from '../../src/projections/player-table.js'

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[\p{Cc}\p{Cs}/]/u.test(text)),
  fc.constantFrom('ann', 'bob', 'émile', '玩家', '🦊', 'x'.repeat(200)),
  fc.nat(5_000).map((number) => `player-${number}`),
)

describe('the table of players', () => {
  it('is a Map, before and after it was saved and loaded', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 600 }), fc.array(id, { maxLength: 20 }), (first, later) => {
        const table = new PlayerTable()
        const known = new Map<string, number>()
        const enter = (into: PlayerTable, ids: readonly string[]) => {
          for (const player of ids) {
            if (!known.has(player)) known.set(player, known.size)
            expect(into.intern(player)).toBe(known.get(player))
          }
        }
        enter(table, first)
        const loaded = new PlayerTable()
        loaded.load(table.save())
        enter(loaded, later)
        expect(loaded.size).toBe(known.size)
        for (const [player, handle] of known) {
          expect(loaded.handleOf(player)).toBe(handle)
          expect(loaded.idOf(handle)).toBe(player)
        }
        expect(loaded.handleOf('nobody knows')).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  it('lends what it saves: it stays as it was while the table grows', () => {
    const table = new PlayerTable()
    for (let n = 0; n < 500; n++) table.intern(`player-${n}`)
    const saved = table.save()
    const copy = Buffer.from(saved)
    for (let n = 0; n < 5_000; n++) table.intern(`other-${n}`)
    expect(Buffer.from(saved).equals(copy)).toBe(true)
  })

  it('compares by id, also what was only loaded', () => {
    const table = new PlayerTable()
    for (const player of ['bob', 'ann', 'bo']) table.intern(player)
    const loaded = new PlayerTable()
    loaded.load(table.save())
    expect([0, 1, 2].sort(loaded.compare)).toEqual([1, 2, 0])
  })

  it('refuses what is no player id, no handle, and no table', () => {
    const table = new PlayerTable()
    expect(() => table.intern('')).toThrow(TypeError)
    expect(() => table.intern(undefined as never)).toThrow(TypeError)
    expect(table.handleOf(7 as never)).toBeUndefined()
    expect(() => table.idOf(0)).toThrow(/no player 0/)
    expect(() => table.load(Buffer.from([3, 65]))).toThrow(/no saved players/)
  })
})
