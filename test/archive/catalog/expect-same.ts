/** Every question to a catalog, answered as plain arrays answer it. */
import { expect } from 'vitest'
import type { ArchiveQuery } from '../../../src/archive/archive-query.js'
import type { Catalog } from '../../../src/archive/catalog.js'
import type { IndexedGame } from '../../../src/archive/manifest.js'
import type { MadeArchive } from './made-archive.js'

const pages = async (catalog: Catalog, query: ArchiveQuery): Promise<readonly string[]> => {
  const found: IndexedGame[] = []
  let cursor: string | undefined
  do {
    const page = await catalog.list({ ...query, ...(cursor !== undefined && { cursor }) })
    found.push(...page.games)
    cursor = page.cursor
  } while (cursor !== undefined)
  return found.map(({ gameId }) => gameId)
}

/** Fails where the catalog says something else than the model does. */
export const expectSame = async (catalog: Catalog, made: MadeArchive): Promise<void> => {
  expect({ games: catalog.games, events: catalog.events }).toEqual(made.count({}))
  expect(catalog.lastPosition).toBe(made.lastPosition)
  expect(catalog.batches().map(({ batch }) => batch)).toEqual(made.numbers)
  for (const { stream, events, isGone } of made.streams) {
    expect(catalog.mayHave(stream)).toBe(true)
    expect(await catalog.goneEvents(stream)).toBe(isGone ? events : undefined)
    expect((await catalog.find(stream))?.stream).toBe(isGone ? undefined : stream)
  }
  expect(catalog.mayHave('race/nobody')).toBe(false)
  expect(await catalog.goneEvents('race/nobody')).toBeUndefined()
  expect(catalog.shortenedThrough).toBe(made.shortenedThrough)
  const middle = made.lastPosition >> 2
  const queries: ArchiveQuery[] = [
    {},
    { limit: 2 },
    { kind: 'rare' },
    { kind: 'none' },
    { reason: 'mate' },
    { from: middle },
    { to: middle, limit: 3 },
    { from: middle, to: middle + 4, kind: 'race' },
    { player: 'ann', limit: 3 },
    { player: 'ann', against: 'bob' },
    { player: 'cat', kind: 'chase', to: middle },
    { player: 'nobody' },
  ]
  for (const query of queries) {
    expect(await pages(catalog, query), JSON.stringify(query)).toEqual(made.list(query))
    expect(await catalog.count(query), JSON.stringify(query)).toEqual(made.count(query))
  }
  expect(await pages(catalog, { player: 'erased:1' })).toEqual([])
}
