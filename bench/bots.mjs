// 1 000 rooms of Liap, all seats played by bots at their true delays, while 5 000 other games are played to their end and
// archived: how late the bots are, and that nothing is lost. On a file journal, every answer synced.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isLeft } from 'fp-ts/lib/Either.js'
import { latenessBoundsMs, messageOf, openLedger } from '../dist/index.js'
import { liap, liapBots } from '../dist/examples/liap/index.js'
import { ticTacToe } from '../dist/examples/tic-tac-toe/index.js'

const rooms = 1_000
const others = 5_000
const seconds = 45

const sure = async (answer) => {
  const settled = await answer
  if (isLeft(settled)) throw new Error(messageOf(settled.left))
  return settled.right
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** 99 of 100 were no later than this bound, of what was counted between the two. */
const lateP99 = (before, after) => {
  const counts = after.map((count, at) => count - before[at])
  const wanted = 0.99 * counts.reduce((sum, count) => sum + count, 0)
  let seen = 0
  return latenessBoundsMs[counts.findIndex((count) => (seen += count) >= wanted)] ?? Infinity
}

/** A room of one person and three bots; the person leaves at once, so a bot plays for them. */
const openRoom = async (ledger, n) => {
  const roomId = `room-${n}`
  const host = `host-${n}`
  await sure(ledger.rooms.create({ roomId, host, game: liap.kind, capacity: 4, bots: 3 }))
  const { gameId } = await sure(
    ledger.rooms.start(roomId, liap, host, (game, { seats }) =>
      game.dispatch({
        type: 'Start',
        seats: seats.slice(0, 4).map(({ player }) => ({ player, isBot: player !== host })),
      }),
    ),
  )
  await sure(ledger.game(liap, gameId).dispatch({ type: 'TakeOver', player: host }))
}

const moves = [4, 0, 2, 1, 6]
const playOther = async (ledger, n) => {
  const game = ledger.game(ticTacToe, `other-${n}`)
  const players = [`x-${n % 100}`, `o-${n % 100}`]
  for (const player of players) await sure(game.dispatch({ type: 'Join', player }))
  for (const [nth, cell] of moves.entries())
    await sure(game.dispatch({ type: 'Mark', player: players[nth % 2], cell }))
}

export const run = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gameledger-bots-'))
  const options = { games: [liap, ticTacToe], dir, checks: false, reactors: [liapBots()] }
  const ledger = await openLedger(options)
  const faults = []
  ledger.faults$.subscribe((fault) => faults.push(fault.message))
  const acted = new Map()
  ledger.events$.subscribe(({ kind, gameId, version, commandId }) => {
    if (kind === liap.kind && commandId?.startsWith('bot/')) acted.set(gameId, version)
  })
  for (let n = 0; n < rooms; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, k) => openRoom(ledger, n + k)))
  const before = ledger.stats().bots
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begun = performance.now()
  const playing = []
  for (let n = 0; n < others; n++) {
    playing.push(playOther(ledger, n))
    const aheadMs = begun + (n * seconds * 1_000) / others - performance.now()
    if (aheadMs > 1) await sleep(aheadMs)
  }
  await Promise.all(playing)
  const elapsed = (performance.now() - begun) / 1_000
  const after = ledger.stats().bots
  delay.disable()
  await ledger.settled()
  const archived = await ledger.archive.count({ kind: ticTacToe.kind })
  const { ok, problems } = await ledger.verify()
  await ledger.close()
  // All that was told is there again after the opening.
  const again = await openLedger({ ...options, reactors: [], deadlines: false })
  let missing = 0
  for (const [gameId, version] of acted) {
    const found = await again.game(liap, gameId).load()
    if (isLeft(found) || found.right.version < version) missing++
  }
  await again.close()
  await rm(dir, { recursive: true, force: true })
  const actions = after.acted - before.acted
  const lateMs = lateP99(before.late, after.late)
  return {
    unit: 'actions a second, milliseconds',
    results: {
      bots: {
        rooms,
        'actions/s': actions / elapsed,
        'late p99, ms': lateMs,
        'loop delay p99, ms': delay.percentile(99) / 1e6,
        'loop delay max, ms': delay.max / 1e6,
      },
      'beside them': { 'games ended': others, archived: archived.games, faults: faults.length },
    },
    promises: [
      {
        promise: 'bots are late by at most 20 ms at p99',
        holds: lateMs <= 20,
        value: `${lateMs} ms`,
      },
      {
        promise: 'nothing is lost',
        holds: ok && missing === 0 && faults.length === 0 && archived.games === others,
        value: `${missing} games behind what was told, ${archived.games} of ${others} archived, ${faults.length} faults, ${problems.length} problems`,
      },
    ],
  }
}
