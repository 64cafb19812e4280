import { accept, defineGame } from 'gameledger'
import { expect, test } from 'vitest'
import { LiveBytes } from '../../src/commands/live-bytes.js'
import { LiveGame } from '../../src/commands/live-game.js'
import { stateBytesOf } from '../../src/commands/state-bytes.js'

const walk = defineGame({
  kind: 'walk',
  initialState: { path: [] as number[][] },
  decide: (command: { readonly type: 'Walk'; readonly steps: number }) =>
    accept({ type: 'Walked', steps: command.steps }),
  evolve: (state, { steps }: { readonly type: 'Walked'; readonly steps: number }) => {
    state.path = Array.from({ length: steps }, () => Array.from({ length: 100 }, () => 0))
  },
  isTerminal: () => false,
})

const gameOf = (nth: number, steps: number): LiveGame => {
  const live = new LiveGame(`walk/${nth}`, 'walk', String(nth), walk)
  live.keep(live.evolve([{ type: 'Walked', steps } as never], false), [], false)
  return live
}

/** Some games in memory, after so many records. */
const bytesOf = (games: readonly LiveGame[], records: number): LiveBytes => {
  const bytes = new LiveBytes(new Map(games.map((live) => [live.stream, live])))
  for (const live of games) bytes.add(live)
  for (let nth = 0; nth < records; nth++) bytes.grown(0)
  return bytes
}

test('a large state is told from a small one by its parts, of which few are looked at', () => {
  expect(stateBytesOf({})).toBeLessThan(100)
  const rows = Array.from({ length: 1_000 }, () => ({ owner: 'somebody-with-a-name', counted: [1, 2, 3] }))
  // An object of two, a list of three, a text of 20 characters.
  const row = 40 + 2 * 8 + (48 + 3 * 8) + (16 + 20)
  expect(stateBytesOf({ rows })).toBeCloseTo(48 + 48 + 1_000 * (8 + row), -3)
  let looks = 0
  const counting = Array.from({ length: 100_000 }, () =>
    Object.defineProperty({}, 'seen', { enumerable: true, get: () => ++looks }),
  )
  stateBytesOf(counting)
  expect(looks).toBeLessThanOrEqual(32)
})

test('what states take is estimated from those that are looked at, a few of many records', () => {
  const games = Array.from({ length: 200 }, (_, nth) => gameOf(nth, nth % 2 === 0 ? 10 : 30))
  const exact = games.reduce((sum, { stateInMemory }) => sum + stateBytesOf(stateInMemory), 0)
  const tables = bytesOf(games, 0).total
  const estimate = bytesOf(games, 3_200).total - tables
  expect(estimate / exact).toBeGreaterThan(0.67)
  expect(estimate / exact).toBeLessThan(1.5)
})

test('a game that leaves takes its share along, and the last one all of it', () => {
  const games = Array.from({ length: 10 }, (_, nth) => gameOf(nth, 20))
  const bytes = bytesOf(games, 640)
  const { total } = bytes
  expect(bytes.of(games[0]!)).toBeCloseTo(total / 10, -1)
  for (const live of games) bytes.remove(live)
  expect(bytes.total).toBe(0)
})
