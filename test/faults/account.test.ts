/** The judge of all crashes is itself tried: each thing that it is to see is put before it. */
import { expect, test } from 'vitest'
import { Account, Violation, type Found } from './account.js'
import type { Line } from './script.js'

const life: readonly Line[] = [
  ['offered', 1, 'a', ['a1']],
  ['offered', 2, 'b', ['b1', 'b2']],
  ['offered', 3, 'a', ['a2']],
  ['acknowledged', 1, 1],
  ['published', 1, 'a1'],
  ['acknowledged', 2, 3],
]

const found = (...texts: string[]): Found[] => texts.map((text, at) => ({ position: at + 1, text }))

test('a prefix of whole commands that holds all that was acknowledged is as it should be', () => {
  expect(new Account().settle(life, found('a1', 'b1', 'b2'))).toEqual({
    acknowledged: 2,
    lost: 0,
    events: 3,
    takenBack: 0,
  })
  expect(new Account().settle(life, found('a1', 'b1', 'b2', 'a2'))).toMatchObject({ lost: 0, events: 4 })
})

test('what was acknowledged or published and is not there is counted', () => {
  expect(new Account().settle(life, found('a1'))).toMatchObject({ lost: 1, takenBack: 0 })
  expect(new Account().settle(life, [])).toMatchObject({ lost: 2, takenBack: 1 })
})

test.each([
  ['a hole', found('a1', 'a2')],
  ['half a command', found('a1', 'b1')],
  ['another order', found('b1', 'b2', 'a1')],
  ['an event of nobody', found('a1', 'b1', 'b2', 'a2', 'z1')],
  ['positions with a gap', [...found('a1'), { position: 5, text: 'b1' }, { position: 6, text: 'b2' }]],
])('%s is a violation', (_, events) => {
  expect(() => new Account().settle(life, events)).toThrow(Violation)
})

test('what an earlier life left may not change, and no published position may name another event', () => {
  const account = new Account()
  account.settle(life, found('a1', 'b1', 'b2'))
  expect(() => account.settle([], found('a1', 'b1', 'x2'))).toThrow(/position 3 was b2, and is now x2/)
  const other = new Account()
  other.settle(life, [])
  const next: readonly Line[] = [['offered', 1, 'c', ['c1']]]
  expect(() => other.settle(next, found('c1'))).toThrow(/position 1 was published as a1, and is now c1/)
})

test('a command that was refused is not expected, unless its journal had failed', () => {
  const refused = (why: string): readonly Line[] => [
    ['offered', 1, 'a', ['a1']],
    ['refused', 1, why],
    ['offered', 2, 'b', ['b1']],
  ]
  expect(new Account().settle(refused('Overloaded'), found('b1')).events).toBe(1)
  expect(() => new Account().settle(refused('Unavailable journal-failed EIO'), found('b1'))).toThrow(
    Violation,
  )
})
