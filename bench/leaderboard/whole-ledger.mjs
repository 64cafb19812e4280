// What a board costs a command that goes through the whole ledger, and what a stampede of readers renders: journal in
// memory, two ledgers that differ in the board alone, 100 000 players in games of four; a command scores one of them.
import { accept, defineGame, leaderboard, memoryJournal, openLedger } from '../../dist/index.js'
import { measureCpu } from '../measure.mjs'
import { generator, idsOf } from './contenders.mjs'

const players = 100_000
const games = players / 4
const inFlight = 1_000
const ids = idsOf(players)

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

const board = leaderboard({ score: ({ player, points: won }) => ({ [player]: won }) })

/** A ledger in which each player has scored once. `play(count)` dispatches so many commands, a thousand in flight. */
const openPoints = async (projections) => {
  const ledger = await openLedger({
    games: [points],
    journal: memoryJournal(),
    durability: 'memory',
    checks: false,
    projections,
  })
  const handles = Array.from({ length: games }, (_, nth) => ledger.game(points, `game-${nth}`))
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

/** CPU microseconds a command, without and with a board, and what a board adds. */
export const boardInLedger = async () => {
  const commands = 50_000
  const [without, withBoard] = [await openPoints({}), await openPoints({ points: board })]
  const cost = async ({ play }) => ((await measureCpu(() => play(commands))) / commands) * 1e6
  const round = async () => {
    const [alone, scored] = [await cost(without), await cost(withBoard)]
    return { 'us without a board': alone, 'us with a board': scored, 'us it adds': scored - alone }
  }
  return {
    round,
    close: async () => {
      await without.ledger.close()
      await withBoard.ledger.close()
    },
  }
}

/** How often the page is rendered that 10 000 readers ask for at once after a change. */
export const stampede = async () => {
  const { ledger, play } = await openPoints({ points: board })
  const view = ledger.views.points
  view.top(100)
  await play(inFlight, () => 0)
  const { misses } = ledger.stats().projections.points.cache
  await Promise.all(Array.from({ length: 10_000 }, async () => view.top(100)))
  const rendered = ledger.stats().projections.points.cache.misses - misses
  await ledger.close()
  return rendered
}
