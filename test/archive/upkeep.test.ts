import { describe, expect, it } from 'vitest'
import { manifestKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { Compaction } from '../../src/archive/compaction.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Upkeep } from '../../src/archive/upkeep.js'
import type { Fault } from '../../src/events/fault.js'
import { Notes, openRoom } from './archive-room.js'
import { expectGames, keysIn, overlappingGames } from './rewritten-archive.js'

const bounds = { batchGamesMax: 256, batchBytesMax: 4 * 1024 * 1024 }

const small = async (games: number) => {
  const store = memoryColdStore()
  const table = overlappingGames(games)
  const notes = new Notes()
  await (await openRoom(store, table, notes, { batchGamesMax: 1 })).archiver.flush()
  return { store, table, notes }
}

const upkeepOf = async (
  { store, table, notes }: Awaited<ReturnType<typeof small>>,
  over: ColdStore = store,
) => {
  const room = await openRoom(over, table, notes)
  const faults: Fault[] = []
  const compaction = new Compaction(room.catalog, room.rewriter, bounds)
  const { rewriter } = room
  const onFault = (fault: Fault) => void faults.push(fault)
  const upkeep = new Upkeep({ rewriter, compaction, clock: { now: () => 0 }, onFault }, 1)
  return { room, faults, upkeep }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

describe('upkeep', () => {
  it('finishes what a crash left, though nothing is to be merged', async () => {
    const ledger = await small(3)
    const before = await openRoom(ledger.store, ledger.table, ledger.notes)
    before.catalog.pin()
    await before.rewriter.rewrite([1, 2, 3], () => 'same')
    before.rewriter.close()
    const { room, upkeep } = await upkeepOf(ledger)
    upkeep.begin()
    await expect.poll(async () => (await keysIn(ledger.store)).length).toBe(3)
    upkeep.close()
    await expectGames(ledger.store, room.catalog, ledger.table)
  })

  it('tells once what goes wrong, and goes on when it is mended', async () => {
    const ledger = await small(16)
    let isBroken = true
    const over: ColdStore = {
      ...ledger.store,
      list: (prefix, after) => {
        if (isBroken && prefix !== '' && prefix !== 'adopted/') throw new TypeError('Broken.')
        return ledger.store.list(prefix, after)
      },
    }
    const { room, faults, upkeep } = await upkeepOf(ledger, over)
    upkeep.begin()
    await settled()
    expect(room.faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
    isBroken = false
    await expect.poll(() => room.catalog.batches().length).toBe(1)
    upkeep.close()
    expect(faults).toEqual([])
  })

  it('names a damaged segment once, and merges the others', async () => {
    const ledger = await small(33)
    const key = (await keysIn(ledger.store)).find((name) => name.startsWith('000000000017.ndjson'))!
    const bytes = (await ledger.store.get(key))!
    bytes[20]! ^= 1
    await ledger.store.delete(key)
    await ledger.store.put(key, bytes)
    const { room, faults, upkeep } = await upkeepOf(ledger)
    upkeep.begin()
    await expect.poll(() => room.catalog.batches().length).toBe(3)
    await settled()
    upkeep.close()
    expect(faults).toMatchObject([{ code: 'corrupt-segment' }])
  })

  it('ends where another process has taken the number', async () => {
    const ledger = await small(16)
    const { room, faults, upkeep } = await upkeepOf(ledger)
    const rival = await openRoom(ledger.store, ledger.table, ledger.notes)
    await rival.rewriter.rewrite([1, 2], () => 'same')
    await rival.rewriter.cleared()
    await room.catalog.manifestOf(1).catch(() => undefined)
    upkeep.begin()
    await expect.poll(() => faults.length).toBe(1)
    await settled()
    expect(['archive-forked', 'archive-upkeep-failed']).toContain(faults[0]!.code)
    expect(faults.length).toBe(1)
    upkeep.close()
    expect(await ledger.store.get(manifestKeyOf(17))).toBeDefined()
  })

  it('does nothing any more when it is closed', async () => {
    const ledger = await small(16)
    const { room, upkeep } = await upkeepOf(ledger)
    upkeep.begin()
    upkeep.close()
    await settled()
    expect(room.catalog.batches().length).toBe(16)
  })
})
