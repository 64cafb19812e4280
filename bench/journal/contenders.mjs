// Who writes events to the disk: the floor, a plain loop, and the file journal.
//
// A contender is `open(directory)`, which gives `write(from, count)`: writes that many events beginning with the one
// numbered `from`, and resolves when all of them are on the disk (fdatasync has returned); `close()`; and, where a group
// is not what one `write` was given, `groups()`: how many there were since it was opened for measuring.
// Every event is a line of 197 bytes; they go to 1 000 games in turn.
import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { fileJournal } from '../../dist/index.js'

const [write, fdatasync] = [promisify(fs.write), promisify(fs.fdatasync)]
export const lineBytes = 197
const games = 1_000
export const streams = Array.from({ length: games }, (_, nth) => `load/game-${nth}`)

/** The line of an event, as a ledger records it: 197 bytes, line feed included. */
export const lineOf = (version) => {
  const head = `{"v":${version},"t":1763900000000,${version === 1 ? '"p":["p0","p1","p2","p3"],' : ''}"e":{"type":"Moved","player":0,"points":1,"note":"`
  return Buffer.from(`${head}${'x'.repeat(lineBytes - head.length - 4)}"}}\n`)
}
const line = lineOf(1_000)

/** The events record of event `nth`, from 0: what the ledger hands to its journal. */
export const recordOf = (nth, bytes = line, stream = streams[nth % games]) => ({
  type: 'events',
  stream,
  firstVersion: Math.floor(nth / games) + 1,
  count: 1,
  firstPosition: 0,
  bytes,
  start: 0,
  end: lineBytes,
})

/** A file of zeros, synced, as the journal makes its log files; here all of it before the clock runs. */
const zeroed = (path, length) => {
  const descriptor = fs.openSync(path, 'w+')
  const zeros = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < length; at += zeros.length) fs.writeSync(descriptor, zeros, 0, zeros.length, at)
  fs.fsyncSync(descriptor)
  return descriptor
}

const fileBytes = 64 * 1024 * 1024

/** One group after the other at the end of a file: one write, one fdatasync. A file that grows, or one of zeros. */
const openPlain = (directory, isZeroed) => {
  const path = join(directory, 'plain')
  const descriptor = isZeroed ? zeroed(path, fileBytes) : fs.openSync(path, 'w+')
  let at = 0
  return {
    commit: async (bytes, length) => {
      if (isZeroed && at + length > fileBytes) at = 0
      await write(descriptor, bytes, 0, length, at)
      await fdatasync(descriptor)
      at += length
    },
    close: async () => fs.closeSync(descriptor),
  }
}

/**
 * Groups of as many bytes as the journal's frames have, made before the clock runs: what the disk can do, and nothing
 * else. A plain loop appends; one that was given its space before overwrites zeros, and has nothing to tell the file system.
 */
export const readyGroups = (groupBytes, isZeroed) => async (directory) => {
  const { commit, close } = openPlain(directory, isZeroed)
  const bytes = Buffer.alloc(groupBytes, line)
  return { write: () => commit(bytes, groupBytes), close }
}

/** The least that a log of checked events does: each line is copied into the group, behind its CRC. No streams, versions, positions. */
export const checkedLines = async (directory) => {
  const { commit, close } = openPlain(directory, false)
  const eventBytes = 4 + lineBytes
  const bytes = Buffer.alloc(1_000 * eventBytes)
  return {
    write: (_, count) => {
      for (let nth = 0; nth < count; nth++) {
        bytes.writeUInt32LE(crc32(line), nth * eventBytes)
        line.copy(bytes, nth * eventBytes + 4)
      }
      return commit(bytes, count * eventBytes)
    },
    close,
  }
}

/** A listener that resolves `until(ticket)` when that is on the disk, and counts groups: each is told of once. */
export const ear = () => {
  let [synced, wanted, groups, wake, fail] = [0, 0, 0]
  return {
    written: () => {
      groups++
    },
    synced(through) {
      const count = through - synced
      synced = through
      this.acknowledged?.(count)
      if (through >= wanted) wake?.()
    },
    groups: () => groups,
    space: () => {},
    failed: (cause) => fail?.(cause),
    until: (ticket) =>
      new Promise((resolve, reject) => {
        ;[wanted, wake, fail] = [ticket, resolve, reject]
        if (synced >= ticket) resolve()
      }),
  }
}

/** Resolves when the journal in this directory has its next log file ready, so that making it does not disturb a beginning. */
export const untilReserved = async (directory) => {
  for (;;) {
    const [manifest] = fs.readFileSync(join(directory, 'CURRENT'), 'utf8').split(' ')
    const { files } = JSON.parse(fs.readFileSync(join(directory, manifest), 'utf8'))
    const there = fs.readdirSync(directory).filter((name) => name.endsWith('.log'))
    await setTimeout(20)
    if (there.length === files.length && files.at(-1)?.firstFrame === null) return
  }
}

const openJournal = async (directory) => {
  const listener = ear()
  const journal = await fileJournal(directory).open(0, listener)
  await journal.recover(() => {}, 0)
  await untilReserved(directory)
  return { listener, journal }
}

/** The file journal through its port, on its first files: it zeroes the next ones while the clock runs, the first two before. */
export const newJournal = async (directory) => {
  const { listener, journal } = await openJournal(directory)
  return {
    write: (from, count) => {
      let ticket = 0
      for (let nth = from; nth < from + count; nth++) ticket = journal.append(recordOf(nth))
      return listener.until(ticket)
    },
    close: () => journal.close(),
  }
}

/** As many events as the games of bench/month.mjs have. */
const eventsPerGame = 30
const table = (game, round) => `load/game-${game}-${round}`

/**
 * The file journal on a server that has run for a while: 1 000 games at a time, each over after 30 events, released, and
 * followed by another, not all at once. So log files are dropped and used again. Before the clock runs it writes 64 MiB
 * in that way: then its first files are behind it. `append(count)` gives the last ticket; one is given to each event.
 */
const runningJournal = async (directory) => {
  const { listener, journal } = await openJournal(directory)
  const playing = streams.map((_, game) => ({
    round: 0,
    version: 0,
    until: 1 + (game % eventsPerGame),
    stream: table(game, 0),
  }))
  let begun = 0
  const over = []
  const append = (count) => {
    let ticket = 0
    for (let nth = 0; nth < count; nth++, begun++) {
      const game = begun % games
      const place = playing[game]
      const record = recordOf(nth, line, place.stream)
      record.firstVersion = ++place.version
      ticket = journal.append(record)
      if (place.version < place.until) continue
      over.push(place.stream)
      place.stream = table(game, ++place.round)
      place.version = 0
      place.until = eventsPerGame
    }
    if (over.length > 0) journal.release(over.splice(0))
    return ticket
  }
  for (let bytes = 0; bytes < fileBytes; bytes += 1_000 * lineBytes) await listener.until(append(1_000))
  const before = listener.groups()
  return { listener, append, groups: () => listener.groups() - before, close: () => journal.close() }
}

/** A window: never more than `count` are unacknowledged, and each acknowledgment is followed at once by as many new ones. */
export const ownJournal = async (directory) => {
  const { listener, append, groups, close } = await runningJournal(directory)
  let wanted = 0
  return {
    write: (_, count) => {
      if (wanted === 0) {
        wanted = append(count) - count
        listener.acknowledged = append
      }
      return listener.until((wanted += count))
    },
    groups,
    close: () => {
      listener.acknowledged = undefined
      return close()
    },
  }
}

/** Lockstep: so many are appended, and when all are acknowledged, as many again. */
export const inLockstep = async (directory) => {
  const { listener, append, groups, close } = await runningJournal(directory)
  return { write: (_, count) => listener.until(append(count)), groups, close }
}
