/** A full disk is met where space is reserved, never where an event is written; and what waits goes on. */
import { describe, expect, test } from 'vitest'
import { simulatedDisk, type Disk, type SimulatedDisk } from 'gameledger/testing'
import { ballastBytes } from '../../../src/events/journal/ballast.js'
import { readWhole } from '../../../src/events/journal/disk.js'
import { StorageFullError } from '../../../src/events/journal/storage-full.js'
import type { Position } from '../../../src/events/ids.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { openSmall, rest } from './small-journal.js'

const fileBytes = 4_096
/** Five log files beside the ballast. */
const diskBytes = ballastBytes(fileBytes) + 5 * fileBytes
/** Lines that make a record of some 300 bytes. */
const padding = `,"p":"${'x'.repeat(200)}"`

const newDisk = (bytesMax = Infinity): SimulatedDisk => simulatedDisk(1, { bytesMax, shortWritesPerMille: 0 })

type Opened = Awaited<ReturnType<typeof openSmall>>

/** Appends one by one until the journal says that there is no room. Returns what was appended, all of it synced. */
const fill = async ({ ear, journal }: Opened, stream = 'a/1'): Promise<string[]> => {
  const appended: string[] = []
  for (let version = 1; !ear.heard.some((line) => line.startsWith('full')); version++) {
    const record = events(stream, version, 1, padding)
    await ear.untilSynced(journal.append(record))
    appended.push(shown(record))
    if (version > 1_000) throw new Error('The disk does not fill up.')
  }
  return appended
}

const untilRoom = async ({ ear }: Opened): Promise<void> => {
  while (!ear.heard.includes('room')) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('play stops before a write fails, nothing is lost, and it goes on by itself', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  const { ear, journal } = opened
  const appended = await fill(opened)
  expect(ear.failures).toEqual([])
  expect(ear.heard.filter((line) => line.startsWith('full'))).toHaveLength(1)
  // What the active file still has room for is taken even now.
  const record = events('b/1', 1)
  await ear.untilSynced(journal.append(record))
  disk.bytesMax = Infinity
  await untilRoom(opened)
  const more = events('c/1', 1, 30, padding)
  await ear.untilSynced(journal.append(more))
  const again = await openSmall(disk.losePower(), fileBytes)
  expect(again.records).toEqual([...appended, shown(record), shown(more)])
  await again.journal.close()
})

test('what does not fit into the space that is reserved waits for room, and loses nothing', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  const { ear, journal } = opened
  const appended = await fill(opened)
  const waiting = Array.from({ length: 40 }, (_, n) => events('b/1', n + 1, 1, padding))
  let ticket = 0
  for (const record of waiting) ticket = journal.append(record)
  const large = events('c/1', 1, 60, padding)
  ticket = journal.append(large)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(ear.failures).toEqual([])
  expect(ear.syncedThrough).toBeLessThan(ticket)
  disk.bytesMax = Infinity
  await ear.untilSynced(ticket)
  const again = await openSmall(disk.losePower(), fileBytes)
  expect(again.records).toEqual([...appended, ...waiting.map(shown), shown(large)])
  await again.journal.close()
})

test('a release frees space, and play goes on', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  await fill(opened)
  opened.journal.release(['a/1'])
  await untilRoom(opened)
  await opened.ear.untilSynced(opened.journal.append(events('b/1', 1, 20, padding)))
  expect(disk.bytesUsed).toBeLessThan(diskBytes)
  await opened.journal.close()
})

test('files that wait to be used again are given back before anybody is told that there is no room', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  const { ear, journal } = opened
  const logFiles = async () => (await disk.list('/j')).filter((name) => name.endsWith('.log'))
  for (let version = 1; version <= 30; version++)
    await ear.untilSynced(journal.append(events('gone/1', version, 1, padding)))
  await rest()
  journal.release(['gone/1'])
  await rest()
  expect(await logFiles()).toHaveLength(4)
  // No room for a byte more: a manifest takes it from them, and not from the ballast.
  disk.bytesMax = disk.bytesUsed
  await ear.untilSynced(journal.append(events('a/1', 1, 14, padding)))
  await rest()
  expect(await logFiles()).toHaveLength(3)
  expect(await disk.list('/j')).toContain('BALLAST')
  expect(ear.heard.filter((line) => /full|room/.test(line))).toEqual([])
  expect(ear.failures).toEqual([])
  await fill(opened, 'b/1')
  const manifest = (await disk.list('/j')).find((name) => name.startsWith('MANIFEST'))!
  const { files } = JSON.parse((await readWhole(disk, `/j/${manifest}`)).toString()) as { files: unknown[] }
  expect(await logFiles()).toHaveLength(files.length)
  await journal.close()
})

describe('where somebody else has taken the last byte', () => {
  const fillToTheLastByte = async () => {
    const disk = newDisk(diskBytes)
    const opened = await openSmall(disk, fileBytes)
    await fill(opened)
    disk.bytesMax = disk.bytesUsed
    return { disk, opened }
  }

  test('the ballast makes room for the manifest that lets files go, and is there again when play goes on', async () => {
    const { disk, opened } = await fillToTheLastByte()
    opened.journal.release(['a/1'])
    await untilRoom(opened)
    expect(await disk.list('/j')).toContain('BALLAST')
    const record = events('b/1', 1, 20, padding)
    await opened.ear.untilSynced(opened.journal.append(record))
    expect(opened.ear.failures).toEqual([])
    disk.bytesMax = Infinity
    const again = await openSmall(disk.losePower(), fileBytes)
    expect(again.records.at(-1)).toBe(shown(record))
    await again.journal.close()
  })

  test('control: without it nothing is freed', async () => {
    const { disk, opened } = await fillToTheLastByte()
    await disk.remove('/j/BALLAST')
    disk.bytesMax = disk.bytesUsed
    const before = await disk.list('/j')
    opened.journal.release(['a/1'])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await disk.list('/j')).filter((name) => name.endsWith('.log'))).toEqual(
      before.filter((name) => name.endsWith('.log')),
    )
    expect(opened.ear.heard).not.toContain('room')
    await opened.journal.close()
  })

  test('a journal whose spare is there and whose ballast is not says so, and says when it is', async () => {
    const disk = newDisk()
    await (await openSmall(disk, fileBytes)).journal.close()
    await disk.remove('/j/BALLAST')
    disk.bytesMax = disk.bytesUsed + fileBytes
    const opened = await openSmall(disk, fileBytes)
    await opened.ear.untilSynced(opened.journal.append(events('a/1', 1)))
    while (opened.ear.heard.every((line) => !line.startsWith('full')))
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(opened.ear.heard).toContain(`full ${ballastBytes(fileBytes)}`)
    disk.bytesMax = Infinity
    await untilRoom(opened)
    expect(await disk.list('/j')).toContain('BALLAST')
    await opened.journal.close()
  })
})

test('what lasts is carried out of files that are mostly dead on a disk without a byte, and play goes on', async () => {
  const disk = newDisk()
  const opened = await openSmall(disk, fileBytes)
  const { ear, journal } = opened
  const lasting: string[] = []
  for (let version = 1; version <= 6; version++) {
    const record = events('a/1', version)
    journal.append(record)
    lasting.push(shown(record))
    await ear.untilSynced(journal.append(events(`gone/${version}`, 1, 12, padding)))
  }
  disk.bytesMax = disk.bytesUsed
  const before = disk.bytesUsed
  journal.release([1, 2, 3, 4, 5, 6].map((version) => `gone/${version}`))
  const record = events('b/1', 1, 40, padding)
  await ear.untilSynced(journal.append(record))
  expect(ear.failures).toEqual([])
  await rest()
  expect(disk.bytesUsed).toBeLessThan(before)
  await journal.close()
  disk.bytesMax = Infinity
  const again = await openSmall(disk, fileBytes)
  const everything = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
  expect(await readAll(again.journal, everything)).toEqual([...lasting, shown(record)])
  await again.journal.close()
})

test('it can be closed while there is no room, and then opened where there is', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  const appended = await fill(opened)
  disk.bytesMax = disk.bytesUsed
  await opened.journal.close()
  // The mark of the close has taken the ballast, and somebody else its room.
  disk.bytesMax = disk.bytesUsed
  await expect(openSmall(disk, fileBytes)).rejects.toBeInstanceOf(StorageFullError)
  await expect(openSmall(disk, fileBytes)).rejects.toMatchObject({
    code: 'storage-full',
    missingBytes: fileBytes,
  })
  const used = disk.bytesUsed
  expect(used).toBeLessThanOrEqual(disk.bytesMax)
  disk.bytesMax = Infinity
  const again = await openSmall(disk, fileBytes)
  expect(again.records).toEqual(appended)
  await again.journal.close()
})

test('commands that still wait for room when it is closed are told so', async () => {
  const disk = newDisk(diskBytes)
  const opened = await openSmall(disk, fileBytes)
  const appended = await fill(opened)
  opened.journal.append(events('b/1', 1, 60, padding))
  await expect(opened.journal.close()).rejects.toMatchObject({ code: 'journal-failed' })
  expect(opened.ear.failures).toHaveLength(1)
  disk.bytesMax = Infinity
  const again = await openSmall(disk, fileBytes)
  expect(again.records).toEqual(appended)
  await again.journal.close()
})

/** A disk on which no file but the first two can be made, for a reason of the operating system. */
const withoutFurtherFiles = (disk: SimulatedDisk, code: string): { disk: Disk; mend: () => void } => {
  let isBroken = true
  return {
    mend: () => (isBroken = false),
    disk: {
      open: async (path, mode) => {
        const id = Number(/log-(\d+)/.exec(path)?.[1] ?? 0)
        if (mode === 'create' && id > 2 && isBroken)
          throw Object.assign(new Error(`${code}: ${path}`), { code })
        return disk.open(path, mode)
      },
      list: (directory) => disk.list(directory),
      rename: (from, to) => disk.rename(from, to),
      remove: (path) => disk.remove(path),
      makeDirectory: (directory) => disk.makeDirectory(directory),
      syncDirectory: (directory) => disk.syncDirectory(directory),
    },
  }
}

describe('of what the operating system may say', () => {
  test.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('%s is waited for', async (code) => {
    const { disk, mend } = withoutFurtherFiles(newDisk(), code)
    const opened = await openSmall(disk, fileBytes)
    await fill(opened)
    mend()
    await untilRoom(opened)
    await opened.journal.close()
  })

  test('EIO is not', async () => {
    const { disk } = withoutFurtherFiles(newDisk(), 'EIO')
    const opened = await openSmall(disk, fileBytes)
    await expect(fill(opened)).rejects.toMatchObject({ code: 'EIO' })
    await opened.journal.close()
  })
})

test('control: where the space is only said to be reserved, a write of events meets the full disk', async () => {
  const disk = newDisk()
  const pretending: Disk = {
    ...withoutFurtherFiles(disk, 'none').disk,
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      const isZero = (bytes: Buffer, start: number, length: number): boolean =>
        bytes.subarray(start, start + length).every((byte) => byte === 0)
      return {
        ...file,
        write: async (bytes, start, length, offset) =>
          path.endsWith('.log') && isZero(bytes, start, length)
            ? length
            : file.write(bytes, start, length, offset),
      }
    },
  }
  const opened = await openSmall(pretending, fileBytes)
  await opened.ear.untilSynced(opened.journal.append(events('a/1', 1)))
  disk.bytesMax = disk.bytesUsed + 1_000
  await expect(fill(opened, 'b/1')).rejects.toMatchObject({ code: 'ENOSPC' })
  await opened.journal.close()
})
