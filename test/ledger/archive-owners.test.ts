/** Whose archive it is: another ledger's is refused, a copied ledger is found out, a lost journal may adopt. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileColdStore, fileJournal } from 'gameledger'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { expectArchivedOnce } from '../support/archived-once.js'
import { BusyPlayers } from '../support/busy-players.js'
import { faultsOf, open, type Opened, type Options } from './opened.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gameledger-owners-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const openOn = (journal: string, options: Options = {}): Promise<Opened> =>
  open({
    journal: fileJournal(join(directory, journal), { logFileBytesMax: 64 * 1024 }),
    archive: fileColdStore(join(directory, 'archive')),
    batchGamesMax: 5,
    batchAgeMaxMs: 5,
    ...options,
  })

const play = async (ledger: Opened, name: string, games: number): Promise<readonly string[]> => {
  const players = new BusyPlayers(ledger, name)
  await players.more(games)
  return players.stop()
}

it('the archive of another ledger is refused, also to one that has played already', async () => {
  const one = await openOn('one')
  const ended = await play(one, 'one', 10)
  await one.close()
  await expect(openOn('two')).rejects.toMatchObject({ code: 'archive-of-another-ledger' })
  const other = await openOn('two', { archive: fileColdStore(join(directory, 'other')) })
  await play(other, 'two', 10)
  await other.close()
  // It is not empty: adopting would mix two histories.
  await expect(openOn('two', { adopt: true })).rejects.toMatchObject({ code: 'archive-of-another-ledger' })
  const again = await openOn('one')
  await expectArchivedOnce(again, ended)
  await again.close()
})

it('of a ledger and its copy the second to archive is told that it is one, plays on and loses nothing', async () => {
  const one = await openOn('one')
  const before = await play(one, 'before', 10)
  await one.close()
  cpSync(join(directory, 'one'), join(directory, 'copy'), { recursive: true })
  const shared = readdirSync(join(directory, 'archive'))
  const first = await openOn('one')
  const copy = await openOn('copy')
  const faults = faultsOf(copy)
  const ended = await play(first, 'first', 10)
  await first.settled()
  const ofCopy = new BusyPlayers(copy, 'copy')
  await ofCopy.more(20)
  await expect(copy.settled()).rejects.toMatchObject({ code: 'archive-forked' })
  await ofCopy.more(20)
  const endedInCopy = await ofCopy.stop()
  expect(faults.map(({ code }) => code)).toEqual(['archive-forked'])
  expect(copy.stats().archive).toMatchObject({ isStopped: true, gamesWaiting: endedInCopy.length })
  await copy.close()
  await expectArchivedOnce(first, [...before, ...ended])
  await first.close()

  // With an archive of its own, a copy of what both share, it archives what it has kept.
  for (const name of shared) cpSync(join(directory, 'archive', name), join(directory, 'own', name))
  const apart = await openOn('copy', { archive: fileColdStore(join(directory, 'own')) })
  await apart.settled()
  await expectArchivedOnce(apart, [...before, ...endedInCopy])
  await apart.close()
})

it('a lost journal adopts its archive when it is asked to, and goes on in it', async () => {
  const one = await openOn('one')
  const before = await play(one, 'before', 10)
  await one.close()
  rmSync(join(directory, 'one'), { recursive: true })
  await expect(openOn('one')).rejects.toMatchObject({ code: 'archive-of-another-ledger' })
  const adopting = await openOn('one', { adopt: true })
  expect(adopting.stats().games.archived).toBe(before.length)
  const after = await play(adopting, 'after', 10)
  await adopting.settled()
  await expectArchivedOnce(adopting, [...before, ...after])
  await adopting.close()
  const again = await openOn('one')
  await expectArchivedOnce(again, [...before, ...after])
  await again.close()
})
