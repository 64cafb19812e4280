/** `ledger.verify`: archive and journal together, and that every acknowledged event is somewhere. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { fileCheckpointStore, fileJournal, memoryColdStore, type ColdStore } from 'gameledger'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { count, finish, open, receiptOf, sit, type Opened } from './opened.js'
import { tally } from './tally-game.js'

let root: string
let journal: string
let archive: ColdStore
beforeEach(async () => {
  root = await mkdtemp(path(tmpdir(), 'gameledger-verify-'))
  journal = path(root, 'journal')
  archive = memoryColdStore()
})
afterEach(() => rm(root, { recursive: true, force: true }))

const openHere = (logFileBytesMax = 16 * 1024) =>
  open({
    journal: fileJournal(journal, { logFileBytesMax }),
    archive,
    batchGamesMax: 1,
    // Or the models would be built from what is damaged, and the ledger not open at all.
    checkpoints: fileCheckpointStore(path(root, 'projections')),
  })

const playThrough = async (ledger: Opened, id: string): Promise<void> => {
  const game = ledger.game(tally, id)
  for (const command of [sit('ann'), count('ann', 1, 2, 3, 4), finish])
    receiptOf(await game.dispatch(command))
  await ledger.settled()
}

test('a ledger that is whole counts every position', async () => {
  const ledger = await openHere()
  receiptOf(await ledger.game(tally, 'live').dispatch(sit('ann')))
  await playThrough(ledger, 'done')
  receiptOf(await ledger.game(tally, 'live').dispatch(sit('bob')))
  expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: 2, events: 9, problems: [] })
  await ledger.close()
})

test('a journal that is older than its archive is missing positions', async () => {
  const first = await openHere()
  receiptOf(await first.game(tally, 'a').dispatch(sit('ann')))
  await first.close()
  await cp(journal, path(root, 'older'), { recursive: true })
  const second = await openHere()
  for (const player of ['ann', 'bob']) receiptOf(await second.game(tally, 'b').dispatch(sit(player)))
  await playThrough(second, 'done')
  await second.close()
  await rm(journal, { recursive: true })
  await cp(path(root, 'older'), journal, { recursive: true })
  const restored = await openHere()
  expect(await restored.verify()).toMatchObject({
    ok: false,
    problems: [{ code: 'position-missing', message: expect.stringMatching(/^positions 2 to 3 are neither/) }],
  })
  await restored.close()
})

test('a game that sleeps is read as well: its damage is told with its name', async () => {
  const ledger = await openHere(1_024)
  for (const id of ['sleeper', 'other']) receiptOf(await ledger.game(tally, id).dispatch(sit('ann')))
  for (let n = 0; n < 40; n++) await playThrough(ledger, `done-${n}`)
  await ledger.close()
  for (const name of await readdir(journal)) {
    const bytes = await readFile(path(journal, name))
    const at = bytes.indexOf('tally/sleeper{')
    if (at < 0 || bytes.readUInt32LE(40) !== 1) continue
    bytes[at + 20]! ^= 1
    await writeFile(path(journal, name), bytes)
  }
  const again = await openHere(1_024)
  expect(again.stats().games.asleep).toBe(2)
  expect(await again.verify()).toMatchObject({
    ok: false,
    games: 42,
    problems: [{ code: 'corrupt-log', game: 'tally/sleeper' }],
  })
  await again.close()
})
