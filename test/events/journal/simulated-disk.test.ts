/** What a simulated disk keeps and forgets. */
import { fileJournal, openLedger } from 'gameledger'
import { simulatedDisk, type Disk, type SimulatedDisk } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { tally } from '../../ledger/tally-game.js'

const seeds = Array.from({ length: 60 }, (_, seed) => seed)

const text = async (disk: Disk, path: string): Promise<string> => {
  const file = await disk.open(path, 'read')
  const bytes = Buffer.alloc(await file.size())
  await file.read(bytes, 0, bytes.length, 0)
  return bytes.toString('latin1')
}

/** Writes at an offset of a file, which is made where it is missing; all of it, however often that takes. */
const write = async (disk: Disk, path: string, given: string, offset = 0) => {
  const names = await disk.list('/d')
  const file = await disk.open(path, names.includes(path.slice(3)) ? 'write' : 'create')
  const bytes = Buffer.from(given, 'latin1')
  for (let done = 0; done < bytes.length;)
    done += await file.write(bytes, done, bytes.length - done, offset + done)
  return file
}

const synced = async (disk: SimulatedDisk, given: string): Promise<void> => {
  await (await write(disk, '/d/a', given)).sync()
  await disk.syncDirectory('/d')
}

describe('power loss', () => {
  test('keeps what is synced, with its name', async () => {
    for (const seed of seeds) {
      const disk = simulatedDisk(seed)
      await synced(disk, 'x'.repeat(2_000))
      expect(await text(disk.losePower(), '/d/a')).toBe('x'.repeat(2_000))
    }
  })

  test('leaves of each unsynced sector the old bytes, the new ones, or garbage, and nothing of what was not written', async () => {
    const fates = new Set<string>()
    for (const seed of seeds) {
      const disk = simulatedDisk(seed)
      await synced(disk, 'o'.repeat(1_536))
      await write(disk, '/d/a', 'n'.repeat(612), 300)
      const after = await text(disk.losePower(), '/d/a')
      expect(after.slice(0, 300) + after.slice(912)).toBe('o'.repeat(924))
      for (const part of [after.slice(300, 512), after.slice(512, 912)])
        fates.add(/^o+$/.test(part) ? 'old' : /^n+$/.test(part) ? 'new' : 'garbage')
    }
    expect([...fates].sort()).toEqual(['garbage', 'new', 'old'])
  })

  test('may take a name whose directory was not synced, and may take back a rename', async () => {
    const found = new Set<string>()
    for (const seed of seeds) {
      const disk = simulatedDisk(seed)
      await synced(disk, 'a')
      await (await write(disk, '/d/b', 'b')).sync()
      await disk.rename('/d/a', '/d/c')
      found.add((await disk.losePower().list('/d')).join())
    }
    expect([...found].sort()).toEqual(['a', 'a,b', 'b,c', 'c'])
  })

  test('after a failed sync takes sectors that a later sync was told to bring over', async () => {
    const lost = new Set<boolean>()
    for (const seed of seeds) {
      const disk = simulatedDisk(seed)
      await synced(disk, 'o'.repeat(512))
      const file = await write(disk, '/d/a', 'n'.repeat(512))
      disk.failNext('sync')
      await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
      expect(await text(disk, '/d/a')).toBe('n'.repeat(512))
      await file.sync()
      lost.add((await text(disk.losePower(), '/d/a')).startsWith('o'))
    }
    expect(lost).toEqual(new Set([true, false]))
  })
})

describe('a kill', () => {
  test('keeps what was written, synced or not, and its names', async () => {
    const disk = simulatedDisk(1)
    await write(disk, '/d/a', 'x'.repeat(700))
    const after = disk.kill()
    expect(await text(after, '/d/a')).toBe('x'.repeat(700))
    expect(await text(after.kill(), '/d/a')).toBe('x'.repeat(700))
  })

  test('frees the lock, and silences the old disk', async () => {
    const disk = simulatedDisk(1)
    await disk.lock('/d')
    await expect(disk.lock('/d')).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const after = disk.kill()
    await (await after.lock('/d')).release()
    const answer = await Promise.race([
      disk.list('/d'),
      new Promise((resolve) => setTimeout(resolve, 20, 'silence')),
    ])
    expect(answer).toBe('silence')
  })
})

test('a full disk takes what fits, then no more, and takes again when something is removed', async () => {
  const disk = simulatedDisk(1, { bytesMax: 1_000, shortWritesPerMille: 0 })
  const bytes = Buffer.alloc(800, 1)
  const one = await disk.open('/d/a', 'create')
  expect(await one.write(bytes, 0, 800, 0)).toBe(800)
  const two = await disk.open('/d/b', 'create')
  expect(await two.write(bytes, 0, 800, 0)).toBe(200)
  await expect(two.write(bytes, 0, 600, 200)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await one.write(bytes, 0, 800, 0)).toBe(800)
  await disk.remove('/d/a')
  expect(await two.write(bytes, 0, 600, 200)).toBe(600)
  expect(disk.bytesUsed).toBe(800)
})

test('the same seed and the same calls give the same disk', async () => {
  const play = async (seed: number): Promise<string> => {
    const disk = simulatedDisk(seed)
    await synced(disk, 'o'.repeat(4_000))
    await write(disk, '/d/a', 'n'.repeat(4_000))
    return text(disk.losePower(), '/d/a')
  }
  expect(await play(5)).toBe(await play(5))
  expect(await play(5)).not.toBe(await play(6))
})

test('a ledger on it survives a loss of power', async () => {
  const journalOn = (disk: SimulatedDisk) =>
    fileJournal('/journal', { disk, lock: disk.lock, logFileBytesMax: 64 * 1024 })
  const disk = simulatedDisk(7)
  const ledger = await openLedger({ games: [tally], journal: journalOn(disk) })
  await ledger.game(tally, 'a').dispatch({ type: 'Sit', player: 'ann' })
  const next = await openLedger({ games: [tally], journal: journalOn(disk.losePower()), adopt: true })
  expect(next.game(tally, 'a').state?.players).toEqual(['ann'])
  await next.close()
})
