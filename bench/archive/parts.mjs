// What the archive's bench measures; each part is for a process of its own.
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { buildSegment } from '../../dist/archive/segment.js'
import { unpackedMemberOf } from '../../dist/archive/completed-game.js'
import { TimeSlice } from '../../dist/events/time-slice.js'
import { fileColdStore, fileJournal, memoryColdStore, memoryJournal } from '../../dist/index.js'
import { seededRandom } from '../../dist/testing.js'
import { measure, measureCpuInRow, median, percentile } from '../measure.mjs'
import { duelOf, openDuels, playEach } from './duel.mjs'

/** Archiving is off: no batch ever closes. */
const neverArchived = {
  batchGamesMax: 1e9,
  batchBytesMax: 1e12,
  batchAgeMaxMs: 2 ** 31 - 1,
  closeDeadlineMs: 1,
}

/** Journal and archive in a directory, or neither. */
const surroundings = (directory) =>
  directory === undefined
    ? { journal: memoryJournal(), archive: memoryColdStore(), ...neverArchived }
    : { journal: fileJournal(join(directory, 'journal')), archive: fileColdStore(join(directory, 'archive')) }

const memory = () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** All games end at once: how long until every one is archived, and what that takes in memory. */
const ending = async ({ directory, games, events }) => {
  const duel = duelOf(events)
  const ledger = await openDuels(duel, surroundings(directory))
  const { all, play } = await playEach(ledger, duel, { games, moves: events - 1 })
  await ledger.settled()
  const before = memory()
  let most = 0
  const watching = setInterval(() => {
    const { heapUsed, external } = process.memoryUsage()
    most = Math.max(most, heapUsed + external)
  }, 5)
  let endedAfter = 0
  const begun = performance.now()
  const seconds = await measure(async () => {
    for (let from = 0; from < games; from += 1_000) await Promise.all(all.slice(from, from + 1_000).map(play))
    endedAfter = (performance.now() - begun) / 1_000
    await ledger.settled()
  })
  clearInterval(watching)
  const { games: archived } = await ledger.archive.count()
  const { ok: isWhole } = await ledger.archive.verify()
  await ledger.close()
  return { ...seconds, endedAfter, archived, isWhole, before, growth: most - before }
}

/**
 * At 20 000 commands a second the games end, one with every command; before and after others go on. So many have ended
 * before, `earlier`: a server that has just been started is busy compiling what it does for the first time.
 */
const disturbed = async ({ directory, earlier, games, events, commandsPerSecond, afterMs }) => {
  const duel = duelOf(events)
  const ledger = await openDuels(duel, surroundings(directory))
  await playEach(ledger, duel, { games: earlier, moves: events, prefix: 'earlier' })
  if (directory !== undefined) await ledger.settled()
  const { gamesArchived: archivedBefore } = ledger.stats().archive
  const ends = await playEach(ledger, duel, { games, moves: events - 1, prefix: 'ending' })
  const others = await playEach(ledger, duel, { games: 1_000, moves: 1, prefix: 'other' })
  let [next, sent, begun] = [0, 0, 0]
  const goOn = (live) => {
    const one = live[next % live.length]
    if (one.move === events - 1) {
      // The next game of this table; it never ends, so that all that is archived is what ended at once.
      one.move = 0
      one.game = ledger.game(duel, `next-${begun++}`)
    }
    next++
    return others.play(one)
  }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let isMeasured = false
  const start = performance.now()
  const endingMs = (1_000 * games) / commandsPerSecond
  const leadMs = 500
  const wholeMs = leadMs + endingMs + afterMs
  const latencies = []
  let unanswered = 0
  for (let now = 0; now < wholeMs; now = performance.now() - start) {
    if (now >= leadMs && !isMeasured) isMeasured = delay.enable()
    for (const due = (now / 1_000) * commandsPerSecond; sent < due; sent++) {
      const at = sent - (leadMs / 1_000) * commandsPerSecond
      const answer = at >= 0 && at < games ? ends.play(ends.all[Math.floor(at)]) : goOn(others.all)
      if ((sent & 15) !== 0) continue
      const asked = performance.now()
      unanswered++
      void answer.then(() => {
        unanswered--
        latencies.push(performance.now() - asked)
      })
    }
    await sleep(1)
  }
  delay.disable()
  while (unanswered > 0) await sleep(1)
  if (directory !== undefined) await ledger.settled()
  const { gamesArchived } = ledger.stats().archive
  const figures = {
    delayP50: delay.percentile(50) / 1e6,
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    answerP50: percentile(latencies, 0.5),
    answerP99: percentile(latencies, 0.99),
    rate: sent / (wholeMs / 1_000),
    archived: gamesArchived - archivedBefore,
  }
  await ledger.close()
  return figures
}

/** A segment, beside gzip -6 of the same bytes in one piece; several in a row, as batches come. */
const building = async ({ rounds, games, events }) => {
  const [inRow, warmUp] = [4, 3]
  const duel = duelOf(events)
  const ledger = await openDuels(duel, surroundings())
  await playEach(ledger, duel, { games, moves: events })
  const logs = await logsOf(ledger, duel, games)
  const rules = new Map([[duel.kind, duel]])
  const slice = new TimeSlice(1e9)
  const members = []
  for (const game of logs) members.push(await unpackedMemberOf(game, rules, slice))
  const raw = Buffer.concat(members.flatMap(({ parts }) => parts))
  const [floor, built] = [[], []]
  let bytes = 0
  for (let round = 0; round < warmUp + rounds; round++) {
    const one = await measureCpuInRow(() => {
      for (let nth = 0; nth < inRow; nth++) gzipSync(raw, { level: 6 })
    })
    const segment = await measureCpuInRow(async () => {
      for (let nth = 0; nth < inRow; nth++) bytes = (await buildSegment(logs, rules)).bytes.length
    })
    if (round < warmUp) continue
    floor.push(one / inRow)
    built.push(segment / inRow)
  }
  await ledger.close()
  const eventsAll = games * events
  const lines = members.reduce((sum, { parts: [, { length }] }) => sum + length, 0)
  return {
    raw: raw.length,
    floor: median(floor),
    built: median(built),
    lineBytes: lines / eventsAll,
    bytesAnEvent: bytes / eventsAll,
  }
}

/** The logs of games that are over, as the ledger lends them to its archiver. */
const logsOf = async (ledger, duel, games) => {
  const { EventLog } = await import('../../dist/events/event-log.js')
  const { encodeLine } = await import('../../dist/events/codec.js')
  const logs = []
  for (let nth = 0; nth < games; nth++) {
    const log = new EventLog()
    for await (const envelope of ledger.game(duel, `game-${nth}`).events()) {
      const { offset } = log.append(encodeLine(envelope, JSON.stringify(envelope.event)), 1)
      log.place(offset, envelope.position)
    }
    logs.push({
      stream: `${duel.kind}/game-${nth}`,
      log,
      final: { state: ledger.game(duel, `game-${nth}`).state },
    })
  }
  return logs
}

/** One archived game of many, read by its id. */
const reading = async ({ directory, games, events, reads }) => {
  const duel = duelOf(events)
  const ledger = await openDuels(duel, {
    journal: memoryJournal(),
    archive: fileColdStore(join(directory, 'archive')),
  })
  const each = 5_000
  for (let from = 0; from < games; from += each) {
    await playEach(ledger, duel, { games: each, moves: events, seed: from + 1, prefix: `game-${from}` })
    await ledger.settled()
  }
  const random = seededRandom(5)
  const latencies = []
  for (let nth = 0; nth < 2 * reads; nth++) {
    const which = Math.floor(random.next() * games)
    const begun = performance.now()
    const answer = await ledger.replay(duel, `game-${which - (which % each)}-${which % each}`)
    if (nth >= reads) latencies.push(performance.now() - begun)
    if (answer._tag !== 'Right') throw new Error(JSON.stringify(answer.left))
  }
  await ledger.close()
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

/** How long an answer at degree synced takes, so many in flight, alone and while games are archived without a pause. */
const durable = async ({ directory, inFlight, games, events, forMs, isBeside }) => {
  const duel = duelOf(events)
  const ledger = await openDuels(duel, {
    ...surroundings(directory),
    ...(isBeside ? { batchAgeMaxMs: 1 } : neverArchived),
  })
  const over = await playEach(ledger, duel, { games, moves: events - 1, prefix: 'over' })
  const live = await playEach(ledger, duel, { games: inFlight, moves: 1, prefix: 'live' })
  for (let from = 0; from < games; from += 1_000)
    await Promise.all(over.all.slice(from, from + 1_000).map(over.play))
  const latencies = []
  let nth = 0
  const begun = performance.now()
  // As long as there is something to archive.
  while (performance.now() - begun < forMs && (!isBeside || ledger.stats().archive.gamesWaiting > 0)) {
    const asked = performance.now()
    await Promise.all(
      live.all.map((one) => {
        if (one.move === events - 1) {
          one.move = 0
          one.game = ledger.game(duel, `more-${nth++}`)
        }
        return live.play(one)
      }),
    )
    latencies.push(performance.now() - asked)
  }
  const { gamesArchived, gamesWaiting } = ledger.stats().archive
  await ledger.close()
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    archived: gamesArchived,
    waiting: gamesWaiting,
  }
}

export const parts = { ending, disturbed, building, reading, durable }
