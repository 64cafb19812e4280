// Deadlines by the million: what each costs in memory and time while it waits, and how late they are under play.
import {
  defineGame,
  accept,
  latenessBoundsMs,
  openLedger,
  memoryColdStore,
  memoryJournal,
} from '../dist/index.js'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { measure } from './measure.mjs'
import { DueHeap } from '../dist/commands/due-heap.js'

const million = 1_000_000

/** The heap alone: the keys are there anyway, as the names of the games. */
const heapAlone = async () => {
  const keys = Array.from({ length: million }, (_, n) => `game/${n}`)
  globalThis.gc?.()
  const before = process.memoryUsage()
  const heap = new DueHeap()
  let random = 1
  const next = () => (random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0)
  const set = await measure(() => {
    for (const key of keys) heap.set(key, next())
  })
  globalThis.gc?.()
  const after = process.memoryUsage()
  const bytes = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / million
  const change = await measure(() => {
    for (const key of keys) heap.set(key, next())
  })
  const take = await measure(() => {
    while (heap.takeDue(Infinity) !== undefined);
  })
  return { bytes, setUs: set.cpu, changeUs: change.cpu, takeUs: take.cpu }
}

const timed = defineGame({
  kind: 'timed',
  initialState: { dueAt: 0 },
  decide: (command, _, { now }) =>
    command.type === 'Wait' ? accept({ type: 'Waits', until: now + command.ms }) : accept({ type: 'Rang' }),
  evolve(state, event) {
    state.dueAt = event.type === 'Waits' ? event.until : 0
  },
  isTerminal: () => false,
  deadline: ({ dueAt }) => (dueAt === 0 ? undefined : { at: dueAt, command: { type: 'Ring' } }),
})

/** Nothing falls due while the games are made. */
const setUpMs = 5_000

/** Games whose deadlines fall due evenly over some seconds, while others are played. */
const underPlay = async (games, seconds) => {
  const ledger = await openLedger({
    games: [timed],
    journal: memoryJournal(),
    archive: memoryColdStore(),
    checks: false,
  })
  for (let from = 0; from < games; from += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) =>
        ledger
          .game(timed, `g${from + n}`)
          .dispatch({ type: 'Wait', ms: setUpMs + (((from + n) * 7_919) % (seconds * 1_000)) }),
      ),
    )
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const begun = Date.now()
  const end = begun + setUpMs + seconds * 1_000
  let played = 0
  while (Date.now() < end) {
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        ledger.game(timed, `p${n}`).dispatch({ type: 'Wait', ms: 1_000_000 }),
      ),
    )
    played += 100
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await ledger.settled()
  delay.disable()
  const { fired, lateP99Ms } = ledger.stats().deadlines
  await ledger.close()
  return { fired, lateP99Ms, loopMaxMs: delay.max / 1e6, played: (1_000 * played) / (end - begun) }
}

export const run = async () => {
  const heap = await heapAlone()
  const games = 50_000
  const { fired, lateP99Ms, loopMaxMs, played } = await underPlay(games, 10)
  return {
    unit: 'bytes, microseconds of CPU, milliseconds',
    results: {
      '1 000 000 pending': {
        'bytes each': heap.bytes,
        'set, us': heap.setUs,
        'change, us': heap.changeUs,
        'take, us': heap.takeUs,
      },
      'due under play': {
        fired,
        'commands/s beside': played,
        'late p99, ms': lateP99Ms,
        'loop delay max, ms': loopMaxMs,
      },
    },
    promises: [
      { promise: 'a pending deadline costs at most 100 bytes', holds: heap.bytes <= 100, value: heap.bytes },
      { promise: 'all that fell due are sent', holds: fired === games, value: fired },
      {
        promise: 'late by at most 20 ms at p99',
        holds: lateP99Ms <= 20,
        value: `${lateP99Ms} ms of the classes ${latenessBoundsMs.slice(0, 8).join(', ')} ...`,
      },
    ],
  }
}
