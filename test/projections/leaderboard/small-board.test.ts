/** What a small board costs: a leaderboard with windows of time has hundreds of them. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { leaderboard } from '../../../src/projections/leaderboard/leaderboard.js'
import { clockAt, scoredAt, scoresOf } from '../envelopes.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const bytesUsed = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const boardOfFive = () => {
  const board = leaderboard({ score: scoresOf, ties: 'dense', minGames: 1 }).start({ clock: clockAt() })
  board.apply(scoredAt(1, { ann: 5, bob: 4, cid: 3, dan: 2, eve: 1 }, { final: true }))
  return board
}

it('a board of five players takes less than 40 KB, and less than 1 KB when it is saved', () => {
  boardOfFive()
  const before = bytesUsed()
  const boards = Array.from({ length: 1000 }, boardOfFive)
  expect((bytesUsed() - before) / boards.length).toBeLessThan(40_000)
  expect(boards[0]!.save().byteLength).toBeLessThan(1_000)
  expect(boards[999]!.view.count).toBe(5)
})
