/** Games that last: their records leave files that are mostly dead, and are found all the same. */
import { describe, expect, test } from 'vitest'
import { CorruptLogError } from '../../../src/events/journal/corrupt-log.js'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import type { Disk } from '../../../src/events/journal/disk.js'
import type { EventsRecord } from '../../../src/events/journal/journal.js'
import type { Manifest } from '../../../src/events/journal/manifest.js'
import type { Position } from '../../../src/events/ids.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

type Opened = Awaited<ReturnType<typeof openSmall>>

const padding = `,"q":"${'x'.repeat(150)}"`
const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }

/** An event of each game that lasts, then a game that is over at once and released; again and again. Returns what lasts. */
const play = async (
  { ear, journal }: Opened,
  { rounds, first = 1, lasting = ['a/1', 'b/1'] }: { rounds: number; first?: number; lasting?: string[] },
): Promise<EventsRecord[]> => {
  const kept: EventsRecord[] = []
  for (let round = first; round < first + rounds; round++) {
    for (const stream of lasting) {
      const record = events(stream, round)
      journal.append(record)
      kept.push(record)
    }
    const gone = `gone/${round}`
    for (let n = 1; n <= 12; n++) await ear.untilSynced(journal.append(events(gone, n, 1, padding)))
    journal.release([gone])
    await rest()
  }
  return kept
}

const of = (records: readonly EventsRecord[], stream: string): string[] =>
  records.filter((record) => record.stream === stream).map(shown)

const logFiles = async (disk: MemoryDisk): Promise<string[]> =>
  (await disk.list('/j')).filter((name) => name.endsWith('.log'))

const manifestOf = async (disk: MemoryDisk): Promise<Manifest> => {
  const name = (await disk.list('/j')).find((one) => one.startsWith('MANIFEST-'))
  return JSON.parse(disk.bytesOf(`/j/${name!}`).toString()) as Manifest
}

/** The file of generation 1 with the lowest id. */
const carriedFile = async (disk: MemoryDisk): Promise<string> => {
  for (const name of await logFiles(disk))
    if (disk.bytesOf(`/j/${name}`).readUInt32LE(40) === 1) return `/j/${name}`
  throw new Error('Nothing was carried.')
}

/** Two games that went to sleep after 15 events each, one that went on, and many that are gone. */
const asleep = async (): Promise<{ disk: MemoryDisk; slept: EventsRecord[]; awake: EventsRecord[] }> => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const slept = await play(opened, { rounds: 15 })
  const awake = await play(opened, { rounds: 30, lasting: ['c/1'], first: 1 })
  const newest = events('c/1', 31)
  await opened.ear.untilSynced(opened.journal.append(newest))
  awake.push(newest)
  await opened.journal.close()
  return { disk, slept, awake }
}

test('files that are mostly dead go, and what lasts is read in order', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const kept = await play(opened, { rounds: 40 })
  // 40 rounds wrote some 120 files; what lasts fills six.
  expect((await logFiles(disk)).length).toBeLessThan(20)
  expect(await readAll(opened.journal, { stream: 'b/1' })).toEqual(of(kept, 'b/1'))
  expect(await readAll(opened.journal, all)).toEqual(kept.map(shown))
  const range = { after: 100 as Position, through: 200 as Position }
  const inRange = kept.filter(({ firstPosition }) => firstPosition > 100 && firstPosition <= 200)
  expect(await readAll(opened.journal, range)).toEqual(inRange.map(shown))
  await opened.journal.close()
})

test('a game that was carried as a whole is named, not visited, when the journal is opened; the others are visited in order', async () => {
  const { disk, slept, awake } = await asleep()
  const again = await openSmall(disk)
  const last = slept.at(-1)!
  expect(again.recovery.asleep).toEqual([
    { stream: 'a/1', version: 15, lastPosition: last.firstPosition - 1, lastAt: 0, players: [] },
    { stream: 'b/1', version: 15, lastPosition: last.firstPosition, lastAt: 0, players: [] },
  ])
  expect(again.records).toEqual(awake.map(shown))
  expect(await readAll(again.journal, { stream: 'a/1' })).toEqual(of(slept, 'a/1'))
  expect(await readAll(again.journal, all)).toEqual([...slept, ...awake].map(shown))
  const next = events('a/1', 16)
  await again.ear.untilSynced(again.journal.append(next))
  await again.journal.close()
  const third = await openSmall(disk)
  expect(third.recovery.asleep.map(({ stream }) => stream)).toEqual(['b/1'])
  expect(third.records.filter((line) => line.includes('a/1'))).toEqual([...of(slept, 'a/1'), shown(next)])
  await third.journal.close()
})

test('a carried game that is over is visited, since the archive waits for it', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  await opened.ear.untilSynced(opened.journal.append(events('over/1', 1, 2, ',"t":7,"f":1,"p":["ann"]')))
  await play(opened, { rounds: 20, lasting: [] })
  await opened.journal.close()
  await carriedFile(disk)
  const again = await openSmall(disk)
  expect(again.recovery.asleep).toEqual([])
  expect(again.records).toHaveLength(1)
  await again.journal.close()
})

test('the time of the last event and the players are known of a game that sleeps', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const players = ',"t":5,"p":["ann","bob"],"e":{"type":"X","p":["nobody"]}'
  await opened.ear.untilSynced(opened.journal.append(events('a/1', 1, 1, players)))
  await opened.ear.untilSynced(opened.journal.append(events('a/1', 2, 1, ',"t":9,"e":{"p":["x"]}')))
  await play(opened, { rounds: 20, lasting: [] })
  await opened.journal.close()
  const { recovery } = await openSmall(disk)
  expect(recovery.asleep).toEqual([
    { stream: 'a/1', version: 2, lastPosition: 2, lastAt: 9, players: ['ann', 'bob'] },
  ])
})

test('a reader that began before its files were emptied meets everything, once', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const kept = await play(opened, { rounds: 6 })
  const reading = opened.journal.read(all)[Symbol.asyncIterator]()
  const found = [shown((await reading.next()).value as EventsRecord)]
  await play(opened, { rounds: 20, first: 7, lasting: [] })
  for (let next = await reading.next(); next.done !== true; next = await reading.next())
    found.push(shown(next.value))
  expect(found).toEqual(kept.map(shown))
  await opened.journal.close()
})

test('an intent in a file that lasts does not seem open when the file of its committed is gone', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const { ear, journal } = opened
  // Most of its file, so that it is not worth emptying.
  const lasting = events('a/1', 1, 3, padding)
  await ear.untilSynced(journal.append(lasting))
  await ear.untilSynced(journal.append({ type: 'intent', batch: 1, streams: ['gone/1'] }))
  await play(opened, { rounds: 3, lasting: [] })
  await ear.untilSynced(journal.append({ type: 'committed', batch: 1, sha256: 'ab'.repeat(32) }))
  await play(opened, { rounds: 10, first: 4, lasting: [] })
  await ear.untilSynced(journal.append({ type: 'intent', batch: 2, streams: ['gone/2'] }))
  await journal.close()
  const again = await openSmall(disk)
  expect(again.records.filter((line) => /^(intent|committed)/.test(line))).toEqual(['intent 2 gone/2'])
  expect((await manifestOf(disk)).settled).toEqual([1])
  await again.journal.close()
})

describe('every step', () => {
  /** A life in which something is carried: what lasts, and how far it was acknowledged. */
  const live = async (disk: Disk, kept: string[], acknowledged: { count: number }): Promise<void> => {
    const opened = await openSmall(disk)
    const { ear, journal } = opened
    try {
      for (let version = 1; version <= 8; version++) {
        const record = events('a/1', version)
        journal.append(record)
        kept.push(shown(record))
        for (let n = 1; n <= 8; n++)
          await ear.untilSynced(journal.append(events(`gone/${version}`, n, 1, padding)))
        acknowledged.count = version
        journal.release([`gone/${version}`])
        await rest()
      }
    } finally {
      await journal.close()
    }
  }

  test('may be the last, by kill and by loss of power', { timeout: 120_000 }, async () => {
    const counting = faultyDisk(new MemoryDisk())
    await live(counting, [], { count: 0 })
    const steps = counting.counts.change
    let carried = 0
    for (let step = 1; step <= steps; step++) {
      const disk = new MemoryDisk()
      const kept: string[] = []
      const acknowledged = { count: 0 }
      await live(faultyDisk(disk, { on: 'change', nth: step, isDeadAfter: true }), kept, acknowledged).catch(
        () => undefined,
      )
      for (const left of [disk.afterKill(), disk.afterPowerLoss()]) {
        const again = await openSmall(left)
        const found = await readAll(again.journal, { stream: 'a/1' })
        expect(found, `step ${step}`).toEqual(kept.slice(0, found.length))
        expect(found.length, `step ${step}`).toBeGreaterThanOrEqual(acknowledged.count)
        carried += again.recovery.asleep.length
        await again.journal.close()
      }
    }
    expect(carried).toBeGreaterThan(steps / 10)
  })
})

describe('damage', () => {
  test('of an index refuses the opening', async () => {
    const { disk } = await asleep()
    const bytes = disk.bytesOf(await carriedFile(disk))
    bytes[bytes.length - 30]! ^= 1
    await expect(openSmall(disk)).rejects.toBeInstanceOf(CorruptLogError)
  })

  test('of a game that sleeps is met when it is read, with the name of the game', async () => {
    const { disk } = await asleep()
    disk.bytesOf(await carriedFile(disk))[64 + 32 + 60]! ^= 1
    const { journal } = await openSmall(disk)
    await expect(readAll(journal, { stream: 'a/1' })).rejects.toMatchObject({ streams: ['a/1'] })
    expect(await readAll(journal, { stream: 'c/1' })).toHaveLength(31)
    await journal.close()
  })

  test('of a file that is to be emptied is told, and nothing is lost by it', async () => {
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    const kept = await play(opened, { rounds: 1 })
    const [first] = await logFiles(disk)
    const byte = disk.bytesOf(`/j/${first!}`)
    byte[200]! ^= 1
    await play(opened, { rounds: 10, first: 2, lasting: [] })
    expect(opened.ear.failures).toEqual([])
    expect(opened.ear.heard.filter((line) => line.startsWith('damaged'))).toHaveLength(1)
    byte[200]! ^= 1
    await opened.journal.close()
    const again = await openSmall(disk)
    expect(await readAll(again.journal, all)).toEqual(kept.map(shown))
    await again.journal.close()
  })
})
