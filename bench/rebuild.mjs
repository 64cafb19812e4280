// Read models made anew: from all events of archived games of which 5 000 overlap, beside gunzip + JSON.parse of the same
// bytes; boards of outcomes from the index of the archive alone; an opening with a million players; what saving stops;
// and what a rebuild does to play. Each in a process of its own: a heap that has played half a million commands makes
// every figure after it a third worse. `REBUILD_GAMES`, `REBUILD_OUTCOMES` and `REBUILD_PLAYERS` set the sizes.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import {
  accept,
  defineGame,
  defineProjection,
  elo,
  fileCheckpointStore,
  fileColdStore,
  leaderboard,
} from '../dist/index.js'
import { memoryColdStore, memoryJournal, openLedger, wins } from '../dist/index.js'
import { seededRandom } from '../dist/testing.js'
import { measureCpu, median } from './measure.mjs'

const gamesAll = Number(process.env.REBUILD_GAMES ?? 20_000)
const playersAll = Number(process.env.REBUILD_PLAYERS ?? 1_000_000)
const outcomesAll = Number(process.env.REBUILD_OUTCOMES ?? 100_000)
const overlapping = Math.min(5_000, gamesAll / 4)
/** As in bench/month.mjs: thirty events a game, of about 197 bytes. */
const moves = 29
const padding = 'x'.repeat(80)
const rounds = 5

const duel = defineGame({
  kind: 'duel',
  initialState: { players: [], moves: 0, scores: [0, 0] },
  decide: ({ player, points, at }, { moves: made }) =>
    at === 0
      ? accept({ type: 'Begun', players: player })
      : accept({ type: 'Moved', player, points, note: `${padding}${at}`, isLast: made + 1 === moves }),
  evolve: (state, event) => {
    if (event.type === 'Begun') state.players = event.players
    else {
      state.moves++
      state.scores[state.players.indexOf(event.player)] += event.points
    }
  },
  isTerminal: ({ moves: made }) => made === moves,
  players: ({ players }) => players,
  result: ({ players, scores }) => ({
    standings: players.map((player, at) => ({
      player,
      place: scores[at] >= scores[1 - at] ? 1 : 2,
      score: scores[at],
    })),
  }),
})

const points = () =>
  leaderboard({ score: (event) => (event.type === 'Moved' ? { [event.player]: event.points } : {}) })
/** The least that a projection does: what is measured is the reading. */
const count = defineProjection({
  name: 'count',
  version: 1,
  initial: { events: 0 },
  apply: (model) => void model.events++,
  view: (model) => ({ events: () => model.events }),
})
const boards = () => ({ points: points(), count })

const open = (options) =>
  openLedger({
    games: [duel],
    projections: boards(),
    checks: false,
    journal: memoryJournal(),
    gamesLiveMax: 1_000_000,
    rebuildAtOpenEventsMax: 1,
    ...options,
  })

/** Plays games of which so many are under way at any time; each begins when another has ended. */
const fill = async (ledger, games) => {
  const random = seededRandom(3)
  const playerOf = () => `player-${Math.floor(random.next() * 50_000)}`
  const live = []
  let begun = 0
  const begin = () => {
    const pair = [playerOf(), playerOf()]
    if (pair[0] === pair[1]) pair[1] = `${pair[1]}-b`
    return { game: ledger.game(duel, `game-${begun++}`), pair, at: 0 }
  }
  const waiting = []
  while (live.length > 0 || begun < games) {
    while (live.length < overlapping && begun < games) live.push(begin())
    const which = Math.floor(random.next() * live.length)
    const one = live[which]
    const player = one.at === 0 ? one.pair : one.pair[one.at % 2]
    waiting.push(
      one.game.dispatch({ type: 'Move', player, points: Math.floor(random.next() * 10), at: one.at++ }),
    )
    if (one.at > moves) {
      live[which] = live.at(-1)
      live.pop()
    }
    if (waiting.length === 1_000) await Promise.all(waiting.splice(0))
  }
  await Promise.all(waiting)
  await ledger.settled()
}

/** What has to be done at least: every segment unpacked, every line parsed. */
const gunzipAndParse = async (directory) => {
  let events = 0
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.ndjson.gz'))) {
    const text = gunzipSync(readFileSync(join(directory, name)))
    for (let from = 0; from < text.length;) {
      const end = text.indexOf(10, from)
      events += JSON.parse(text.toString('utf8', from, end)).e === undefined ? 0 : 1
      from = end + 1
    }
    await nextTurn()
  }
  return events
}

const secondsOf = async (work) => {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1_000
}

const fromArchive = async (directory) => {
  const archive = () => fileColdStore(directory)
  const ledger = await open({ archive: archive() })
  await ledger.caughtUp()
  const [floor, all, counting] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    floor.push(await measureCpu(() => gunzipAndParse(directory)))
    all.push(await measureCpu(() => ledger.rebuild('points')))
    counting.push(await measureCpu(() => ledger.rebuild('count')))
  }
  const { position } = ledger.stats()
  await ledger.close()
  return { floor: median(floor), all: median(all), counting: median(counting), events: position }
}

/** A game of many players that is over with its first command. */
const party = defineGame({
  kind: 'party',
  initialState: { players: [] },
  decide: ({ players }) => accept({ type: 'Held', players }),
  evolve: (state, { players }) => {
    state.players = players
  },
  isTerminal: ({ players }) => players.length > 0,
  players: ({ players }) => players,
  result: ({ players }) => ({
    standings: players.map((player, at) => ({ player, place: at + 1, score: players.length - at })),
  }),
})

const hold = async (ledger, games, playersOf) => {
  for (let n = 0; n < games; n += 500) {
    const batch = Array.from({ length: Math.min(500, games - n) }, (_, at) =>
      ledger.game(party, `party-${n + at}`).dispatch({ type: 'Hold', players: playersOf(n + at) }),
    )
    await Promise.all(batch)
    if (n % 20_000 === 0) await ledger.settled()
  }
  await ledger.settled()
}

/** Boards of outcomes of many short games, from the index of the archive. */
const fromIndex = async (directory, games) => {
  const projections = {
    wins: leaderboard({ score: wins, on: 'final' }),
    rating: leaderboard({ operator: elo() }),
  }
  const ledger = await open({ games: [party], projections, archive: fileColdStore(directory) })
  await hold(ledger, games, (n) => [`player-${n % 50_000}`, `player-${(n * 7919 + 1) % 50_000}-b`])
  const seconds = []
  for (let round = 0; round < 3; round++)
    seconds.push(await secondsOf(() => Promise.all(['wins', 'rating'].map((name) => ledger.rebuild(name)))))
  await ledger.close()
  return median(seconds)
}

/** A board and the index of players as a ledger with so many players saved them. */
const opening = async (directory, players) => {
  const [journal, archive] = [memoryJournal(), memoryColdStore()]
  const score = (_, { outcome }) =>
    Object.fromEntries(outcome.standings.map((standing) => [standing.player, standing.score]))
  const reopen = () =>
    open({
      ...{ games: [party], journal, archive, checkpoints: fileCheckpointStore(directory) },
      projections: { points: leaderboard({ score, on: 'final' }) },
    })
  const ledger = await reopen()
  const each = 100
  await hold(ledger, players / each, (n) =>
    Array.from({ length: each }, (_, at) => `player-${n * each + at}`),
  )
  await ledger.close()
  const seconds = []
  for (let round = 0; round < 3; round++) {
    const begun = performance.now()
    const again = await reopen()
    seconds.push((performance.now() - begun) / 1_000)
    if (again.views.points.count !== players) throw new Error(`${again.views.points.count} players are there`)
    await again.close()
  }
  return median(seconds)
}

/** The longest that copying a model of a million players stops the loop, while as many games go on as overlap. */
const saving = async (players) => {
  const { WarmRoom } = await import('../dist/projections/checkpoints/warm-room.js')
  const running = points().start({ clock: { now: () => 1 } })
  for (let n = 0; n < players; n++)
    running.apply({
      ...{
        kind: 'duel',
        gameId: `g${n}`,
        version: 1,
        position: n + 1,
        recordedAt: n,
        schema: 1,
        final: n >= overlapping,
      },
      event: { type: 'Moved', player: `player-${n}`, points: (n * 7919) % 100_003 },
    })
  const room = new WarmRoom()
  const stops = []
  for (let round = 0; round < 2 * rounds; round++)
    await room.save((lend) => {
      const begun = performance.now()
      try {
        return { model: running.save(lend) }
      } finally {
        stops.push(performance.now() - begun)
      }
    })
  return median(stops)
}

/** Event-loop delay under a steady load of 20 000 commands/s, in ms. `beside` runs meanwhile. */
const disturbance = async (ledger, beside, life) => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const begun = performance.now()
  let isOver = false
  const rebuilding = beside(() => isOver)
  delay.enable()
  let n = 0
  for (let past = 0; past < 6_000; past = performance.now() - begun) {
    // What is due by the clock, but never more at once than a server would be given in 10 ms.
    const batch = []
    for (let due = Math.min(n + 200, 20 * past); n < due; n++) {
      const game = ledger.game(duel, `live-${life}-${Math.floor(n / 11)}`)
      const at = n % 11
      const pair = [`player-${n % 1_000}`, `player-b-${n % 1_000}`]
      const player = at === 0 ? pair : [`player-${(n - at) % 1_000}`, `player-b-${(n - at) % 1_000}`][at % 2]
      batch.push(game.dispatch({ type: 'Move', player, points: 1, at }))
    }
    await Promise.all(batch)
    await sleep(1)
  }
  delay.disable()
  isOver = true
  await rebuilding
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6, commands: n / 6 }
}

const disturbed = async (directory) => {
  const ledger = await open({ archive: fileColdStore(directory) })
  await ledger.caughtUp()
  const rebuildAgain = async (isOver) => {
    while (!isOver()) await ledger.rebuild('points')
  }
  const results = { alone: [], beside: [] }
  for (let round = 0; round < 3; round++) {
    results.alone.push(await disturbance(ledger, async () => undefined, `a${round}`))
    results.beside.push(await disturbance(ledger, rebuildAgain, `b${round}`))
  }
  await ledger.close()
  const of = (runs) => ({
    p99: median(runs.map(({ p99 }) => p99)),
    max: median(runs.map(({ max }) => max)),
    commands: median(runs.map(({ commands }) => commands)),
  })
  return { alone: of(results.alone), beside: of(results.beside) }
}

const filling = async (directory) => {
  const ledger = await open({ archive: fileColdStore(directory), projections: {} })
  await fill(ledger, gamesAll)
  await ledger.close()
  return gamesAll
}

const parts = { filling, fromArchive, disturbed, fromIndex, saving, opening }
const self = fileURLToPath(import.meta.url)

const inOwnProcess = (part, ...given) =>
  JSON.parse(execFileSync(process.execPath, [self, part, JSON.stringify(given)], { encoding: 'utf8' }))

if (process.argv[1] === self)
  console.log(JSON.stringify(await parts[process.argv[2]](...JSON.parse(process.argv[3]))))

export const run = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-bench-rebuild-'))
  try {
    const archive = join(directory, 'archive')
    inOwnProcess('filling', archive)
    const { floor, all, counting, events } = inOwnProcess('fromArchive', archive)
    const { alone, beside } = inOwnProcess('disturbed', archive)
    const finals = inOwnProcess('fromIndex', join(directory, 'outcomes'), outcomesAll)
    const stop = inOwnProcess('saving', playersAll)
    const openingSeconds = inOwnProcess('opening', join(directory, 'projections'), playersAll)
    const ratio = floor / counting
    return {
      unit: `${gamesAll} archived games of ${moves + 1} events, ${overlapping} at a time; ${outcomesAll} outcomes; ${playersAll} players`,
      results: {
        'gunzip + parse, CPU s': { value: floor },
        'rebuild of a count, CPU s': { value: counting },
        'rebuild of a leaderboard, CPU s': { value: all },
        'events/s, leaderboard': { value: events / all },
        'two boards of outcomes, s': { value: finals },
        'opening, s': { value: openingSeconds },
        'saving stops for, ms': { value: stop },
        'delay p99 / max alone, ms': { value: `${alone.p99.toFixed(1)} / ${alone.max.toFixed(1)}` },
        'delay p99 / max beside a rebuild, ms': {
          value: `${beside.p99.toFixed(1)} / ${beside.max.toFixed(1)}`,
        },
        'commands/s alone / beside': {
          value: `${alone.commands.toFixed(0)} / ${beside.commands.toFixed(0)}`,
        },
      },
      promises: [
        {
          promise:
            'a rebuild reads all events at least at half the speed of gunzip + parse of the same bytes',
          holds: ratio >= 0.5,
          value: `${ratio.toFixed(2)}; of a leaderboard ${(floor / all).toFixed(2)}`,
        },
        {
          promise: 'boards of outcomes are made from the index of the archive in under 5 s',
          holds: finals < 5,
          value: `${finals.toFixed(2)} s`,
        },
        {
          promise: 'opening with a million players and saved models takes under 3 s',
          holds: openingSeconds < 3,
          value: `${openingSeconds.toFixed(2)} s`,
        },
        {
          promise: 'saving a board of a million players stops the loop for at most 10 ms',
          holds: stop <= 10,
          value: `${stop.toFixed(1)} ms`,
        },
        {
          promise:
            'beside a rebuild the event-loop delay is at p99 at most 2 times that without, and under 50 ms at most',
          holds: beside.p99 <= 2 * alone.p99 && beside.max < 50,
          value: `${(beside.p99 / alone.p99).toFixed(2)}, ${beside.max.toFixed(1)} ms`,
        },
      ],
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
