/** Repair: a dry run says what would be done; a real one keeps a copy, sets aside what is damaged, and opens the rest. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Position } from '../../../src/events/ids.js'
import type { CorruptLogError } from '../../../src/events/journal/corrupt-log.js'
import type { Disk } from '../../../src/events/journal/disk.js'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import { findFrame } from '../../../src/events/journal/frame.js'
import { repairJournal, type RepairOptions } from '../../../src/events/journal/repair.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { noLock, openSmall, rest } from './small-journal.js'

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
const padding = `,"e":{"type":"Moved","note":"${'x'.repeat(200)}"}`
/** Two events a file: versions 1 to 4 of three games fill six. */
const damagedFile = '/j/log-00000003.log'
const streams = ['a/1', 'b/1', 'c/1']

/** Three games over several files, properly closed; version 2 of b/1 is damaged. */
const damaged = async (): Promise<{ disk: MemoryDisk; kept: string[]; image: string }> => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  const kept: string[] = []
  for (let version = 1; version <= 4; version++)
    for (const stream of streams) {
      const record = events(stream, version, 1, padding)
      await ear.untilSynced(journal.append(record))
      if (stream !== 'b/1') kept.push(shown(record))
    }
  await ear.untilSynced(journal.append({ type: 'intent', batch: 1, streams: ['a/1', 'b/1'] }))
  await rest()
  await journal.close()
  const bytes = disk.bytesOf(damagedFile)
  bytes[bytes.indexOf('{"v":2,"s":"b/1"') + 60]! ^= 1
  disk.put(damagedFile, bytes)
  return { disk, kept, image: imageOf(disk, '/j') }
}

const imageOf = (disk: MemoryDisk, directory: string): string =>
  [...disk.seen]
    .filter(([path]) => path.startsWith(`${directory}/`))
    .map(([path, { seen }]) => `${path.slice(directory.length)} ${seen.toString('latin1')}`)
    .sort()
    .join()

const repair = (disk: Disk, options: RepairOptions = {}) =>
  repairJournal('/j', { disk, lock: noLock, ...options })

/** Opens what was repaired: all records in order, what is set aside, and the next position. */
const found = async (disk: MemoryDisk, next = events('next/1', 1)) => {
  const { journal, recovery, records } = await openSmall(disk)
  const read = await readAll(journal, all)
  journal.append(next)
  await journal.close()
  return { read, records, recovery, next: next.firstPosition }
}

test('the refusal names the game that is damaged, and says that the others are intact', async () => {
  const { disk, image } = await damaged()
  const error = (await openSmall(disk).catch((cause: unknown) => cause)) as CorruptLogError
  expect(error).toMatchObject({ code: 'corrupt-log', streams: ['b/1'], possibly: [] })
  expect(error.message).toMatch(
    /^corrupt-log: not opened\. \/j\/log-00000003\.log at offset \d+: expected frame/,
  )
  expect(error.message).toContain('1 live game is affected: b/1. Every other game is intact. Nothing on disk')
  expect(error.message).toMatch(/`repair --quarantine`, which keeps a copy\.$/)
  expect(imageOf(disk, '/j')).toBe(image)
})

test('a dry run says what would be done, and changes nothing', async () => {
  const { disk, image } = await damaged()
  const report = await repair(disk, { dryRun: true })
  expect(report).toMatchObject({
    isWhole: false,
    isRepaired: false,
    affected: ['b/1'],
    possibly: [],
    mayHideOthers: false,
    gamesKept: 2,
    eventsKept: 8,
    eventsSetAside: 3,
    copy: '/j.before-repair-1',
    quarantine: '/quarantine/journal-1.ndjson',
  })
  expect(report.damage?.file).toBe(damagedFile)
  expect(imageOf(disk, '/j')).toBe(image)
  expect(await disk.list('/j.before-repair-1')).toEqual([])
})

describe('a repair', () => {
  let made: Awaited<ReturnType<typeof damaged>>
  let report: Awaited<ReturnType<typeof repair>>
  beforeAll(async () => {
    made = await damaged()
    report = await repair(made.disk)
  })

  test('keeps a copy of the directory as it was', () => {
    expect(report.isRepaired).toBe(true)
    expect(imageOf(made.disk, report.copy)).toBe(made.image)
  })

  test('writes what it sets aside as lines for people', () => {
    const lines = made.disk.bytesOf(report.quarantine).toString().trimEnd().split('\n')
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(parsed.map(({ stream, version }) => [stream, version])).toEqual([
      ['b/1', 1],
      ['b/1', 3],
      ['b/1', 4],
    ])
    expect(parsed[1]).toMatchObject({ position: 8, line: { v: 3, s: 'b/1', e: { type: 'Moved' } } })
  })

  test('keeps every other game whole, and goes on behind every position that may have been given', async () => {
    const after = await found(made.disk.afterKill())
    expect(after.read.toSorted()).toEqual(made.kept.toSorted())
    expect(after.recovery.quarantined).toEqual(['b/1'])
    expect(after.recovery.repairedThrough).toBeGreaterThanOrEqual(12)
    expect(after.next).toBeGreaterThan(after.recovery.repairedThrough!)
  })

  test('begins an open batch of the archive again without the game that is gone', async () => {
    const { records } = await found(made.disk.afterKill())
    expect(records.filter((line) => line.startsWith('intent'))).toEqual(['intent 1 a/1'])
  })

  test('is remembered: what is set aside stays named through every later opening', async () => {
    const disk = made.disk.afterKill()
    await found(disk)
    await found(disk, events('next/1', 2))
    expect((await found(disk, events('next/1', 3))).recovery.quarantined).toEqual(['b/1'])
  })

  test('finds nothing to do a second time', async () => {
    const again = await repair(made.disk)
    expect(again).toMatchObject({ isWhole: true, isRepaired: false, affected: [], eventsSetAside: 0 })
    expect(await made.disk.list('/j.before-repair-2')).toEqual([])
  })
})

test('at every step of a repair a crash leaves the old journal or the new one, and a second run does the rest', async () => {
  const { disk, kept } = await damaged()
  const counting = faultyDisk(disk.afterKill())
  await repair(counting)
  const steps = counting.counts.change
  expect(steps).toBeGreaterThan(20)
  let old = 0
  for (let step = 1; step <= steps; step++) {
    const dying = disk.afterKill()
    await expect(repair(faultyDisk(dying, { on: 'change', nth: step, isDeadAfter: true }))).rejects.toThrow()
    for (const left of [dying.afterKill(), dying.afterPowerLoss()]) {
      const isOld = await openSmall(left.afterKill()).then(
        async ({ journal }) => (await journal.close(), false),
        () => true,
      )
      if (isOld) old++
      await repair(left)
      const after = await found(left)
      expect(after.read.toSorted(), `step ${step}`).toEqual(kept.toSorted())
      expect(after.recovery.quarantined, `step ${step}`).toEqual(['b/1'])
    }
  }
  expect(old).toBeGreaterThan(steps / 2)
})

test('a game that the archive holds is not affected, whatever became of its remains', async () => {
  const { disk, kept } = await damaged()
  const report = await repair(disk, { isArchived: async (stream) => stream === 'b/1' })
  expect(report).toMatchObject({ affected: [], possibly: [], eventsSetAside: 0, isRepaired: true })
  const after = await found(disk)
  expect(after.read.toSorted()).toEqual(kept.toSorted())
  expect(after.recovery.quarantined).toBeUndefined()
})

test('a journal whose CURRENT or manifest is gone comes back with every game', async () => {
  for (const gone of ['CURRENT', 'MANIFEST']) {
    const disk = new MemoryDisk()
    const { ear, journal } = await openSmall(disk)
    for (let version = 1; version <= 6; version++)
      await ear.untilSynced(journal.append(events('a/1', version, 1, padding)))
    await rest()
    await journal.close()
    const expected = await readAll((await openSmall(disk.afterKill())).journal, all)
    const name = (await disk.list('/j')).find((one) => one.startsWith(gone))!
    await disk.remove(`/j/${name}`)
    await expect(openSmall(disk)).rejects.toMatchObject({ streams: [], possibly: [] })
    expect(await repair(disk)).toMatchObject({ affected: [], possibly: [], eventsKept: 6 })
    const after = await found(disk)
    expect(after.read).toEqual(expected)
    expect(after.next).toBeGreaterThan(6)
  }
})

test('damage of which nothing tells names the live games that have no later record', async () => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  const record = async (stream: string, version: number, extra = '') =>
    ear.untilSynced(journal.append(events(stream, version, 1, extra)))
  await record('early/1', 1)
  await record('over/1', 1, ',"f":1')
  await record('later/1', 1)
  await record('lost/1', 1)
  await record('later/1', 2)
  await rest()
  // Killed: the file is not sealed, and has no index. The frame of lost/1 is zeros now.
  const left = disk.afterKill()
  const bytes = left.bytesOf('/j/log-00000001.log')
  const frames = []
  for (let frame = findFrame(bytes, 0, 1); frame; frame = findFrame(bytes, frame.end, 1)) frames.push(frame)
  const struck = frames.find(({ start, end }) => bytes.subarray(start, end).includes('lost/1'))
  if (struck === undefined) throw new Error('The frame is in another file.')
  bytes.fill(0, struck.start, struck.end)
  const error = (await openSmall(left).catch((cause: unknown) => cause)) as CorruptLogError
  expect(error.possibly).toEqual(['early/1'])
  expect(error.message).toContain('Games that had all their events there can no longer be named.')
  await repair(left)
  expect((await found(left)).recovery.quarantined).toEqual(['early/1'])
})
