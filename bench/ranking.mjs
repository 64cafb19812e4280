/**
 * What a ranking costs at a million players with string ids: random jumps, ranks, pages, and heavy ties.
 * Times are CPU time of this process, so that neighbours on the machine disturb them less.
 * Run after a build: node bench/ranking.mjs [players]
 */
import { PlayerTable } from '../dist/projections/player-table.js'
import { Ranking } from '../dist/projections/ranking/ranking.js'
import { leaderboard } from '../dist/projections/leaderboard/leaderboard.js'

const players = Number(process.argv[2] ?? 1_000_000)
const ids = Array.from({ length: players }, (_, index) => `player-${index.toString(36)}`)

let seed = 42
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}
const pick = () => ids[Math.floor(random() * players)]

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const rates = []
const measure = (what, times, run) => {
  const started = cpuMs()
  for (let time = 0; time < times; time++) run(time)
  const seconds = (cpuMs() - started) / 1000
  rates.push({
    what,
    'per second': Math.round(times / seconds),
    us: Number(((seconds / times) * 1e6).toFixed(3)),
  })
}

const filled = (scoreOf) => {
  const table = new PlayerTable()
  const ranking = new Ranking({ compare: table.compare })
  for (const [index, id] of ids.entries()) ranking.set(table.intern(id), scoreOf(), index)
  return { table, ranking }
}

for (const [name, scoreOf] of [
  ['random scores', () => Math.floor(random() * 1e9)],
  ['heavy ties (50 scores)', () => Math.floor(random() * 50)],
]) {
  const started = cpuMs()
  const { table, ranking } = filled(scoreOf)
  const filledMs = Math.round(cpuMs() - started)
  console.log(
    `\n${name}: ${players} players entered in ${filledMs} ms, ranking ${(ranking.bytes / players).toFixed(1)} B a player`,
  )
  let position = players
  const update = () => ranking.set(table.handleOf(pick()), scoreOf(), ++position)
  for (let time = 0; time < 200_000; time++) update()
  measure(`${name}: lookup of an id alone`, 1_000_000, () => table.handleOf(pick()))
  measure(`${name}: update by id`, 1_000_000, update)
  measure(`${name}: ordinal by id`, 1_000_000, () => ranking.ordinal(table.handleOf(pick())))
  measure(`${name}: competition rank by id`, 1_000_000, () =>
    ranking.countBetter(ranking.scoreOf(table.handleOf(pick()))),
  )
  measure(`${name}: rank of a score`, 1_000_000, () => ranking.countBetter(scoreOf()))
  measure(`${name}: 50 handles in the middle`, 300_000, () => ranking.slice(players >> 1, 50))
  const saving = cpuMs()
  const saved = ranking.save()
  const savedMs = (cpuMs() - saving).toFixed(1)
  const loading = cpuMs()
  new Ranking({ compare: table.compare }).load(saved)
  console.log(`save ${savedMs} ms, load ${(cpuMs() - loading).toFixed(1)} ms`)
}

const envelope = (event, position) => ({
  kind: 'bench',
  gameId: `game-${position}`,
  version: 1,
  position,
  recordedAt: position,
  schema: 1,
  event,
  final: true,
})
const clock = { now: () => Date.now() }
for (const ties of ['competition', 'dense']) {
  const board = leaderboard({ score: (e) => (e.type === 'Won' ? { [e.player]: e.points } : {}), ties }).start(
    { clock },
  )
  let position = 0
  for (const player of ids)
    board.apply(envelope({ type: 'Won', player, points: Math.floor(random() * 1000) }, ++position))
  const made = Array.from({ length: 200_000 }, () =>
    envelope({ type: 'Won', player: pick(), points: 1 + Math.floor(random() * 100) }, ++position),
  )
  const idle = made.map((each) => ({ ...each, event: { type: 'Moved' } }))
  const open = idle.map((each) => ({ ...each, final: false }))
  measure(`board, ${ties}: scoring event, nobody reads`, made.length, (time) => board.apply(made[time]))
  measure(`board, ${ties}: final event that scores nothing`, idle.length, (time) => board.apply(idle[time]))
  measure(`board, ${ties}: event that scores nothing`, open.length, (time) => board.apply(open[time]))
  for (let page = 0; page < 256; page++) board.view.page(players - 10_000 + page * 10, 10)
  measure(`board, ${ties}: scoring event, 256 pages held`, 100_000, (time) => {
    board.apply(made[time])
    if (time % 50 === 0) for (let page = 0; page < 8; page++) board.view.page(page * 50, 50)
  })
  measure(`board, ${ties}: rankOf`, 300_000, () => board.view.rankOf(pick()))
  measure(`board, ${ties}: page of 50 in the middle, held`, 300_000, () => board.view.page(players >> 1, 50))
  measure(`board, ${ties}: around 5`, 100_000, () => board.view.around(pick(), 5))
  const saving = cpuMs()
  const saved = board.save()
  console.log(
    `board, ${ties}: saved ${(saved.length / 1e6).toFixed(1)} MB in ${(cpuMs() - saving).toFixed(1)} ms`,
  )
}

{
  const scores = Float64Array.from(ids, () => Math.floor(random() * 1e9))
  measure('full re-sort after an update, then one rank', 2, () => {
    const changed = Math.floor(random() * players)
    scores[changed] = Math.floor(random() * 1e9)
    const order = Array.from(scores, (score, handle) => ({ score, handle })).sort(
      (a, b) => b.score - a.score || a.handle - b.handle,
    )
    order.findIndex(({ handle }) => handle === changed)
  })
}
console.table(rates)
