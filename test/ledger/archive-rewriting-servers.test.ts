/**
 * Compaction, retention and an erasure on the real servers: the gateway of Ceph and PostgreSQL. Afterwards the name is in no
 * object and no row, the views for SQL included, and every game that was kept is found.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isRight } from 'fp-ts/lib/Either.js'
import { fileJournal, openLedger, type ColdStore } from 'gameledger'
import { postgresColdStore } from 'gameledger/postgres'
import { s3ColdStore, signedFetch } from 'gameledger/s3'
import { manualClock } from 'gameledger/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { cephLack, startCephRgw, type CephRgw } from '../support/ceph-rgw.js'
import { postgresLack } from '../support/postgres-server.js'
import { postgresForSuite } from '../support/postgres-suite.js'
import { describeWithServer } from '../support/server-process.js'
import { talking } from './talking-game.js'

const name = 'Zaphod'
const dayMs = 86_400_000

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gameledger-rewriting-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Where the name stands, by the store's own means. */
type Naming = () => Promise<readonly string[]>

const inObjects = async (store: ColdStore): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const key of store.list('')) {
    const stored = (await store.get(key))!
    if ((key.endsWith('.gz') ? gunzipSync(stored) : stored).includes(name)) found.push(key)
  }
  return found
}

/** @param store a new one for each opening: a ledger closes its own */
const keepInOrder = async (store: () => ColdStore, naming: Naming): Promise<void> => {
  const clock = manualClock(1_000_000)
  const journal = () => fileJournal(join(directory, 'journal'))
  const open = () =>
    openLedger({ games: [talking], journal: journal(), archive: store(), clock, compaction: false })
  const ledger = await open()
  const play = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) {
      const game = ledger.game(talking, `g${n}`)
      await game.dispatch({ type: 'Sit', player: 'Bea' })
      if (n % 2 === 0) await game.dispatch({ type: 'Sit', player: name })
      if (n % 3 === 0) await game.dispatch({ type: 'Say', player: 'Bea', text: `where is ${name}?` })
      await game.dispatch({ type: 'Finish' })
      await ledger.settled()
    }
  }
  await play(0, 4)
  clock.advance(10 * dayMs)
  await play(4, 12)
  expect(await naming()).not.toEqual([])
  expect(await ledger.archive.retain({ olderThanMs: dayMs })).toMatchObject({ games: 4 })
  expect(await ledger.archive.compact()).toMatchObject({ batchesBefore: 12, batchesAfter: 1 })
  expect(await ledger.erase(name, { shortened: true })).toMatchObject({
    alias: 'erased:1',
    archivedGames: 5,
    unread: [],
  })
  expect(await naming()).toEqual([])
  await ledger.close()
  const again = await open()
  expect(await again.verify({ deep: true })).toMatchObject({
    ok: true,
    games: 8,
    gone: 4,
    leftOver: 0,
    problems: [],
  })
  for (let n = 0; n < 12; n++) {
    const replay = await again.replay(talking, `g${n}`)
    expect(isRight(replay), `g${n}`).toBe(n >= 4)
    if (isRight(replay)) {
      expect(replay.right.state.players).toEqual(n % 2 === 0 ? ['Bea', 'erased:1'] : ['Bea'])
      expect(replay.right.state.said).toEqual(n % 3 === 0 ? ['Bea: where is erased:1?'] : [])
    }
  }
  expect(await again.archive.count()).toMatchObject({ games: 8 })
  await again.close()
}

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

describeWithServer('an archive in a bucket of Ceph', cephLack(), () => {
  let ceph: CephRgw
  beforeAll(async () => {
    ceph = await startCephRgw()
  })
  afterAll(() => ceph.stop())

  it('is compacted and shortened, and forgets a name', () => {
    const store = () => s3ColdStore({ bucket: ceph.bucket, prefix: 'kept', client: signedFetch(ceph) })
    return keepInOrder(store, () => inObjects(store()))
  })
})

describeWithServer('an archive in PostgreSQL', postgresLack(), () => {
  const postgres = postgresForSuite()

  it('is compacted and shortened, and forgets a name, also in its rows for SQL', async () => {
    const store = () => postgresColdStore({ pool: postgres.pool(), schema: 'kept' })
    const rowsNaming = async (table: string): Promise<readonly string[]> => {
      const text = `select distinct kind || '/' || game_id as game from kept.${table} as row where row::text like $1 order by 1`
      const { rows } = await postgres.pool().query<{ game: string }>(text, [`%${name}%`])
      return rows.map(({ game }) => `${table} ${game}`)
    }
    const naming = async () => [
      ...(await inObjects(store())),
      ...(await rowsNaming('archived_game')),
      ...(await rowsNaming('archived_event')),
    ]
    await keepInOrder(store, async () => {
      const found = await naming()
      if (found.length > 0) {
        // The question finds the name in the rows as long as it is there.
        expect(found.filter((where) => where.startsWith('archived_event')).length).toBeGreaterThan(0)
        expect(found.filter((where) => where.startsWith('archived_game')).length).toBeGreaterThan(0)
      }
      return found
    })
    const games = `select game_id from kept.archived_game order by last_at, game_id`
    const { rows } = await postgres.pool().query<{ game_id: string }>(games)
    expect(rows.map(({ game_id }) => game_id).toSorted()).toEqual(
      ['g4', 'g5', 'g6', 'g7', 'g8', 'g9', 'g10', 'g11'].toSorted(),
    )
  })
})
