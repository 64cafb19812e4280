// What a board costs a command that goes through the whole ledger, and what a stampede of readers renders: journal in
// memory, ledgers that differ in the board alone, players in games of four; a command scores one of them.
import { accept, defineGame, leaderboard, memoryJournal, openLedger } from '../../dist/index.js'
import { measureCpu } from '../measure.mjs'
import { generator, idsOf } from './contenders.mjs'

const inFlight = 1_000

const points = defineGame({
  kind: 'points',
  initialState: { moves: 0 },
  decide: ({ player, points: won }) => accept({ type: 'Scored', player, points: won }),
  evolve: (draft) => {
    draft.moves++
  },
  isTerminal: () => false,
  players: () => [],
})

/** No board, and one whose `score` gives a record or pairs. */
export const boards = {
  'without a board': {},
  'with a board': { points: leaderboard({ score: ({ player, points: won }) => ({ [player]: won }) }) },
  'with a board, by pairs': { points: leaderboard({ score: ({ player, points: won }) => [[player, won]] }) },
}

/** A ledger in which each player has scored once. `play(count)` dispatches so many commands, a thousand in flight. */
const openPoints = async (projections, ids) => {
  const players = ids.length
  const ledger = await openLedger({
    games: [points],
    journal: memoryJournal(),
    durability: 'memory',
    checks: false,
    projections,
  })
  const handles = Array.from({ length: players / 4 }, (_, nth) => ledger.game(points, `game-${nth}`))
  const random = generator(7)
  const score = (nth) =>
    handles[nth >> 2].dispatch({ type: 'Score', player: ids[nth], points: Math.floor(random() * 1000) })
  const play = async (count, pick = () => Math.floor(random() * players)) => {
    for (let from = 0; from < count; from += inFlight)
      await Promise.all(Array.from({ length: inFlight }, (_, nth) => score(pick(from + nth))))
  }
  await play(players, (nth) => nth)
  return { ledger, play }
}

/** CPU microseconds a command, in a ledger with one of these boards. */
export const ledgerWith = async (name, ids) => {
  const commands = 100_000
  const { play } = await openPoints(boards[name], ids)
  return {
    figures: async () => ({ 'us a command': ((await measureCpu(() => play(commands))) / commands) * 1e6 }),
  }
}

/** How often the page is rendered that 10 000 readers ask for at once after a change. */
export const stampede = async () => {
  const { ledger, play } = await openPoints(boards['with a board'], idsOf(100_000))
  const view = ledger.views.points
  view.top(100)
  await play(inFlight, () => 0)
  const { misses } = ledger.stats().projections.points.cache
  await Promise.all(Array.from({ length: 10_000 }, async () => view.top(100)))
  const rendered = ledger.stats().projections.points.cache.misses - misses
  await ledger.close()
  return rendered
}
