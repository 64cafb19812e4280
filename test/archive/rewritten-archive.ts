/** An archive of small batches, what must be found in it, and what stands in its store. */
import { expect } from 'vitest'
import type { Catalog } from '../../src/archive/catalog.js'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { History } from '../../src/archive/history.js'
import { Verification, type VerifyReport } from '../../src/archive/verification.js'
import type { EventEnvelope } from '../../src/events/envelope.js'
import type { Position, StreamId } from '../../src/events/ids.js'
import { rules, Table } from './played-games.js'

/** `count` games by two and three at a time, so that their positions lie between each other's. */
export const overlappingGames = (count: number, table = new Table(), name = 'g'): Table => {
  for (let number = 0; number < count; number++) {
    const id = `${name}${number}`
    table.join(id, [`player-${number % 5}`, 'bob'])
    table.score(id, 'bob', number)
    const before = number - 1 - (number % 2)
    if (before >= 0 && number % 3 > 0) table.score(`${name}${number}`, 'bob', 1)
    if (number % 2 === 1) {
      table.finish(`${name}${number - 1}`, 'bob')
      table.finish(id, 'bob')
    }
  }
  if (count % 2 === 1) table.finish(`${name}${count - 1}`, 'bob')
  return table
}

export const keysIn = async (store: ColdStore, prefix = ''): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of store.list(prefix)) keys.push(key)
  return keys
}

/** All events of the archive, in order of position. */
export const everythingIn = async (store: ColdStore, catalog: Catalog): Promise<EventEnvelope[]> => {
  const history = new History({ store, catalog, readJournal: nothing, shapes: new Map() })
  const events: EventEnvelope[] = []
  for await (const event of history.events({ after: 0 as Position, through: catalog.lastPosition }))
    events.push(event)
  return events
}

// eslint-disable-next-line require-yield -- nothing is in the journal
async function* nothing(): AsyncGenerator<never, void, undefined> {}

/** Every game of the table is found with its events, once; those named as gone are not, and their ids stay taken. */
export const expectGames = async (
  store: ColdStore,
  catalog: Catalog,
  table: Table,
  gone: ReadonlySet<StreamId> = new Set(),
): Promise<void> => {
  const wanted: EventEnvelope[] = []
  let games = 0
  for (const { stream, envelopes } of table.games.values()) {
    expect(catalog.mayHave(stream), stream).toBe(true)
    const found = await catalog.find(stream)
    if (gone.has(stream)) {
      expect(found, stream).toBeUndefined()
      expect(await catalog.goneEvents(stream), stream).toBe(envelopes.length)
      continue
    }
    games++
    wanted.push(...envelopes)
    expect(await found!.envelopes(undefined), stream).toEqual(envelopes)
    expect(await catalog.goneEvents(stream), stream).toBeUndefined()
  }
  expect(catalog.games).toBe(games)
  expect(catalog.events).toBe(wanted.length)
  const listed: StreamId[] = []
  let cursor: string | undefined
  do {
    const page = await catalog.list({ limit: 7, ...(cursor !== undefined && { cursor }) })
    listed.push(...page.games.map(({ kind, gameId }) => `${kind}/${gameId}`))
    cursor = page.cursor
  } while (cursor !== undefined)
  const newestFirst = [...table.games.values()]
    .filter(({ stream }) => !gone.has(stream))
    .sort((one, other) => other.envelopes.at(-1)!.position - one.envelopes.at(-1)!.position)
  expect(listed).toEqual(newestFirst.map(({ stream }) => stream))
  wanted.sort((one, other) => one.position - other.position)
  expect(await everythingIn(store, catalog)).toEqual(wanted)
}

export const verified = (store: ColdStore): Promise<VerifyReport> =>
  new Verification(store, rules).run({ deep: true })
