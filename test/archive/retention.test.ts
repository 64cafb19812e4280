import { beforeEach, describe, expect, it } from 'vitest'
import { segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { checkRetention, Retention, type RetentionRule } from '../../src/archive/retention.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import type { StreamId } from '../../src/events/ids.js'
import { Notes, openRoom, type ArchiveRoom } from './archive-room.js'
import { Table } from './played-games.js'
import { expectGames, keysIn, verified } from './rewritten-archive.js'

const never = new AbortController().signal

let store: ColdStore
let table: Table
let room: ArchiveRoom

/** Twelve games of two kinds in four batches. */
beforeEach(async () => {
  store = memoryColdStore()
  table = new Table()
  for (let number = 0; number < 12; number++) {
    const kind = number % 3 === 0 ? 'chase' : 'race'
    table.join(`g${number}`, ['ann', 'bob'], kind)
    table.play(`g${number}`, [{ type: 'Finished' }], { final: true }, kind)
  }
  room = await openRoom(store, table, new Notes(), { batchGamesMax: 3 })
  await room.archiver.flush()
})

const retention = (...rules: RetentionRule[]): Retention => new Retention(room.catalog, room.rewriter, rules)
/** When a game ended. */
const endOf = (stream: StreamId): number => table.games.get(stream)!.envelopes.at(-1)!.recordedAt
const streams = (wanted: (number: number, stream: StreamId) => boolean): Set<StreamId> =>
  new Set([...table.games.keys()].filter((stream, number) => wanted(number, stream)))

describe('retention', () => {
  it('drops what ended longer ago than it may, to the millisecond, and keeps the rest', async () => {
    const now = endOf('race/g7') + 1_000
    const report = await retention({ maxAgeMs: 1_000 }).run(now)
    const gone = streams((number) => number <= 7)
    expect(report).toMatchObject({ games: 8, events: 24, batches: 3, damaged: [] })
    expect(report.shortenedThrough).toEqual({ chase: 21, race: 24 })
    await room.rewriter.cleared()
    for (const { catalog } of [room, await openRoom(store, table, new Notes())])
      await expectGames(store, catalog, table, gone)
    expect(await verified(store)).toMatchObject({ ok: true, games: 4, gone: 8, leftOver: 0 })
  })

  it('goes by kind, the strictest rule first', async () => {
    const now = endOf('race/g11') + 10
    const rules = [{ kind: 'chase', maxAgeMs: 10 }, { maxAgeMs: now - endOf('race/g4') }]
    await retention(...rules).run(now)
    await expectGames(
      store,
      room.catalog,
      table,
      streams((number) => number <= 4 || number % 3 === 0),
    )
  })

  it('says what it would do, and does nothing, on a dry run', async () => {
    const keys = await keysIn(store)
    const now = endOf('race/g7') + 1_000
    const dry = await retention({ maxAgeMs: 1_000 }).run(now, { dryRun: true })
    expect(await keysIn(store)).toEqual(keys)
    expect(dry.shortenedThrough).toEqual({})
    expect(await retention({ maxAgeMs: 1_000 }).run(now)).toEqual({
      ...dry,
      shortenedThrough: { chase: 21, race: 24 },
    })
  })

  it('drops nothing twice, and does not look again at what is not yet due', async () => {
    const kept = retention({ maxAgeMs: 1_000 })
    const now = endOf('race/g4') + 1_000
    await kept.run(now)
    expect(await kept.run(now)).toMatchObject({ games: 0, batches: 0 })
    expect(await kept.run(endOf('race/g5') + 1_000)).toMatchObject({ games: 1, batches: 1 })
    await expectGames(
      store,
      room.catalog,
      table,
      streams((number) => number <= 5),
    )
  })

  it('goes batch by batch in the background', async () => {
    const kept = retention({ maxAgeMs: 1_000 })
    const now = endOf('race/g4') + 1_000
    expect(await kept.step(now, never)).toBe(true)
    await expectGames(
      store,
      room.catalog,
      table,
      streams((number) => number <= 2),
    )
    expect(await kept.step(now, never)).toBe(true)
    expect(await kept.step(now, never)).toBe(false)
    await expectGames(
      store,
      room.catalog,
      table,
      streams((number) => number <= 4),
    )
  })

  it('leaves a segment that is not whole where it is, and says so', async () => {
    const bytes = (await store.get(segmentKeyOf(1)))!
    bytes[30]! ^= 1
    await store.delete(segmentKeyOf(1))
    await store.put(segmentKeyOf(1), bytes)
    const kept = retention({ maxAgeMs: 1 })
    expect(await kept.run(endOf('race/g11') + 1)).toMatchObject({ games: 9, damaged: [segmentKeyOf(1)] })
    expect(await kept.step(endOf('race/g11') + 1, never)).toBe(false)
    expect(await store.get(segmentKeyOf(1))).toEqual(bytes)
  })

  it('refuses an age that is none', () => {
    for (const maxAgeMs of [0, -1, 0.5, NaN, '1d' as unknown as number])
      expect(() => checkRetention([{ maxAgeMs }])).toThrow(TypeError)
  })
})
