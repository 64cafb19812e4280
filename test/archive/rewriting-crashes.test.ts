/**
 * A rewriting that dies at any of its steps: the store refuses everything from its k-th call on, before or after that call
 * had its effect. The next opening finds every game once, goes on, and leaves nothing behind.
 */
import { describe, expect, it } from 'vitest'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { parseManifest } from '../../src/archive/manifest.js'
import { batchOfManifestKey } from '../../src/archive/batch-key.js'
import type { Rewrite } from '../../src/archive/rewritten-segment.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom, type ArchiveRoom } from './archive-room.js'
import type { Table } from './played-games.js'
import { expectGames, keysIn, overlappingGames, verified } from './rewritten-archive.js'

/** The machine is gone: nobody hears of it, and nothing happens any more. */
const dyingStore = (inner: ColdStore, callsMax: number, hasEffect: boolean) => {
  let calls = 0
  const never = new Promise<never>(() => undefined)
  const died = { isDead: false }
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (died.isDead) return never
    if (++calls < callsMax) return work()
    died.isDead = true
    if (hasEffect) await work()
    return never
  }
  const store: ColdStore = {
    put: (key, bytes) => call(() => inner.put(key, bytes)),
    get: (key, range) => call(() => inner.get(key, range)),
    list: (prefix, after) => inner.list(prefix, after),
    delete: (key) => call(() => inner.delete(key)),
    close: () => inner.close(),
  }
  return { store, died }
}

const drop = new Set(['race/g3', 'race/g5'])
const dropping: Rewrite = ({ index }) => (drop.has(`race/${index.gameId}`) ? 'gone' : 'same')
const merging: Rewrite = () => 'same'

/** Eight games in four batches; 2 and 3 are being rewritten, and a fifth batch comes in between. */
const crashed = async (callsMax: number, hasEffect: boolean, rewrite: Rewrite) => {
  const inner = memoryColdStore()
  const table = overlappingGames(8)
  const notes = new Notes()
  const first = await openRoom(inner, table, notes, { batchGamesMax: 2 })
  await first.archiver.flush()
  const { store, died } = dyingStore(inner, Infinity, false)
  const begun = await openRoom(store, table, notes, { batchGamesMax: 2 })
  const dying = dyingStore(inner, callsMax, hasEffect)
  Object.assign(store, dying.store)
  const rewriting = begun.rewriter.rewrite([2, 3], rewrite).then(() => begun.rewriter.cleared())
  rewriting.catch(() => undefined)
  let isDone = false
  void rewriting.then(() => (isDone = true))
  while (!dying.died.isDead && !isDone) await new Promise(setImmediate)
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  expect(died.isDead).toBe(false)
  return { inner, table, notes, isDone }
}

/** Every manifest that is there and believed names a segment that is there whole. */
const expectNothingNamedInVain = async (store: ColdStore): Promise<void> => {
  for (const key of await keysIn(store)) {
    if (batchOfManifestKey(key) === undefined) continue
    const { segment, bytes } = parseManifest(key, (await store.get(key))!)
    if (segment !== '') expect((await store.get(segment))?.length, `${key} names ${segment}`).toBe(bytes)
  }
}

/** Either all that was to go is gone, or none of it. */
const goneIn = async ({ catalog }: ArchiveRoom): Promise<ReadonlySet<string>> =>
  (await catalog.find('race/g3')) ? new Set() : drop

const goesOn = async (store: ColdStore, table: Table, notes: Notes, rewrite: Rewrite): Promise<void> => {
  overlappingGames(2, table, 'later')
  const room = await openRoom(store, table, notes, { batchGamesMax: 2 })
  await room.archiver.flush()
  const batches = room.catalog.batches().slice(1, -2)
  await room.rewriter.rewrite(
    batches.map(({ batch }) => batch),
    rewrite,
  )
  await room.rewriter.cleared()
  const last = await openRoom(store, table, notes)
  await last.rewriter.resume()
  await last.rewriter.cleared()
  await expectGames(store, last.catalog, table, await goneIn(last))
  expect(await keysIn(store, 'rewriting/')).toEqual([])
  expect(await verified(store)).toMatchObject({ ok: true, leftOver: 0, problems: [] })
}

describe.each([
  ['merging', merging],
  ['dropping games', dropping],
])('a crash at every call of %s', (_, rewrite) => {
  it.each([false, true])(
    'leaves every game to be found once, whether the call had its effect: %s',
    async (hasEffect) => {
      let calls = 0
      for (let isDone = false; !isDone;) {
        const after = await crashed(++calls, hasEffect, rewrite)
        isDone = after.isDone
        const { inner, table, notes } = after
        const opened = await openRoom(inner, table, notes)
        const gone = await goneIn(opened)
        await expectGames(inner, opened.catalog, table, gone)
        await expectNothingNamedInVain(inner)
        expect(await verified(inner)).toMatchObject({
          ok: true,
          games: 8 - gone.size,
          gone: gone.size,
          problems: [],
        })
        await goesOn(inner, table, notes, rewrite)
      }
      // Two segments and their notes are read; three objects put, one read back; five deleted: and each of them was the last.
      expect(calls).toBeGreaterThan(10)
    },
  )
})
