import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Position } from '../../../src/events/ids.js'
import { fileCheckpointStore } from '../../../src/projections/checkpoints/file-checkpoint-store.js'
import { PageLostError, type ModelCheckpoint, type PageId } from '../../../src/projections/projection.js'

let directory = ''
let stores = 0
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'checkpoints-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))
const newDirectory = () => join(directory, String(stores++))

const dayMs = 86_400_000
const modelAt = (position: number, day = 0, more: Partial<ModelCheckpoint> = {}): ModelCheckpoint => ({
  version: '1',
  position: position as Position,
  recordedAt: day * dayMs,
  model: Buffer.from(`model of ${position}`),
  ...more,
})
const textOf = (checkpoint: ModelCheckpoint | undefined) =>
  checkpoint && Buffer.from(checkpoint.model).toString()
const at = (position: number) => position as Position
const pageFiles = async (path: string) =>
  (await readdir(join(path, 'wins')).catch(() => []))
    .filter((name) => name.endsWith('.page'))
    .map((name) => Number(name.slice(0, -5)))
    .sort((one, other) => one - other)
const keptFiles = async (path: string) =>
  (await readdir(join(path, 'wins')).catch(() => []))
    .filter((name) => name.endsWith('.kept'))
    .map((name) => Number(name.slice(0, -5)))

describe('saved models in files', () => {
  it('come back as they were, whatever the name', async () => {
    const path = newDirectory()
    const names = ['wins', 'Wins', 'a/b', '../up', 'é', '.']
    const store = fileCheckpointStore(path)
    for (const [index, name] of names.entries())
      await store.save(name, modelAt(index + 2 ** 40, index, { version: `v${index}`, pages: [] }))
    const again = fileCheckpointStore(path)
    for (const [index, name] of names.entries())
      expect(await again.load(name)).toEqual({
        ...modelAt(index + 2 ** 40, index),
        version: `v${index}`,
        pages: [],
      })
    expect(await store.load('absent')).toBeUndefined()
    await expect(store.load('x'.repeat(300))).rejects.toThrow(/240 bytes/)
  })

  it('are no models when any byte was changed or any end is missing', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const page = pages.put(Buffer.from('page'))
    await store.save('wins', modelAt(3, 0, { pages: [page] }))
    await rm(join(path, 'wins', '0000000000000003.kept'))
    const file = join(path, 'wins.model')
    const whole = await readFile(file)
    const fresh = () => fileCheckpointStore(path).load('wins')
    for (let index = 0; index < whole.length; index++) {
      const damaged = Buffer.from(whole)
      damaged[index]! ^= 1
      await writeFile(file, damaged)
      expect(await store.load('wins'), `byte ${index}`).toBeUndefined()
      await writeFile(file, whole.subarray(0, index))
      expect(await store.load('wins'), `cut at ${index}`).toBeUndefined()
    }
    await writeFile(file, whole)
    expect(await fresh()).toMatchObject({ position: 3, pages: [page] })
  })

  it('give the older one that was kept, where the newest is damaged', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    await store.save('wins', modelAt(1, 0))
    await store.save('wins', modelAt(2, 0))
    const file = join(path, 'wins.model')
    await writeFile(file, (await readFile(file)).fill(7, 50))
    expect(textOf(await store.load('wins'))).toBe('model of 1')
    expect(textOf(await fileCheckpointStore(path).load('wins'))).toBe('model of 1')
  })
})

describe('older models', () => {
  it('are kept one a day, the first of it, and found by position', async () => {
    const store = fileCheckpointStore(newDirectory())
    for (const [position, day] of [
      [10, 0],
      [20, 0],
      [30, 1],
      [40, 1],
      [50, 3],
      [60, 3],
    ] as const)
      await store.save('wins', modelAt(position, day))
    const found = async (position: number) => textOf(await store.load('wins', at(position)))
    expect(await Promise.all([9, 10, 29, 30, 49, 50, 59, 60, 99].map(found))).toEqual([
      undefined,
      ...[10, 10, 30, 30, 50, 50, 60, 60].map((position) => `model of ${position}`),
    ])
  })

  it('thin out with age, the recent days last, and are never more than 32', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    for (let day = 0; day < 200; day++) await store.save('wins', modelAt(day + 1, day))
    const kept = await keptFiles(path)
    expect(kept).toHaveLength(32)
    expect(kept.slice(-8)).toEqual([193, 194, 195, 196, 197, 198, 199, 200])
    // Nobody has to read more than a third of what lies between then and now.
    for (const [index, position] of kept.entries()) {
      const next = kept[index + 1] ?? position + 1
      expect(next - position).toBeLessThanOrEqual(Math.max(1, (201 - position) / 3))
    }
  })

  it('of another version, or in doubt, go when a newer one is saved', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    for (const day of [0, 1, 2]) await store.save('wins', modelAt(day + 1, day))
    await store.save('wins', modelAt(9, 2, { isAfresh: true }))
    expect(await keptFiles(path)).toEqual([9])
    await store.save('wins', modelAt(12, 3, { version: '2' }))
    expect(await keptFiles(path)).toEqual([12])
  })

  it('that a crash took back are forgotten for good', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    for (const day of [0, 1, 2]) await store.save('wins', modelAt(10 * (day + 1), day))
    await store.save('wins', modelAt(35, 2))
    await store.retract('wins', at(20))
    for (const open of [store, fileCheckpointStore(path)])
      expect(await open.load('wins')).toMatchObject({ position: 20 })
    await store.retract('wins', at(5))
    expect(await fileCheckpointStore(path).load('wins')).toBeUndefined()
  })
})

describe('pages', () => {
  const big = (fill: number) => Buffer.alloc(3000, fill)

  it('are there as soon as they were put, and after a reopening once a saved model names them', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const named = [pages.put(big(1)), pages.put(big(2))]
    const orphan = pages.put(big(3))
    expect(named.map((page) => pages.get(page)[0])).toEqual([1, 2])
    pages.keep(named)
    await store.save('wins', modelAt(1, 0, { pages: named }))
    expect(await pageFiles(path)).toEqual(named)
    expect(() => pages.get(orphan)).toThrow(PageLostError)
    const again = await fileCheckpointStore(path).pages('wins')
    expect(named.map((page) => again.get(page)[2999])).toEqual([1, 2])
    expect(Buffer.from(await again.read(named[1]!))).toEqual(big(2))
    expect(again.put(big(4))).toBeGreaterThan(Math.max(...named))
  })

  it('of kept models stay, and go with them', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const saved: PageId[] = []
    for (let day = 0; day < 40; day++) {
      const page = pages.put(big(day))
      saved.push(page)
      pages.keep([page])
      await store.save('wins', modelAt(day + 1, day, { pages: [page] }))
    }
    const kept = await keptFiles(path)
    expect(kept).toHaveLength(32)
    expect(await pageFiles(path)).toEqual(kept.map((position) => saved[position - 1]))
  })

  it('of a run that is not saved yet stay, also when another run is saved; and go when the run ends', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const [old, fresh] = [await store.pages('wins'), await store.pages('wins')]
    const page = fresh.put(big(1))
    old.keep([])
    await store.save('wins', modelAt(1))
    expect(fresh.get(page)[0]).toBe(1)
    fresh.end()
    await store.save('wins', modelAt(2))
    expect(await pageFiles(path)).toEqual([])
  })

  it('that nobody names are deleted at the next opening', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const named = pages.put(big(1))
    pages.keep([named])
    await store.save('wins', modelAt(1, 0, { pages: [named] }))
    await writeFile(join(path, 'wins', '7.page'), 'half writ')
    const again = fileCheckpointStore(path)
    expect(await again.load('wins')).toMatchObject({ pages: [named] })
    expect(await pageFiles(path)).toEqual([named])
  })

  it('that are damaged or gone say so, and a model without its pages is none', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const page = pages.put(big(1))
    pages.keep([page])
    await store.save('wins', modelAt(1, 0, { pages: [page] }))
    const file = join(path, 'wins', `${page}.page`)
    const whole = await readFile(file)
    for (const index of [0, 5, 9, whole.length - 1]) {
      const damaged = Buffer.from(whole)
      damaged[index]! ^= 1
      await writeFile(file, damaged)
      expect(() => pages.get(page)).toThrow(PageLostError)
      await expect(pages.read(page)).rejects.toThrow(/is damaged/)
    }
    await rm(file)
    expect(() => pages.get(page)).toThrow(/is not there/)
    await expect(pages.read(page)).rejects.toThrow(/is not there/)
    expect(await fileCheckpointStore(path).load('wins')).toBeUndefined()
  })

  it('beyond what may wait in memory are written by who puts them', async () => {
    const path = newDirectory()
    const store = fileCheckpointStore(path)
    const pages = await store.pages('wins')
    const put = Array.from({ length: 5 }, (_, fill) => pages.put(Buffer.alloc(15 << 20, fill)))
    expect(put.map((page) => pages.get(page)[1])).toEqual([0, 1, 2, 3, 4])
    pages.keep(put)
    await store.save('wins', modelAt(1, 0, { pages: put }))
    expect(await pageFiles(path)).toEqual(put)
  })
})
