// A simulated month of a server on which most games end within an hour and one in a hundred lasts for weeks: how large
// the journal's directory gets, against the bytes of the games that are live, and how often an event is written.
// Nothing in it is a timing: it counts bytes on a disk in memory, of a journal whose files are 64 KiB instead of 16 MiB.
import { fileJournal } from '../dist/index.js'
import { seededRandom, simulatedDisk } from '../dist/testing.js'

const logFileBytesMax = 64 * 1024
const days = 30
const gamesPerDay = 4_000
const eventsPerGame = 30
const padding = 'x'.repeat(130)

/** Times in days. One in a hundred lasts one to four weeks, the others up to an hour. */
const gameOf = (random, n) => {
  const isLong = random.next() < 0.01
  const begun = (n / gamesPerDay) * 1
  const lasts = isLong ? 7 + 21 * random.next() : random.next() / 24
  const moves = Array.from({ length: eventsPerGame }, () => begun + lasts * random.next())
  return moves.sort((one, other) => one - other)
}

const monthOf = (random) => {
  const moves = []
  for (let n = 0; n < days * gamesPerDay; n++)
    gameOf(random, n).forEach((at, index) => at < days && moves.push({ at, n, version: index + 1 }))
  return moves.sort((one, other) => one.at - other.at)
}

const recordOf = (n, version, at) => {
  const line = `{"v":${version},"t":${Math.floor(at * 86_400_000)},"e":{"type":"Moved","text":"${padding}"}}\n`
  const bytes = Buffer.from(line)
  return {
    type: 'events',
    stream: `game/${n}`,
    firstVersion: version,
    count: 1,
    firstPosition: 0,
    bytes,
    start: 0,
    end: bytes.length,
  }
}

export const run = async () => {
  const disk = simulatedDisk(1, { shortWritesPerMille: 0 })
  let written = 0
  const counted = {
    list: (directory) => disk.list(directory),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    makeDirectory: (directory) => disk.makeDirectory(directory),
    syncDirectory: (directory) => disk.syncDirectory(directory),
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      const write = async (bytes, start, length, offset) => {
        if (path.endsWith('.log') && bytes[start] !== 0) written += length
        return file.write(bytes, start, length, offset)
      }
      return { ...file, write }
    },
  }
  let synced = 0
  let wake = () => undefined
  const journal = await fileJournal('/journal', { disk: counted, lock: disk.lock, logFileBytesMax }).open(0, {
    written: () => undefined,
    synced: (through) => {
      synced = through
      wake()
    },
    space: () => undefined,
    damaged: (cause) => {
      throw cause
    },
    failed: (cause) => {
      throw cause
    },
  })
  await journal.recover(() => undefined, 0)
  const live = new Map()
  let liveBytes = 0
  let appended = 0
  const weeks = {}
  let worst = 0
  let tick = 0
  for (const { at, n, version } of monthOf(seededRandom(7))) {
    const record = recordOf(n, version, at)
    const ticket = journal.append(record)
    const bytes = record.end - record.start
    appended += bytes
    liveBytes += bytes
    live.set(n, (live.get(n) ?? 0) + bytes)
    if (version === eventsPerGame) {
      journal.release([record.stream])
      liveBytes -= live.get(n)
      live.delete(n)
    }
    if (++tick % 100 !== 0) continue
    while (synced < ticket) await new Promise((resolve) => (wake = resolve))
    if (tick % 10_000 !== 0 || at < 7) continue
    const ratio = disk.bytesUsed / liveBytes
    worst = Math.max(worst, ratio)
    weeks[`day ${String(Math.floor(at)).padStart(2)}`] = {
      'live games': live.size,
      'live KiB': liveBytes / 1024,
      'directory per live': ratio.toFixed(2),
      'written per event': (written / appended).toFixed(2),
    }
  }
  await journal.close()
  const shown = Object.entries(weeks).filter((_, index, all) => index % 12 === 0 || index === all.length - 1)
  return {
    unit: 'bytes of event lines; written: headers, frames, indexes and carrying included',
    results: Object.fromEntries(shown),
    promises: [
      {
        promise: 'after a week and for the rest of a month the directory stays below 4 times the live bytes',
        holds: worst < 4,
        value: worst.toFixed(2),
      },
    ],
  }
}
