// What some games cost in memory, measured in a process of its own, for bench/memory.mjs: prints one line of JSON.
//
//     node --expose-gc bench/memory/held.mjs LOAD file|memory
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileJournal, leaderboard, memoryJournal, openLedger } from '../../dist/index.js'
import { loads } from './loads.mjs'

/** After collections: what finalizers let go of goes with the next one. `external` has the bytes of buffers in it. */
const memory = async () => {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const [name, journal] = process.argv.slice(2)
const { definition, count, events, play, isRoom = false, options = {}, clock } = loads[name]
const directory = mkdtempSync(join(tmpdir(), 'gameledger-memory-'))
const ledger = await openLedger({
  games: [definition],
  journal: journal === 'file' ? fileJournal(directory) : memoryJournal(),
  durability: 'written',
  checks: false,
  projections: { points: leaderboard({ score: ({ player, points }) => ({ [`p${player}`]: points ?? 1 }) }) },
  ...(clock && { clock }),
  ...options,
})

/** A twentieth of a bound is left for what comes meanwhile. */
const atOnce = clock ? 200 : 500

const playAll = async (many, prefix) => {
  for (let from = 0; from < many; from += atOnce) {
    await Promise.all(
      Array.from({ length: Math.min(atOnce, many - from) }, (_, nth) =>
        play(ledger, `${prefix}-${from + nth}`, events),
      ),
    )
    if (clock) {
      clock.advance(1_000)
      await ledger.settled()
    }
  }
  await ledger.settled()
}

/** How long all of it is as JSON, a game: what the promise is measured by. */
const jsonOf = async () => {
  let [happened, eventBytes, stateBytes] = [0, 0, 0]
  for (let nth = 0; nth < count; nth++) {
    const game = ledger.game(definition, `game-${nth}`)
    stateBytes += JSON.stringify((await game.load()).right.state).length
    for await (const { event } of game.events()) {
      happened++
      eventBytes += JSON.stringify(event).length
    }
  }
  return { events: happened / count, eventBytes: eventBytes / count, stateBytes: stateBytes / count }
}

/** The states alone, as the engine keeps what JSON.parse makes of them. */
const statesAlone = async () => {
  const states = []
  const before = await memory()
  for (let nth = 0; nth < count; nth++)
    states.push(JSON.parse(JSON.stringify((await ledger.game(definition, `game-${nth}`).load()).right.state)))
  return ((await memory()) - before) / states.length
}

try {
  // The code, the buffers of the journal, the ring of recent events: what a ledger has, however many games.
  await playAll(Math.ceil(10_000 / events), 'early')
  const before = await memory()
  const { liveBytes } = ledger.stats().memory
  await playAll(count, 'game')
  const held = ((await memory()) - before) / count
  const estimate = (ledger.stats().memory.liveBytes - liveBytes) / count
  const json = isRoom ? {} : { ...(await jsonOf()), state: await statesAlone() }
  console.log(JSON.stringify({ held, estimate, ...json }))
} finally {
  await ledger.close()
  rmSync(directory, { recursive: true, force: true })
}
