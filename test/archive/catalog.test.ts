import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ArchiveQuery } from '../../src/archive/archive-query.js'
import type { Catalog } from '../../src/archive/catalog.js'
import type { IndexedGame } from '../../src/archive/manifest.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { Notes, openRoom } from './archive-room.js'
import { Table } from './played-games.js'

const players = ['ann', 'bob', 'cat', 'dan'] as const

const pages = async (catalog: Catalog, query: ArchiveQuery): Promise<string[]> => {
  const found: IndexedGame[] = []
  let cursor: string | undefined
  do {
    const page = await catalog.list({ ...query, ...(cursor !== undefined && { cursor }) })
    expect(page.games.length).toBeLessThanOrEqual(query.limit ?? 50)
    found.push(...page.games)
    cursor = page.cursor
  } while (cursor !== undefined)
  return found.map(({ gameId }) => gameId)
}

describe('the catalog', () => {
  it('agrees with a Map of games, before and after it is opened again', async () => {
    const seat = fc.constantFrom(...players)
    const plan = fc.array(fc.tuple(seat, seat, fc.constantFrom('race', 'chase')), {
      minLength: 1,
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(
        plan,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 5 }),
        async (games, batch, limit) => {
          const table = new Table()
          const model: { id: string; kind: string; players: string[]; at: number }[] = []
          games.forEach(([one, other, kind], number) => {
            const id = `g${(number * 7) % 100}-${number}`
            table.join(id, [one, other], kind)
            const { envelopes } = table.play(id, [{ type: 'Finished' }], { final: true }, kind)
            model.unshift({ id, kind, players: [one, other], at: envelopes.at(-1)!.recordedAt })
          })
          const store = memoryColdStore()
          const room = await openRoom(store, table, new Notes(), { batchGamesMax: batch })
          await room.archiver.flush()
          const reopened = await openRoom(store, new Table(), new Notes())
          for (const catalog of [room.catalog, reopened.catalog]) {
            expect([catalog.games, catalog.lastPosition]).toEqual([games.length, table.position])
            expect(catalog.events).toBe(games.length * 3)
            for (const { id, kind } of model) {
              expect(catalog.mayHave(`${kind}/${id}`)).toBe(true)
              expect((await catalog.find(`${kind}/${id}`))!.index.gameId).toBe(id)
              expect(catalog.mayHave(`other/${id}`)).toBe(false)
            }
            const ids = (wanted: (game: (typeof model)[number]) => boolean) =>
              model.filter(wanted).map(({ id }) => id)
            expect(await pages(catalog, { limit })).toEqual(ids(() => true))
            expect(await pages(catalog, { limit, kind: 'chase' })).toEqual(
              ids(({ kind }) => kind === 'chase'),
            )
            for (const player of players)
              expect(await pages(catalog, { limit, player })).toEqual(
                ids((game) => game.players.includes(player)),
              )
            for (const player of players)
              for (const against of players)
                expect(await pages(catalog, { limit, player, against })).toEqual(
                  ids((game) => game.players.includes(player) && game.players.includes(against)),
                )
            const middle = model[model.length >> 1]!.at
            expect(await pages(catalog, { limit, from: middle })).toEqual(ids(({ at }) => at >= middle))
            expect(await pages(catalog, { limit, to: middle })).toEqual(ids(({ at }) => at <= middle))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is empty where nothing was archived', async () => {
    const { catalog } = await openRoom(memoryColdStore(), new Table(), new Notes())
    expect([catalog.games, catalog.events, catalog.bytes, catalog.lastPosition, catalog.lastBatch]).toEqual([
      0, 0, 0, 0, 0,
    ])
    expect(catalog.mayHave('race/g')).toBe(false)
    expect(await catalog.find('race/g')).toBeUndefined()
    expect(await catalog.list()).toEqual({ games: [] })
    expect(await catalog.ofPlayer('ann', { limit: 3 })).toEqual({ games: [] })
  })

  it('refuses a cursor and a limit that are none', async () => {
    const { catalog } = await openRoom(memoryColdStore(), new Table(), new Notes())
    await expect(catalog.list({ cursor: 'x' })).rejects.toThrow(TypeError)
    await expect(catalog.list({ limit: 0 })).rejects.toThrow(TypeError)
    await expect(catalog.list({ limit: 1_001 })).rejects.toThrow(TypeError)
  })
})
