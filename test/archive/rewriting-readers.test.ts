/**
 * A reader of everything meets every event once, in order, while games are archived, batches merged and games read, in
 * any interleaving; and it does not where deletions do not wait for it.
 */
import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Catalog } from '../../src/archive/catalog.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { Compaction } from '../../src/archive/compaction.js'
import { History } from '../../src/archive/history.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import type { Position } from '../../src/events/ids.js'
import type { EventsRecord } from '../../src/events/journal/journal.js'
import { Notes, openRoom } from './archive-room.js'
import type { Table } from './played-games.js'
import { keysIn, overlappingGames } from './rewritten-archive.js'

/** Each call comes back when the scheduler says so. */
const scheduledStore = (inner: ColdStore, scheduler: fc.Scheduler): ColdStore => ({
  put: (key, bytes) => scheduler.schedule(Promise.resolve(), `put ${key}`).then(() => inner.put(key, bytes)),
  get: (key, range) => scheduler.schedule(Promise.resolve(), `get ${key}`).then(() => inner.get(key, range)),
  list: (prefix, after) => inner.list(prefix, after),
  delete: (key) => scheduler.schedule(Promise.resolve(), `delete ${key}`).then(() => inner.delete(key)),
  close: () => inner.close(),
})

/** The records that the journal still has when it is asked: those of games that were not released. */
async function* journalOf(table: Table): AsyncGenerator<EventsRecord> {
  const { released } = table
  for (const record of table.records.filter(({ stream }) => !released.has(stream))) yield record
}

const expected = (table: Table): EventEnvelope[] =>
  [...table.games.values()]
    .flatMap(({ envelopes }) => envelopes)
    .sort((one, other) => one.position - other.position)

interface Played {
  readonly scheduler: fc.Scheduler
  readonly games: number
  readonly readers: number
  /** How often everybody else has a turn between two events of a reader. */
  readonly pauses: number
  /** Takes the protection away: the negative control. */
  readonly spoil?: (catalog: Catalog) => void
}

/** What the readers met, and what they should have. */
const play = async ({ scheduler, games, readers, pauses, spoil }: Played) => {
  const inner = memoryColdStore()
  const table = overlappingGames(games)
  const notes = new Notes()
  await (await openRoom(inner, table, notes, { batchGamesMax: 1 })).archiver.flush()
  overlappingGames(games, table, 'later')
  const store = scheduledStore(inner, scheduler)
  const opening = openRoom(store, table, notes, { batchGamesMax: 2 })
  await scheduler.waitFor(opening)
  const { catalog, archiver, rewriter } = await opening
  spoil?.(catalog)
  const compaction = new Compaction(catalog, rewriter, { batchGamesMax: 6, batchBytesMax: 1_000_000 })
  const history = new History({ store, catalog, readJournal: () => journalOf(table), shapes: new Map() })
  const read = async (): Promise<EventEnvelope[]> => {
    const met: EventEnvelope[] = []
    const range = { after: 0 as Position, through: table.position as Position }
    for await (const event of history.events(range)) {
      met.push(event)
      // The reader sets the pace: slow enough that the thread pool packs what others archive meanwhile.
      for (let pause = 0; pause < pauses; pause++) await scheduler.schedule(setImmediate(), 'reader')
    }
    return met
  }
  const lookUp = async (): Promise<readonly EventEnvelope[][]> => {
    const found: EventEnvelope[][] = []
    for (const { stream } of table.games.values())
      found.push([...((await catalog.readGame(stream, (game) => game.envelopes(undefined))) ?? [])])
    return found
  }
  const compacting = async (): Promise<void> => {
    for (let pass = 0; pass < 3; pass++) await compaction.run()
  }
  const archiving = archiver.flush()
  const reading = Promise.all(Array.from({ length: readers }, read))
  const all = Promise.all([reading, lookUp(), archiving, compacting()])
  all.catch(() => undefined)
  await scheduler.waitFor(all)
  const [met, found] = await all
  await scheduler.waitFor(compacting().then(() => rewriter.cleared()))
  return { inner, table, met, found }
}

const fewer = { numRuns: 60, interruptAfterTimeLimit: 30_000 }
const plan = () =>
  [
    fc.scheduler(),
    fc.integer({ min: 4, max: 10 }),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 0, max: 4 }),
  ] as const

describe('a reader of everything', () => {
  it('meets every event once while batches are archived and merged under it', async () => {
    await fc.assert(
      fc.asyncProperty(...plan(), async (scheduler, games, readers, pauses) => {
        const { inner, table, met, found } = await play({ scheduler, games, readers, pauses })
        for (const events of met) expect(events).toEqual(expected(table))
        for (const events of found)
          if (events.length > 0)
            expect(events).toEqual(table.games.get(`race/${events[0]!.gameId}`)!.envelopes)
        expect((await keysIn(inner)).length).toBeLessThan(2 * games)
      }),
      fewer,
    )
  }, 60_000)

  it('control: loses its footing where deletions do not wait for it', async () => {
    const spoil = (catalog: Catalog): void => {
      Object.defineProperty(catalog, 'released', { value: () => Promise.resolve() })
    }
    const property = fc.asyncProperty(...plan(), async (scheduler, games, readers, pauses) => {
      const { table, met } = await play({ scheduler, games, readers, pauses, spoil })
      for (const events of met) expect(events).toEqual(expected(table))
    })
    const { failed } = await fc.check(property, fewer)
    expect(failed).toBe(true)
  }, 60_000)
})
