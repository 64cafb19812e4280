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

    it('lets one of ten racing writers win, and keeps that one whole', async () => {
      const bodies = Array.from({ length: 10 }, (_, writer) => Buffer.alloc(100_000, writer))
      const answers = await Promise.all(bodies.map((body) => store.put('raced', body)))
      const winners = answers.flatMap((answer, writer) => (answer === 'stored' ? [writer] : []))
      expect(winners).toHaveLength(1)
      expect((await store.get('raced'))?.equals(bodies[winners[0]!]!)).toBe(true)
      expect(await all(store.list(''))).toEqual(['raced'])
    })

    it('reads a range, and no more than there is', async () => {
      await store.put('a', Buffer.from('0123456789'))
      expect((await store.get('a', { offset: 3, length: 4 }))?.toString()).toBe('3456')
      expect((await store.get('a', { offset: 8, length: 10 }))?.toString()).toBe('89')
      expect((await store.get('a', { offset: 3, length: 0 }))?.toString()).toBe('')
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
