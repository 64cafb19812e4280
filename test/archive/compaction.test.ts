import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { Compaction } from '../../src/archive/compaction.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom, type ArchiveRoom } from './archive-room.js'
import { Table } from './played-games.js'
import { expectGames, keysIn, overlappingGames, verified } from './rewritten-archive.js'

const never = new AbortController().signal
const bounds = { batchGamesMax: 256, batchBytesMax: 4 * 1024 * 1024 }

let store: ColdStore
let table: Table
let room: ArchiveRoom

const archive = async (games: number, batchGamesMax: number): Promise<void> => {
  store = memoryColdStore()
  table = overlappingGames(games)
  room = await openRoom(store, table, new Notes(), { batchGamesMax })
  await room.archiver.flush()
}

const sizes = (): number[] => room.catalog.batches().map(({ games }) => games)

describe('compaction when it is asked for', () => {
  beforeEach(() => archive(20, 1))

  it('makes one batch of neighbours that fit into one', async () => {
    const progress: number[] = []
    const report = await new Compaction(room.catalog, room.rewriter, bounds).run({
      onProgress: ({ batches }) => progress.push(batches),
    })
    expect(report).toEqual({
      batchesBefore: 20,
      batchesAfter: 1,
      batchesReplaced: 20,
      games: 20,
      damaged: [],
    })
    expect(progress.at(-1)).toBe(20)
    await room.rewriter.cleared()
    expect((await keysIn(store)).length).toBe(3)
    await expectGames(store, room.catalog, table)
    await expectGames(store, (await openRoom(store, table, new Notes())).catalog, table)
    expect(await verified(store)).toMatchObject({ ok: true, games: 20, leftOver: 0 })
  })

  it('says what it would do, and does nothing, on a dry run', async () => {
    const keys = await keysIn(store)
    const compaction = new Compaction(room.catalog, room.rewriter, { ...bounds, batchGamesMax: 6 })
    const dry = await compaction.run({ dryRun: true })
    expect(dry).toMatchObject({ batchesBefore: 20, batchesAfter: 4, batchesReplaced: 20 })
    expect(await keysIn(store)).toEqual(keys)
    expect(await compaction.run()).toEqual(dry)
    expect(sizes()).toEqual([6, 6, 6, 2])
  })

  it('keeps to both bounds of a batch, and leaves half full batches alone', async () => {
    const rawBytes = async (batch: number) =>
      (await room.catalog.manifestOf(batch)).games.reduce((sum, game) => sum + game.rawBytes, 0)
    const one = await rawBytes(1)
    await new Compaction(room.catalog, room.rewriter, {
      ...bounds,
      batchBytesMax: Math.round(3.5 * one),
    }).run()
    expect(Math.max(...sizes())).toBeLessThanOrEqual(3)
    for (const { batch } of room.catalog.batches())
      expect(await rawBytes(batch)).toBeLessThanOrEqual(3.5 * one)
    const before = sizes()
    await new Compaction(room.catalog, room.rewriter, { ...bounds, batchGamesMax: 4 }).run()
    expect(sizes()).toEqual(before)
  })

  it('leaves a segment that is not whole where it is, and says so', async () => {
    const bytes = (await store.get(segmentKeyOf(7)))!
    bytes[30]! ^= 1
    await store.delete(segmentKeyOf(7))
    await store.put(segmentKeyOf(7), bytes)
    const compaction = new Compaction(room.catalog, room.rewriter, bounds)
    expect((await compaction.run()).damaged).toEqual([segmentKeyOf(7)])
    await compaction.run()
    expect(sizes()).toEqual([6, 1, 13])
    await room.rewriter.cleared()
    expect(await store.get(segmentKeyOf(7))).toEqual(bytes)
  })

  it('ends when it is told to', async () => {
    const abort = new AbortController()
    const compaction = new Compaction(room.catalog, room.rewriter, { ...bounds, batchGamesMax: 6 })
    const onProgress = () => abort.abort(new Error('Enough.'))
    await expect(compaction.run({ signal: abort.signal, onProgress })).rejects.toThrow('Enough.')
    await expectGames(store, room.catalog, table)
  })
})

describe('compaction in the background', () => {
  it('waits until sixteen neighbours are small', async () => {
    await archive(15, 1)
    const compaction = new Compaction(room.catalog, room.rewriter, bounds)
    expect(await compaction.step(never)).toBe(false)
    await archive(16, 1)
    expect(await new Compaction(room.catalog, room.rewriter, bounds).step(never)).toBe(true)
    expect(sizes()).toEqual([16])
  })

  it('writes each game a few times, and leaves few small batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 10, maxLength: 14 }),
        async (pattern) => {
          store = memoryColdStore()
          table = new Table()
          const notes = new Notes()
          let written = 0
          for (let round = 0, number = 0; round < 40; round++) {
            for (const games of pattern) {
              for (let game = 0; game < games; game++) table.playThrough(`g${number++}`, ['ann', 'bob'], 1)
            }
            room = await openRoom(store, table, notes, { batchGamesMax: pattern[round % pattern.length]! })
            await room.archiver.flush()
            const compaction = new Compaction(room.catalog, room.rewriter, { ...bounds, batchGamesMax: 64 })
            for (let before = room.catalog.lastBatch; await compaction.step(never); before++) {
              const { games } = await room.catalog.manifestOf(before + 1)
              written += games.length
            }
            await room.rewriter.cleared()
          }
          const { games } = room.catalog
          expect(games).toBe(table.games.size)
          expect(written / games).toBeLessThanOrEqual(3)
          const full = sizes().filter((size) => size >= 32).length
          expect(sizes().length - full).toBeLessThanOrEqual(15 * 2 * (full + 1))
          expect(sizes().length).toBeLessThan(60)
        },
      ),
      { numRuns: 4 },
    )
    await expectGames(store, room.catalog, table)
  }, 60_000)
})
