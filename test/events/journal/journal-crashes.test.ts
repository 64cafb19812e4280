/**
 * A journal that dies at each of its steps, one after the other, by kill and by power loss.
 *
 * After every death: everything acknowledged is there, what is there is a prefix of what was appended, and it stays
 * there when the power goes right after the next opening.
 */
import { expect, test } from 'vitest'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import type { Disk, OpenMode } from '../../../src/events/journal/disk.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import type { Position } from '../../../src/events/ids.js'
import { Ear, events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { noLock, openSmall, rest } from './small-journal.js'

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }

interface Lived {
  readonly appended: string[]
  acknowledged: number
  isDone: boolean
}

/** What one round appends: in the middle rounds nothing that stays, and more of it, so that whole log files may go. */
const streamsOf = (round: number): string[] =>
  round > 1 && round < 6
    ? [`gone/${round}a`, `gone/${round}b`, `gone/${round}c`]
    : ['kept/a', `gone/${round}`, 'kept/b']

/** A life: appends over several small files, a release, more appends, a close. */
const live = async (disk: Disk): Promise<Lived> => {
  const lived: Lived = { appended: [], acknowledged: 0, isDone: false }
  try {
    const { ear, journal } = await openSmall(disk)
    try {
      for (let round = 1; round <= 12; round++) {
        const version = round === 1 ? 1 : round - 4
        for (const name of streamsOf(round)) {
          const padding = `,"p":"${'x'.repeat(round > 1 && round < 6 ? 120 : 40)}"`
          const record = events(name, name.startsWith('gone') ? 1 : version, 1, padding)
          journal.append(record)
          lived.appended.push(shown(record))
        }
        await ear.untilSynced(3 * round)
        lived.acknowledged = 3 * round
        if (round === 6)
          journal.release([1, 2, 3, 4, 5, 6].flatMap(streamsOf).filter((name) => name.startsWith('gone')))
      }
      await rest()
      lived.isDone = true
    } finally {
      await journal.close()
    }
  } catch {
    lived.isDone = false
  }
  return lived
}

const keptOf = (lines: readonly string[]) => lines.filter((line) => line.includes(' kept/'))

const check = async (disk: MemoryDisk, { appended, acknowledged }: Lived): Promise<void> => {
  const first = await openSmall(disk)
  const found = keptOf(await readAll(first.journal, all))
  const expected = keptOf(appended)
  expect(found).toEqual(expected.slice(0, found.length))
  expect(found.length).toBeGreaterThanOrEqual(keptOf(appended.slice(0, acknowledged)).length)
  const next = events('next/1', 1)
  first.journal.append(next)
  expect(next.firstPosition).toBe(first.recovery.lastPosition + 1)
  const second = await openSmall(disk.afterPowerLoss())
  expect(keptOf(await readAll(second.journal, all))).toEqual(found)
  await first.journal.close()
  await second.journal.close()
}

const stepsOf = async (run: (disk: Disk) => Promise<unknown>, disk: MemoryDisk): Promise<number> => {
  const counting = faultyDisk(disk)
  await run(counting)
  return counting.counts.change
}

test('a life may end at each of its steps', async () => {
  const steps = await stepsOf(live, new MemoryDisk())
  expect(steps).toBeGreaterThan(100)
  const whole = new MemoryDisk()
  await live(whole)
  expect(await whole.list('/j')).not.toContain('log-00000002.log')
  // Files were used again: a former life still stands in them, and behind what was written since.
  const isUsedAgain = (name: string): boolean =>
    name.endsWith('.log') && /GLJOURNL.*gone\/[2-5]/s.test(whole.bytesOf(`/j/${name}`).toString('latin1'))
  expect((await whole.list('/j')).filter(isUsedAgain).length).toBeGreaterThan(0)
  for (let nth = 1; nth <= steps; nth++) {
    const disk = new MemoryDisk()
    const lived = await live(faultyDisk(disk, { on: 'change', nth, isDeadAfter: true }))
    await check(disk.afterKill(), lived)
    await check(disk.afterPowerLoss(), lived)
  }
})

test('recovery may end at each of its steps, and again at each step of the next one', async () => {
  const disk = new MemoryDisk()
  const died = faultyDisk(disk, { on: 'sync', nth: 27, isDeadAfter: true })
  const lived = await live(died)
  expect(lived.acknowledged).toBeGreaterThan(5)
  const recover = (on: Disk) => openSmall(on).then(rest, () => undefined)
  const steps = await stepsOf(recover, disk.afterKill())
  for (let nth = 1; nth <= steps; nth++) {
    const broken = disk.afterKill()
    await recover(faultyDisk(broken, { on: 'change', nth, isDeadAfter: true }))
    await check(broken.afterPowerLoss(), lived)
    for (let next = 1; next <= 12; next += 3) {
      const again = broken.afterKill()
      await recover(faultyDisk(again, { on: 'change', nth: next, isDeadAfter: true }))
      await check(again.afterKill(), lived)
      await check(again.afterPowerLoss(), lived)
    }
  }
})

test('control: a disk whose sync does nothing loses what was acknowledged, and this test would see it', async () => {
  const disk = new MemoryDisk()
  const lying: Disk = {
    ...faultyDisk(disk),
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      const isLog = path.endsWith('.log')
      return Object.assign(Object.create(file) as typeof file, {
        size: () => file.size(),
        read: file.read.bind(file),
        write: file.write.bind(file),
        sync: () => (isLog ? Promise.resolve() : file.sync()),
        close: () => file.close(),
      })
    },
  }
  const lived = await live(lying)
  expect(lived.isDone).toBe(true)
  await expect(check(disk.afterPowerLoss(), lived)).rejects.toThrow()
})

test('the id of a ledger, once told, survives any crash while the journal is made', async () => {
  const open = async (disk: Disk): Promise<string> => {
    const journal = await fileJournal('/j', { disk, lock: noLock, logFileBytesMax: 1024 }).open(0, new Ear())
    return journal.ledgerId
  }
  const steps = await stepsOf(open, new MemoryDisk())
  expect(steps).toBeGreaterThan(5)
  for (let nth = 1; nth <= steps; nth++) {
    const disk = new MemoryDisk()
    await open(faultyDisk(disk, { on: 'change', nth, isDeadAfter: true })).catch(() => undefined)
    const afterKill = disk.afterKill()
    const told = await open(afterKill)
    expect(await open(afterKill.afterPowerLoss())).toBe(told)
  }
})

test('what is left of a released stream stays hidden, also where its last frame was written once more', async () => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  await ear.untilSynced(journal.append(events('gone/1', 1, 1, `,"p":"${'x'.repeat(700)}"`)))
  journal.append(events('gone/1', 2, 1, `,"p":"${'x'.repeat(200)}"`))
  await ear.untilSynced(journal.append(events('kept/1', 1)))
  journal.release(['gone/1'])
  await rest()
  expect(await disk.list('/j')).not.toContain('log-00000001.log')
  const second = disk.afterKill()
  const third = second.afterKill()
  for (const left of [second, third, third]) {
    const { records } = await openSmall(left)
    expect(records.map((line) => line.split(' ')[1])).toEqual(['kept/1'])
    await rest()
  }
  const { records } = await openSmall(third.afterPowerLoss())
  expect(records.map((line) => line.split(' ')[1])).toEqual(['kept/1'])
})

/** A disk on which the syncs of some files wait, each until it is let go. */
const holding = (disk: MemoryDisk, isHeld: (path: string) => Promise<void> | undefined): Disk =>
  Object.assign(Object.create(disk) as Disk, {
    open: async (path: string, mode: OpenMode) => {
      const file = await disk.open(path, mode)
      const sync = async (): Promise<void> => {
        await isHeld(path)
        return file.sync()
      }
      return Object.assign(Object.create(file) as typeof file, {
        size: () => file.size(),
        read: file.read.bind(file),
        write: file.write.bind(file),
        sync,
        close: () => file.close(),
      })
    },
  })

const never = new Promise<void>(() => undefined)

test('a file that takes events is named by every manifest, also by one that is saved while it becomes the active one', async () => {
  const disk = new MemoryDisk()
  let saveFirst = (): void => undefined
  let begin = (): void => undefined
  const firstMaySave = new Promise<void>((resolve) => (saveFirst = resolve))
  const mayBegin = new Promise<void>((resolve) => (begin = resolve))
  let isHeld = false
  const held = holding(disk, (path) => {
    if (path.endsWith('log-00000005.log')) return never
    if (isHeld && path.endsWith('log-00000004.log')) return mayBegin
    return isHeld && path.includes('MANIFEST') ? firstMaySave : undefined
  })
  const { ear, journal } = await openSmall(held)
  const large = `,"q":"${'x'.repeat(700)}"`
  for (const stream of ['gone/1', 'gone/2', 'a/1'])
    await ear.untilSynced(journal.append(events(stream, 1, 1, large)))
  await rest()
  isHeld = true
  journal.release(['gone/1'])
  await rest()
  journal.release(['gone/2'])
  const ticket = journal.append(events('a/1', 2, 1, large))
  await rest()
  saveFirst()
  await rest()
  expect(await disk.list('/j')).not.toContain('log-00000002.log')
  begin()
  await ear.untilSynced(ticket)
  const again = await openSmall(disk.afterPowerLoss())
  expect(again.records).toHaveLength(2)
})

test('a position that never reached the disk is given again, also where a manifest was saved meanwhile', async () => {
  const disk = new MemoryDisk()
  let isHeld = false
  let spareIsDue = (): void => undefined
  const spareMayBeMade = new Promise<void>((resolve) => (spareIsDue = resolve))
  const held = holding(disk, (path) => {
    if (path.endsWith('log-00000002.log')) return spareMayBeMade
    return isHeld && path.endsWith('log-00000001.log') ? never : undefined
  })
  const manifestOf = async () => (await disk.list('/j')).find((name) => name.startsWith('MANIFEST'))
  const { ear, journal } = await openSmall(held)
  isHeld = true
  journal.append(events('a/1', 1))
  await rest()
  expect(ear.heard).toEqual(['written 1'])
  const before = await manifestOf()
  spareIsDue()
  await rest()
  expect(await manifestOf()).not.toBe(before)
  const after = await openSmall(disk.afterPowerLoss())
  expect(after.records).toEqual([])
  const again = events('b/1', 1)
  after.journal.append(again)
  expect(again.firstPosition).toBe(1)
})
