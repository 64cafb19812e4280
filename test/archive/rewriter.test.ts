import { beforeEach, describe, expect, it } from 'vitest'
import { manifestKeyOf, segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { encodeManifest } from '../../src/archive/manifest.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import type { Rewrite } from '../../src/archive/rewritten-segment.js'
import { fingerprintOf, fingerprintText } from '../../src/events/fingerprint.js'
import { Notes, openRoom, type ArchiveRoom } from './archive-room.js'
import type { Table } from './played-games.js'
import { expectGames, keysIn, overlappingGames, verified } from './rewritten-archive.js'

const same: Rewrite = () => 'same'
/** Drops games by their id. */
const without =
  (...ids: string[]): Rewrite =>
  ({ index }) =>
    ids.includes(index.gameId) ? 'gone' : 'same'

let store: ColdStore
let table: Table
let notes: Notes
let room: ArchiveRoom

/** Ten games in five batches of two. */
beforeEach(async () => {
  store = memoryColdStore()
  table = overlappingGames(10)
  notes = new Notes()
  room = await openRoom(store, table, notes, { batchGamesMax: 2 })
  await room.archiver.flush()
})

const reopened = (): Promise<ArchiveRoom> => openRoom(store, table, notes)

describe('a run of batches that becomes one', () => {
  it('holds the same games, byte for byte, and what it replaced is deleted', async () => {
    const before = (await (await room.catalog.find('race/g3'))!.load()).header
    const rewriting = await room.rewriter.rewrite([2, 3, 4], same)
    await room.rewriter.cleared()
    expect(rewriting).toMatchObject({ batchesReplaced: 3, gamesChanged: 0, gamesDropped: 0 })
    expect(rewriting!.manifest).toMatchObject({ format: 2, batch: 6, replaces: [2, 3, 4] })
    expect(await keysIn(store)).toEqual(
      [
        manifestKeyOf(1),
        segmentKeyOf(1),
        manifestKeyOf(5),
        segmentKeyOf(5),
        manifestKeyOf(6),
        rewriting!.manifest.segment,
        'ledger.json',
      ].sort(),
    )
    await expectGames(store, room.catalog, table)
    expect((await (await room.catalog.find('race/g3'))!.load()).header).toEqual(before)
    await expectGames(store, (await reopened()).catalog, table)
    expect(await verified(store)).toMatchObject({ ok: true, games: 10, problems: [] })
  })

  it('takes the next number, and the archiver the one after it', async () => {
    await room.rewriter.rewrite([1, 2], same)
    overlappingGames(2, table, 'later')
    const next = await reopened()
    await next.archiver.flush()
    expect(await next.catalog.manifestOf(7)).toMatchObject({ format: 1, batch: 7 })
    await expectGames(store, next.catalog, table)
  })

  it('is rewritten again, and names all that it stands for', async () => {
    await room.rewriter.rewrite([1, 2], same)
    await room.rewriter.rewrite([6, 3], same)
    await room.rewriter.cleared()
    expect((await room.catalog.manifestOf(7)).replaces).toEqual([1, 2, 3, 6])
    await expectGames(store, room.catalog, table)
    await expectGames(store, (await reopened()).catalog, table)
    expect(await verified(store)).toMatchObject({ ok: true, problems: [] })
  })

  it('is none where nothing would change', async () => {
    expect(await room.rewriter.rewrite([2], same)).toBeUndefined()
    expect((await keysIn(store)).length).toBe(11)
  })

  it('is refused where the batches are not neighbours in this order, or not there', async () => {
    for (const batches of [[1, 3], [2, 1], [4, 5, 6], [17], []])
      await expect(room.rewriter.rewrite(batches, same)).rejects.toThrow('neighbours')
    await expectGames(store, room.catalog, table)
  })
})

describe('a game that is dropped', () => {
  const gone = new Set(['race/g2', 'race/g4', 'race/g5'])

  it('leaves its id taken, its positions known, and its place in the order', async () => {
    const rewriting = await room.rewriter.rewrite([2, 3], without('g2', 'g4', 'g5'))
    await room.rewriter.cleared()
    expect(rewriting).toMatchObject({ gamesDropped: 3 })
    expect(rewriting!.manifest.gone![0]).toMatchObject({
      fingerprint: fingerprintText(fingerprintOf('race/g2')),
      events: table.games.get('race/g2')!.envelopes.length,
    })
    for (const catalog of [room.catalog, (await reopened()).catalog]) {
      await expectGames(store, catalog, table, gone)
      expect(catalog.lastPosition).toBe(table.position)
      expect(catalog.shortenedThrough).toBe(table.games.get('race/g5')!.envelopes.at(-1)!.position)
    }
    expect(await verified(store)).toMatchObject({ ok: true, games: 7, gone: 3, problems: [] })
  })

  it('may be all of a batch: a manifest without a segment stays', async () => {
    await room.rewriter.rewrite([3], without('g4', 'g5'))
    await room.rewriter.rewrite([6, 4], without('g6'))
    await room.rewriter.cleared()
    const all = new Set(['race/g4', 'race/g5', 'race/g6'])
    for (const catalog of [room.catalog, (await reopened()).catalog])
      await expectGames(store, catalog, table, all)
    await room.rewriter.rewrite([7], without('g7'))
    await room.rewriter.cleared()
    expect(await room.catalog.manifestOf(8)).toMatchObject({ segment: '', bytes: 0, games: [] })
    expect((await keysIn(store)).some((key) => key.includes('rewritten'))).toBe(false)
    expect(await verified(store)).toMatchObject({ ok: true, games: 6, gone: 4, problems: [] })
    await expectGames(store, (await reopened()).catalog, table, new Set([...all, 'race/g7']))
  })
})

describe('a game with other lines', () => {
  const rename: Rewrite = async ({ index, log }) => {
    if (!index.players.includes('player-3')) return 'same'
    return { lines: Buffer.from((await log()).lines.toString().replaceAll('player-3', 'erased:1')) }
  }

  it('has its header, and both hashes, made anew', async () => {
    const rewriting = await room.rewriter.rewrite([1, 2, 3, 4, 5], rename)
    await room.rewriter.cleared()
    expect(rewriting).toMatchObject({ gamesChanged: 2 })
    const reopen = (await reopened()).catalog
    for (const catalog of [room.catalog, reopen]) {
      const found = (await catalog.find('race/g3'))!
      expect(found.index.players).toEqual(['erased:1', 'bob'])
      const { header, lines } = await found.load()
      expect(header.players).toEqual(['erased:1', 'bob'])
      expect(lines.includes('player-3')).toBe(false)
      expect(header.stateHash).toMatch(/^[0-9a-f]{64}$/)
    }
    expect((await reopen.list({ player: 'erased:1' })).games).toEqual([])
    expect(await verified(store)).toMatchObject({ ok: true, games: 10, notComparable: 0, problems: [] })
    for (const key of await keysIn(store)) expect((await store.get(key))!.includes('player-3')).toBe(false)
  })

  it('has as many as it had, at the same times, and is over', async () => {
    const withLines =
      (change: (lines: string) => string): Rewrite =>
      async ({ log }) => ({ lines: Buffer.from(change((await log()).lines.toString())) })
    for (const change of [
      (lines: string) => lines + lines,
      (lines: string) => lines.slice(0, lines.indexOf('\n') + 1),
      (lines: string) => lines.replaceAll(/"t":\d+/g, '"t":1'),
    ])
      await expect(room.rewriter.rewrite([2], withLines(change))).rejects.toThrow(TypeError)
    await expectGames(store, room.catalog, table)
    expect((await keysIn(store)).length).toBe(11)
  })
})

describe('damage', () => {
  it('stays where it is: nothing is made of a segment that is not whole', async () => {
    const bytes = (await store.get(segmentKeyOf(2)))!
    bytes[bytes.length >> 1]! ^= 1
    await store.delete(segmentKeyOf(2))
    await store.put(segmentKeyOf(2), bytes)
    const keys = await keysIn(store)
    await expect(room.rewriter.rewrite([1, 2, 3], same)).rejects.toMatchObject({
      code: 'corrupt-segment',
      key: segmentKeyOf(2),
    })
    expect(await keysIn(store)).toEqual(keys)
    expect(await room.rewriter.rewrite([3, 4], same)).toBeDefined()
  })
})

describe('readers', () => {
  it('that pinned the archive hold up what is deleted, and those who come later do not', async () => {
    const pin = room.catalog.pin()
    await room.rewriter.rewrite([1, 2], same)
    const later = room.catalog.pin()
    expect(room.rewriter.isUncleared(6)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await keysIn(store)).toContain(segmentKeyOf(1))
    pin.release()
    await room.rewriter.cleared()
    expect(await keysIn(store)).not.toContain(segmentKeyOf(1))
    expect(room.rewriter.isUncleared(6)).toBe(false)
    later.release()
  })

  it('of one game find it where it stood when they began', async () => {
    const read = await room.catalog.readGame('race/g2', async (game) => {
      await room.rewriter.rewrite([2, 3], without('g2'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      return game.envelopes(undefined)
    })
    expect(read).toEqual(table.games.get('race/g2')!.envelopes)
    await room.rewriter.cleared()
    expect(await room.catalog.readGame('race/g2', (game) => game.load())).toBeUndefined()
  })

  it('keep what is not deleted at the end for the next opening', async () => {
    room.catalog.pin()
    await room.rewriter.rewrite([1, 2], same)
    room.rewriter.close()
    await expect(room.rewriter.cleared()).rejects.toMatchObject({ code: 'archiving-stopped' })
    expect((await keysIn(store, 'rewriting/')).length).toBe(1)
    const next = await reopened()
    await expectGames(store, next.catalog, table)
    await next.rewriter.resume()
    await next.rewriter.cleared()
    expect(await keysIn(store)).toEqual(
      [...[3, 4, 5].flatMap((batch) => [manifestKeyOf(batch), segmentKeyOf(batch)]), manifestKeyOf(6)]
        .concat((await next.catalog.manifestOf(6)).segment, 'ledger.json')
        .sort(),
    )
  })
})

describe('two processes that rewrite at a time', () => {
  it('adopt what the other did, or stop without harm', async () => {
    const rival = await reopened()
    const [own, other] = await Promise.allSettled([
      room.rewriter.rewrite([1, 2], same),
      rival.rewriter.rewrite([1, 2], same),
    ])
    expect([own.status, other.status]).toEqual(['fulfilled', 'fulfilled'])
    await Promise.all([room.rewriter.cleared(), rival.rewriter.cleared()])
    for (const { catalog } of [room, rival, await reopened()]) await expectGames(store, catalog, table)

    const reader = room.catalog.pin()
    const won = await room.rewriter.rewrite([3, 4], same)
    await expect(rival.rewriter.rewrite([4, 5], same)).rejects.toMatchObject({ code: 'archive-forked' })
    reader.release()
    await room.rewriter.cleared()
    await expect(rival.rewriter.rewrite([4, 5], same)).rejects.toMatchObject({ code: 'archive-forked' })
    await Promise.all([room.rewriter.cleared(), rival.rewriter.cleared()])
    for (const { catalog } of [room, await reopened()]) await expectGames(store, catalog, table)
    expect((await keysIn(store)).filter((key) => key.includes('rewrit'))).toEqual(
      [(await room.catalog.manifestOf(6)).segment, won!.manifest.segment].sort(),
    )
    expect(await verified(store)).toMatchObject({ ok: true, problems: [] })
  })

  it('do not take what the other is about to name', async () => {
    let put = (): void => undefined
    const putting = new Promise<void>((resolve) => (put = resolve))
    const slow: ColdStore = {
      ...store,
      put: async (key, bytes) => {
        if (key === manifestKeyOf(6)) await putting
        return store.put(key, bytes)
      },
    }
    const owner = await openRoom(slow, table, notes)
    const rewriting = owner.rewriter.rewrite([1, 2], same)
    while ((await keysIn(store, '000000000006')).length === 0) await new Promise(setImmediate)
    const other = await reopened()
    await other.rewriter.resume()
    await other.rewriter.cleared()
    put()
    await rewriting
    await expectGames(store, owner.catalog, table)
  })
})

it('waits for a store that is out, tells of it once, and goes on by itself', async () => {
  let isOut = true
  const flaky: ColdStore = {
    ...store,
    get: (key, range) => (isOut ? Promise.reject(new Error('Out.')) : store.get(key, range)),
    delete: (key) => (isOut ? Promise.reject(new Error('Denied.')) : store.delete(key)),
  }
  isOut = false
  const opened = await openRoom(flaky, table, notes)
  isOut = true
  const rewriting = opened.rewriter.rewrite([1, 2], same)
  await expect.poll(() => opened.faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
  isOut = false
  await rewriting
  await opened.rewriter.cleared()
  isOut = true
  const next = await Promise.race([
    opened.rewriter.cleared().then(() => 'cleared'),
    Promise.resolve().then(() => 'waiting'),
  ])
  expect(next).toBeDefined()
  await expectGames(store, (await reopened()).catalog, table)
})

it('tells where nothing may be deleted, and goes on by itself', async () => {
  let isAllowed = false
  const guarded: ColdStore = {
    ...store,
    delete: (key) => (isAllowed ? store.delete(key) : Promise.reject(new Error('Denied.'))),
  }
  const opened = await openRoom(guarded, table, notes)
  await opened.rewriter.rewrite([1, 2], same)
  await expect.poll(() => opened.faults.map(({ code }) => code)).toEqual(['archive-not-cleared'])
  expect(await opened.rewriter.rewrite([3, 4], same)).toBeDefined()
  isAllowed = true
  await opened.rewriter.cleared()
  expect((await keysIn(store)).length).toBe(7)
  await expectGames(store, opened.catalog, table)
})

it('believes a replacing manifest whatever is left of those that it replaces', async () => {
  const manifests = await Promise.all([1, 2, 3].map((batch) => room.catalog.manifestOf(batch)))
  const segments = await Promise.all([1, 2, 3].map((batch) => store.get(segmentKeyOf(batch))))
  await room.rewriter.rewrite([1, 2], same)
  await room.rewriter.rewrite([6, 3], without('g1'))
  await room.rewriter.cleared()
  for (let left = 0; left < 8; left++) {
    for (let at = 0; at < 3; at++)
      if (left & (1 << at)) {
        await store.put(manifestKeyOf(at + 1), encodeManifest(manifests[at]!))
        await store.put(segmentKeyOf(at + 1), segments[at]!)
      }
    await expectGames(store, (await reopened()).catalog, table, new Set(['race/g1']))
    for (let at = 1; at <= 3; at++) {
      await store.delete(manifestKeyOf(at))
      await store.delete(segmentKeyOf(at))
    }
  }
})
