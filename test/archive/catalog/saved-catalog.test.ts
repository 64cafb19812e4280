import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Catalog } from '../../../src/archive/catalog.js'
import type { CatalogStore } from '../../../src/archive/catalog/catalog-store.js'
import { fileCatalogStore } from '../../../src/archive/catalog/file-catalog-store.js'
import type { ColdStore } from '../../../src/archive/cold-store.js'
import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import type { Fault } from '../../../src/events/fault.js'
import { expectSame } from './expect-same.js'
import { identity, MadeArchive, type Wanted } from './made-archive.js'

let directory: string
let place: CatalogStore
const pathOf = () => join(directory, 'archive.catalog')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gameledger-catalog-'))
  place = fileCatalogStore(directory)
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** A store that says which manifests were read. */
const counted = (store: ColdStore, read: string[]): ColdStore => ({
  ...store,
  get: (key, range) => {
    read.push(key)
    return store.get(key, range)
  },
})

const open = async (made: MadeArchive, id = identity) => {
  const read: string[] = []
  const catalog = new Catalog(counted(made.store, read), id, place)
  const faults: readonly Fault[] = await catalog.open()
  return { catalog, codes: faults.map(({ code }) => code), faults, read: read.length }
}

const games = (count: number, kind = 'race'): readonly Wanted[] =>
  Array.from({ length: count }, (_, n) => ({ kind, players: [n % 2 ? 'ann' : 'bob', 'cat'], events: 2 }))

/** Ten batches, of which two replace others; saved after the seventh. */
const tenBatches = async (): Promise<MadeArchive> => {
  const made = new MadeArchive(memoryColdStore())
  const { catalog } = await open(made)
  for (let batch = 0; batch < 5; batch++) catalog.add(await made.batch(games(3)))
  catalog.replace(await made.replace(1, 2, ({ gameId }) => gameId === 'g5'))
  await catalog.save()
  catalog.add(await made.batch(games(2, 'chase')))
  catalog.replace(await made.replace(0, 3, () => false))
  catalog.add(await made.batch(games(1)))
  await catalog.save()
  catalog.add(await made.batch(games(2)))
  return made
}

describe('the saved catalog', () => {
  it('is believed with its newest manifest alone, and those that came after it are read', async () => {
    const made = await tenBatches()
    const first = await open(made)
    // The newest that was saved, and the one that was not.
    expect([first.codes, first.read]).toEqual([[], 2])
    await expectSame(first.catalog, made)
    await first.catalog.save()
    const second = await open(made)
    expect([second.codes, second.read]).toEqual([[], 1])
    await expectSame(second.catalog, made)
  })

  it('is what it was where nothing came since', async () => {
    const made = await tenBatches()
    const { catalog } = await open(made)
    await catalog.save()
    const bytes = await readFile(pathOf())
    await catalog.save()
    expect(await readFile(pathOf())).toEqual(bytes)
  })

  it('says the same whatever of its end is there: cut at many places', async () => {
    const made = await tenBatches()
    const bytes = await readFile(pathOf())
    for (let length = 0; length < bytes.length; length += 37) {
      await writeFile(pathOf(), bytes.subarray(0, length))
      const { catalog, codes } = await open(made)
      await expectSame(catalog, made)
      // Of the head there must be all; the rest is what a crash may leave of the last saving.
      expect(codes).toEqual(length > 0 && length < 20 + identity.archiveId.length ? ['catalog-rebuilt'] : [])
      // What is added goes behind what was believed.
      await catalog.save()
      const again = await open(made)
      expect([again.codes, again.read]).toEqual([[], 1])
      await expectSame(again.catalog, made)
    }
  })

  it('never says anything else where a byte of it is another', async () => {
    const made = await tenBatches()
    const bytes = await readFile(pathOf())
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = Buffer.from(bytes)
        damaged[at]! ^= flip
        await writeFile(pathOf(), damaged)
        await expectSame((await open(made)).catalog, made)
      }),
      { numRuns: 100 },
    )
  })

  it('has to be whole as far as it was written at once', async () => {
    const made = await tenBatches()
    await rm(pathOf())
    await open(made)
    const { size } = await stat(pathOf())
    await truncate(pathOf(), size - 1)
    const { catalog, faults } = await open(made)
    expect(faults).toMatchObject([{ code: 'catalog-rebuilt', message: expect.stringContaining('damaged') }])
    await expectSame(catalog, made)
  })

  it('is made anew for another archive, in another format, and for an archive that was set back', async () => {
    const made = await tenBatches()
    const other = { archiveId: 'other', ledgerId: identity.ledgerId, ledgerIds: identity.ledgerIds }
    const reasons: string[] = []
    const expectRebuilt = async (archive: MadeArchive, id = identity) => {
      const { catalog, faults } = await open(archive, id)
      reasons.push(...faults.map(({ message }) => message))
      await expectSame(catalog, archive)
      expect((await open(archive, id)).codes).toEqual([])
    }
    await expectRebuilt(made, other)
    await expectRebuilt(made)
    const newer = await readFile(pathOf())
    newer.writeUInt16LE(2, 4)
    await writeFile(pathOf(), newer)
    await expectRebuilt(made)
    // Restored from a back-up of before the newest batch.
    const restored = await tenBatches()
    await place.write([await readFile(pathOf())])
    await expectRebuilt(new MadeArchive(memoryColdStore()))
    expect(restored.numbers.length).toBeGreaterThan(0)
    expect(reasons).toEqual([
      expect.stringContaining('of archive'),
      expect.stringContaining('of archive other'),
      expect.stringContaining('format 2'),
      expect.stringContaining('has no 0000'),
    ])
  })

  it('is not believed where the archive went another way from a back-up on', async () => {
    const made = await tenBatches()
    const { catalog } = await open(made)
    await catalog.save()
    const forked = new MadeArchive(memoryColdStore(), 'forked')
    for (let batch = 0; batch < 12; batch++) await forked.batch(games(2))
    const { catalog: other, faults } = await open(forked)
    expect(faults).toMatchObject([
      { code: 'catalog-rebuilt', message: expect.stringContaining('another one') },
    ])
    await expectSame(other, forked)
  })

  it('is made smaller where most of it was replaced', async () => {
    const made = new MadeArchive(memoryColdStore())
    const { catalog } = await open(made)
    for (let batch = 0; batch < 1_300; batch++) catalog.add(await made.batch(games(1)))
    catalog.replace(await made.replace(0, 1_250, () => false))
    await catalog.save()
    const { size } = await stat(pathOf())
    const again = await open(made)
    expect(again.codes).toEqual([])
    expect((await stat(pathOf())).size).toBeLessThan(size / 2)
    again.catalog.add(await made.batch(games(1)))
    await again.catalog.save()
    await expectSame((await open(made)).catalog, made)
  })

  it('is told once where it cannot be written, and the next opening reads manifests', async () => {
    const made = await tenBatches()
    const { catalog } = await open(made)
    await rm(pathOf())
    await expect(catalog.save()).rejects.toThrow('ENOENT')
    catalog.add(await made.batch(games(1)))
    await catalog.save()
    const again = await open(made)
    expect(again.codes).toEqual([])
    await expectSame(again.catalog, made)
  })

  it('is told at opening where there is no place for it', async () => {
    const made = await tenBatches()
    await rm(directory, { recursive: true })
    await writeFile(directory, '')
    const { catalog, codes } = await open(made)
    expect(codes).toEqual(['catalog-rebuilt', 'catalog-unsaved'])
    await expectSame(catalog, made)
  })

  it('finds batches that were replaced and deleted while it was not saved', async () => {
    const made = await tenBatches()
    const { catalog } = await open(made)
    await catalog.save()
    for (let batch = 0; batch < 4; batch++) await made.batch(games(2))
    // One that it knows and two that it does not; then one that it does not know, before one that it does not know.
    const known = made.numbers.length - 5
    const one = await made.replace(known, 3, () => false)
    const two = await made.replace(made.numbers.length - 2, 1, ({ lastPosition }) => lastPosition % 4 === 0)
    await made.delete([...one.replaces!, ...two.replaces!])
    const again = await open(made)
    await expectSame(again.catalog, made)
    expect(again.codes).toEqual([])
    await again.catalog.save()
    await expectSame((await open(made)).catalog, made)
  })
})
