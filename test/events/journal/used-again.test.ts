/**
 * Log files that are used again: what a former life left in them never counts, whatever tears, rots or fails.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Disk } from '../../../src/events/journal/disk.js'
import { diagnose } from '../../../src/events/journal/diagnosis.js'
import {
  decodeFileHeader,
  encodeFileHeader,
  findFrame,
  frameAt,
  sealFrame,
} from '../../../src/events/journal/frame.js'
import { encodeRecord, moveRecords } from '../../../src/events/journal/record.js'
import { repairJournal } from '../../../src/events/journal/repair.js'
import { searchStretch } from '../../../src/events/journal/stretch.js'
import type { Position } from '../../../src/events/ids.js'
import { events, readAll, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { noLock, openSmall, rest } from './small-journal.js'

type Opened = Awaited<ReturnType<typeof openSmall>>

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
const logFilesOf = async (disk: Disk): Promise<string[]> =>
  (await disk.list('/j')).filter((name) => name.endsWith('.log'))
const padding = `,"p":"${'x'.repeat(200)}"`

/** Plays a game that fills so many files of 1 KiB, a frame an event. Returns its name. */
const playFiles = async ({ ear, journal }: Opened, game: string, files: number): Promise<string> => {
  for (let version = 1; version <= 3 * files; version++) {
    await ear.untilSynced(journal.append(events(game, version, 1, padding)))
    await rest()
  }
  return game
}

/** How often each sort of thing was done to a disk. */
const counting = (disk: Disk) => {
  const done = { created: 0, removed: 0, usedAgain: 0, zeros: 0 }
  const counted: Disk = Object.assign(Object.create(disk) as Disk, {
    open: async (path: string, mode: 'create' | 'write' | 'read') => {
      if (mode === 'create' && path.endsWith('.log')) done.created++
      const file = await disk.open(path, mode)
      return Object.assign(Object.create(file) as typeof file, {
        size: () => file.size(),
        read: file.read.bind(file),
        write: (bytes: Buffer, start: number, length: number, offset: number) => {
          const isOfLog = path.endsWith('.log')
          if (isOfLog && bytes.subarray(start, start + length).every((byte) => byte === 0))
            done.zeros += length
          return file.write(bytes, start, length, offset)
        },
        sync: () => file.sync(),
        close: () => file.close(),
      })
    },
    remove: (path: string) => {
      if (path.endsWith('.log')) done.removed++
      return disk.remove(path)
    },
    rename: (from: string, to: string) => {
      if (from.endsWith('.log')) done.usedAgain++
      return disk.rename(from, to)
    },
  })
  return { disk: counted, done }
}

/** A journal in whose last files a former life shows: games that are gone, and behind them `kept/1`. */
const withFormerLives = async (disk: Disk): Promise<string[]> => {
  const opened = await openSmall(disk)
  for (let n = 1; n <= 4; n++) {
    const game = await playFiles(opened, `gone/${n}`, 3)
    opened.journal.release([game])
    await rest()
  }
  await playFiles(opened, 'own/1', 1)
  const kept: string[] = []
  for (let version = 1; version <= 9; version++) {
    const record = events('kept/1', version, 1, ',"q":"kept"')
    await opened.ear.untilSynced(opened.journal.append(record))
    kept.push(shown(record))
  }
  return kept
}

const keptOf = (records: readonly string[]): string[] => records.filter((line) => line.includes(' kept/1 '))

describe('dropped files', () => {
  test('become the next ones, so that a log at its own pace writes no zeros', async () => {
    const { disk, done } = counting(new MemoryDisk())
    const opened = await openSmall(disk)
    for (let n = 1; n <= 3; n++) opened.journal.release([await playFiles(opened, `gone/${n}`, 1)])
    await rest()
    const before = { ...done }
    for (let n = 4; n <= 40; n++) opened.journal.release([await playFiles(opened, `gone/${n}`, 1)])
    expect(done.usedAgain - before.usedAgain).toBeGreaterThan(30)
    expect(done.created).toBe(before.created)
    // No more than the headers that are blanked.
    expect(done.zeros - before.zeros).toBe(64 * (done.usedAgain - before.usedAgain))
    await opened.journal.close()
  })

  test('are kept two at a time, and none behind a close', async () => {
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    await playFiles(opened, 'gone/1', 8)
    expect((await logFilesOf(disk)).length).toBeGreaterThan(8)
    opened.journal.release(['gone/1'])
    await rest()
    // The active one and the spare besides.
    expect(await logFilesOf(disk)).toHaveLength(4)
    await opened.journal.close()
    expect(await logFilesOf(disk)).toHaveLength(2)
  })

  test('are removed, and not used again, where somebody reads them', async () => {
    const { disk, done } = counting(new MemoryDisk())
    const opened = await openSmall(disk)
    const game = await playFiles(opened, 'gone/1', 3)
    const reading = opened.journal.read({ stream: game })[Symbol.asyncIterator]()
    const others: unknown[] = [await reading.next()]
    opened.journal.release([game])
    await rest()
    expect(done.usedAgain).toBe(0)
    for (let next = await reading.next(); next.done !== true; next = await reading.next()) others.push(next)
    expect(others).toHaveLength(9)
    expect(done.removed).toBeGreaterThan(1)
    await opened.journal.close()
  })

  test('of an earlier opening are removed: an older format may have written them', async () => {
    const memory = new MemoryDisk()
    const first = await openSmall(memory)
    await playFiles(first, 'gone/1', 3)
    await first.journal.close()
    const { disk, done } = counting(memory)
    const opened = await openSmall(disk)
    opened.journal.release(['gone/1'])
    await playFiles(opened, 'a/1', 1)
    expect(done.removed).toBeGreaterThan(2)
    expect(done.usedAgain).toBe(0)
    await opened.journal.close()
  })

  test('that a crash left between two lives are removed by the next opening', async () => {
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    opened.journal.release([await playFiles(opened, 'gone/1', 6)])
    await rest()
    for (const left of [disk.afterKill(), disk.afterPowerLoss()]) {
      const again = await openSmall(left)
      await rest()
      // A fresh one, and its spare: the game was released, so the old one went, too.
      expect(await logFilesOf(left)).toHaveLength(2)
      await again.journal.close()
    }
    await opened.journal.close()
  })
})

/** The file with the game that is kept: a former life shows in it. */
const lastFileOf = async (disk: MemoryDisk): Promise<{ path: string; bytes: Buffer; id: number }> => {
  for (const name of (await logFilesOf(disk)).reverse()) {
    const path = `/j/${name}`
    const bytes = disk.bytesOf(path)
    if (bytes.includes('"q":"kept"')) return { path, bytes, id: bytes.readUInt32LE(12) }
  }
  throw new Error('There is no such file.')
}

describe('a tail that is torn over a former life', () => {
  test('is dropped at every byte of the last frame, and everything before it is there', async () => {
    const disk = new MemoryDisk()
    const kept = await withFormerLives(disk)
    const { path, bytes, id } = await lastFileOf(disk)
    expect(bytes.includes('gone/')).toBe(true)
    let last = findFrame(bytes, 64, id)!
    for (let next: typeof last | undefined = last; next; next = findFrame(bytes, next.end, id)) last = next
    // A former life that lay there, in the file's own bytes: any other file that was used.
    const former = Buffer.alloc(bytes.length)
    for (let at = 64; at < former.length; at++) former[at] = bytes[bytes.length - 1 - (at % 300)]!
    for (let cut = last.start; cut < last.end - 8; cut++) {
      const torn = disk.afterKill()
      former.copy(torn.bytesOf(path), cut, cut, last.end)
      if (torn.bytesOf(path).equals(bytes)) continue
      const { journal, records } = await openSmall(torn)
      expect(keptOf(records)).toEqual(kept.slice(0, -1))
      await journal.close()
    }
  })

  test('is damage where a later frame of the same life proves what is gone', async () => {
    const disk = new MemoryDisk()
    await withFormerLives(disk)
    const { path, bytes, id } = await lastFileOf(disk)
    const first = findFrame(bytes, 64, id)!
    for (let at = first.start; at < first.end; at++) {
      const rotten = disk.afterKill()
      rotten.bytesOf(path)[at]! ^= 1
      await expect(openSmall(rotten)).rejects.toThrow(/^corrupt-log: /)
    }
  })
})

/** Frames of one life: records of these games, one a frame, from this number and position on. */
const frames = (file: Buffer, at: number, id: number, number: number, games: readonly string[]): number => {
  let end = at
  for (const [nth, game] of games.entries()) {
    const bytes = Buffer.alloc(400)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const record = { ...events(game, nth + 1), firstPosition: (number + nth) as Position }
    const length = encodeRecord(bytes, view, 32, record, id)
    sealFrame(bytes, length, { number: number + nth, provenTo: number + nth - 1, records: 1 }, id)
    if (end + length > file.length) return end
    bytes.copy(file, end, 0, length)
    end += length
  }
  return end
}

const aLife = fc.array(fc.constantFrom('a/1', 'b/22', 'c/333', 'd/4444'), { minLength: 0, maxLength: 14 })

describe('whatever lives a file had', () => {
  test('no frame of a former one is found in it, and none of its records', () => {
    fc.assert(
      fc.property(fc.array(aLife, { minLength: 2, maxLength: 5 }), fc.nat(40), (lives, cut) => {
        const file = Buffer.alloc(1024)
        let number = 1
        let start = 1
        let end = 64
        lives.forEach((games, nth) => {
          file.fill(0, 0, 64)
          start = number
          end = frames(
            file,
            64,
            nth + 1,
            number,
            games.map((game) => `${nth}${game}`),
          )
          number += games.length
        })
        const id = lives.length
        const found: number[] = []
        for (let next = findFrame(file, 0, id); next; next = findFrame(file, next.end, id)) {
          expect(next.end).toBeLessThanOrEqual(end)
          found.push(next.number)
        }
        expect(found).toEqual(found.map((_, at) => start + at))
        // Torn, or rotten, from any place on: what is found was written in this life.
        const from = Math.min(end, 64 + 8 * cut)
        file.fill(0xa5, from, Math.min(from + 8, end))
        for (const isTail of [true, false]) {
          const stretch = searchStretch(
            { bytes: file, id, generation: 0, firstFrame: start },
            64,
            1024,
            isTail,
          )
          for (const { stream } of stretch.records) expect(stream.startsWith(`${id - 1}`)).toBe(true)
          for (const stream of stretch.named) expect(stream.startsWith(`${id - 1}`)).toBe(true)
          expect(stretch.frames).toBeLessThanOrEqual(found.length + 1)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('the same bytes never check under two ids', () => {
    const u32 = fc.integer({ min: 1, max: 0xffffffff })
    fc.assert(
      fc.property(u32, u32, aLife, (id, other, games) => {
        fc.pre(id !== other && games.length > 0)
        const file = Buffer.alloc(1024)
        frames(file, 64, id, 1, games)
        expect(frameAt(file, 64, id)?.number).toBe(1)
        expect(frameAt(file, 64, other)).toBeUndefined()
      }),
    )
  })
})

describe('damage in a file that was used again', () => {
  test('names games of its present life alone, and repair keeps nothing of a former one', async () => {
    const disk = new MemoryDisk()
    const kept = await withFormerLives(disk)
    const { path, bytes, id } = await lastFileOf(disk)
    const first = findFrame(bytes, 64, id)!
    for (let at = first.start; at < bytes.length; at += 24) {
      const rotten = disk.afterKill()
      rotten.bytesOf(path)[at]! ^= 0x10
      rotten.bytesOf(path)[first.start + 40]! ^= 1
      const { affected, possibly, intact } = await diagnose(rotten, '/j')
      for (const stream of [...affected, ...possibly, ...intact.keys()]) expect(stream).not.toMatch(/gone/)
      await repairJournal('/j', { disk: rotten, lock: noLock })
      const again = await openSmall(rotten)
      const found = keptOf(await readAll(again.journal, all))
      expect([[], kept.slice(0, found.length)]).toContainEqual(found)
      await again.journal.close()
    }
  })

  test('control: were its former frames and records bound to it, a spare would look like damage', async () => {
    const disk = new MemoryDisk()
    await withFormerLives(disk)
    const crashed = disk.afterKill()
    const manifest = (await crashed.list('/j')).find((name) => name.startsWith('MANIFEST'))!
    const { files } = JSON.parse(crashed.bytesOf(`/j/${manifest}`).toString()) as { files: { id: number }[] }
    const { id } = files.at(-1)!
    const spare = crashed.bytesOf(`/j/log-${String(id).padStart(8, '0')}.log`)
    expect(spare.includes('gone/')).toBe(true)
    for (let former = 1; former < id; former++)
      for (let frame = findFrame(spare, 0, former); frame; frame = findFrame(spare, frame.end, former)) {
        moveRecords(spare, frame.start + 32, frame.end, id)
        sealFrame(spare.subarray(frame.start), frame.end - frame.start, frame, id)
      }
    await expect(openSmall(crashed)).rejects.toThrow(/^corrupt-log: .*expected the header of a log file/)
  })

  test('the index of another file is not believed in a carried one: it would hide whose games are gone', async () => {
    // What an accident once showed: log-22 carries rooms/lobby, and holds what stood in log-19, index and all.
    const golden = fileURLToPath(new URL('../../golden/journal-3/', import.meta.url))
    const disk = new MemoryDisk()
    for (const name of readdirSync(golden)) disk.put(`/j/${name}`, readFileSync(golden + name))
    const carried = disk.bytesOf('/j/log-00000022.log')
    disk.bytesOf('/j/log-00000019.log').copy(carried, 64, 64, carried.length)
    const { affected, possibly } = await diagnose(disk, '/j')
    expect([...affected, ...possibly]).toContain('rooms/lobby')
    await repairJournal('/j', { disk, lock: noLock })
    const { journal } = await openSmall(disk)
    expect((await readAll(journal, all)).filter((line) => line.includes('rooms/lobby'))).toEqual([])
    await journal.close()
  })

  test('a header that another file owns says nothing: neither file is lost by it', async () => {
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    await playFiles(opened, 'first/1', 2)
    await playFiles(opened, 'second/1', 2)
    const played = (await readAll(opened.journal, all)).filter((line) => line.includes(' second/1 '))
    await opened.journal.close()
    const files = await logFilesOf(disk)
    const headers = files.map((name) => Buffer.from(disk.bytesOf(`/j/${name}`).subarray(0, 64)))
    headers[3]!.copy(disk.bytesOf(`/j/${files[0]}`))
    const { affected, possibly } = await diagnose(disk, '/j')
    expect([...affected, ...possibly]).not.toContain('second/1')
    await repairJournal('/j', { disk, lock: noLock })
    const { journal } = await openSmall(disk)
    const read = await readAll(journal, all)
    expect(read.filter((line) => line.includes(' second/1 '))).toEqual(played)
    await journal.close()
  })

  test('a header of a file that is gone says nothing where all the rest is of the file that has the name', async () => {
    // What an accident once showed: a game that lay in this file alone was gone, and nobody named it.
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    for (const game of ['first/1', 'second/1', 'third/1']) await playFiles(opened, game, 1)
    const played = await readAll(opened.journal, all)
    await opened.journal.close()
    const [, file] = await logFilesOf(disk)
    const { id, ledgerId } = decodeFileHeader(disk.bytesOf(`/j/${file}`), file!)!
    encodeFileHeader({ id: id + 100, ledgerId, firstFrame: 1, generation: 1 }).copy(
      disk.bytesOf(`/j/${file}`),
    )
    const { affected, possibly } = await diagnose(disk, '/j')
    expect([affected, possibly]).toEqual([[], []])
    await repairJournal('/j', { disk, lock: noLock })
    const { journal } = await openSmall(disk)
    expect(await readAll(journal, all)).toEqual(played)
    await journal.close()
  })

  test('a former header says nothing: it is blanked before the name is changed', async () => {
    const disk = new MemoryDisk()
    const opened = await openSmall(disk)
    opened.journal.release([await playFiles(opened, 'gone/1', 6)])
    await rest()
    const formers = (await logFilesOf(disk)).slice(-2).map((name) => disk.bytesOf(`/j/${name}`))
    for (const bytes of formers) {
      expect(bytes.includes('gone/1')).toBe(true)
      expect(bytes.subarray(0, 64)).toEqual(Buffer.alloc(64))
    }
    await opened.journal.close()
  })
})
