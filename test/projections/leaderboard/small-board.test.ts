/** What a small board costs: a leaderboard with windows of time has hundreds of them. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { Board } from '../../../src/projections/leaderboard/board.js'
import { clockAt, scoredAt } from '../envelopes.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const bytesUsed = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const rules = { operator: 'sum', direction: 'desc', tieBreak: [], ties: 'dense', minGames: 1 } as const

const boardOfFive = () => {
  const board = new Board(rules, clockAt())
  const values = ['ann', 'bob', 'cid', 'dan', 'eve'].map((player, at) => [player, 5 - at] as const)
  board.apply({ values, removed: [] }, scoredAt(1, {}, { final: true }))
  return board
}

it('a board of five players takes less than 40 KB, and less than 1 KB when it is saved', () => {
  boardOfFive()
  const before = bytesUsed()
  const boards = Array.from({ length: 1000 }, boardOfFive)
  expect((bytesUsed() - before) / boards.length).toBeLessThan(40_000)
  expect(boards[0]!.save().byteLength).toBeLessThan(1_000)
  expect(boards[999]!.count).toBe(5)
})
