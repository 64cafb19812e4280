// The archive: 5 000 games that end within a second, and what play feels of it; what a segment costs beside plain gzip of
// the same bytes; how large an event is in it; one game of many, read by its id; and what the journal's answers feel.
// Replay of everything beside gunzip + JSON.parse is in bench/rebuild.mjs.
//
//     npm run bench -- archive
//
// Events are lines of some 200 bytes. Each part runs in a process of its own, on the disk that this folder is on, and takes turns
// with the one that it is compared with: the same load with a journal in memory and no archiving. Before the games end 2 000
// others have, in both: else play is compared beside an archiver whose code is only being compiled; that is in the table, too.
// `ARCHIVE_GAMES` and `ARCHIVE_ROUNDS` set how many archived games one is read from, and how often each is measured.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parts } from './archive/parts.mjs'
import { median } from './measure.mjs'

const gamesAll = Number(process.env.ARCHIVE_GAMES ?? 100_000)
const rounds = Number(process.env.ARCHIVE_ROUNDS ?? 5)
const games = 5_000
const load = { earlier: 2_000, games, events: 30, commandsPerSecond: 20_000, afterMs: 1_500 }
const durability = { games: 6_000, events: 30, inFlight: 100, forMs: 1_000 }

const self = fileURLToPath(import.meta.url)
if (process.argv[1] === self) {
  console.log(JSON.stringify(await parts[process.argv[2]](JSON.parse(process.argv[3]))))
  // A ledger that never archives has timers and games that nobody needs any more.
  process.exit(0)
}

const inOwnProcess = (part, given) =>
  JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', self, part, JSON.stringify(given)], { encoding: 'utf8' }),
  )

const inDirectory = (work) => {
  const data = fileURLToPath(new URL('data/', import.meta.url))
  mkdirSync(data, { recursive: true })
  const directory = mkdtempSync(join(data, 'archive-'))
  try {
    return work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const onDisk = (part, given) => inDirectory((directory) => inOwnProcess(part, { ...given, directory }))

/** The median of each figure; what is no number has to be the same in all. */
const medians = (all) =>
  Object.fromEntries(
    Object.keys(all[0]).map((name) => [
      name,
      typeof all[0][name] === 'number' ? median(all.map((figures) => figures[name])) : all[0][name],
    ]),
  )

/** Takes turns, so many rounds each. */
const inTurn = (contenders, count = rounds) => {
  const all = contenders.map(() => [])
  for (let round = 0; round < count; round++)
    for (const [at, contender] of contenders.entries()) all[at].push(contender())
  return all.map(medians)
}

const mebibytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`
const ms = (...values) => values.map((value) => value.toFixed(value < 10 ? 2 : 1)).join(' / ')

export const run = async () => {
  const [ended] = inTurn([() => onDisk('ending', { games, events: 30 })], Math.ceil(rounds / 2))
  const [off, on] = inTurn([() => inOwnProcess('disturbed', load), () => onDisk('disturbed', load)])
  const cold = { ...load, earlier: 0 }
  const [coldOff, coldOn] = inTurn(
    [() => inOwnProcess('disturbed', cold), () => onDisk('disturbed', cold)],
    1,
  )
  const long = inOwnProcess('building', { rounds: 7, games: 200, events: 100 })
  const short = inOwnProcess('building', { rounds: 7, games: 256, events: 30 })
  const [alone, beside] = inTurn(
    [false, true].map((isBeside) => () => onDisk('durable', { ...durability, isBeside })),
    Math.ceil(rounds / 2),
  )
  const read = onDisk('reading', { games: gamesAll, events: 8, reads: 4_000 })
  const perSecond = games / ended.wall
  const isWhole = ended.archived === games && ended.isWhole && on.archived === games
  const speed = long.floor / long.built
  return {
    unit: `${games} games of 30 events that end at once; one of ${gamesAll} games read; event lines of ${long.lineBytes.toFixed(0)} bytes`,
    results: {
      'games archived a second': { value: perSecond },
      'CPU s for all of them': { value: ended.cpu },
      'heap and buffers beside the games': { value: mebibytes(ended.growth) },
      'event-loop delay p50 / p99 / max without, ms': { value: ms(off.delayP50, off.delayP99, off.delayMax) },
      'event-loop delay p50 / p99 / max, ms': { value: ms(on.delayP50, on.delayP99, on.delayMax) },
      'p99 without / with where no game has ended before, ms': {
        value: ms(coldOff.delayP99, coldOn.delayP99),
      },
      'commands/s without / with': { value: `${off.rate.toFixed(0)} / ${on.rate.toFixed(0)}` },
      'answer synced p50 / p99 alone, ms': { value: ms(alone.p50, alone.p99) },
      'answer synced p50 / p99 beside archiving, ms': { value: ms(beside.p50, beside.p99) },
      'bytes an event, games of 100 events': { value: long.bytesAnEvent },
      'bytes an event, games of 30 events': { value: short.bytesAnEvent },
      'MB a CPU second, gzip -6 in one piece': { value: long.raw / long.floor / 1e6 },
      'MB a CPU second, a segment': { value: long.raw / long.built / 1e6 },
      'MB a CPU second, a segment of short games': { value: short.raw / short.built / 1e6 },
      'one archived game p50 / p99, ms': { value: ms(read.p50, read.p99) },
    },
    promises: [
      {
        promise: `${games} games that end within a second are all archived, once each, at no less than 2 000 games/s`,
        holds: isWhole && ended.endedAfter < 1 && perSecond >= 2_000,
        value: `${Math.round(perSecond)}; ended within ${ended.endedAfter.toFixed(2)} s; ${isWhole ? 'all' : `${ended.archived} and ${on.archived}`} archived`,
      },
      {
        promise:
          'the event-loop delay is at p99 at most 2 times that without journal and archiving, and under 50 ms at most',
        holds: on.delayP99 <= 2 * off.delayP99 && on.delayMax < 50,
        value: `${(on.delayP99 / off.delayP99).toFixed(2)}, ${on.delayMax.toFixed(1)} ms`,
      },
      {
        promise: 'at most 36 bytes an event, in games of 100 events',
        holds: long.bytesAnEvent <= 36,
        value: long.bytesAnEvent.toFixed(1),
      },
      {
        promise: 'a segment is built at least at 0.8 of the speed of gzip -6 of the same bytes',
        holds: speed >= 0.8,
        value: `${speed.toFixed(2)}; of short games ${(short.floor / short.built).toFixed(2)}`,
      },
      {
        promise: `one archived game of ${gamesAll} is read in under 5 ms at p99`,
        holds: read.p99 < 5,
        value: `${read.p99.toFixed(2)} ms`,
      },
    ],
  }
}
