/** The law of `ColdStore` as tests. Every adapter runs it against the real thing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ColdStore } from '../../src/archive/cold-store.js'

const all = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

const badKeys = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.a',
  'a/.b',
  '..',
  'a/../b',
  'A',
  'a b',
  'ä',
  'a\\b',
  'a'.repeat(201),
]

/** Runs the contract. `open` gives an empty store; `dispose` takes it away. */
export const coldStoreContract = (
  name: string,
  open: () => Promise<{ readonly store: ColdStore; readonly dispose: () => Promise<void> }>,
): void => {
  describe(`the contract of cold stores: ${name}`, () => {
    let store: ColdStore
    let dispose: () => Promise<void>
    beforeEach(async () => {
      const opened = await open()
      store = opened.store
      dispose = opened.dispose
    })
    afterEach(async () => {
      await store.close()
      await dispose()
    })

    it('gives back what was put', async () => {
      expect(await store.put('a/b.json', Buffer.from('hello'))).toBe('stored')
      expect((await store.get('a/b.json'))?.toString()).toBe('hello')
    })

    it('puts only where nothing stands', async () => {
      await store.put('a', Buffer.from('first'))
      expect(await store.put('a', Buffer.from('second'))).toBe('exists')
      expect((await store.get('a'))?.toString()).toBe('first')
    })

    it.each([1, 2, 3])('lets one of ten racing writers win, and keeps that one whole (race %i)', async () => {
      const bodies = Array.from({ length: 10 }, (_, writer) => Buffer.alloc(100_000, writer))
      const answers = await Promise.all(bodies.map((body) => store.put('raced', body)))
      const winners = answers.flatMap((answer, writer) => (answer === 'stored' ? [writer] : []))
      expect(winners).toHaveLength(1)
      expect((await store.get('raced'))?.equals(bodies[winners[0]!]!)).toBe(true)
      expect(await all(store.list(''))).toEqual(['raced'])
    })

    it('shows a loser of a race the whole object of the winner', async () => {
      const seen = await Promise.all(
        Array.from({ length: 10 }, async (_, writer) => {
          const answer = await store.put('raced', Buffer.alloc(100_000, writer))
          return { answer, bytes: await store.get('raced') }
        }),
      )
      const winner = seen.find(({ answer }) => answer === 'stored')
      for (const { bytes } of seen) expect(winner?.bytes?.equals(bytes!)).toBe(true)
    })

    it('reads a range, and no more than there is', async () => {
      await store.put('a', Buffer.from('0123456789'))
      expect((await store.get('a', { offset: 3, length: 4 }))?.toString()).toBe('3456')
      expect((await store.get('a', { offset: 8, length: 10 }))?.toString()).toBe('89')
      expect((await store.get('a', { offset: 3, length: 0 }))?.toString()).toBe('')
    })

    it.each([
      [{ offset: 0, length: 10 }, '0123456789'],
      [{ offset: 0, length: 1 }, '0'],
      [{ offset: 9, length: 1 }, '9'],
      [{ offset: 9, length: 2 }, '9'],
      [{ offset: 0, length: 0 }, ''],
      [{ offset: 10, length: 0 }, ''],
      [{ offset: 10, length: 5 }, ''],
      [{ offset: 11, length: 1 }, ''],
      [{ offset: 1_000_000, length: 1 }, ''],
    ])('reads of ten bytes the range %o', async (range, expected) => {
      await store.put('a', Buffer.from('0123456789'))
      expect((await store.get('a', range))?.toString()).toBe(expected)
    })

    it('keeps an object without bytes', async () => {
      expect(await store.put('empty', Buffer.alloc(0))).toBe('stored')
      expect(await store.put('empty', Buffer.from('x'))).toBe('exists')
      expect((await store.get('empty'))?.length).toBe(0)
      expect((await store.get('empty', { offset: 0, length: 1 }))?.length).toBe(0)
    })

    it('keeps 20 MB, every byte, and reads from the middle of it', async () => {
      // A period that divides no block size: bytes out of place are seen.
      const bytes = Buffer.alloc(20_000_000, Buffer.from(Array.from({ length: 251 }, (_, byte) => byte)))
      expect(await store.put('large', bytes)).toBe('stored')
      expect((await store.get('large'))?.equals(bytes)).toBe(true)
      const range = { offset: 12_345_678, length: 65_537 }
      const expected = bytes.subarray(range.offset, range.offset + range.length)
      expect((await store.get('large', range))?.equals(expected)).toBe(true)
    })

    it('knows nothing of what was never put', async () => {
      expect(await store.get('nothing')).toBeUndefined()
      expect(await store.get('nothing/here', { offset: 0, length: 1 })).toBeUndefined()
      expect(await all(store.list(''))).toEqual([])
    })

    it('lists in order of whole keys, by prefix, strictly after a key', async () => {
      const keys = ['a-b', 'a.b', 'a/b', 'a/c/d', 'a0', 'a_b', 'b/a', 'b/b', 'c']
      for (const key of keys.toReversed()) await store.put(key, Buffer.from(key))
      expect(await all(store.list(''))).toEqual(keys)
      expect(await all(store.list('a'))).toEqual(keys.slice(0, 6))
      expect(await all(store.list('a/'))).toEqual(['a/b', 'a/c/d'])
      expect(await all(store.list('', 'a/b'))).toEqual(keys.slice(3))
      expect(await all(store.list('b/', 'b/a'))).toEqual(['b/b'])
      expect(await all(store.list('', 'zzz'))).toEqual([])
    })

    it('lists what was put before, in order and once each, while more is put and deleted', async () => {
      const before = Array.from({ length: 40 }, (_, n) => `n/${String(n * 2).padStart(3, '0')}`)
      for (const key of before) await store.put(key, Buffer.from(key))
      const between = before.map((key) => `${key}-later`)
      const putting = (async () => {
        for (const key of between) await store.put(key, Buffer.from(key))
        for (const key of between) await store.delete(key)
      })()
      for (let round = 0; round < 5; round++) {
        const listed = await all(store.list('n/'))
        expect(listed).toEqual([...new Set(listed)].sort())
        expect(listed).toEqual(expect.arrayContaining(before))
      }
      await putting
      expect(await all(store.list('n/'))).toEqual(before)
    })

    it('ends a listing that nobody reads to its end', async () => {
      for (const key of ['a', 'b', 'c']) await store.put(key, Buffer.from(key))
      for await (const key of store.list('')) {
        expect(key).toBe('a')
        break
      }
      expect(await all(store.list(''))).toEqual(['a', 'b', 'c'])
    })

    it('deletes, and calls it a success where there is nothing', async () => {
      await store.put('a/b', Buffer.from('x'))
      await store.delete('a/b')
      await store.delete('a/b')
      await store.delete('never/was')
      expect(await store.get('a/b')).toBeUndefined()
      expect(await store.put('a/b', Buffer.from('y'))).toBe('stored')
    })

    it('keeps its own copy', async () => {
      const bytes = Buffer.from('mine')
      await store.put('a', bytes)
      bytes.fill(0)
      const got = await store.get('a')
      got?.fill(0)
      expect((await store.get('a'))?.toString()).toBe('mine')
    })

    it.each(badKeys)('refuses %j as a key', async (key) => {
      await expect((async () => store.put(key, Buffer.from('x')))()).rejects.toThrow(TypeError)
      await expect((async () => store.get(key))()).rejects.toThrow(TypeError)
    })
  })
}
