/** What recovery makes of damaged, torn and strange bytes: refused or dropped, never wrong data. */
import { describe, expect, test } from 'vitest'
import { CorruptLogError, FormatTooNewError } from '../../../src/events/journal/corrupt-log.js'
import { crc32 } from 'node:zlib'
import { findFrame } from '../../../src/events/journal/frame.js'
import { events, shown } from '../../contracts/journal.js'
import { MemoryDisk } from './memory-disk.js'
import { openSmall, rest, threeFrames } from './small-journal.js'

const logOne = '/j/log-00000001.log'

const crashed = async () => {
  const disk = new MemoryDisk()
  const expected = await threeFrames(await openSmall(disk))
  await rest()
  return { disk: disk.afterKill(), expected }
}

const closed = async () => {
  const disk = new MemoryDisk()
  const opened = await openSmall(disk)
  const expected = await threeFrames(opened)
  await rest()
  await opened.journal.close()
  return { disk, expected }
}

const framesOf = (bytes: Buffer) => {
  const frames = []
  for (let frame = findFrame(bytes, 0, 1); frame; frame = findFrame(bytes, frame.end, 1)) frames.push(frame)
  return frames
}

describe('a torn tail', () => {
  test('is dropped at every byte of the last frame, cut off or followed by zeros, and the rest recovered', async () => {
    const { disk, expected } = await crashed()
    const last = framesOf(disk.bytesOf(logOne))[2]!
    for (let cut = last.start; cut < last.end; cut++)
      for (const isZeroed of [true, false]) {
        const torn = disk.afterKill()
        const bytes = torn.bytesOf(logOne)
        torn.put(logOne, isZeroed ? Buffer.from(bytes).fill(0, cut) : bytes.subarray(0, cut))
        // The padding at the end of a frame is zeros anyway.
        const isWhole = isZeroed && bytes.subarray(cut, last.end).every((byte) => byte === 0)
        const { journal, records, recovery } = await openSmall(torn)
        expect(records).toEqual(isWhole ? expected : expected.slice(0, 2))
        expect(recovery.isClean).toBe(false)
        if (!isWhole) expect(recovery.droppedBytes).toBeLessThanOrEqual(cut - last.start)
        const next = events('d/1', 1)
        journal.append(next)
        expect(next.firstPosition).toBe(isWhole ? 6 : 4)
        await journal.close()
        const again = await openSmall(torn)
        expect(again.records).toEqual([...records, shown(next)])
        await again.journal.close()
      }
  })

  test('takes a unit of work as a whole, at every byte of it', async () => {
    const disk = new MemoryDisk()
    const { ear, journal } = await openSmall(disk)
    await ear.untilSynced(journal.append(events('a/1', 1)))
    const parts = [events('b/1', 1, 2), events('a/1', 2), events('c/1', 1)]
    await ear.untilSynced(journal.append({ type: 'unit', parts }))
    const [, unit] = framesOf(disk.bytesOf(logOne))
    for (let cut = unit!.start; cut < unit!.end - 8; cut++) {
      const torn = disk.afterKill()
      torn.bytesOf(logOne).fill(0, cut)
      const again = await openSmall(torn)
      expect(again.records).toHaveLength(1)
      await again.journal.close()
    }
    const whole = await openSmall(disk.afterKill())
    expect(whole.records.slice(1)).toEqual(parts.map(shown))
    await whole.journal.close()
  })

  test('may be followed by garbage', async () => {
    const { disk, expected } = await crashed()
    const bytes = disk.bytesOf(logOne)
    const end = framesOf(bytes)[2]!.end
    for (let at = end; at < bytes.length; at++) bytes[at] = (at * 37) & 255
    const { journal, records, recovery } = await openSmall(disk)
    expect(records).toEqual(expected)
    // What a former life of the file left behind is no frame of it.
    expect(recovery.droppedBytes).toBe(0)
    await journal.close()
  })

  test('may be followed by frames of another file', async () => {
    const { disk, expected } = await crashed()
    const bytes = disk.bytesOf(logOne)
    const stale = Buffer.from(bytes)
    const [first, , last] = framesOf(bytes)
    // As if the file had the id 1 and these sectors had belonged to file 3: sealed with another seed.
    stale.writeUInt32LE(
      crc32(
        stale.subarray(first!.start + 32, first!.end),
        crc32(stale.subarray(first!.start, first!.start + 28), 3),
      ),
      first!.start + 28,
    )
    stale.copy(bytes, last!.end, first!.start, first!.end)
    const { journal, records } = await openSmall(disk)
    expect(records).toEqual(expected)
    await journal.close()
  })
})

const imageOf = (disk: MemoryDisk): string =>
  [...disk.seen].map(([path, { seen }]) => `${path} ${seen.toString('latin1')}`).join()

/** Opens a damaged disk: the records, or the refusal; and sees that a refusal changed nothing. */
const outcome = async (disk: MemoryDisk): Promise<string[] | 'refused'> => {
  const before = imageOf(disk)
  try {
    const { journal, records } = await openSmall(disk)
    await journal.close()
    return records
  } catch (error) {
    if (!(error instanceof CorruptLogError) && !(error instanceof FormatTooNewError)) throw error
    expect(imageOf(disk) === before).toBe(true)
    return 'refused'
  }
}

describe('a flipped byte', () => {
  test('anywhere in a closed journal is refused or without effect', async () => {
    const { disk, expected } = await closed()
    let refused = 0
    // Nobody reads the ballast.
    const read = [...disk.seen].filter(([path]) => !path.endsWith('BALLAST'))
    for (const [path, { seen }] of read)
      for (let at = 0; at < seen.length; at++) {
        const damaged = disk.afterKill()
        damaged.bytesOf(path)[at]! ^= at % 2 === 0 ? 0xff : 1 << (at % 8)
        const found = await outcome(damaged)
        if (found === 'refused') refused++
        else expect(found).toEqual(expected)
      }
    const end = framesOf(disk.bytesOf(logOne))[2]!.end
    const manifest = read.filter(([path]) => !path.endsWith('.log'))
    expect(refused).toBe(end + manifest.reduce((sum, [, { seen }]) => sum + seen.length, 0))
  })

  test('in a journal that was not closed is refused where a later frame proves the place', async () => {
    const { disk, expected } = await crashed()
    const [, , last] = framesOf(disk.bytesOf(logOne))
    for (let at = 0; at < last!.end; at++) {
      const damaged = disk.afterKill()
      damaged.bytesOf(logOne)[at]! ^= 1 << (at % 8)
      expect(await outcome(damaged)).toEqual(at < last!.start ? 'refused' : expected.slice(0, 2))
    }
  })
})

describe('a refusal', () => {
  test('says file, offset and streams, and what to do last', async () => {
    const { disk } = await crashed()
    const bytes = disk.bytesOf(logOne)
    const [, second] = framesOf(bytes)
    bytes[second!.end - 10]! ^= 1
    const error = await openSmall(disk).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(CorruptLogError)
    expect(error).toMatchObject({
      code: 'corrupt-log',
      file: logOne,
      offset: second!.start,
      streams: ['b/1'],
    })
    expect((error as Error).message).toMatch(
      /Nothing on disk was changed\. .*repair --quarantine`, which keeps a copy\.$/,
    )
  })

  test('meets a missing file, an exchanged file, a lost CURRENT', async () => {
    const { disk } = await crashed()
    const without = disk.afterKill()
    await without.remove(logOne)
    expect(await outcome(without)).toBe('refused')
    const exchanged = disk.afterKill()
    exchanged.put('/j/log-00000002.log', Buffer.from(exchanged.bytesOf(logOne)))
    expect(await outcome(exchanged)).toBe('refused')
    const lost = disk.afterKill()
    await lost.remove('/j/CURRENT')
    expect(await outcome(lost)).toBe('refused')
  })

  test('of a newer format is not called damage', async () => {
    const { disk } = await closed()
    const bytes = disk.bytesOf(logOne)
    bytes.writeUInt16LE(4, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
    await expect(openSmall(disk)).rejects.toThrow(/^format-too-new: .* has format 4,/)
  })
})

test('a record of a kind to come is not called damage', async () => {
  const { disk } = await closed()
  const bytes = disk.bytesOf(logOne)
  const { start, end } = framesOf(bytes)[1]!
  bytes.writeUInt16LE(7, start + 32 + 8)
  const payload = bytes.subarray(start + 32, end)
  bytes.writeUInt32LE(crc32(payload, crc32(bytes.subarray(start, start + 28), 1)), start + 28)
  await expect(openSmall(disk)).rejects.toThrow(/^format-too-new: .* has records of kind 7,/)
})

test('a half made journal, without CURRENT and without a frame, is made anew', async () => {
  const disk = new MemoryDisk()
  disk.put('/j/MANIFEST-1.json', Buffer.from('{'))
  const { journal, records } = await openSmall(disk)
  expect([journal.isEmpty, records]).toEqual([true, []])
  await journal.close()
})

test('a journal that has lost CURRENT is refused, also where no frame is left in it', async () => {
  const disk = new MemoryDisk()
  await (await openSmall(disk)).journal.close()
  await disk.remove('/j/CURRENT')
  await expect(openSmall(disk)).rejects.toThrow(/a file CURRENT beside it/)
})
