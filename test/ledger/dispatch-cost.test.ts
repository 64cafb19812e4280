/** What commands cost the disk, through the whole ledger: those of one tick share one write and one sync. */
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, memoryColdStore } from 'gameledger'
import { faultyDisk } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { MemoryDisk } from '../events/journal/memory-disk.js'
import { noLock, rest } from '../events/journal/small-journal.js'
import { open, sit } from './opened.js'
import { tally } from './tally-game.js'

test.each([
  ['of a hundred games', 100],
  ['of one game', 1],
])('a hundred dispatches in one tick, %s, cost one write and one sync', async (_, games) => {
  const disk = faultyDisk(new MemoryDisk())
  const ledger = await open({
    journal: fileJournal('/j', { disk, lock: noLock }),
    archive: memoryColdStore(),
    durability: 'synced',
  })
  // The next log file is made in the background.
  await rest()
  const before = { ...disk.counts }
  const answers = await Promise.all(
    Array.from({ length: 100 }, (__, nth) => ledger.game(tally, `g${nth % games}`).dispatch(sit(`p${nth}`))),
  )
  expect(answers.every(isRight)).toBe(true)
  await ledger.settled()
  expect(disk.counts).toEqual({
    ...before,
    write: before.write + 1,
    sync: before.sync + 1,
    change: before.change + 2,
  })
  await ledger.close()
})
