import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Catalog } from '../../../src/archive/catalog.js'
import { CorruptManifestError } from '../../../src/archive/archive-error.js'
import type { IndexedGame, Manifest } from '../../../src/archive/manifest.js'
import { digestOf } from '../../../src/archive/catalog/batch-digest.js'
import { HeldGames } from '../../../src/archive/catalog/held-games.js'
import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import { identity, MadeArchive, type Wanted } from './made-archive.js'
import { expectSame } from './expect-same.js'

const opened = async (made: MadeArchive): Promise<Catalog> => {
  const catalog = new Catalog(made.store, identity)
  await catalog.open()
  return catalog
}

const wanted: fc.Arbitrary<Wanted> = fc.record(
  {
    kind: fc.constantFrom('race', 'chase', 'rare'),
    players: fc.subarray(['ann', 'bob', 'cat', 'erased:1'], { minLength: 1 }),
    events: fc.integer({ min: 1, max: 5 }),
    reason: fc.constantFrom('mate', 'time'),
  },
  { requiredKeys: ['kind', 'players', 'events'] },
)

type Step =
  | { readonly step: 'batch'; readonly games: readonly Wanted[] }
  | {
      readonly step: 'replace'
      readonly at: number
      readonly count: number
      readonly gone: readonly number[]
    }
  | { readonly step: 'sweep' }
  | { readonly step: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      step: fc.constant('batch' as const),
      games: fc.array(wanted, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constant('replace' as const),
      at: fc.nat(20),
      count: fc.integer({ min: 1, max: 4 }),
      gone: fc.array(fc.nat(3), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ step: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constant({ step: 'reopen' as const }) },
)

describe('the catalog beside plain arrays', () => {
  it('says the same of batches and of those that replace them, as they come and opened again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const made = new MadeArchive(memoryColdStore())
        let catalog = await opened(made)
        const replaced: number[] = []
        for (const one of steps) {
          if (one.step === 'batch') catalog.add(await made.batch(one.games))
          else if (one.step === 'reopen') catalog = await opened(made)
          else if (one.step === 'sweep') await made.delete(replaced.splice(0))
          else if (made.numbers.length > 0) {
            const first = one.at % made.numbers.length
            const goes = ({ lastPosition }: IndexedGame) => one.gone.includes(lastPosition % 4)
            const manifest = await made.replace(first, one.count, goes)
            replaced.push(...manifest.replaces!)
            catalog.replace(manifest)
          }
        }
        await expectSame(catalog, made)
        await expectSame(await opened(made), made)
      }),
      { numRuns: 60 },
    )
  })

  it('goes on listing where batches are replaced and deleted under the list', async () => {
    const made = new MadeArchive(memoryColdStore())
    for (let batch = 0; batch < 12; batch++)
      await made.batch([1, 2, 3].map(() => ({ kind: 'race', players: ['ann'], events: 2 })))
    const catalog = await opened(made)
    const all = made.list({})
    const found: string[] = []
    let cursor: string | undefined
    for (let page = 0; page < 12; page++) {
      const next = await catalog.list({ limit: 3, ...(cursor !== undefined && { cursor }) })
      found.push(...next.games.map(({ gameId }) => gameId))
      cursor = next.cursor
      // Two at a time, behind the reader, under it and before it, by turns.
      const first = (page * 5) % Math.max(1, made.numbers.length - 1)
      const manifest = await made.replace(first, 2, () => false)
      const counting = catalog.count({ player: 'ann' })
      catalog.replace(manifest)
      await made.delete(manifest.replaces!)
      expect(await counting).toEqual({ games: 36, events: 72 })
    }
    expect(found).toEqual(all)
  })

  it('holds the row of a batch that was replaced not for long', async () => {
    const made = new MadeArchive(memoryColdStore())
    const held = new HeldGames()
    const enter = (manifest: Manifest) => held.enter(digestOf(manifest))
    for (let batch = 0; batch < 3_000; batch++)
      enter(await made.batch([{ kind: 'race', players: ['ann'], events: 1 }]))
    expect(held.table.rows).toBe(3_000)
    for (let first = 0; first < 30; first++) enter(await made.replace(first, 100, () => false))
    // A thousand void rows are left alone.
    expect(held.table.rows).toBeLessThan(30 + 1_024)
    await expectSame(await opened(made), made)
  })

  it('takes no batch in place of others that holds other games', async () => {
    const made = new MadeArchive(memoryColdStore())
    const other = new MadeArchive(memoryColdStore(), 'other')
    const games: Wanted[] = [{ kind: 'race', players: ['ann'], events: 2 }]
    const catalog = await opened(made)
    for (let batch = 0; batch < 3; batch++) {
      catalog.add(await made.batch(games))
      await other.batch(games)
    }
    const before = catalog.games
    const replacement = await other.replace(0, 2, () => false)
    expect(() => catalog.replace(replacement)).toThrow(CorruptManifestError)
    expect(catalog.games).toBe(before)
    expect(catalog.hasBatch(1)).toBe(true)
  })
})
