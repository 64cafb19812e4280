/**
 * A journal that is rewritten for an erasure: what was there is in no byte of its directory afterwards, wherever it had
 * got to; and a death on the way leaves all of it as it was, or as it was to be.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Disk } from '../../../src/events/journal/disk.js'
import { faultyDisk } from '../../../src/events/journal/faulty-disk.js'
import type { EventsRecord } from '../../../src/events/journal/journal.js'
import { LogFile } from '../../../src/events/journal/log-file.js'
import { Reserve } from '../../../src/events/journal/reserve.js'
import { StorageFullError } from '../../../src/events/journal/storage-full.js'
import type { Position } from '../../../src/events/ids.js'
import { events, readAll } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest } from './small-journal.js'

type Opened = Awaited<ReturnType<typeof openSmall>>

const all = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }
const secret = 'Annabel'
const alias = 'erased:1'

const erase = ({ bytes, start, end }: EventsRecord): string | undefined => {
  const lines = bytes.toString('utf8', start, end)
  return lines.includes(secret) ? lines.replaceAll(secret, alias) : undefined
}

/** The files that hold it, as programs see them, and as they would be found after a power loss. */
const namedIn = async (disk: MemoryDisk): Promise<string[]> => {
  const named: string[] = []
  for (const [sort, seen] of [
    ['seen', disk],
    ['durable', disk.afterPowerLoss()],
  ] as const)
    for (const name of await seen.list('/j'))
      if (seen.bytesOf(`/j/${name}`).includes(secret)) named.push(`${sort} ${name}`)
  return named
}

const naming = (stream: string, version: number): EventsRecord =>
  events(stream, version, 1, `,"p":"${secret}","x":"${'x'.repeat(120)}"`)
const silent = (stream: string, version: number): EventsRecord => events(stream, version, 1, `,"p":"bob"`)

/** Live games, some of which name her, games that are gone, files that were used again, and a restart between. */
const play = async (disk: Disk): Promise<Opened> => {
  let opened = await openSmall(disk)
  const gone = [1, 2, 3, 4, 5].map((n) => `gone/${n}`)
  for (const [n, stream] of gone.entries()) {
    for (let version = 1; version <= 8; version++) {
      opened.journal.append(naming(stream, version))
      if (version % 4 === 0) opened.journal.append(silent('kept/bob', 2 * n + version / 4))
      await opened.ear.untilSynced(opened.journal.append(naming('kept/both', 8 * n + version)))
      await rest()
    }
    if (n === 2) {
      await opened.journal.close()
      opened = await openSmall(disk)
    }
    opened.journal.release([stream])
    await rest()
  }
  return opened
}

/** Until nothing is left of what was there. */
const rewritten = async ({ journal }: Opened): Promise<void> => {
  const { vanished } = await journal.rewrite(erase)
  await vanished()
}

const linesOf = async ({ journal }: Opened): Promise<string[]> => readAll(journal, all)

describe('after rewriting', () => {
  test('what was there is in no byte of the directory, and everything else is', async () => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    expect((await namedIn(disk)).length).toBeGreaterThan(4)
    const before = await linesOf(opened)
    expect(before).toHaveLength(50)
    await rewritten(opened)
    expect(await namedIn(disk)).toEqual([])
    const expected = before.map((line) => line.replaceAll(secret, alias))
    expect(await linesOf(opened)).toEqual(expected)
    opened.journal.append(silent('kept/bob', 11))
    await opened.journal.close()
    expect(await namedIn(disk)).toEqual([])
    const again = await openSmall(disk)
    expect((await linesOf(again)).slice(0, 50)).toEqual(expected)
    expect(again.recovery.isClean).toBe(true)
    // What is used again from now on holds nothing of it either.
    for (let version = 1; version <= 30; version++)
      await again.ear.untilSynced(again.journal.append(silent('more/1', version)))
    expect(await namedIn(disk)).toEqual([])
    await again.journal.close()
  })

  test('a second time there is nothing to change, and all is there', async () => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    await rewritten(opened)
    const before = await linesOf(opened)
    await rewritten(opened)
    await opened.journal.rewrite(() => undefined)
    expect(await linesOf(opened)).toEqual(before)
    await opened.journal.close()
  })

  test('files that somebody reads in vanish behind the last reader, and it waits for that', async () => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    const reading = opened.journal.read(all)[Symbol.asyncIterator]()
    await reading.next()
    let isOver = false
    const rewriting = rewritten(opened).then(() => (isOver = true))
    await rest()
    expect(isOver).toBe(false)
    let rest50 = 1
    while (!(await reading.next()).done) rest50++
    expect(rest50).toBe(50)
    await rewriting
    expect(await namedIn(disk)).toEqual([])
    await opened.journal.close()
  })

  test('nothing of it is done while a batch of the archiver is open', async () => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    opened.journal.append({ type: 'intent', batch: 1, streams: ['kept/bob'] })
    await expect(opened.journal.rewrite(erase)).rejects.toThrow(/between two of them/)
    opened.journal.append({ type: 'committed', batch: 1, sha256: 'ab'.repeat(32) })
    await rewritten(opened)
    expect(await namedIn(disk)).toEqual([])
    await opened.journal.close()
  })

  test('it is refused on a disk without room, all is as it was, and it goes when there is some', async () => {
    const disk = new MemoryDisk()
    let isFull = false
    const small: Disk = Object.assign(Object.create(disk) as Disk, {
      open: async (path: string, mode: 'create' | 'write' | 'read') => {
        if (isFull && mode === 'create' && path.endsWith('.log'))
          throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return disk.open(path, mode)
      },
    })
    const opened = await play(small)
    const before = await linesOf(opened)
    isFull = true
    await expect(opened.journal.rewrite(erase)).rejects.toThrow(StorageFullError)
    expect(await linesOf(opened)).toEqual(before)
    isFull = false
    await rewritten(opened)
    expect(await linesOf(opened)).toEqual(before.map((line) => line.replaceAll(secret, alias)))
    expect(await namedIn(disk)).toEqual([])
    await opened.journal.close()
  })

  test('a close on the way ends it, and all is as it was or as it was to be', async () => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    const before = await linesOf(opened)
    const rewriting = opened.journal.rewrite(erase).then(
      () => 'done',
      () => 'ended',
    )
    await opened.journal.close()
    const how = await rewriting
    const again = await openSmall(disk)
    // What was released may show again: nobody was told that it is gone for good.
    expect((await linesOf(again)).filter((line) => !line.includes(' gone/'))).toEqual(
      how === 'done' ? before.map((line) => line.replaceAll(secret, alias)) : before,
    )
    await again.journal.close()
  })
})

describe('without one of its steps what was there is found (controls)', () => {
  const namedWithout = async (takeOut: () => { mockRestore(): void }): Promise<string[]> => {
    const disk = new MemoryDisk()
    const opened = await play(disk)
    const taken = takeOut()
    try {
      await rewritten(opened)
      return await namedIn(disk)
    } finally {
      taken.mockRestore()
      await opened.journal.close()
    }
  }

  test('the zeroing of the file that goes on', async () => {
    expect(await namedWithout(() => vi.spyOn(LogFile.prototype, 'wipe').mockResolvedValue())).not.toEqual([])
  })

  test('the removal of old files instead of their use', async () => {
    expect(await namedWithout(() => vi.spyOn(Reserve.prototype, 'keepNone').mockResolvedValue())).not.toEqual(
      [],
    )
  })
})

test('a rewriting may die at each of its steps: all is as it was, or as it was to be, and a second one erases it', async () => {
  const start = new MemoryDisk()
  await (await play(start)).journal.close()
  const live = async (disk: Disk): Promise<void> => {
    const opened = await openSmall(disk)
    try {
      await rewritten(opened)
    } finally {
      await opened.journal.close()
    }
  }
  const counting = faultyDisk(start.afterKill())
  const first = await openSmall(start.afterKill())
  const before = await linesOf(first)
  const after = before.map((line) => line.replaceAll(secret, alias))
  await live(counting)
  const outcomes = { old: 0, fresh: 0 }
  for (let nth = 1; nth <= counting.counts.change; nth++) {
    const disk = start.afterKill()
    await live(faultyDisk(disk, { on: 'change', nth, isDeadAfter: true })).catch(() => undefined)
    for (const left of [disk.afterKill(), disk.afterPowerLoss()]) {
      const opened = await openSmall(left)
      const found = await linesOf(opened)
      const isOld = found[0] === before[0]
      outcomes[isOld ? 'old' : 'fresh']++
      expect(found).toEqual(isOld ? before : after)
      if (!isOld) expect(await namedIn(left)).toEqual([])
      await rewritten(opened)
      expect(await linesOf(opened)).toEqual(after)
      expect(await namedIn(left)).toEqual([])
      await opened.journal.close()
    }
  }
  expect(outcomes.old).toBeGreaterThan(10)
  expect(outcomes.fresh).toBeGreaterThan(10)
})
