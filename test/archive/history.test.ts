import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentKeyOf } from '../../src/archive/batch-key.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { History, type HistoryOptions } from '../../src/archive/history.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import type { Position, StreamId } from '../../src/events/ids.js'
import type { OpenJournal } from '../../src/events/journal/journal.js'
import { memoryJournal } from '../../src/events/journal/memory-journal.js'
import { Notes, openRoom, type ArchiveRoom } from './archive-room.js'
import { rules, Table } from './played-games.js'

const everything = { after: 0 as Position, through: Number.MAX_SAFE_INTEGER as Position }

const all = async (events: AsyncIterable<EventEnvelope>): Promise<EventEnvelope[]> => {
  const found: EventEnvelope[] = []
  for await (const envelope of events) found.push(envelope)
  return found
}

const inOrder = (table: Table, { after, through } = everything): EventEnvelope[] =>
  [...table.games.values()]
    .flatMap(({ envelopes }) => envelopes)
    .filter(({ position }) => position > after && position <= through)
    .sort((one, other) => one.position - other.position)

const journalOf = async (table: Table): Promise<OpenJournal> => {
  const journal = await memoryJournal().open(0, {
    written: () => {},
    synced: () => {},
    space: () => {},
    damaged: () => {},
    failed: () => {},
  })
  await journal.recover(() => {}, 0 as Position)
  for (const record of table.records) journal.append({ ...record })
  return journal
}

/** A store that lets others do something at every call. */
const hooked = (inner: ColdStore, hook: () => Promise<void>): ColdStore => ({
  ...inner,
  get: async (key, range) => {
    await hook()
    const bytes = await inner.get(key, range)
    await hook()
    return bytes
  },
})

const historyOf = (store: ColdStore, room: ArchiveRoom, journal: OpenJournal, hook = async () => {}) =>
  new History({
    store: hooked(store, hook),
    catalog: room.catalog,
    shapes: rules,
    readJournal: async function* (range) {
      await hook()
      for await (const record of journal.read(range)) {
        await hook()
        yield record
        await hook()
      }
    },
  })

/** Moves at some tables; where a game is over, the next one begins. */
const plays = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), {
  minLength: 1,
  maxLength: 80,
})

const playAll = (moves: readonly (readonly [number, boolean])[]): Table => {
  const table = new Table()
  const begun = new Map<number, number>()
  for (const [seat, isLast] of moves) {
    const id = `g${seat}-${begun.get(seat) ?? 0}`
    if (!table.games.has(`race/${id}`)) table.join(id, ['ann', 'bob'])
    else if (!isLast) table.score(id, 'ann', seat)
    else {
      table.finish(id, 'ann')
      begun.set(seat, (begun.get(seat) ?? 0) + 1)
    }
  }
  return table
}

describe('a history', () => {
  it('gives every event once, in order, while games move from the journal to the archive under the reader', async () => {
    const bounds = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 80 }))
    const moments = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 })
    let moved = 0
    await fc.assert(
      fc.asyncProperty(
        plays,
        bounds,
        fc.integer({ min: 0, max: 4 }),
        moments,
        async (moves, [after, length], early, turns) => {
          const table = playAll(moves)
          const journal = await journalOf(table)
          const store = memoryColdStore()
          const room = await openRoom(store, new Table(), new Notes(), { batchGamesMax: 2 })
          const waiting = [...table.games.values()]
            .filter(({ isFinal }) => isFinal)
            .sort((one, other) => one.envelopes.at(-1)!.position - other.envelopes.at(-1)!.position)
          const archive = async (count: number) => {
            const next = waiting.splice(0, count)
            const moving = new Table()
            for (const game of next) moving.games.set(game.stream, game)
            await moveTo(room, store, journal, moving)
          }
          await archive(early)
          const steps = [...turns]
          let isMoving = false
          const history = historyOf(store, room, journal, async () => {
            const count = isMoving ? undefined : steps.shift()
            if (count === undefined || count === 0) return
            isMoving = true
            moved += Math.min(count, waiting.length)
            await archive(count)
            isMoving = false
          })
          const range = { after: after as Position, through: (after + length) as Position }
          expect(await all(history.events(range))).toEqual(inOrder(table, range))
          expect(await all(history.events(everything))).toEqual(inOrder(table))
        },
      ),
      { numRuns: 300 },
    )
    // The property would be idle if nothing ever moved.
    expect(moved).toBeGreaterThan(50)
  })

  it('negative control: a list of batches taken before the journal is read misses games that move', async () => {
    const table = new Table()
    table.playThrough('g')
    const journal = await journalOf(table)
    const store = memoryColdStore()
    const room = await openRoom(store, new Table(), new Notes())
    const stale = room.catalog.batches()
    await moveTo(room, store, journal, table)
    Object.defineProperty(room.catalog, 'batches', { value: () => stale })
    expect(await all(historyOf(store, room, journal).events(everything))).toEqual([])
  })

  it('reads batches larger than a chunk, and stops where it is told', async () => {
    const table = new Table()
    for (let move = 0; move < 40; move++)
      for (let game = 0; game < 60; game++) {
        if (move === 0) table.join(`g${game}`, ['ann', 'bob'])
        else if (move === 39) table.finish(`g${game}`, 'ann')
        else table.score(`g${game}`, 'bob', move)
      }
    const store = memoryColdStore()
    const room = await openRoom(store, table, new Notes(), { batchGamesMax: 7 })
    await room.archiver.flush()
    const history = historyOf(store, room, await journalOf(new Table()))
    expect(await all(history.events(everything))).toEqual(inOrder(table))
    const range = { after: 777 as Position, through: 1_500 as Position }
    expect(await all(history.events(range))).toEqual(inOrder(table, range))
    for await (const chunk of history.chunks(range)) {
      expect(chunk.length).toBeLessThanOrEqual(512)
      break
    }
  })

  it('ends at damage, or passes the damaged game over where that is wanted', async () => {
    const table = new Table()
    for (const id of ['a', 'b', 'c']) table.playThrough(id)
    const store = memoryColdStore()
    const room = await openRoom(store, table, new Notes())
    await room.archiver.flush()
    const { index } = (await room.catalog.find('race/b'))!
    const bytes = (await store.get(segmentKeyOf(1)))!
    bytes[index.offset + 30]! ^= 1
    await store.delete(segmentKeyOf(1))
    await store.put(segmentKeyOf(1), bytes)
    const history = historyOf(store, room, await journalOf(new Table()))
    await expect(all(history.events(everything))).rejects.toMatchObject({
      code: 'corrupt-segment',
      offset: index.offset,
    })
    const damaged: string[] = []
    const options: HistoryOptions = { ...everything, onDamage: ({ code }) => damaged.push(code) }
    const rest = await all(history.events(options))
    expect(rest).toEqual(inOrder(table).filter(({ gameId }) => gameId !== 'b'))
    expect(damaged).toEqual(['corrupt-segment'])
  })

  it('gives events of kinds that it does not know as they were written', async () => {
    const table = new Table()
    table.join('x', ['eve'], 'stranger')
    table.play('x', [{ type: 'Ended' }], { final: true, schema: 7 }, 'stranger')
    const store = memoryColdStore()
    const room = await openRoom(store, table, new Notes())
    await room.archiver.flush()
    expect(await all(historyOf(store, room, await journalOf(new Table())).events(everything))).toEqual(
      inOrder(table),
    )
  })
})

/** Archives what is over at `table`, then forgets it in the journal, as the roof does. */
const moveTo = async (
  room: ArchiveRoom,
  store: ColdStore,
  journal: OpenJournal,
  table: Table,
): Promise<void> => {
  const other = await openRoom(store, table, new Notes(), { batchGamesMax: 2 })
  await other.archiver.flush()
  const streams: StreamId[] = [...table.released]
  for (let batch = room.catalog.lastBatch + 1; batch <= other.catalog.lastBatch; batch++)
    room.catalog.add(await other.catalog.manifestOf(batch))
  journal.release(streams)
}
