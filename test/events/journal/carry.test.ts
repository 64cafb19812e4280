/** Games that leave memory while the journal runs: each in one piece, beside what is left of it in the log. */
import { expect, test } from 'vitest'
import type { Position } from '../../../src/events/ids.js'
import type { CarriableGame, EventsRecord } from '../../../src/events/journal/journal.js'
import type { Manifest } from '../../../src/events/journal/manifest.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

type Opened = Awaited<ReturnType<typeof openSmall>>

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }

const append = async ({ ear, journal }: Opened, stream: string, versions: readonly number[]) => {
  const records = versions.map((version) => events(stream, version))
  for (const record of records) await ear.untilSynced(journal.append(record))
  return records
}

const carriable = (records: readonly EventsRecord[]): CarriableGame => ({
  stream: records[0]!.stream,
  version: records.length,
  records: () => records,
})

const manifestOf = async (disk: MemoryDisk): Promise<Manifest> => {
  const name = (await disk.list('/j')).find((one) => one.startsWith('MANIFEST-'))
  return JSON.parse(disk.bytesOf(`/j/${name!}`).toString()) as Manifest
}

const again = async (disk: MemoryDisk, opened: Opened): Promise<Opened> => {
  await opened.journal.close()
  return openSmall(disk)
}

test('it is read as before, once, and left asleep by the next opening', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const a = await append(opened, 'a/1', [1, 2, 3])
  const b = await append(opened, 'b/1', [1])
  await opened.journal.carry([carriable(a)])
  const expected = [...a, ...b].map(shown)
  expect(await readAll(opened.journal, all)).toEqual(expected)
  expect(await readAll(opened.journal, { stream: 'a/1' })).toEqual(a.map(shown))
  const { journal, records, recovery } = await again(disk, opened)
  expect(records).toEqual(b.map(shown))
  expect(recovery.asleep).toMatchObject([{ stream: 'a/1', version: 3, lastPosition: 3 }])
  expect(await readAll(journal, all)).toEqual(expected)
  await journal.close()
})

test('what is appended behind it is read behind it, and the next opening visits all of it', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const a = await append(opened, 'a/1', [1, 2, 3])
  await opened.journal.carry([carriable(a)])
  a.push(...(await append(opened, 'a/1', [4])))
  expect(await readAll(opened.journal, { stream: 'a/1' })).toEqual(a.map(shown))
  const { journal, records, recovery } = await again(disk, opened)
  expect(records).toEqual(a.map(shown))
  expect(recovery.asleep).toEqual([])
  expect(await readAll(journal, all)).toEqual(a.map(shown))
  await journal.close()
})

test('carried twice the newer piece counts, now and after the next opening', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const a = await append(opened, 'a/1', [1, 2, 3])
  const b = await append(opened, 'b/1', [1])
  await opened.journal.carry([carriable(a), carriable(b)])
  a.push(...(await append(opened, 'a/1', [4, 5])))
  await opened.journal.carry([carriable(a)])
  const expected = [a[0]!, a[1]!, a[2]!, b[0]!, a[3]!, a[4]!].map(shown)
  expect(await readAll(opened.journal, all)).toEqual(expected)
  const reopened = await again(disk, opened)
  expect(reopened.records).toEqual([])
  expect(reopened.recovery.asleep.map(({ stream, version }) => [stream, version])).toEqual([
    ['a/1', 5],
    ['b/1', 1],
  ])
  expect(await readAll(reopened.journal, all)).toEqual(expected)
  await reopened.journal.close()
})

test('what lies in one piece already is not written again', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const a = await append(opened, 'a/1', [1, 2])
  await opened.journal.carry([carriable(a)])
  await opened.journal.carry([carriable(a)])
  await opened.journal.close()
  expect((await manifestOf(disk)).carried).toHaveLength(1)
})

test('once it is released, nothing of it comes back from any piece', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const keeper = await append(opened, 'keep/1', [1])
  const a = await append(opened, 'a/1', [1, 2])
  await opened.journal.carry([carriable(a), carriable(keeper)])
  a.push(...(await append(opened, 'a/1', [3])))
  await opened.journal.carry([carriable(a)])
  opened.journal.release(['a/1'])
  await rest()
  const { journal, records, recovery } = await again(disk, opened)
  expect(recovery.asleep.map(({ stream }) => stream)).toEqual(['keep/1'])
  expect(records).toEqual([])
  expect(await readAll(journal, all)).toEqual(keeper.map(shown))
  await journal.close()
})

test('files whose games are all carried or gone leave the directory', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const kept: EventsRecord[] = []
  for (let n = 1; n <= 60; n++) {
    kept.push(...(await append(opened, 'a/1', [n])))
    const gone = await append(opened, `gone/${n}`, [1, 2, 3, 4])
    if (n % 20 === 0) await opened.journal.carry([carriable(kept)])
    opened.journal.release([gone[0]!.stream])
    await rest()
  }
  expect(await readAll(opened.journal, all)).toEqual(kept.map(shown))
  const { files, carried } = await manifestOf(disk)
  expect(files.length).toBeLessThan(4)
  expect(carried).toHaveLength(1)
  await opened.journal.close()
})

test('what was noted comes back, and stays with the game when its file is emptied', async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  Object.assign(opened.ear, {
    noteOf: (stream: string, version: number) => (stream === 'a/1' ? `noted at ${version}` : undefined),
  })
  const a = await append(opened, 'a/1', [1, 2])
  const gone = await append(opened, 'gone/1', [1, 2, 3, 4, 5, 6, 7, 8])
  await opened.journal.carry([carriable(a), carriable(gone)])
  Object.assign(opened.ear, { noteOf: () => 'asked again' })
  for (let n = 1; n <= 40; n++) {
    const short = await append(opened, `short/${n}`, [1, 2, 3, 4])
    opened.journal.release([short[0]!.stream, 'gone/1'])
    await rest()
  }
  const before = (await manifestOf(disk)).carried
  const { recovery, journal } = await again(disk, opened)
  expect(before).toHaveLength(1)
  expect(recovery.asleep).toMatchObject([{ stream: 'a/1', note: 'noted at 2' }])
  await journal.close()
})
