import { expect, it } from 'vitest'
import { memoryColdStore } from '../../../src/archive/stores/memory-cold-store.js'
import { readOnly } from '../../../src/archive/stores/read-only-cold-store.js'
import { coldStoreContract } from '../../contracts/cold-store.js'

coldStoreContract('read-only, over memory', async () => ({
  store: readOnly(memoryColdStore()),
  dispose: async () => {},
}))

const keysOf = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

it('shows what the store holds, and changes nothing there', async () => {
  const store = memoryColdStore()
  for (const key of ['b', 'd', 'f']) await store.put(key, Buffer.from(`of the store: ${key}`))
  const looking = readOnly(store)
  expect(await looking.put('b', Buffer.from('mine'))).toBe('exists')
  expect(await looking.put('c', Buffer.from('mine'))).toBe('stored')
  expect(await looking.put('g', Buffer.from('mine'))).toBe('stored')
  await looking.delete('d')
  expect(await keysOf(looking.list(''))).toEqual(['b', 'c', 'f', 'g'])
  expect(await keysOf(looking.list('', 'b'))).toEqual(['c', 'f', 'g'])
  expect(String(await looking.get('b'))).toBe('of the store: b')
  expect(String(await looking.get('c'))).toBe('mine')
  expect(await looking.get('d')).toBeUndefined()
  expect(await looking.put('d', Buffer.from('mine'))).toBe('stored')
  expect(await keysOf(looking.list(''))).toEqual(['b', 'c', 'd', 'f', 'g'])
  expect(await keysOf(store.list(''))).toEqual(['b', 'd', 'f'])
  expect(String(await store.get('d'))).toBe('of the store: d')
})
