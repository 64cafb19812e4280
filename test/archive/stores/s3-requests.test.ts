/** What a store in a bucket asks of its server, and what it makes of the answers; no server is needed. */
import { expect, it } from 'vitest'
import { s3ColdStore, type S3ColdStoreOptions } from '../../../src/archive/stores/s3/s3-cold-store.js'
import type { S3Target } from '../../../src/archive/stores/s3/s3-client.js'
import { coldStoreContract } from '../../contracts/cold-store.js'
import { memoryS3, type MemoryS3 } from '../../support/memory-s3.js'

const storeIn = (client: MemoryS3, options: Partial<S3ColdStoreOptions> = {}) =>
  s3ColdStore({ bucket: 'b', client, retryAfterMs: 1, ...options })

const all = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

coldStoreContract('S3 in memory, two keys a page', async () => ({
  store: storeIn(memoryS3({ keysPerPage: 2 }), { prefix: 'some/where' }),
  dispose: async () => {},
}))

it('asks once a put, once a get, and once a page', async () => {
  const client = memoryS3({ keysPerPage: 2 })
  const store = storeIn(client, { prefix: 'p' })
  await store.put('ledger.json', Buffer.from('first'))
  client.requests.length = 0
  await store.put('a', Buffer.from('0123'))
  await store.put('b', Buffer.from('0123'))
  await store.get('a')
  await store.get('a', { offset: 1, length: 2 })
  expect(await all(store.list(''))).toEqual(['a', 'b', 'ledger.json'])
  expect(client.requests).toEqual(['PUT p/a', 'PUT p/b', 'GET p/a', 'GET p/a', 'LIST', 'LIST'])
})

it('stays within its prefix, and passes over what others keep there', async () => {
  const client = memoryS3()
  for (const key of ['p/a', 'p/B c', 'p/.hidden', 'pa', 'q/a', 'p/'])
    client.objects.set(key, Buffer.from('x'))
  expect(await all(storeIn(client, { prefix: 'p/' }).list(''))).toEqual(['a'])
})

it.each(['heeds', 'ignores', 'answers 501'] as const)(
  'never overwrites where the server %s the condition',
  async (condition) => {
    const client = memoryS3({ condition })
    const store = storeIn(client)
    expect(await store.put('a', Buffer.from('first'))).toBe('stored')
    expect(await store.put('a', Buffer.from('second'))).toBe('exists')
    // Another ledger may open with that very key.
    expect(await storeIn(client).put('a', Buffer.from('third'))).toBe('exists')
    expect(client.objects.get('a')?.toString()).toBe('first')
  },
)

it.each([
  [
    'heeds',
    ['PUT .conditional-put', 'PUT .conditional-put', 'PUT a', 'PUT b'],
    ['PUT .conditional-put', 'PUT c'],
  ],
  [
    'ignores',
    ['PUT .conditional-put', 'PUT .conditional-put', 'HEAD a', 'PUT a', 'HEAD b', 'PUT b'],
    ['PUT .conditional-put', 'PUT .conditional-put', 'HEAD c', 'PUT c'],
  ],
  [
    'answers 501',
    ['PUT .conditional-put', 'HEAD a', 'PUT a', 'HEAD b', 'PUT b'],
    ['PUT .conditional-put', 'HEAD c', 'PUT c'],
  ],
] as const)('finds out that a server %s the condition before it puts', async (condition, first, second) => {
  const client = memoryS3({ condition })
  const store = storeIn(client)
  await store.put('a', Buffer.from('x'))
  await store.put('b', Buffer.from('x'))
  expect(client.requests.splice(0)).toEqual(first)
  await storeIn(client).put('c', Buffer.from('x'))
  expect(client.requests).toEqual(second)
  expect(await all(store.list(''))).toEqual(['a', 'b', 'c'])
})

it.each([
  ['heeds', 1],
  ['ignores', 10],
  ['answers 501', 10],
] as const)(
  'lets, of ten that race where the server %s the condition, %i win',
  async (condition, winners) => {
    const client = memoryS3({ condition })
    const stores = Array.from({ length: 10 }, () => storeIn(client))
    for (const store of stores) await store.put('first', Buffer.from('x'))
    const answers = await Promise.all(stores.map((store, n) => store.put('raced', Buffer.from([n]))))
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(winners)
  },
)

it.each([500, 502, 503, 408, 429, 'no answer', 'done, but no answer'] as const)(
  'tries again after %s, and gives up after the third',
  async (fault) => {
    const client = memoryS3()
    client.objects.set('a', Buffer.from('there'))
    const store = storeIn(client)
    client.faults.push(fault, fault)
    expect((await store.get('a'))?.toString()).toBe('there')
    expect(client.requests).toHaveLength(3)
    client.faults.push(fault, fault, fault)
    await expect(store.get('a')).rejects.toMatchObject({
      code: 'cold-store-failed',
      message: expect.stringContaining('Could not get a from bucket b'),
      cause: expect.objectContaining({ name: 'S3RequestError' }),
    })
    expect(client.requests).toHaveLength(6)
  },
)

it.each([400, 403, 404, 501])('does not try again after %i', async (status) => {
  const client = memoryS3()
  client.faults.push(status)
  await expect(storeIn(client).delete('a')).rejects.toThrow(`answered with ${status}`)
  expect(client.requests).toHaveLength(1)
})

it('hears "exists" of its own object after an answer that was lost', async () => {
  const client = memoryS3()
  const store = storeIn(client)
  await store.put('first', Buffer.from('x'))
  client.faults.push('done, but no answer')
  expect(await store.put('a', Buffer.from('mine'))).toBe('exists')
  expect(client.objects.get('a')?.toString()).toBe('mine')
})

it('looks what stands there after a conflict, and puts again where it is gone', async () => {
  const client = memoryS3()
  const store = storeIn(client)
  await store.put('first', Buffer.from('x'))
  client.faults.push(409)
  expect(await store.put('a', Buffer.from('x'))).toBe('stored')
  client.faults.push(409)
  expect(await store.put('a', Buffer.from('y'))).toBe('exists')
})

it('does not wait for a server that is silent, nor for a client that does not heed its signal', async () => {
  const client = memoryS3()
  client.faults.push('silence', 'silence')
  const store = storeIn(client, { timeoutMs: 20, attemptsMax: 2 })
  await expect(store.get('a')).rejects.toThrow('there was no answer within 20 ms')
  const deaf = { ...client, getObject: () => new Promise<never>(() => {}) }
  await expect(storeIn(deaf, { timeoutMs: 20, attemptsMax: 2 }).get('a')).rejects.toMatchObject({
    code: 'cold-store-failed',
  })
})

it('waits for a deletion for as long as it takes: one that was given up may still happen', async () => {
  const client = memoryS3()
  client.objects.set('a', Buffer.from('x'))
  let answer = () => {}
  const slow = {
    ...client,
    async deleteObject(target: S3Target) {
      await new Promise<void>((resolve) => (answer = resolve))
      return client.deleteObject(target)
    },
  }
  const deleting = storeIn(slow, { timeoutMs: 5 }).delete('a')
  await new Promise((resolve) => setTimeout(resolve, 50))
  answer()
  await deleting
  expect(client.objects.size).toBe(0)
})

it('gives up what is in flight when it is closed', async () => {
  const client = memoryS3()
  client.faults.push('silence')
  const store = storeIn(client)
  const getting = store.get('a')
  await store.close()
  await expect(getting).rejects.toThrow('the store was closed')
})

it('tells a bucket that is missing from an object that is', async () => {
  const client = memoryS3()
  expect(await storeIn(client).get('a')).toBeUndefined()
  client.faults.push(404)
  await expect(storeIn(client).put('a', Buffer.from('x'))).rejects.toMatchObject({
    code: 'cold-store-missing',
  })
})

it.each([
  [{ bucket: '' }, 'the name of a bucket'],
  [{ prefix: 'Upper' }, 'A key in cold storage'],
  [{ attemptsMax: 0 }, '`attemptsMax` of s3ColdStore is a whole number from 1 on; got 0.'],
  [{ timeoutMs: Infinity }, '`timeoutMs`'],
])('refuses the options %o', (options, message) => {
  expect(() => storeIn(memoryS3(), options)).toThrow(TypeError)
  expect(() => storeIn(memoryS3(), options)).toThrow(message)
})
