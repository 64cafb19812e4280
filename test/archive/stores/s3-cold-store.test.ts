/** The store in a bucket, against the gateway of Ceph: the contract, and what becomes of it when the server fails. */
import { S3 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColdStore } from '../../../src/archive/cold-store.js'
import { awsSdkClient } from '../../../src/archive/stores/s3/aws-sdk-client.js'
import type { S3Client } from '../../../src/archive/stores/s3/s3-client.js'
import { s3ColdStore, type S3ColdStoreOptions } from '../../../src/archive/stores/s3/s3-cold-store.js'
import { signedFetch } from '../../../src/archive/stores/s3/signed-fetch.js'
import { coldStoreContract } from '../../contracts/cold-store.js'
import { cephLack, startCephRgw, type CephRgw } from '../../support/ceph-rgw.js'
import { bytesOf, putThrough } from '../../support/outage.js'
import { describeWithServer } from '../../support/server-process.js'
import { startTcpProxy } from '../../support/tcp-proxy.js'
import { Notes, openRoom } from '../archive-room.js'
import { Table } from '../played-games.js'

let ceph: CephRgw

/** The two ways into a bucket; at `endpoint` and with `secretAccessKey`, where it shall not be that of the server. */
const ways: {
  readonly [name: string]: (other?: { endpoint?: string; secretAccessKey?: string }) => S3Client
} = {
  signedFetch: ({ endpoint = ceph.endpoint, ...secret } = {}) =>
    signedFetch({ ...ceph, endpoint, credentials: { ...ceph.credentials, ...secret } }),
  awsSdkClient: ({ endpoint = ceph.endpoint, ...secret } = {}) =>
    awsSdkClient(
      new S3({
        endpoint,
        region: ceph.region,
        credentials: { ...ceph.credentials, ...secret },
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        maxAttempts: 1,
      }),
    ),
}

let prefixes = 0
const storeBy = (client: S3Client, options: Partial<S3ColdStoreOptions> = {}) =>
  s3ColdStore({ bucket: ceph.bucket, prefix: `p${++prefixes}`, client, retryAfterMs: 5, ...options })

const all = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

const callsOf = (store: ColdStore): readonly (() => Promise<unknown>)[] => [
  () => store.put('a', Buffer.from('x')),
  () => store.get('a'),
  () => all(store.list('')),
]

describeWithServer('a bucket of Ceph', cephLack(), () => {
  beforeAll(async () => {
    ceph = await startCephRgw()
  })
  afterAll(() => ceph.stop())

  for (const [name, clientOf] of Object.entries(ways))
    coldStoreContract(`S3 by ${name}`, async () => ({ store: storeBy(clientOf()), dispose: async () => {} }))

  it('lets one of twenty racing writers win, ten by each way', async () => {
    const prefix = `p${++prefixes}`
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        storeBy(Object.values(ways)[writer % 2]!(), { prefix }).put('raced', Buffer.alloc(50_000, writer)),
      ),
    )
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
  })

  it('lists more keys than a page has', async () => {
    const store = storeBy(ways['signedFetch']!())
    const keys = Array.from({ length: 1_003 }, (_, n) => `k${String(n).padStart(4, '0')}`)
    for (let from = 0; from < keys.length; from += 16)
      await Promise.all(keys.slice(from, from + 16).map((key) => store.put(key, Buffer.from(key))))
    expect(await all(store.list(''))).toEqual(keys)
    expect(await all(store.list('k', 'k0999'))).toEqual(keys.slice(1_000))
  })

  describe.each(Object.keys(ways))('by %s', (name) => {
    const clientOf = ways[name]!

    it('says what is wrong with the credentials', async () => {
      const store = storeBy(clientOf({ secretAccessKey: 'wrong' }))
      for (const failing of callsOf(store))
        await expect(failing()).rejects.toMatchObject({
          code: 'cold-store-denied',
          message: expect.stringMatching(/403, SignatureDoesNotMatch.*Check credentials/),
          cause: expect.objectContaining({ name: 'S3RequestError', vendorCode: 'SignatureDoesNotMatch' }),
        })
    })

    it('says that the bucket is missing, and never that an object in it is', async () => {
      const store = storeBy(clientOf(), { bucket: 'nowhere' })
      for (const failing of callsOf(store))
        await expect(failing()).rejects.toMatchObject({
          code: 'cold-store-missing',
          message: expect.stringContaining('NoSuchBucket'),
        })
    })

    it('says that nobody listens', async () => {
      const store = storeBy(clientOf({ endpoint: 'http://127.0.0.1:9' }), { attemptsMax: 2 })
      await expect(store.get('a')).rejects.toMatchObject({
        code: 'cold-store-failed',
        message: expect.stringMatching(/ECONNREFUSED|bad port/),
      })
    })

    it('stores all or nothing when connections are cut, and gets by when it may try again', async () => {
      const proxy = await startTcpProxy(Number(new URL(ceph.endpoint).port))
      const endpoint = `http://127.0.0.1:${proxy.port}`
      const prefix = `p${++prefixes}`
      try {
        const bytes = Buffer.alloc(1_000_000, 'x')
        const patient = storeBy(clientOf({ endpoint }), { prefix })
        await patient.put('first', Buffer.from('x'))
        for (const [n, cut] of [
          { direction: 'to', bytes: 10 },
          { direction: 'to', bytes: 500_000 },
          { direction: 'from', bytes: 10 },
        ].entries()) {
          const key = `cut-${n}`
          // A client of its own: connections that are kept would not meet the cut.
          const impatient = storeBy(clientOf({ endpoint }), { prefix, attemptsMax: 1 })
          await impatient.put('first', Buffer.from('x'))
          proxy.cuts.push(cut as (typeof proxy.cuts)[number])
          await Promise.all([
            impatient.put(key, bytes).catch(() => undefined),
            storeBy(clientOf({ endpoint }), { prefix }).put(`patient-${key}`, bytes),
          ])
          expect((await patient.get(`patient-${key}`))?.equals(bytes)).toBe(true)
          const standing = await patient.get(key)
          if (standing) expect(standing.equals(bytes)).toBe(true)
        }
        proxy.cuts.length = 0
        await patient.put('whole', bytes)
        for (let round = 0; round < 5; round++) {
          proxy.cuts.push({ direction: 'from', bytes: 300_000 }, { direction: 'from', bytes: 10 })
          const got = await storeBy(clientOf({ endpoint }), { prefix }).get('whole')
          expect(got?.equals(bytes)).toBe(true)
        }
      } finally {
        await proxy.stop()
      }
    })

    it('does not wait for a server that hangs, and goes on when it is back', async () => {
      const store = storeBy(clientOf(), { timeoutMs: 150, attemptsMax: 2 })
      await store.put('a', Buffer.from('x'))
      ceph.pause()
      try {
        await expect(store.get('a')).rejects.toThrow('there was no answer within 150 ms')
        await expect(store.put('b', Buffer.from('x'))).rejects.toMatchObject({ code: 'cold-store-failed' })
      } finally {
        ceph.resume()
      }
      expect((await storeBy(clientOf(), { prefix: `p${prefixes}` }).get('a'))?.toString()).toBe('x')
    })

    it('archives every game once while the server is killed and started again', async () => {
      const table = new Table()
      for (let n = 0; n < 100; n++) table.playThrough(`g${n}`)
      const notes = new Notes()
      const room = await openRoom(storeBy(clientOf(), { attemptsMax: 1 }), table, notes, { batchGamesMax: 5 })
      const flushed = room.archiver.flush()
      while (room.archived.length < 20) await new Promise((resolve) => setTimeout(resolve, 1))
      await ceph.kill()
      await ceph.restart()
      await flushed
      await room.archiver.close(1_000)
      expect(room.archived.toSorted()).toEqual([...table.games.keys()].toSorted())
      expect(room.faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
      const again = await openRoom(storeBy(clientOf(), { prefix: `p${prefixes}` }), table, notes)
      expect(again.catalog.games).toBe(100)
      await again.archiver.close(1_000)
    })

    it('puts every object once and whole while the server is killed and started again', async () => {
      const store = storeBy(clientOf(), { attemptsMax: 1 })
      const outcomes = await putThrough(store, 120, async (done) => {
        for (const mark of [20, 60]) {
          while (done() < mark) await new Promise((resolve) => setTimeout(resolve, 1))
          await ceph.kill()
          await expect(store.put('refused', Buffer.from('x'))).rejects.toMatchObject({
            code: 'cold-store-failed',
          })
          await ceph.restart()
        }
      })
      expect(outcomes.some(({ failures }) => failures > 0)).toBe(true)
      for (const { answer, failures } of outcomes) if (failures === 0) expect(answer).toBe('stored')
      const keys = await all(store.list('through/'))
      expect(keys).toEqual(outcomes.map(({ key }) => key).sort())
      for (const key of keys) expect((await store.get(key))?.equals(bytesOf(key))).toBe(true)
    })
  })
})
