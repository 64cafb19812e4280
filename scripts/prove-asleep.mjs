// A million games that sleep: how long a ledger takes to open over them, what they cost in memory, and whether each of
// some that are woken goes on from where it stood.
//
//     npm run prove:asleep -- --games 1000000
//
// The journal is made here, not played: files of generation 1, by the code that carries games, over a folder of its own.
// The first opening builds the player index from all events, as after its checkpoint was lost; the second is measured.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, defineGame, openLedger, reject } from '../dist/index.js'
import { writeCarried } from '../dist/events/journal/carried-file.js'
import { Gathering } from '../dist/events/journal/gathering.js'
import { LogFile } from '../dist/events/journal/log-file.js'
import { saveManifest } from '../dist/events/journal/manifest.js'
import { nodeDisk } from '../dist/events/journal/node-disk.js'
import { encodeRecord, recordBytesMax } from '../dist/events/journal/record.js'
import { hold, memory } from './proof.mjs'

const { values } = parseArgs({
  options: { games: { type: 'string', default: '1000000' }, dir: { type: 'string' } },
})
const games = Number(values.games)
const eventsPerGame = 100
const eventsPerRecord = 4
const gamesPerFile = 2_000
const woken = 1_000
const secondsMax = 10
const bytesMax = 1.5e9
const ledgerId = '6b1f0a52-9c3d-4e8b-a170-5d2e8f44c603'

const walk = defineGame({
  kind: 'walk',
  initialState: { steps: 0 },
  decide: (command, { steps }) =>
    command.from === steps ? accept({ type: 'Stepped', n: steps + 1 }) : reject('lost'),
  evolve(state, { n }) {
    state.steps = n
  },
  isTerminal: () => false,
  players: () => ['ann', 'bob'],
})

/** Lines of the versions first..first + 3, the same for every game. */
const linesFrom = (first) => {
  let text = ''
  for (let v = first; v < first + eventsPerRecord; v++)
    text += `{"v":${v},"t":1763900000000${v === 1 ? ',"p":["ann","bob"]' : ''},"e":{"type":"Stepped","n":${v}}}\n`
  return Buffer.from(text)
}
const pieces = Array.from({ length: eventsPerGame / eventsPerRecord }, (_, n) =>
  linesFrom(n * eventsPerRecord + 1),
)

/** The records of a game. All games of a file were played at the same time, so their positions alternate. */
const gather = (gathering, file, nth) => {
  const stream = `walk/game-${String(file * gamesPerFile + nth).padStart(7, '0')}`
  pieces.forEach((lines, n) => {
    const position = file * gamesPerFile * eventsPerGame + (n * gamesPerFile + nth) * eventsPerRecord + 1
    const record = {
      type: 'events',
      stream,
      firstVersion: n * eventsPerRecord + 1,
      count: eventsPerRecord,
      firstPosition: position,
      bytes: lines,
      start: 0,
      end: lines.length,
    }
    const bytes = Buffer.alloc(recordBytesMax(record))
    encodeRecord(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, record, 1)
    const start = 40 + stream.length
    gathering.add({ ...record, bytes, start, end: start + lines.length })
  })
}

const make = async (directory) => {
  const disk = nodeDisk()
  await disk.makeDirectory(directory)
  const carried = []
  for (let file = 0; file * gamesPerFile < games; file++) {
    const gathering = new Gathering()
    for (let nth = 0; nth < Math.min(gamesPerFile, games - file * gamesPerFile); nth++)
      gather(gathering, file, nth)
    const target = new LogFile(directory, file + 1)
    await writeCarried(disk, target, ledgerId, gathering.runs())
    carried.push({ id: target.id, lastFrame: target.lastFrame, indexAt: target.indexAt, length: target.end })
  }
  await saveManifest(disk, directory, {
    format: 'gameledger-journal',
    major: 2,
    minor: 0,
    number: 1,
    ledgerId,
    nextFileId: carried.length + 1,
    lastPosition: games * eventsPerGame,
    eventsAtRisk: 0,
    lost: [],
    files: [],
    carried,
    settled: [],
    remnants: [],
    quarantined: [],
    repairedThrough: 0,
    closedAtFrame: 0,
  })
}

const root = values.dir ?? mkdtempSync(join(tmpdir(), 'gameledger-asleep-'))
const directory = join(root, 'journal')
try {
  await make(directory)
  const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  console.log(
    `${games} games of ${eventsPerGame} events, ${(bytes / 1e9).toFixed(1)} GB in ${readdirSync(directory).length} files`,
  )
  const options = { games: [walk], dir: root, gamesLiveMax: 200_000, checks: false }
  const building = performance.now()
  await (await openLedger(options)).close()
  console.log(
    `read models built once from all events in ${((performance.now() - building) / 1_000).toFixed(0)} s`,
  )
  const before = memory().held
  const begun = performance.now()
  const ledger = await openLedger(options)
  const seconds = (performance.now() - begun) / 1_000
  const { asleep, live } = ledger.stats().games
  hold(asleep === games && live === 0, `${asleep} games sleep, ${live} are in memory`)
  hold(seconds < secondsMax, `opened in ${seconds.toFixed(1)} s (${secondsMax} s allowed)`)
  const held = memory().held - before
  hold(
    held < bytesMax,
    `${(held / 1e6).toFixed(0)} MB, ${(held / games).toFixed(0)} B a game (${bytesMax / 1e6} MB allowed)`,
  )
  const first = performance.now()
  let wrong = 0
  for (let n = 0; n < woken; n++) {
    const id = `game-${String(Math.floor(Math.random() * games)).padStart(7, '0')}`
    const answer = await ledger
      .game(walk, id)
      .dispatch({ type: 'Step', from: ledger.game(walk, id).state?.steps ?? eventsPerGame })
    if (answer._tag === 'Left' || answer.right.version <= eventsPerGame) wrong++
  }
  hold(
    wrong === 0,
    `${woken} of them were woken by a command, ${((performance.now() - first) / woken).toFixed(2)} ms each, sync included`,
  )
  await ledger.close()
} finally {
  if (values.dir === undefined) rmSync(root, { recursive: true, force: true })
}
