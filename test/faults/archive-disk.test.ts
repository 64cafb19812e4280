/** The directory of the archive is full, read-only or forbidden, for real: play goes on, and the backlog drains by itself. */
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileColdStore, fileJournal, memoryJournal, openLedger, type Fault, type Journal } from 'gameledger'
import { expect, test } from 'vitest'
import { expectArchivedOnce } from '../support/archived-once.js'
import { BusyPlayers } from '../support/busy-players.js'
import { nobody } from '../support/server-process.js'
import { tally } from '../ledger/tally-game.js'
import { withTmpfs } from './file-system.js'
import { proof } from './proof.js'
import { inScratch } from './scratch.js'

/** Plays before, while and after `fail` is in force. */
const playThrough = async (
  journal: Journal,
  path: string,
  error: RegExp,
  fail: () => void,
  mend: () => void,
): Promise<void> => {
  const archive = fileColdStore(path)
  const ledger = await openLedger({ games: [tally], journal, archive, batchGamesMax: 10, batchAgeMaxMs: 5 })
  const faults: Fault[] = []
  ledger.faults$.subscribe((fault) => faults.push(fault))
  const players = new BusyPlayers(ledger, 'a')
  await players.more(20)
  await ledger.settled()
  fail()
  try {
    await players.more(60)
    while (ledger.stats().archive.lastError === undefined) await sleep(5)
    expect(ledger.stats().archive.lastError).toMatch(error)
    expect(ledger.stats().archive.gamesWaiting).toBeGreaterThan(30)
    expect(ledger.stats().journal.state).toBe('writing')
  } finally {
    mend()
  }
  const ended = await players.stop()
  await ledger.settled()
  await expectArchivedOnce(ledger, ended)
  expect(faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
  expect(faults[0]!.message).toMatch(error)
  await ledger.close()
}

proof('the file system of the archive', ['mount'], () => {
  test('is full, to the last byte', () =>
    inScratch((scratch) =>
      withTmpfs(scratch, 1024 * 1024, ({ directory }) => {
        const ballast = join(directory, 'ballast')
        return playThrough(
          fileJournal(join(scratch, 'journal'), { logFileBytesMax: 64 * 1024 }),
          join(directory, 'archive'),
          /ENOSPC/,
          () => {
            try {
              writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024, 1))
            } catch {
              // As much of it as there was room for.
            }
          },
          () => rmSync(ballast),
        )
      }),
    ))

  test('is read-only', () =>
    inScratch((scratch) =>
      withTmpfs(scratch, 8 * 1024 * 1024, ({ directory, setReadOnly }) =>
        playThrough(
          fileJournal(join(scratch, 'journal'), { logFileBytesMax: 64 * 1024 }),
          join(directory, 'archive'),
          /EROFS/,
          () => setReadOnly(true),
          () => setReadOnly(false),
        ),
      ),
    ))
})

test('the directory of the archive may not be written by this user', () =>
  inScratch(async (scratch) => {
    const path = join(scratch, 'archive')
    mkdirSync(path)
    const isRoot = process.geteuid?.() === 0
    if (isRoot) {
      // Nothing is forbidden to root.
      for (const one of [scratch, path]) chownSync(one, nobody, nobody)
      process.seteuid!(nobody)
    }
    try {
      await playThrough(
        memoryJournal(),
        path,
        /EACCES/,
        () => chmodSync(path, 0o555),
        () => chmodSync(path, 0o755),
      )
    } finally {
      if (isRoot) process.seteuid!(0)
    }
  }))
