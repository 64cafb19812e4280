/** What a journal does to its disk: how often, and how much of it stays. */
import { expect, test } from 'vitest'
import type { Position } from '../../../src/events/ids.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import { Ear, events, readAll } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { noLock, openSmall, rest } from './small-journal.js'

const all = { after: 0 as Position, through: 10_000 as Position }
const padding = `,"p":"${'x'.repeat(100)}"`

test('a hundred appends in one tick cost one write and one sync', async () => {
  const disk = faultyDisk(new MemoryDisk())
  const ear = new Ear()
  const journal = await fileJournal('/j', { disk, lock: noLock }).open(0, ear)
  await journal.recover(() => undefined, 0 as Position)
  await rest()
  const before = { ...disk.counts }
  let last = 0
  for (let n = 1; n <= 100; n++) last = journal.append(events('a/1', n))
  await ear.untilSynced(last)
  expect(disk.counts).toEqual({
    ...before,
    write: before.write + 1,
    sync: before.sync + 1,
    change: before.change + 2,
  })
  await journal.close()
})

test('log files follow one another, and those of released streams go', async () => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  for (let n = 1; n <= 60; n++) await ear.untilSynced(journal.append(events(`g/${n}`, 1, 1, padding)))
  await rest()
  const logFiles = async () => (await disk.list('/j')).filter((name) => name.endsWith('.log'))
  expect((await logFiles()).length).toBeGreaterThan(12)
  expect(await readAll(journal, all)).toHaveLength(60)

  const reading = journal.read(all)[Symbol.asyncIterator]()
  await reading.next()
  journal.append({ type: 'intent', batch: 1, streams: ['g/30'] })
  journal.release(Array.from({ length: 59 }, (_, index) => `g/${index + 1}`))
  await ear.untilSynced(journal.append(events('g/61', 1)))
  await rest()
  expect((await logFiles()).length).toBeGreaterThan(12)
  let seen = 1
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) seen++
  expect(seen).toBe(60)
  await rest()
  expect((await logFiles()).length).toBeLessThanOrEqual(4)
  expect(await readAll(journal, all)).toHaveLength(2)
  await journal.close()

  const again = await openSmall(disk)
  expect(again.records.filter((line) => /g\/6[01]|intent/.test(line))).toHaveLength(3)
  expect(again.recovery.lastPosition).toBe(61)
  await again.journal.close()
})

test('an open intent keeps its file, and its committed lets it go', async () => {
  const disk = new MemoryDisk()
  const { ear, journal } = await openSmall(disk)
  await ear.untilSynced(journal.append({ type: 'intent', batch: 7, streams: ['g/1'] }))
  for (let n = 1; n <= 20; n++) await ear.untilSynced(journal.append(events('g/1', n, 1, padding)))
  journal.release(['g/1'])
  await rest()
  expect(await disk.list('/j')).toContain('log-00000001.log')
  await ear.untilSynced(journal.append({ type: 'committed', batch: 7, sha256: '00' }))
  await rest()
  expect(await disk.list('/j')).not.toContain('log-00000001.log')
  await journal.close()
})
