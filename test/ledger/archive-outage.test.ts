/**
 * The store of the archive is down, in every way that one can be: play goes on, nothing is lost or doubled, who operates the
 * ledger hears of it once, and what waited drains by itself. The same with real servers is in archive-servers.test.ts.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileColdStore, fileJournal, memoryColdStore, type ColdStore } from 'gameledger'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectArchivedOnce } from '../support/archived-once.js'
import { BusyPlayers } from '../support/busy-players.js'
import { failingStore, type Failing } from '../support/failing-store.js'
import { count, faultsOf, finish, open, receiptOf, sit } from './opened.js'
import { tally } from './tally-game.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gameledger-outage-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const openOn = (archive: ColdStore) =>
  open({
    journal: fileJournal(join(directory, 'journal'), { logFileBytesMax: 64 * 1024 }),
    archive,
    batchGamesMax: 7,
    batchAgeMaxMs: 5,
    storeAnswerMsMax: 300,
  })

describe.each<Failing>(['refused', 'error', 'hanging', 'full'])('a store that is %s', (failing) => {
  it('holds up no game, is told once an outage, and has every game once when it is back', async () => {
    const store = failingStore(memoryColdStore())
    const ledger = await openOn(store)
    const faults = faultsOf(ledger)
    const players = new BusyPlayers(ledger, 'a')
    await players.more(20)

    for (const outage of [1, 2]) {
      await ledger.settled()
      expect(ledger.stats().archive.lastError).toBeUndefined()
      store.failing = failing
      const before = store.failures
      await players.more(60)
      while (store.failures < before + 3) await sleep(5)
      const { archive, games, journal } = ledger.stats()
      expect(archive.gamesWaiting).toBeGreaterThanOrEqual(50)
      expect(archive.bytesWaiting).toBeGreaterThan(archive.gamesWaiting * 50)
      expect(archive.oldestAgeMs).toBeGreaterThan(0)
      expect(archive.lastError).toMatch(/ECONNREFUSED|InternalError|has not answered|ENOSPC/)
      expect(games.live).toBeGreaterThanOrEqual(archive.gamesWaiting)
      expect(journal.state).toBe('writing')
      expect(faults.map(({ code }) => code)).toEqual(Array(outage).fill('archive-unavailable'))
      // A game that waits is read like any other.
      expect(isRight(await ledger.replay(tally, players.ended.at(-1)!))).toBe(true)
      store.failing = undefined
      await players.more(5)
      await ledger.settled()
    }
    const ended = await players.stop()
    await ledger.settled()
    await expectArchivedOnce(ledger, ended)
    expect(ledger.stats().archive.gamesArchived).toBe(ended.length)
    expect(faults).toHaveLength(2)
    await ledger.close()

    const again = await openOn(store)
    await expectArchivedOnce(again, ended)
    await again.close()
  })

  it('is closed on within the deadline, and what waits is archived after the next opening', async () => {
    const store = failingStore(memoryColdStore())
    const ledger = await open({
      journal: fileJournal(join(directory, 'journal')),
      archive: store,
      batchAgeMaxMs: 5,
      storeAnswerMsMax: 40,
      closeDeadlineMs: 60,
    })
    store.failing = failing
    const players = new BusyPlayers(ledger, 'a')
    await players.more(30)
    const ended = await players.stop()
    await ledger.close()

    store.failing = undefined
    const again = await openOn(store)
    await again.settled()
    await expectArchivedOnce(again, ended)
    await again.close()
  })
})

it('a slow store is no outage: nothing is told, and everything arrives', async () => {
  const store = failingStore(memoryColdStore(), 15)
  const ledger = await openOn(store)
  const faults = faultsOf(ledger)
  store.failing = 'slow'
  const players = new BusyPlayers(ledger, 'a')
  await players.more(100)
  const ended = await players.stop()
  await ledger.settled()
  await expectArchivedOnce(ledger, ended)
  expect(faults).toEqual([])
  await ledger.close()
})

it('closing drains what a slow store takes within the deadline, and the next opening archives the rest', async () => {
  const store = failingStore(memoryColdStore(), 20)
  const journal = fileJournal(join(directory, 'journal'))
  const given = { journal, archive: store, batchGamesMax: 1, batchAgeMaxMs: 1 }
  const ledger = await open({ ...given, closeDeadlineMs: 300 })
  store.failing = 'slow'
  const players = new BusyPlayers(ledger, 'a')
  await players.more(40)
  const ended = await players.stop()
  const before = ledger.stats().games.archived
  await ledger.close()
  const { gamesArchived, gamesWaiting } = ledger.stats().archive
  expect(gamesArchived).toBeGreaterThan(before)
  expect(gamesWaiting).toBeGreaterThan(0)

  store.failing = undefined
  const again = await open(given)
  await again.settled()
  await expectArchivedOnce(again, ended)
  await again.close()
})

it('commands to games that wait are answered as to games that are over, and their ids are not used again', async () => {
  const store = failingStore(memoryColdStore())
  const ledger = await openOn(store)
  store.failing = 'refused'
  const game = ledger.game(tally, 'one')
  receiptOf(await game.dispatch(sit('ann'), { commandId: 'c1' }))
  const last = receiptOf(await game.dispatch(finish, { commandId: 'c2' }))
  await sleep(20)
  expect(await game.dispatch(count('ann', 1))).toMatchObject({ left: { _tag: 'GameCompleted' } })
  expect(receiptOf(await game.dispatch(finish, { commandId: 'c2' }))).toMatchObject({
    version: last.version,
    duplicate: true,
  })
  store.failing = undefined
  await ledger.settled()
  expect(await game.dispatch(count('ann', 1))).toMatchObject({ left: { _tag: 'GameCompleted' } })
  await expectArchivedOnce(ledger, ['one'])
  await ledger.close()
})

it.each(['.ndjson.gz', '.manifest.json'])(
  'a store that says that it has stored a %s, and has not, is not believed',
  async (ending) => {
    const inner = memoryColdStore()
    let isLying = true
    const lying: ColdStore = {
      ...inner,
      put: async (key, bytes) => (isLying && key.endsWith(ending) ? 'stored' : inner.put(key, bytes)),
    }
    const ledger = await openOn(lying)
    const faults = faultsOf(ledger)
    const players = new BusyPlayers(ledger, 'a')
    await players.more(15)
    while (faults.length === 0) await sleep(5)
    expect(faults[0]!.message).toContain(`${ending} was put and is not there.`)
    expect(ledger.stats().games.archived).toBe(0)
    isLying = false
    const ended = await players.stop()
    await ledger.settled()
    await expectArchivedOnce(ledger, ended)
    await ledger.close()
  },
)

it('a directory that is taken away, and comes back', async () => {
  const path = join(directory, 'archive')
  const ledger = await openOn(fileColdStore(path))
  const faults = faultsOf(ledger)
  const players = new BusyPlayers(ledger, 'a')
  await players.more(20)
  await ledger.settled()
  renameSync(path, `${path}-away`)
  writeFileSync(path, 'in its place')
  await players.more(40)
  while (ledger.stats().archive.lastError === undefined) await sleep(5)
  expect(ledger.stats().archive.lastError).toMatch(/ENOTDIR|EEXIST/)
  rmSync(path)
  renameSync(`${path}-away`, path)
  const ended = await players.stop()
  await ledger.settled()
  await expectArchivedOnce(ledger, ended)
  expect(faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
  await ledger.close()
})
