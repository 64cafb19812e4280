/** The heap of what is due, against a plain map. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DueHeap } from '../../src/commands/due-heap.js'

const step = fc.oneof(
  fc.record({ set: fc.nat(30), at: fc.nat(100) }),
  fc.record({ delete: fc.nat(30) }),
  fc.record({ by: fc.nat(100) }),
)

test('it gives what is due in order of time, whatever was changed meanwhile (property)', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DueHeap()
      const model = new Map<string, number>()
      const earliest = (): number => Math.min(Infinity, ...model.values())
      for (const each of steps) {
        if ('set' in each) {
          heap.set(`k${each.set}`, each.at)
          model.set(`k${each.set}`, each.at)
        } else if ('delete' in each) {
          heap.delete(`k${each.delete}`)
          model.delete(`k${each.delete}`)
        } else {
          const taken = heap.takeDue(each.by)
          if (taken === undefined) expect(earliest()).toBeGreaterThan(each.by)
          else {
            expect(model.get(taken)).toBe(earliest())
            expect(model.get(taken)).toBeLessThanOrEqual(each.by)
            model.delete(taken)
          }
        }
        expect(heap.size).toBe(model.size)
        expect(heap.earliest).toBe(earliest())
      }
      for (const [key, at] of model) expect(heap.timeOf(key)).toBe(at)
    }),
  )
})

describe('a million', () => {
  test('are kept, changed and taken in order', () => {
    const heap = new DueHeap()
    const count = 1_000_000
    const timeOf = (n: number): number => (n * 7_919) % 1_000_003
    for (let n = 0; n < count; n++) heap.set(`g${n}`, n)
    for (let n = 0; n < count; n++) heap.set(`g${n}`, timeOf(n))
    for (let n = 0; n < count; n += 2) heap.delete(`g${n}`)
    let last = -1
    let taken = 0
    for (let key = heap.takeDue(Infinity); key !== undefined; key = heap.takeDue(Infinity)) {
      const at = timeOf(Number(key.slice(1)))
      if (at < last) throw new Error(`${key} came too late`)
      last = at
      taken++
    }
    expect(taken).toBe(count / 2)
    expect(heap.size).toBe(0)
  })
})
