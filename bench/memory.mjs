// Memory: what a live game of 100 events costs, and a room, and one that sleeps, all indexes and tables included.
//
//     npm run bench -- memory
//
// Each row is measured in a process of its own: memory after some thousand games less memory before them, divided by
// their number, after collections. That is heapUsed + external: Node counts the bytes of buffers into `external`, and
// tells them once more as `arrayBuffers`. Bytes do not depend on how busy the machine is. What is allowed for a game is
// 1.5 times what its events are as flat JSON with 32 bytes each, and its state as JSON, and 600 bytes.
//
// Games that sleep are a tenth of the million that is promised; `npm run prove:asleep` opens all of it. That the heap stays
// flat under endless play is shown by `npm run prove:endless`.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loads } from './memory/loads.mjs'

const asleepGames = 100_000
const gigabytesMax = 1.5

const ofNode = async (...args) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', ...args])
  return stdout
}
const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url))

const measured = async (load, journal) => {
  const { held, estimate, events, eventBytes, stateBytes, state } = JSON.parse(
    await ofNode(pathOf('memory/held.mjs'), load, journal),
  )
  if (events === undefined) return { held, estimate }
  const allowed = 1.5 * (eventBytes + 32 * events + stateBytes) + 600
  return { held, allowed, share: held / allowed, estimate, 'state alone': state }
}

const asleep = async () => {
  const said = await ofNode(pathOf('../scripts/prove-asleep.mjs'), '--games', String(asleepGames))
  return Number(/ (\d+) B a game/.exec(said)[1])
}

export const run = async () => {
  const results = {}
  for (const journal of ['file', 'memory'])
    for (const load of Object.keys(loads)) results[`${load} (${journal})`] = await measured(load, journal)
  results['game that sleeps (file)'] = { held: await asleep() }
  const game = (journal) => results[`state of 3 numbers and a list (${journal})`]
  const liap = (journal) => results[`Liap, seen by its bots (${journal})`]
  const shares = (journal) => [game(journal).share, liap(journal).share]
  const sleeping = Math.max(results['game that sleeps (file)'].held, results['room that sleeps (file)'].held)
  const estimates = Object.entries(results)
    .filter(
      ([name, { estimate }]) => name.endsWith('(file)') && estimate !== undefined && !name.includes('sleeps'),
    )
    .map(([, { held, estimate }]) => Math.max(held / estimate, estimate / held))
  const shown = (value, places = 2) => Number(value.toFixed(places))
  return {
    unit: 'bytes a game',
    results,
    promises: [
      {
        promise:
          'a live game of 100 events takes at most what is allowed (file journal; a small one, and Liap)',
        holds: Math.max(...shares('file')) <= 1,
        value: shares('file').map((share) => shown(share)),
      },
      {
        promise: 'the same with a memory journal',
        holds: Math.max(...shares('memory')) <= 1,
        value: shares('memory').map((share) => shown(share)),
      },
      {
        promise: 'the same of a game whose state is large: 16 KB as JSON',
        holds: results['state of 16 KB (file)'].share <= 1,
        value: shown(results['state of 16 KB (file)'].share),
      },
      {
        promise: 'a waiting room takes at most 1 KB',
        holds: results['waiting room (file)'].held <= 1024,
        value: Math.round(results['waiting room (file)'].held),
      },
      {
        promise: `100 000 such live games take at most ${gigabytesMax} GB (by the cost of one of ${loads['state of 3 numbers and a list'].count})`,
        holds: game('file').held * 1e5 <= gigabytesMax * 1e9,
        value: `${shown((game('file').held * 1e5) / 1e9)} GB`,
      },
      {
        promise: `1 000 000 games or rooms that sleep take at most ${gigabytesMax} GB (by the cost of one of ${asleepGames} and of ${loads['room that sleeps'].count})`,
        holds: sleeping * 1e6 <= gigabytesMax * 1e9,
        value: `${shown((sleeping * 1e6) / 1e9)} GB`,
      },
      {
        promise: 'what the ledger takes for the bytes of live games is right within 1.5 times (file journal)',
        holds: Math.max(...estimates) <= 1.5,
        value: shown(Math.max(...estimates)),
      },
    ],
  }
}
