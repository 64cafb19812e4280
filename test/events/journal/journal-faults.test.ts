/** A journal whose disk fails: it stops, says so once, and never tries again. */
import { expect, test } from 'vitest'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import type { Position } from '../../../src/events/ids.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

const all = { after: 0 as Position, through: 1000 as Position }

const opened = async () => {
  const memory = new MemoryDisk()
  const disk = faultyDisk(memory)
  const { ear, journal } = await openSmall(disk, 64 * 1024)
  const first = events('a/1', 1)
  await ear.untilSynced(journal.append(first))
  await rest()
  return { memory, disk, ear, journal, first }
}

test('a failed write stops the journal: told once, nothing rises, append throws, reads go on, reopening heals', async () => {
  const { memory, disk, ear, journal, first } = await opened()
  disk.inject({ on: 'write', nth: 1 })
  journal.append(events('a/1', 2))
  expect(await ear.untilFailed()).toMatchObject({ code: 'EIO' })
  const { write, sync } = disk.counts
  expect(() => journal.append(events('a/1', 3))).toThrow(
    expect.objectContaining({ code: 'journal-failed', cause: ear.failures[0] }) as Error,
  )
  await rest()
  expect(ear.failures).toHaveLength(1)
  expect(ear.heard).toEqual(['written 1', 'synced 1'])
  expect(await readAll(journal, all)).toEqual([shown(first)])
  await journal.close()
  expect(disk.counts).toMatchObject({ write, sync })
  const again = await openSmall(memory)
  expect(again.records).toEqual([shown(first)])
  expect(again.recovery.isClean).toBe(false)
  await again.journal.close()
})

test('a failed sync is never tried again; reopening writes what it finds anew and syncs that', async () => {
  const { memory, disk, ear, journal, first } = await opened()
  disk.inject({ on: 'sync', nth: 1 })
  const second = events('a/1', 2)
  journal.append(second)
  await ear.untilFailed()
  const { sync } = disk.counts
  await rest()
  expect(ear.heard).toEqual(['written 1', 'synced 1', 'written 2'])
  await journal.close()
  expect(disk.counts.sync).toBe(sync)
  const again = await openSmall(memory)
  expect(again.records).toEqual([shown(first), shown(second)])
  const powerless = await openSmall(memory.afterPowerLoss())
  expect(powerless.records).toEqual([shown(first), shown(second)])
  await again.journal.close()
})

test('a short write is followed by the rest', async () => {
  const { memory, disk, ear, journal } = await opened()
  for (let nth = 1; nth <= 3; nth++) disk.inject({ on: 'write', nth, how: 'short' })
  await ear.untilSynced(journal.append(events('a/1', 2, 20)))
  expect(ear.failures).toEqual([])
  await journal.close()
  const again = await openSmall(memory)
  expect(again.records).toHaveLength(2)
  await again.journal.close()
})

test('a write of events that meets a full disk all the same stops the journal, and says what the disk said', async () => {
  const memory = new MemoryDisk()
  const disk = faultyDisk(memory)
  const { ear, journal } = await openSmall(disk)
  await rest()
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  for (let version = 1; ear.failures.length === 0; version++) {
    if (version === 5) disk.inject({ on: 'write', nth: 1, error: full })
    await ear
      .untilSynced(journal.append(events('a/1', version, 1, `,"p":"${'x'.repeat(200)}"`)))
      .catch(() => 0)
  }
  expect(ear.failures).toEqual([full])
  expect(() => journal.append(events('a/1', 99))).toThrow(/journal-failed: .*ENOSPC/)
  await journal.close()
  const again = await openSmall(memory)
  expect(again.records.length).toBeGreaterThanOrEqual(ear.syncedThrough)
  await again.journal.close()
})

test('a disk that fails during recovery fails the opening, and the next one succeeds', async () => {
  const { memory, journal } = await opened()
  await journal.close()
  await expect(openSmall(faultyDisk(memory, { on: 'sync', nth: 1 }))).rejects.toMatchObject({ code: 'EIO' })
  await expect(openSmall(faultyDisk(memory, { on: 'read', nth: 3 }))).rejects.toMatchObject({ code: 'EIO' })
  const again = await openSmall(memory)
  expect(again.records).toHaveLength(1)
  await again.journal.close()
})
