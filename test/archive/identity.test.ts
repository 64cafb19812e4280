import { expect, it } from 'vitest'
import { openIdentity } from '../../src/archive/identity.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom } from './archive-room.js'
import { Table } from './played-games.js'

it('an archive belongs to the ledger that made it', async () => {
  const store = memoryColdStore()
  expect(await openIdentity(store, 'one', false)).toMatchObject({ archiveId: 'one', ledgerId: 'one' })
  expect(await openIdentity(store, 'one', false)).toMatchObject({ archiveId: 'one' })
  await expect(openIdentity(store, 'two', false)).rejects.toMatchObject({ code: 'archive-of-another-ledger' })
})

it('an adopted archive keeps its identity and is at home to both', async () => {
  const store = memoryColdStore()
  const table = new Table()
  table.playThrough('old')
  const before = await openRoom(store, table, new Notes(), { ledgerId: 'one' })
  await before.archiver.flush()
  const later = new Table()
  later.position = before.catalog.lastPosition
  later.playThrough('new')
  const adopting = await openRoom(store, later, new Notes(), { ledgerId: 'two', adopt: true })
  await adopting.archiver.flush()
  // From then on without `adopt`, for the new ledger and for the old one.
  for (const ledgerId of ['one', 'two']) {
    const { catalog } = await openRoom(store, new Table(), new Notes(), { ledgerId })
    expect(catalog.games).toBe(2)
    expect(await catalog.manifestOf(2)).toMatchObject({ ledger: 'two' })
  }
  await expect(openIdentity(store, 'three', false)).rejects.toMatchObject({
    code: 'archive-of-another-ledger',
  })
})

it('a manifest of a stranger is refused', async () => {
  const store = memoryColdStore()
  const foreign = memoryColdStore()
  const table = new Table()
  table.playThrough('g')
  const room = await openRoom(foreign, table, new Notes(), { ledgerId: 'stranger' })
  await room.archiver.flush()
  await openIdentity(store, 'one', false)
  for await (const key of foreign.list('0')) await store.put(key, (await foreign.get(key))!)
  await expect(openRoom(store, new Table(), new Notes(), { ledgerId: 'one' })).rejects.toMatchObject({
    code: 'archive-of-another-ledger',
  })
})

it('what says nothing of a ledger is damaged, and what says it in a newer format is too new', async () => {
  const damaged = memoryColdStore()
  await damaged.put('ledger.json', Buffer.from('{}'))
  await expect(openIdentity(damaged, 'one', false)).rejects.toMatchObject({ code: 'corrupt-manifest' })
  const newer = memoryColdStore()
  await newer.put('ledger.json', Buffer.from('{"format":9}'))
  await expect(openIdentity(newer, 'one', false)).rejects.toMatchObject({ code: 'archive-too-new' })
})
