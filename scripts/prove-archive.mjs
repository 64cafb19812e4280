// A million archived games: how long a ledger takes to open over them and what that costs in memory, how fast one is found,
// listed and read, and what is done at an id that the archive does not have.
//
//     npm run prove:archive -- --games 1000000 [--dir DIR]
//
// The archive is made here, not played: objects of the released format, as a ledger would have put them. With `--dir` it is
// kept there, and made only where it is not there yet. Each opening is a process of its own. The first one has no saved
// catalog and no read models; the others have, and are measured.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { accept, defineGame, fileCatalogStore, openLedger } from '../dist/index.js'
import { encodeManifest, parseManifest } from '../dist/archive/manifest.js'
import { digestOf } from '../dist/archive/catalog/batch-digest.js'
import { DigestSpool } from '../dist/archive/catalog/digest-spool.js'
import { FingerprintIndex } from '../dist/archive/catalog/fingerprint-index.js'
import { SavedCatalog } from '../dist/archive/catalog/saved-catalog.js'
import { fingerprintOf } from '../dist/events/fingerprint.js'
import { hold, memory, tell } from './proof.mjs'

const { values } = parseArgs({
  options: {
    games: { type: 'string', default: '1000000' },
    dir: { type: 'string' },
    phase: { type: 'string' },
  },
})
const games = Number(values.games)
const gamesPerBatch = 256
const events = 8
const players = 100_000
const rareBatch = 100
const startedAt = 1_500_000_000_000
/** A game ends every ten seconds. */
const everyMs = 10_000
const ledgerId = '6b1f0a52-9c3d-4e8b-a170-5d2e8f44c603'
const promises = { openSeconds: 5, openBytes: 200e6, oneGameMs: 5 }

const walk = defineGame({
  kind: 'walk',
  initialState: { steps: 0 },
  decide: () => accept({ type: 'Stepped' }),
  evolve(state) {
    state.steps++
  },
  isTerminal: ({ steps }) => steps >= events,
})

const gameIdOf = (n) => `g${String(n).padStart(8, '0')}`
/** A few play much, many play little; the same in every run. */
const playerOf = (n) => `player-${Math.floor((((n * 2_654_435_761) >>> 0) / 2 ** 32) ** 3 * players)}`
/** The last game of every hundredth batch is of a kind of its own. */
const kindOf = (n) =>
  n % gamesPerBatch === gamesPerBatch - 1 && Math.floor(n / gamesPerBatch) % rareBatch === 0 ? 'rare' : 'walk'

const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex')

const memberOf = (n) => {
  const kind = kindOf(n)
  const seats = [playerOf(2 * n), playerOf(2 * n + 1)]
  const outcome = { standings: seats.map((player, at) => ({ player, place: at + 1 })), reason: 'walked' }
  const lastAt = startedAt + n * everyMs
  let lines = ''
  for (let v = 1; v <= events; v++) {
    const head = `{"v":${v},"t":${lastAt - (events - v) * 1_000}`
    const end = v === events ? `,"f":1,"r":${JSON.stringify(outcome)}` : ''
    const told = v === 1 ? `,"p":${JSON.stringify(seats)}` : ''
    lines += `${head}${told}${end},"e":{"type":"Stepped","by":${JSON.stringify(seats[v % 2])},"n":${v}}}\n`
  }
  const position = n * events + 1
  const header = {
    format: 1,
    kind,
    gameId: gameIdOf(n),
    players: seats,
    outcome,
    versions: events,
    firstAt: lastAt - (events - 1) * 1_000,
    lastAt,
    positions: [position, ...Array.from({ length: events - 1 }, () => 1)],
    hash: sha256Of(lines),
  }
  const raw = Buffer.from(`${JSON.stringify(header)}\n${lines}`)
  return { packed: gzipSync(raw, { level: 1 }), raw: raw.length, header, position }
}

const padded = (batch) => String(batch).padStart(12, '0')

const makeBatch = (archive, batch, first, count) => {
  const members = Array.from({ length: count }, (_, at) => memberOf(first + at))
  members.sort((one, other) =>
    `${one.header.kind}/${one.header.gameId}` < `${other.header.kind}/${other.header.gameId}` ? -1 : 1,
  )
  const segment = Buffer.concat(members.map(({ packed }) => packed))
  let offset = 0
  const indexed = members.map(({ packed, raw, header, position }) => {
    const { kind, gameId, outcome, firstAt, lastAt, hash } = header
    const place = { offset, length: packed.length, rawBytes: raw }
    offset += packed.length
    const positions = { firstPosition: position, lastPosition: position + events - 1 }
    return {
      kind,
      gameId,
      ...place,
      events,
      players: header.players,
      outcome,
      ...positions,
      firstAt,
      lastAt,
      hash,
    }
  })
  const manifest = {
    format: 1,
    ledger: ledgerId,
    batch,
    segment: `${padded(batch)}.ndjson.gz`,
    codec: 'gzip',
    bytes: segment.length,
    sha256: sha256Of(segment),
    firstPosition: first * events + 1,
    lastPosition: (first + count) * events,
    games: indexed,
  }
  writeFileSync(join(archive, manifest.segment), segment)
  writeFileSync(join(archive, `${padded(batch)}.manifest.json`), encodeManifest(manifest))
}

const make = (root) => {
  const archive = join(root, 'archive')
  if (existsSync(join(archive, 'ledger.json'))) return
  mkdirSync(archive, { recursive: true })
  for (let batch = 1; (batch - 1) * gamesPerBatch < games; batch++) {
    const first = (batch - 1) * gamesPerBatch
    makeBatch(archive, batch, first, Math.min(gamesPerBatch, games - first))
  }
  // Last: what stands without it was not made to the end.
  writeFileSync(join(archive, 'ledger.json'), JSON.stringify({ format: 1, ledger: ledgerId }))
}

const since = (begun) => (performance.now() - begun) / 1_000
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`
const ms = (value) => `${value.toFixed(2)} ms`

const open = async (root) => {
  const before = memory()
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const ledger = await openLedger({ games: [walk], dir: root, adopt: true, checks: false })
  const seconds = since(begun)
  const { user, system } = process.cpuUsage(cpu)
  return { ledger, seconds, cpuSeconds: (user + system) / 1e6, before, peak: process.memoryUsage().rss }
}

/** Draws the same numbers in every run. */
let drawn = 7
const draw = (below) => {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((drawn / 2 ** 32) * below)
}

/** Median and 99th of a hundred, and CPU on the average, in ms, of something done so often. */
const timed = async (times, work) => {
  const took = []
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) {
    const begun = performance.now()
    await work(n)
    took.push(performance.now() - begun)
  }
  const { user, system } = process.cpuUsage(before)
  took.sort((one, other) => one - other)
  const cpu = (user + system) / 1_000 / times
  return { p50: took[times >> 1], p99: took[Math.floor(times * 0.99)], cpu }
}

const phases = {
  async first(root) {
    const { ledger, seconds, cpuSeconds } = await open(root)
    tell(`first opening, without a saved catalog: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU`)
    const begun = performance.now()
    await ledger.caughtUp()
    tell(`the player index was built from the index of the archive in ${since(begun).toFixed(1)} s more`)
    await ledger.close()
    const { size } = statSync(join(root, 'catalog', 'archive.catalog'))
    tell(`saved catalog: ${mb(size)}, ${(size / games).toFixed(1)} B a game`)
  },

  async open(root) {
    const { ledger, seconds, cpuSeconds, before } = await open(root)
    const after = memory()
    const { archived } = ledger.stats().games
    hold(archived === games, `${archived} games are archived`)
    hold(
      seconds < promises.openSeconds,
      `opened in ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU (${promises.openSeconds} s allowed)`,
    )
    const held = after.held - before.held
    hold(
      held < promises.openBytes,
      `${mb(held)} of memory more than before, ${mb(after.rss - before.rss)} more resident (${mb(promises.openBytes)} allowed)`,
    )
    await ledger.close()
  },

  async save(root) {
    const place = join(root, 'saving')
    const saved = new SavedCatalog(fileCatalogStore(place), ledgerId)
    await saved.writeAnew(new DigestSpool())
    const key = `${padded(1)}.manifest.json`
    const digest = digestOf(parseManifest(key, readFileSync(join(root, 'archive', key))))
    const batches = Math.ceil(60_000 / gamesPerBatch)
    for (let batch = 0; batch < batches; batch++) saved.note(digest)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cpu = process.cpuUsage()
    await saved.save()
    const { user, system } = process.cpuUsage(cpu)
    delay.disable()
    const stopped = delay.max / 1e6
    const spent = ((user + system) / 1_000).toFixed(1)
    tell(
      `saving what 30 s at 2 000 games a second leave: the event loop stood for ${ms(stopped)} at most, ${spent} ms of CPU (10 ms allowed)`,
    )
    rmSync(place, { recursive: true })
  },

  async ask(root) {
    const { ledger } = await open(root)
    const { archive } = ledger
    const readOne = async (n) => {
      let seen = 0
      for await (const { version } of archive.events(`${kindOf(n)}/${gameIdOf(n)}`)) seen = version
      if (seen !== events) throw new Error(`${gameIdOf(n)} has ${seen} events.`)
    }
    const newest = Math.min(games, 100_000)
    const fromNewest = () => readOne(games - 1 - draw(newest))
    await timed(1_000, fromNewest)
    const warm = await timed(2_000, fromNewest)
    hold(
      warm.p99 < promises.oneGameMs,
      `one game of the ${newest} newest, warm: p50 ${ms(warm.p50)}, p99 ${ms(warm.p99)}, ${ms(warm.cpu)} of CPU (${promises.oneGameMs} ms allowed)`,
    )
    const any = await timed(2_000, () => readOne(draw(games)))
    tell(`one game of all: p50 ${ms(any.p50)}, p99 ${ms(any.p99)}, ${ms(any.cpu)} of CPU`)
    const ofPlayer = await timed(500, async () => {
      await archive.list({ player: playerOf(draw(2 * games)) })
    })
    tell(
      `a page of a player's games: p50 ${ms(ofPlayer.p50)}, p99 ${ms(ofPlayer.p99)}, ${ms(ofPlayer.cpu)} of CPU`,
    )
    const day = 86_400_000
    const ofDay = await timed(100, async () => {
      const from = startedAt + draw(games) * everyMs
      await archive.list({ from, to: from + day })
    })
    tell(`a page of the games of some day: p50 ${ms(ofDay.p50)}, p99 ${ms(ofDay.p99)}`)
    const months = await timed(100, async () => {
      const from = startedAt + draw(games) * everyMs
      await archive.count({ from, to: from + 30 * day })
    })
    tell(`how many games ended in some month: p50 ${ms(months.p50)}, p99 ${ms(months.p99)}`)
    const rare = await timed(20, () => archive.list({ kind: 'rare', limit: 20 }))
    tell(`a page of 20 of a kind of which there is a game in every ${rareBatch} batches: p99 ${ms(rare.p99)}`)
    const misses = 2_000_000
    // Fingerprints of games that are not there, beside as many as are: what a new game asks of the catalog.
    const index = new FingerprintIndex()
    for (let n = 0; n < games; n++) index.add(fingerprintOf(`walk/${gameIdOf(n)}`), n)
    const begun = performance.now()
    let found = 0
    for (let n = 0; n < misses; n++) if (index.find(fingerprintOf(`walk/n${n}`)) !== undefined) found++
    tell(`${(misses / since(begun) / 1e6).toFixed(1)} million misses a second (${found} wrong)`)
    await ledger.close()
  },
}

/** Of another process, too: beside a busy machine seconds say little, and seconds of CPU more. */
const load = () => `load average ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`

if (values.phase) await phases[values.phase](values.dir)
else {
  const root = values.dir ?? mkdtempSync(join(tmpdir(), 'gameledger-archive-'))
  const run = (phase) => {
    try {
      const given = ['--games', values.games, '--dir', root, '--phase', phase]
      execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...given], {
        stdio: 'inherit',
      })
    } catch {
      // What failed has said so.
      process.exitCode = 1
    }
  }
  try {
    const begun = performance.now()
    make(root)
    console.log(`${games} games of ${events} events, made in ${since(begun).toFixed(0)} s; ${load()}`)
    rmSync(join(root, 'catalog'), { recursive: true, force: true })
    rmSync(join(root, 'projections'), { recursive: true, force: true })
    for (const phase of Object.keys(phases)) run(phase)
  } finally {
    if (values.dir === undefined) rmSync(root, { recursive: true, force: true })
  }
}
