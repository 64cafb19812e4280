import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Catalog } from '../../../src/archive/catalog.js'
import type { CatalogStore, Scratch } from '../../../src/archive/catalog/catalog-store.js'
import { fileCatalogStore } from '../../../src/archive/catalog/file-catalog-store.js'
import { FingerprintIndex } from '../../../src/archive/catalog/fingerprint-index.js'
import { Seats } from '../../../src/archive/catalog/seats.js'
import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import { fingerprintOf, type Fingerprint } from '../../../src/events/fingerprint.js'
import { expectSame } from './expect-same.js'
import { identity, MadeArchive, type Wanted } from './made-archive.js'

let directory: string
let place: CatalogStore
const opened: Scratch[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gameledger-paging-'))
  const store = fileCatalogStore(directory)
  const scratch = async () => {
    const one = await store.scratch()
    opened.push(one)
    return one
  }
  place = { ...store, scratch }
})
afterEach(async () => {
  for (const scratch of opened.splice(0)) await scratch.close()
  await rm(directory, { recursive: true, force: true })
})

/** A scratch that counts what is read, and fails when it is told to. */
const watched = async () => {
  const scratch = await place.scratch()
  const seen = { reads: 0, failing: false }
  const check = () => {
    if (seen.failing) throw new Error('EIO')
  }
  const watching: Scratch = {
    append: async (bytes) => (check(), scratch.append(bytes)),
    read: (offset, length) => (check(), seen.reads++, scratch.read(offset, length)),
    close: () => scratch.close(),
  }
  return { scratch: watching, seen }
}

describe('fingerprints that have left memory', () => {
  it('are found like those in memory, whenever they went', async () => {
    const fingerprint = fc.record({
      high: fc.integer({ min: 0, max: 3 }),
      low: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 0xffffffff })),
    })
    const part = fc.record({
      added: fc.array(fingerprint, { maxLength: 900, size: 'max' }),
      isWaitedFor: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
        const index = new FingerprintIndex()
        const model = new Map<string, number[]>()
        const textOf = ({ high, low }: Fingerprint) => `${high} ${low}`
        const { scratch } = await watched()
        let value = 0
        let paging: Promise<void> = Promise.resolve()
        const expectAll = (fingerprints: readonly Fingerprint[]) => {
          for (const one of fingerprints)
            expect(index.candidates(one).sort((a, b) => a - b)).toEqual(model.get(textOf(one)) ?? [])
        }
        for (const { added, isWaitedFor } of parts) {
          for (const one of added) {
            index.add(one, value)
            model.set(textOf(one), [...(model.get(textOf(one)) ?? []), value++])
          }
          await paging
          paging = index.page(scratch, 0)
          // On their way, and when they have gone.
          expectAll(added)
          if (isWaitedFor) await paging
          expectAll(added)
        }
        await paging
        expectAll(parts.flatMap(({ added }) => added))
        expectAll([{ high: 5, low: 7 }])
      }),
      { numRuns: 15 },
    )
  })

  it('say no without reading, but for one in some hundred', async () => {
    const index = new FingerprintIndex()
    const games = 100_000
    for (let n = 0; n < games; n++) index.add(fingerprintOf(`race/g${n}`), n)
    const { scratch, seen } = await watched()
    const before = index.bytes
    await index.page(scratch, 0)
    // 256 empty tables of young ones, and 1.5 bytes an entry.
    expect(index.bytes).toBeLessThan(before / 8)
    for (let n = 0; n < games; n++)
      if (index.find(fingerprintOf(`race/n${n}`)) !== undefined) expect.unreachable()
    expect(seen.reads).toBeLessThan(games / 100)
    seen.reads = 0
    for (let n = 0; n < games; n += 100) expect(index.find(fingerprintOf(`race/g${n}`))).toBe(n)
    expect(seen.reads).toBeGreaterThanOrEqual(games / 100)
    expect(seen.reads).toBeLessThan((games / 100) * 1.2)
  })

  it('stay in memory where they could not be written', async () => {
    const index = new FingerprintIndex()
    for (let n = 0; n < 5_000; n++) index.add(fingerprintOf(`race/g${n}`), n)
    const { scratch, seen } = await watched()
    seen.failing = true
    await expect(index.page(scratch, 0)).rejects.toThrow('EIO')
    for (let n = 0; n < 5_000; n++) expect(index.find(fingerprintOf(`race/g${n}`))).toBe(n)
  })
})

it('a player finds games whose seats have left memory', async () => {
  const seats = new Seats()
  const { scratch, seen } = await watched()
  const [ann, bob] = [fingerprintOf('ann'), fingerprintOf('bob')]
  const games = 60_000
  for (let ordinal = 0; ordinal < games; ordinal++) {
    seats.add(ordinal % 3 ? ann : bob, ordinal)
    if (ordinal % 25_000 === 24_999) await seats.page(scratch)
  }
  expect(seats.bytes).toBeLessThan(games * 8)
  const ofBob = Array.from({ length: games / 3 }, (_, n) => 3 * n).toReversed()
  expect([...seats.ordinals(bob, games)]).toEqual(ofBob)
  expect([...seats.ordinals(bob, 300)]).toEqual(ofBob.filter((ordinal) => ordinal < 300))
  expect(seen.reads).toBeGreaterThan(0)
})

describe('a catalog beyond its bound', () => {
  const games = (count: number): readonly Wanted[] =>
    Array.from({ length: count }, (_, n) => ({
      kind: 'race',
      players: [n % 2 ? 'ann' : 'bob', 'cat'],
      events: 1,
    }))
  const open = async (made: MadeArchive, bytesMax: number, from: CatalogStore | undefined = place) => {
    const catalog = new Catalog(made.store, identity, from, bytesMax)
    return { catalog, faults: await catalog.open() }
  }

  it('answers as one within it: as batches come, are replaced, and after an opening', async () => {
    const made = new MadeArchive(memoryColdStore())
    const { catalog } = await open(made, 1)
    for (let batch = 0; batch < 20; batch++) {
      catalog.add(await made.batch(games(7)))
      if (batch % 6 === 5)
        catalog.replace(await made.replace(batch >> 2, 3, ({ lastPosition }) => lastPosition % 5 === 0))
      await catalog.save()
    }
    await expectSame(catalog, made)
    await catalog.close()
    const again = await open(made, 1)
    expect(again.faults).toEqual([])
    await expectSame(again.catalog, made)
    await again.catalog.close()
  })

  it('keeps it, and leaves no file behind', async () => {
    const made = new MadeArchive(memoryColdStore())
    for (let batch = 0; batch < 60; batch++) await made.batch(games(1_000))
    const unbounded = await open(made, Infinity)
    const bytesMax = 1_500_000
    // The control: without a bound it takes more.
    expect(unbounded.catalog.bytesHeld).toBeGreaterThan(1.5 * bytesMax)
    await unbounded.catalog.close()
    const { catalog } = await open(made, bytesMax)
    expect(catalog.bytesHeld).toBeLessThan(bytesMax)
    for (let batch = 0; batch < 20; batch++) {
      catalog.add(await made.batch(games(1_000)))
      await catalog.save()
      expect(catalog.bytesHeld).toBeLessThan(bytesMax)
    }
    expect(catalog.mayHave('race/g1')).toBe(true)
    expect(catalog.mayHave('race/g80000')).toBe(true)
    expect(catalog.mayHave('race/nobody')).toBe(false)
    await catalog.close()
    expect(await readdir(directory)).toEqual(['archive.catalog'])
  })

  it('says maybe where the disk under it fails, and who confirms it hears why', async () => {
    const made = new MadeArchive(memoryColdStore())
    await made.batch(games(50))
    const { scratch, seen } = await watched()
    const { catalog } = await open(made, 1, { ...place, scratch: async () => scratch })
    seen.failing = true
    expect(catalog.mayHave('race/g7')).toBe(true)
    await expect(catalog.find('race/g7')).rejects.toThrow('EIO')
    seen.failing = false
    expect((await catalog.find('race/g7'))!.stream).toBe('race/g7')
  })

  it('stays in memory, and says so once, where there is no room for it', async () => {
    const made = new MadeArchive(memoryColdStore())
    for (let batch = 0; batch < 5; batch++) await made.batch(games(50))
    const scratch = () => Promise.reject(new Error('ENOSPC'))
    const { catalog, faults } = await open(made, 1, { ...place, scratch })
    expect(faults).toMatchObject([{ code: 'catalog-unsaved', message: expect.stringContaining('ENOSPC') }])
    catalog.add(await made.batch(games(50)))
    await catalog.save()
    await expectSame(catalog, made)
    await catalog.close()
  })
})
