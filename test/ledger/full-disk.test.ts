/** A full disk makes a ledger read-only before a write fails; what frees space goes on, and then so does play. */
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, memoryColdStore, messageOf, type ColdStore } from 'gameledger'
import { simulatedDisk, type SimulatedDisk } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { ballastBytes } from '../../src/events/journal/ballast.js'
import { count, faultsOf, finish, open, receiptOf, sit, type Opened } from './opened.js'
import { tally } from './tally-game.js'

const fileBytes = 16 * 1024
/** So many log files beside the ballast. */
const diskBytes = (files: number): number => ballastBytes(fileBytes) + files * fileBytes

const openOn = (disk: SimulatedDisk, archive: ColdStore = memoryColdStore()): Promise<Opened> =>
  open({
    journal: fileJournal('/journal', { disk, lock: disk.lock, logFileBytesMax: fileBytes }),
    archive,
    batchAgeMaxMs: 1,
    adopt: true,
  })

/** Plays one long game until commands are refused; returns the last version that was acknowledged. */
const fill = async (ledger: Opened, id: string): Promise<number> => {
  const game = ledger.game(tally, id)
  let { version } = receiptOf(await game.dispatch(sit('ann')))
  for (let round = 0; round < 2_000; round++) {
    const answer = await game.dispatch(count('ann', 1, 2, 3, 4, 5))
    if (isRight(answer)) version = answer.right.version
    else {
      expect(answer.left).toMatchObject({ _tag: 'Unavailable', code: 'storage-full' })
      expect((answer.left as { missingBytes: number }).missingBytes).toBeGreaterThan(0)
      expect(messageOf(answer.left)).toMatch(/Free \d+ MiB or more on the disk .* resumes by itself\.$/)
      return version
    }
  }
  throw new Error('The disk does not fill up.')
}

const untilWriting = async (ledger: Opened): Promise<void> => {
  while (ledger.stats().journal.state !== 'writing') await new Promise((resolve) => setTimeout(resolve, 20))
}

test('players are told so, everybody else is served, and play goes on when there is room', async () => {
  const disk = simulatedDisk(1, { bytesMax: diskBytes(5) })
  const ledger = await openOn(disk)
  const faults = faultsOf(ledger)
  const version = await fill(ledger, 'long')
  expect(faults.map(({ code }) => code)).toEqual(['storage-full'])
  expect(ledger.stats().journal).toMatchObject({ state: 'read-only' })
  expect(ledger.stats().journal.missingBytes).toBeGreaterThan(0)
  expect(ledger.game(tally, 'long').version).toBe(version)
  const replay = await ledger.replay(tally, 'long')
  expect(isRight(replay) && replay.right.version).toBe(version)
  expect(ledger.views.players.stats('ann')).toBeDefined()

  disk.bytesMax = Infinity
  await untilWriting(ledger)
  const next = receiptOf(await ledger.game(tally, 'long').dispatch(count('ann', 1)))
  expect(next.version).toBe(version + 2)
  expect(faults.map(({ code }) => code)).toEqual(['storage-full', 'storage-free'])
  expect(ledger.stats().journal).toMatchObject({ state: 'writing', missingBytes: 0 })
  const again = await openOn(disk.losePower())
  expect(again.game(tally, 'long').version).toBe(version + 2)
  await again.close()
})

test('archiving goes on, frees the space of completed games, and so lets play go on', async () => {
  const memory = memoryColdStore()
  let isDown = true
  const store: ColdStore = {
    ...memory,
    put: async (key, bytes) => {
      if (isDown && key !== 'ledger.json') throw new Error('The store is down.')
      return memory.put(key, bytes)
    },
  }
  const disk = simulatedDisk(2, { bytesMax: diskBytes(6) })
  const ledger = await openOn(disk, store)
  let games = 0
  for (let isFull = false; !isFull; games++) {
    const game = ledger.game(tally, `g${games}`)
    const answers = [
      await game.dispatch(sit('ann')),
      await game.dispatch(count('ann', ...Array.from({ length: 30 }, () => 1))),
      await game.dispatch(finish),
    ]
    isFull = answers.some((answer) => isLeft(answer))
    if (games > 500) throw new Error('The disk does not fill up.')
  }
  expect(ledger.stats().journal.state).toBe('read-only')
  isDown = false
  await untilWriting(ledger)
  receiptOf(await ledger.game(tally, 'after').dispatch(sit('bob')))
  await ledger.settled()
  expect(ledger.stats().games.archived).toBeGreaterThanOrEqual(games - 1)
  expect(disk.bytesUsed).toBeLessThanOrEqual(diskBytes(6))
  await ledger.close()
})

test('a ledger is not opened without room for its next log file, and says how much is missing', async () => {
  const disk = simulatedDisk(3, { bytesMax: diskBytes(5) })
  const ledger = await openOn(disk)
  const version = await fill(ledger, 'long')
  const after = disk.kill()
  after.bytesMax = after.bytesUsed
  await expect(openOn(after)).rejects.toMatchObject({ code: 'storage-full', missingBytes: fileBytes })
  after.bytesMax = Infinity
  const again = await openOn(after)
  expect(again.game(tally, 'long').version).toBe(version)
  await again.close()
})
