// The journal beside a plain write + fdatasync loop and beside what else could keep events; the ledger on it beside the
// ledger in memory; and its recovery beside reading the same bytes.
//
//     npm install --prefix bench     the peers, once; those that are absent are skipped
//     npm run bench -- journal
//
// Events are lines of 197 bytes, acknowledged when they are on the disk (fdatasync has returned). 1, 100 or 1 000 are in
// flight: a window, each acknowledgment followed at once by as many new events; or, where a contender takes whole groups,
// lockstep: so many are written, and when all are acknowledged, as many again. A latency is that of so many events. The
// journal does both, and the table says how many events a group has: a group is acknowledged as one, so a window comes to
// whole groups as well, and the floor's are the same. docs/decisions/whole-groups.md says why they are not cut smaller.
// Contenders take turns, each in a fresh directory on the disk that this folder is on; medians of five rounds after a
// warm-up. The floor writes groups as long as the journal's frames, made before the clock runs. The journal's games end and
// are released, so that it uses its log files again, as on a server that has run for a while; one that is new, and releases
// nothing, zeroes its next files while the clock runs. CPU seconds are user + system, all threads of this process.
import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileJournal, memoryJournal } from '../dist/index.js'
import {
  checkedLines,
  inLockstep,
  newJournal,
  ownJournal,
  readyGroups,
  untilReserved,
} from './journal/contenders.mjs'
import { peers } from './journal/peers.mjs'
import { makeJournal, recoveries } from './journal/recovery.mjs'
import { dispatchTo, openLoad, play } from './load.mjs'
import { measure, median, percentile } from './measure.mjs'

const rounds = 5
/** A contender stops here where the disk is slow, or shared: the whole bench is to take two minutes at most. */
const writingMsMax = 500
const [wall, cpu] = ['a second', 'a CPU second']

const figuresOf = (count, seconds, latenciesMs) => ({
  [wall]: count / seconds.wall,
  [cpu]: count / seconds.cpu,
  ...(latenciesMs && {
    'p50 us': percentile(latenciesMs, 0.5) * 1_000,
    'p99 us': percentile(latenciesMs, 0.99) * 1_000,
  }),
})

/** A row of the table: the median of each figure over the rounds. */
const rowOf = (all) =>
  Object.fromEntries(
    Object.keys(all[0]).map((column) => [column, median(all.map((figures) => figures[column]))]),
  )

/** The contenders take turns, `once` each a round; the first round is not counted. */
const inTurn = async (contenders, once) => {
  const all = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const [name, contender] of Object.entries(contenders)) {
      const figures = await once(contender)
      if (round > 0) all[name].push(figures)
    }
  return Object.fromEntries(Object.entries(all).map(([name, figures]) => [name, rowOf(figures)]))
}

const inDirectory = async (work) => {
  const data = fileURLToPath(new URL('data/', import.meta.url))
  mkdirSync(data, { recursive: true })
  const directory = mkdtempSync(join(data, 'journal-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const writing = (events, inFlight) => (open) =>
  inDirectory(async (directory) => {
    const { write, groups, close } = await open(directory)
    const latencies = []
    let written = 0
    const seconds = await measure(async () => {
      for (const until = performance.now() + writingMsMax; written < events && performance.now() < until;) {
        const begun = performance.now()
        await write(written, inFlight)
        latencies.push(performance.now() - begun)
        written += inFlight
      }
    })
    const groupsWritten = groups?.() ?? written / inFlight
    await close()
    return { ...figuresOf(written, seconds, latencies), 'events a group': written / groupsWritten }
  })

/** A frame of so many events: 32 bytes, and for each 40, its stream and its line, padded to 8. */
const frameBytesOf = (inFlight) => 32 + inFlight * 248

const write = async () => {
  const others = peers()
  const rows = {}
  for (const [inFlight, events] of [
    [1, 1_000],
    [100, 30_000],
    [1_000, 150_000],
  ])
    rows[inFlight] = await inTurn(
      {
        'floor: write + fdatasync, groups made before': readyGroups(frameBytesOf(inFlight), false),
        'the same over zeros, all made before': readyGroups(frameBytesOf(inFlight), true),
        'write + fdatasync, lines copied, a CRC each': checkedLines,
        'file journal': ownJournal,
        'file journal, in lockstep': inLockstep,
        'file journal, its first files': newJournal,
        ...others,
      },
      writing(events, inFlight),
    )
  return rows
}

/** The load of promise 1, a thousand commands in flight; one in 16 is timed. */
const dispatching = (openLedger) =>
  inDirectory(async (directory) => {
    const [games, moves] = [1_000, 100]
    const ledger = await openLedger(directory)
    const dispatch = dispatchTo(ledger)
    const latencies = []
    let nth = 0
    const seconds = await measure(() =>
      play(games, moves, (id, command) => {
        if ((nth++ & 15) !== 0) return dispatch(id, command)
        const begun = performance.now()
        return dispatch(id, command).then(() => latencies.push(performance.now() - begun))
      }),
    )
    await ledger.close()
    return figuresOf(games * moves, seconds, latencies)
  })

const ledgers = {
  'memory, memory journal': () => openLoad({ journal: memoryJournal(), durability: 'memory' }),
  'synced, file journal': async (directory) => {
    const ledger = await openLoad({ journal: fileJournal(directory), durability: 'synced' })
    await untilReserved(directory)
    return ledger
  },
}

const recovering = (events) =>
  inDirectory(async (directory) => {
    await makeJournal(directory, events)
    return inTurn(recoveries, async (recover) => figuresOf(events, await recover(directory, events)))
  })

const titled = (title, rows) =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${title}: ${name}`, row]))

/** How many times the figure of one row is that of another. */
const ratio = (rows, one, other, column) => rows[one][column] / rows[other][column]

const atLeast = (bound, promise, value) => ({
  promise: `${promise}: at least ${bound}`,
  holds: value >= bound,
  value: Number(value.toFixed(2)),
})
const atMost = (bound, promise, value) => ({
  promise: `${promise}: at most ${bound}`,
  holds: value <= bound,
  value: Number(value.toFixed(2)),
})

export const run = async () => {
  const written = await write()
  const dispatched = await inTurn(ledgers, dispatching)
  const recovered = { 300_000: await recovering(300_000), 600_000: await recovering(600_000) }
  const [floor, , copied, own, lockstep] = Object.keys(written[1_000])
  const [memory, synced] = Object.keys(dispatched)
  const [reading, alone, whole] = Object.keys(recovered[300_000])
  const timesReading = (name) =>
    Math.max(...Object.values(recovered).map((rows) => ratio(rows, reading, name, cpu)))
  return {
    unit: 'events, commands; CPU seconds of all threads; us from writing to acknowledged',
    results: Object.assign(
      {},
      ...Object.entries(written).map(([inFlight, rows]) => titled(`${inFlight} in flight`, rows)),
      titled('ledger', dispatched),
      ...Object.entries(recovered).map(([events, rows]) => titled(`opening ${events}`, rows)),
    ),
    promises: [
      atLeast(
        0.8,
        'file journal, 1 000 in flight, of the floor a second',
        ratio(written[1_000], own, floor, wall),
      ),
      atLeast(
        0.8,
        'the same in lockstep, of the floor a second',
        ratio(written[1_000], lockstep, floor, wall),
      ),
      atLeast(
        0.8,
        'file journal, 1 000 in flight, of a loop that copies each line into its group, behind a checksum',
        ratio(written[1_000], own, copied, wall),
      ),
      // Promise 1 is per CPU second, and so is what is promised of it; waiting for the disk shows a second.
      atLeast(0.5, 'synced ledger, of that in memory, a CPU second', ratio(dispatched, synced, memory, cpu)),
      atLeast(0.5, 'the same, a second', ratio(dispatched, synced, memory, wall)),
      atMost(2, 'opening the journal, times read + CRC + parse, CPU seconds', timesReading(alone)),
      atMost(2, 'opening the whole ledger, times read + CRC + parse, CPU seconds', timesReading(whole)),
    ],
  }
}
