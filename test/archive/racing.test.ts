/**
 * Ten ledgers race for one batch number, on every store, the real servers included. Copies that archive the same games adopt
 * what stands there; those with other games stop with `archive-forked`. In neither case is anything lost or doubled.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColdStore } from '../../src/archive/cold-store.js'
import { fileColdStore } from '../../src/archive/stores/file-cold-store.js'
import { memoryColdStore } from '../../src/archive/stores/memory-cold-store.js'
import { postgresColdStore } from '../../src/archive/stores/postgres/postgres-cold-store.js'
import { s3ColdStore } from '../../src/archive/stores/s3/s3-cold-store.js'
import { signedFetch } from '../../src/archive/stores/s3/signed-fetch.js'
import { Verification } from '../../src/archive/verification.js'
import { cephLack, startCephRgw, type CephRgw } from '../support/ceph-rgw.js'
import { postgresLack, startPostgres, type PostgresServer } from '../support/postgres-server.js'
import { describeWithServer } from '../support/server-process.js'
import { Notes, openRoom } from './archive-room.js'
import { rules, Table } from './played-games.js'

const racers = 10

/** Racing ledgers share no client. `storeOf` gives each its own way to the same place. */
const races = (storeOf: () => () => ColdStore): void => {
  it('with the same games: one writes, the others adopt', async () => {
    const open = storeOf()
    const rooms = await Promise.all(
      Array.from({ length: racers }, () => {
        const table = new Table()
        for (let game = 0; game < 5; game++) table.playThrough(`g${game}`)
        return openRoom(open(), table, new Notes())
      }),
    )
    await Promise.all(rooms.map(({ archiver }) => archiver.flush()))
    for (const { archived, faults } of rooms) {
      expect(archived).toHaveLength(5)
      expect(faults).toEqual([])
    }
    const report = await new Verification(open(), rules).run({ deep: true })
    expect(report).toMatchObject({ ok: true, segments: 1, games: 5 })
  })

  it('with other games each: one writes, nine stop and keep theirs', async () => {
    const open = storeOf()
    const rooms = await Promise.all(
      Array.from({ length: racers }, (_, racer) => {
        const table = new Table()
        table.playThrough(`of-${racer}`)
        return openRoom(open(), table, new Notes())
      }),
    )
    const ends = await Promise.allSettled(rooms.map(({ archiver }) => archiver.flush()))
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const [racer, { archived, faults, archiver }] of rooms.entries()) {
      const isWinner = ends[racer]!.status === 'fulfilled'
      expect(faults.map(({ code }) => code)).toEqual(isWinner ? [] : ['archive-forked'])
      expect(archived).toHaveLength(isWinner ? 1 : 0)
      expect(archiver.stats()).toMatchObject({ isStopped: !isWinner, gamesWaiting: isWinner ? 0 : 1 })
    }
    const report = await new Verification(open(), rules).run({ deep: true })
    expect(report).toMatchObject({ ok: true, segments: 1, games: 1 })
  })
}

describe('in memory', () => {
  races(() => {
    const store = memoryColdStore()
    return () => store
  })
})

describe('in a directory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gameledger-racing-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  let archives = 0
  races(() => {
    const path = join(directory, String(++archives))
    return () => fileColdStore(path)
  })
})

describeWithServer('in a bucket of Ceph', cephLack(), () => {
  let ceph: CephRgw
  let prefixes = 0
  beforeAll(async () => {
    ceph = await startCephRgw()
  })
  afterAll(() => ceph.stop())
  races(() => {
    const prefix = `race-${++prefixes}`
    return () => s3ColdStore({ bucket: ceph.bucket, prefix, client: signedFetch(ceph) })
  })
})

describeWithServer('in PostgreSQL', postgresLack(), () => {
  let server: PostgresServer
  let pool: Pool
  let schemas = 0
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ connectionString: server.url, max: racers + 2 })
  })
  afterAll(async () => {
    await pool.end()
    await server.stop()
  })
  races(() => {
    const schema = `race_${++schemas}`
    return () => postgresColdStore({ pool, schema })
  })
})
