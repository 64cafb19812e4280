import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColdStore } from '../../../src/archive/cold-store.js'
import { composite } from '../../../src/archive/stores/composite-cold-store.js'
import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import { coldStoreContract } from '../../contracts/cold-store.js'

coldStoreContract('two in memory', async () => ({
  store: composite([memoryColdStore(), memoryColdStore()]),
  dispose: async () => {},
}))

coldStoreContract('a composite of a composite', async () => ({
  store: composite([memoryColdStore(), composite([memoryColdStore(), memoryColdStore()])]),
  dispose: async () => {},
}))

const down = async (): Promise<never> => {
  throw new Error('the store is down')
}

/** A store that fails when it is told to: before the work, or after it, when the answer is lost. */
interface Shaky extends ColdStore {
  readonly plain: ColdStore
  fails: (() => 'before' | 'after' | undefined) | undefined
}

const shaky = (): Shaky => {
  const plain = memoryColdStore()
  const store: Shaky = {
    plain,
    fails: undefined,
    put: (key, bytes) => failing(() => plain.put(key, bytes)),
    get: (key, range) => failing(() => plain.get(key, range)),
    delete: (key) => failing(() => plain.delete(key)),
    async *list(prefix, after) {
      for await (const key of plain.list(prefix, after)) yield await failing(async () => key)
    },
    close: () => plain.close(),
  }
  const failing = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const fault = store.fails?.()
    if (fault === 'before') return down()
    const result = await work()
    return fault === 'after' ? down() : result
  }
  return store
}

const all = async (store: ColdStore): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

const contentOf = async (store: ColdStore): Promise<Record<string, string>> => {
  const content: Record<string, string> = {}
  for (const key of await all(store)) content[key] = (await store.get(key))!.toString()
  return content
}

const always = () => 'before' as const

describe('a composite', () => {
  it('has every object in every store', async () => {
    const stores = [memoryColdStore(), memoryColdStore(), memoryColdStore()]
    expect(await composite(stores).put('a', Buffer.from('x'))).toBe('stored')
    for (const store of stores) expect(await contentOf(store)).toEqual({ a: 'x' })
  })

  it('reads on from the next while the first is down, and does not claim that an object is nowhere', async () => {
    const [first, second] = [shaky(), shaky()]
    const store = composite([first, second])
    await store.put('a', Buffer.from('x'))
    first.fails = always
    expect((await store.get('a'))?.toString()).toBe('x')
    expect(await all(store)).toEqual(['a'])
    await expect(store.get('b')).rejects.toMatchObject({
      code: 'cold-store-failed',
      message:
        'Could not get b from 1 of 2 stores: the store is down. See to the store; nothing is lost, and trying again is safe.',
    })
    second.fails = always
    await expect(store.get('a')).rejects.toMatchObject({ cause: expect.any(AggregateError) })
    await expect(all(store)).rejects.toMatchObject({ cause: expect.any(AggregateError) })
  })

  it('does not put while one is down, and completes the put when it is back', async () => {
    const [first, second] = [shaky(), shaky()]
    const store = composite([first, second])
    first.fails = always
    await expect(store.put('a', Buffer.from('x'))).rejects.toThrow('the store is down')
    first.fails = undefined
    expect(await store.put('a', Buffer.from('other'))).toBe('exists')
    expect(await contentOf(first)).toEqual({ a: 'x' })
    expect(await contentOf(second)).toEqual({ a: 'x' })
  })

  it('fills a store that was emptied with what is put again', async () => {
    const [first, second] = [memoryColdStore(), memoryColdStore()]
    const store = composite([first, second])
    await store.put('a', Buffer.from('x'))
    await first.delete('a')
    expect((await store.get('a'))?.toString()).toBe('x')
    expect(await store.put('a', Buffer.from('x'))).toBe('exists')
    expect(await contentOf(first)).toEqual({ a: 'x' })
    await second.delete('a')
    expect(await store.put('a', Buffer.from('x'))).toBe('stored')
    expect(await contentOf(second)).toEqual({ a: 'x' })
  })

  it('refuses to choose where stores hold different bytes, and changes none', async () => {
    const [first, second] = [memoryColdStore(), memoryColdStore()]
    await first.put('a', Buffer.from('one'))
    await second.put('a', Buffer.from('two'))
    await expect(composite([first, second]).put('a', Buffer.from('two'))).rejects.toMatchObject({
      code: 'cold-stores-differ',
      key: 'a',
      message: expect.stringMatching(/^Stores 1 and 2 of the composite hold different bytes under a\./),
    })
    expect(await contentOf(first)).toEqual({ a: 'one' })
    expect(await contentOf(second)).toEqual({ a: 'two' })
  })

  it('closes all, also where closing one fails', async () => {
    let closed = 0
    const closing = (fails: boolean): ColdStore => ({
      ...memoryColdStore(),
      async close() {
        closed++
        if (fails) await down()
      },
    })
    await expect(composite([closing(true), closing(false)]).close()).rejects.toThrow('the store is down')
    expect(closed).toBe(2)
  })

  it('refuses fewer than two stores, and one twice', () => {
    const store = memoryColdStore()
    for (const stores of [[], [store], [store, store]]) expect(() => composite(stores)).toThrow(TypeError)
  })
})

const keys = ['a', 'b', 'c'] as const
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      key: fc.constantFrom(...keys),
      racers: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('get' as const), key: fc.constantFrom(...keys) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list' as const) }) },
)

/**
 * Stores that fail at random, before their work or after it, under writers that race for a few keys with bytes of their own.
 * Known at any time: what was acknowledged. It must be read as it was, or not be read at all; and once the stores
 * are well again one more put of each key makes all of them equal.
 */
const lawHolds = async (compositeOf: typeof composite): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 3 }),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      async (count, steps, chance) => {
        const stores = Array.from({ length: count }, shaky)
        const draw = () => {
          const drawn = chance.next().value!
          return drawn === 0 ? 'before' : drawn === 1 ? 'after' : undefined
        }
        for (const store of stores) store.fails = draw
        const store = compositeOf(stores)
        const acknowledged = new Map<string, string>()
        const winners = new Map<string, number>()
        let writer = 0

        const put = async (key: string) => {
          const bytes = `${key} of writer ${++writer}`
          const answer = await store.put(key, Buffer.from(bytes)).catch(() => undefined)
          if (answer === undefined) return
          // Whichever it was: now every store has it, and has the same.
          const standing = await Promise.all(stores.map(({ plain }) => plain.get(key)))
          expect(new Set(standing.map(String)).size).toBe(1)
          const stands = String(standing[0])
          expect(acknowledged.get(key) ?? stands).toBe(stands)
          acknowledged.set(key, stands)
          if (answer === 'stored') {
            expect(stands).toBe(bytes)
            winners.set(key, (winners.get(key) ?? 0) + 1)
          }
        }

        for (const now of steps) {
          if (now.do === 'put') await Promise.all(Array.from({ length: now.racers }, () => put(now.key)))
          if (now.do === 'get') {
            const bytes = await store.get(now.key).catch(() => null)
            if (bytes !== null && acknowledged.has(now.key))
              expect(String(bytes)).toBe(acknowledged.get(now.key))
          }
          if (now.do === 'list') {
            const listed = await all(store).catch(() => null)
            if (listed !== null) {
              expect(listed).toEqual([...new Set(listed)].sort())
              expect(listed).toEqual(expect.arrayContaining([...acknowledged.keys()]))
            }
          }
          // What a store has, all behind it have.
          const held = await Promise.all(stores.map(({ plain }) => contentOf(plain)))
          for (let index = 1; index < held.length; index++)
            expect(held[index]).toMatchObject(held[index - 1]!)
        }

        for (const one of stores) one.fails = undefined
        for (const key of keys) await put(key)
        for (const count_ of winners.values()) expect(count_).toBe(1)
        const contents = await Promise.all(stores.map(({ plain }) => contentOf(plain)))
        for (const content of contents) expect(content).toEqual(Object.fromEntries(acknowledged))
      },
    ),
    { numRuns: 500 },
  )
}

/** Writes to all at once, and is content with the first: what a composite must not be. */
const careless: typeof composite = (stores) => ({
  ...composite(stores),
  async put(key, bytes) {
    const [answer] = await Promise.all(stores.map((store) => store.put(key, bytes)))
    return answer!
  },
})

describe('a composite of stores that fail at random', () => {
  it('never loses, changes or doubles what it acknowledged, and heals by putting again', () =>
    lawHolds(composite))

  it('would be found out if it wrote to all at once', () =>
    expect(lawHolds(careless)).rejects.toThrow('Property failed'))
})
