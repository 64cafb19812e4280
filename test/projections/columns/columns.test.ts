/** Columns that are saved without copying, each against plain data structures. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SnapshotColumn } from '../../../src/projections/columns/snapshot-column.js'
import { TextColumn } from '../../../src/projections/columns/text-column.js'

describe('a snapshot column', () => {
  it('holds what an array of rows holds, and a snapshot holds what was there when it was taken', () => {
    const write = fc.record({
      row: fc.nat(2600),
      lane: fc.nat(1),
      value: fc.nat(1000),
      isTaken: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const column = new SnapshotColumn(Uint32Array, 2)
        const model = new Map<number, number>()
        const taken: { parts: readonly Uint8Array[]; model: Map<number, number> }[] = []
        for (const { row, lane, value, isTaken } of writes) {
          column.set(row, lane, value)
          model.set(2 * row + lane, value)
          if (isTaken) taken.push({ parts: column.snapshot(2601), model: new Map(model) })
        }
        for (const { parts, model: then } of taken) {
          const loaded = new SnapshotColumn(Uint32Array, 2)
          expect(loaded.load(new Uint8Array(Buffer.concat(parts)))).toBe(2601)
          for (const [at, value] of then) expect(loaded.get(at >>> 1, at & 1)).toBe(value)
          const total = [...then.values()].reduce((sum, value) => sum + value, 0)
          const rows = Array.from({ length: 2601 }, (_, row) => loaded.get(row, 0) + loaded.get(row, 1))
          expect(rows.reduce((sum, value) => sum + value, 0)).toBe(total)
        }
        for (const [at, value] of model) expect(column.get(at >>> 1, at & 1)).toBe(value)
      }),
      { numRuns: 100 },
    )
  })

  it('refuses broken rows', () => {
    expect(() => new SnapshotColumn(Float64Array, 2).load(new Uint8Array(24))).toThrow(/broken row/)
  })
})

describe('a text column', () => {
  const step = fc.record({
    row: fc.nat(12),
    text: fc.option(
      fc.tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.constantFrom(1, 3000, 20_000, 80_000)),
      { freq: 5 },
    ),
  })

  it('holds what a Map holds, also when it is loaded', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const column = new TextColumn()
        const model = new Map<number, string>()
        for (const { row, text } of steps) {
          if (text === null) {
            column.delete(row)
            model.delete(row)
          } else {
            const whole = text[0] + 'x'.repeat(text[1])
            column.set(row, whole)
            model.set(row, whole)
          }
        }
        const loaded = new TextColumn()
        loaded.load(Buffer.concat(column.snapshot()), (row) => model.has(row))
        for (let row = 0; row <= 12; row++)
          for (const each of [column, loaded]) expect(each.get(row)).toBe(model.get(row))
      }),
      { numRuns: 100 },
    )
  })

  it('takes at most about twice what lives, however often texts are changed', () => {
    const column = new TextColumn()
    for (let at = 0; at < 40_000; at++) column.set(at % 3001, `name ${at} `.padEnd(40, '.'))
    const living = 3001 * 48
    const bytes = column.snapshot().reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(bytes).toBeLessThan(2 * living + 2 * 65_536)
    for (let row = 0; row < 3001; row++) expect(column.get(row)).toMatch(/^name \d+ \.+$/)
  })

  it('keeps what a snapshot took as it was', () => {
    const column = new TextColumn()
    for (let row = 0; row < 5000; row++) column.set(row, `first ${row}`)
    const parts = column.snapshot()
    const before = Buffer.concat(parts)
    for (let row = 0; row < 5000; row++) column.set(row, `second ${row}`)
    expect(Buffer.concat(parts).equals(before)).toBe(true)
  })
})
