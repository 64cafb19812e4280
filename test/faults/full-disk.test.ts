/** A real full disk: read-only before a write fails, nothing lost, and back by itself. */
import { expect, test } from 'vitest'
import { fillAndFree, fillToTheLastByte, openOnFullDisk } from './full-disk.js'
import { meetFileSizeLimit, openUnderFileSizeLimit } from './file-size.js'
import { proof } from './proof.js'

proof('a full disk', ['mount'], () => {
  test('players are told how much is missing before a write fails, and play on when space is freed', async () => {
    const figures = await fillAndFree()
    expect(figures).toMatchObject({ state: 'read-only', lostWhileFull: 0, lostAfterwards: 0 })
    expect(figures.refusal).toMatchObject({
      _tag: 'Unavailable',
      code: 'storage-full',
      cause: { code: 'ENOSPC' },
    })
    expect((figures.refusal as { missingBytes: number }).missingBytes).toBeGreaterThan(0)
    expect(figures.faults).toEqual(['storage-full', 'storage-free'])
  })

  test('where another program has the last byte, archiving frees the space that play needs', async () => {
    const figures = await fillToTheLastByte()
    expect(figures).toMatchObject({ state: 'read-only', lostWhileFull: 0, lostAfterwards: 0 })
    expect(figures.archivedGames).toBeGreaterThan(0)
    expect(figures.ballastBytes).toBeGreaterThan(0)
    expect(figures.journalBytesAfterwards).toBeLessThan(figures.journalBytesWhenFull)
  })

  test('a ledger that is not opened for want of a byte says so, and is opened by the same process later', async () => {
    expect(await openOnFullDisk()).toEqual({ code: 'storage-full', lost: 0 })
  })
})

proof('a limit on the size of files', ['prlimit'], () => {
  test('a frame that is too long for it waits, players are refused, and all goes on when it is lifted', async () => {
    const { refusal, acknowledgedBefore, acknowledged, lost } = await meetFileSizeLimit()
    expect(refusal).toBe('Unavailable storage-full EFBIG')
    expect({ acknowledgedBefore, lost }).toEqual({ acknowledgedBefore: 0, lost: 0 })
    expect(acknowledged).toBeGreaterThan(20)
  })

  test('a ledger is not opened where it leaves no room for one log file', async () => {
    expect(await openUnderFileSizeLimit()).toBe('storage-full')
  })
})
