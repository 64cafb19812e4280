// Endless play within bounds: memory stays flat, and every game that was ever played is in the archive or alive, once.
//
//     npm run prove:endless -- --commands 2000000
//
// A thousand games and a thousand rooms at most are in memory, many more are in play: most of them sleep, one in some
// commands wakes one. Each game checks that it goes on from where it stood; the heap is measured after collections.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, defineGame, openLedger, reject } from '../dist/index.js'
import { manualClock, seededRandom } from '../dist/testing.js'
import { hold, memory } from './proof.mjs'

const { values } = parseArgs({
  options: {
    commands: { type: 'string', default: '2000000' },
    live: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
})
const commands = Number(values.commands)
const liveMax = Number(values.live)
const random = seededRandom(Number(values.seed))
const pick = (n) => Math.floor(random.next() * n)

const walk = defineGame({
  kind: 'walk',
  initialState: { steps: 0, dueAt: 0, isOver: false },
  decide: (command, { steps }, { now }) =>
    command.from !== steps
      ? reject('lost')
      : accept({ type: command.last ? 'Arrived' : 'Stepped', n: steps + 1, dueAt: now + 1e12 }),
  evolve(state, { type, n, dueAt }) {
    state.steps = n
    state.dueAt = dueAt
    if (type === 'Arrived') state.isOver = true
  },
  isTerminal: ({ isOver }) => isOver,
  players: () => ['ann', 'bob'],
  deadline: ({ dueAt }) => (dueAt > 0 ? { at: dueAt, command: { type: 'Step', from: -1 } } : undefined),
})

const directory = mkdtempSync(join(tmpdir(), 'gameledger-endless-'))
const clock = manualClock(1_700_000_000_000)
const options = {
  games: [walk],
  dir: directory,
  clock,
  gamesLiveMax: liveMax,
  roomsLiveMax: liveMax,
  idleAfterMs: 200,
  checks: false,
}
try {
  let ledger = await openLedger(options)
  const playing = []
  const rooms = []
  let [begun, ended, roomsBegun, roomsEnded, refused, wrong, sent] = [0, 0, 0, 0, 0, 0, 0]
  const step = async (game) => {
    const last = game.steps >= 10 && pick(10) === 0
    const { steps, dueAt } = game
    game.isBusy = true
    const answer = await ledger.game(walk, game.id).dispatch({ type: 'Step', from: steps, last })
    game.isBusy = false
    if (answer._tag === 'Left') {
      if (answer.left._tag === 'Overloaded') refused++
      else wrong++
      return
    }
    if (answer.right.version !== steps + 1 || dueAt < 0) wrong++
    game.steps++
    if (last) {
      ended++
      playing.splice(playing.indexOf(game), 1)
    }
  }
  const begin = () => {
    const game = { id: `g${begun++}`, steps: 0, dueAt: 0, isBusy: false }
    playing.push(game)
    return game
  }
  const roomStep = async () => {
    if (rooms.length >= 2 * liveMax && pick(2) === 0) {
      const [roomId] = rooms.splice(pick(rooms.length), 1)
      const answer = await ledger.rooms.abandon(roomId)
      if (answer._tag === 'Right') roomsEnded++
      else if (answer.left._tag === 'Overloaded') rooms.push(roomId)
      else wrong++
    } else {
      const roomId = `r${roomsBegun++}`
      const answer = await ledger.rooms.create({ roomId, host: `p${pick(1_000)}`, game: 'walk', capacity: 4 })
      if (answer._tag === 'Right') rooms.push(roomId)
      else if (answer.left._tag === 'Overloaded') roomsBegun--
      else wrong++
    }
  }
  const measured = []
  const every = Math.max(1, Math.floor(commands / 10))
  let next = every
  while (sent < commands) {
    const together = []
    // Mostly the newest games are played, now and then one that has slept.
    for (let n = 0; n < 200; n++) {
      const old = pick(50) === 0
      const game =
        playing.length < liveMax / 2 || (playing.length < 3 * liveMax && pick(30) === 0)
          ? begin()
          : playing[
              old ? pick(playing.length) : playing.length - 1 - pick(Math.min(playing.length, liveMax / 4))
            ]
      if (!game.isBusy) together.push(step(game))
      else continue
      sent++
      if (pick(40) === 0) {
        together.push(roomStep())
        sent++
      }
    }
    await Promise.all(together)
    clock.advance(20)
    if (sent >= next) {
      next += every
      await ledger.settled()
      const bytes = memory().held
      const { games, rooms: inMemory } = ledger.stats()
      measured.push(bytes)
      console.log(
        `${sent} commands  ${(bytes / 1e6).toFixed(1)} MB  games live ${games.live} asleep ${games.asleep} archived ${games.archived} hibernated ${games.hibernated}  rooms live ${inMemory.live}`,
      )
      if (games.live > liveMax || inMemory.live > liveMax) wrong++
    }
  }
  await ledger.settled()
  const [warm, last] = [measured[1], Math.max(...measured.slice(-3))]
  // The archive keeps the manifests that it read or wrote last in 32 MiB, which fill within some million commands, and some
  // 40 bytes a game that was ever played. In a short run both are all that there is to see.
  const allowed = 1.1 * warm + 32 * 1024 * 1024 + 40 * (begun + roomsBegun)
  if (sent >= 1_000_000)
    hold(
      last <= allowed,
      `${(warm / 1e6).toFixed(1)} MB after a fifth, ${(last / 1e6).toFixed(1)} MB at most at the end (${(allowed / 1e6).toFixed(1)} MB allowed: the cache of manifests fills meanwhile)`,
    )
  hold(
    wrong === 0,
    `each of ${sent} commands found its game as it stood (${refused} were refused at a bound)`,
  )
  const check = async (when) => {
    let lost = 0
    let doubled = 0
    const alive = new Set(ledger.liveGames().map(({ kind, gameId }) => `${kind}/${gameId}`))
    // Whose first command was refused at a bound, and not sent again, has not begun.
    const unbegun = new Set(playing.filter(({ steps }) => steps === 0).map(({ id }) => id))
    for (let n = 0; n < begun; n++) {
      if (unbegun.has(`g${n}`)) continue
      const places = Number(alive.has(`walk/g${n}`)) + Number(await ledger.archive.has(`walk/g${n}`))
      if (places === 0) lost++
      if (places > 1) doubled++
    }
    for (let n = 0; n < roomsBegun; n++) {
      const places = Number(alive.has(`room/r${n}`)) + Number(await ledger.archive.has(`room/r${n}`))
      if (places === 0) lost++
      if (places > 1) doubled++
    }
    hold(
      lost === 0 && doubled === 0,
      `${when}: ${begun} games and ${roomsBegun} rooms, ${ended} and ${roomsEnded} over: ${lost} lost, ${doubled} in two places`,
    )
  }
  await check('at the end')
  const { position } = ledger.stats()
  await ledger.close()
  const opening = performance.now()
  ledger = await openLedger(options)
  hold(
    ledger.stats().position === position,
    `opened again in ${((performance.now() - opening) / 1_000).toFixed(1)} s at position ${position}`,
  )
  await check('opened again')
  let differs = 0
  for (const game of playing.slice(0, 500)) {
    const loaded = await ledger.game(walk, game.id).load()
    if (
      loaded._tag === 'Left' ||
      loaded.right.state.steps !== game.steps ||
      loaded.right.version !== game.steps
    )
      differs++
  }
  hold(differs === 0, `of 500 games in play ${differs} have another state or version`)
  await ledger.close()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
