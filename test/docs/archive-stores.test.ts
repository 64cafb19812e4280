/** How docs/guide/operations.md has an archive opened, on the public doors alone; run against the real servers. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { S3 } from '@aws-sdk/client-s3'
import { composite, fileColdStore, openLedger, type ColdStore } from 'gameledger'
import { postgresColdStore } from 'gameledger/postgres'
import { awsSdkClient, s3ColdStore, signedFetch } from 'gameledger/s3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { cephLack, startCephRgw, type CephRgw } from '../support/ceph-rgw.js'
import { postgresLack, startPostgres, type PostgresServer } from '../support/postgres-server.js'
import { describeWithServer } from '../support/server-process.js'

describeWithServer('the archives of the guide', cephLack() ?? postgresLack(), () => {
  let ceph: CephRgw
  let postgres: PostgresServer
  let directory: string
  beforeAll(async () => {
    ;[ceph, postgres] = await Promise.all([startCephRgw(), startPostgres()])
    directory = mkdtempSync(join(tmpdir(), 'gameledger-archives-'))
  })
  afterAll(async () => {
    await Promise.all([ceph.stop(), postgres.stop()])
    rmSync(directory, { recursive: true })
  })

  /** A game that is played to its end and replayed from this archive by another ledger. */
  const archives = async (archive: ColdStore): Promise<void> => {
    const ledger = await openLedger({ games: [ticTacToe], archive })
    const game = ledger.game(ticTacToe, 'game-1')
    for (const player of ['ann', 'bob']) await game.dispatch({ type: 'Join', player })
    for (const [player, cell] of [
      ['ann', 4],
      ['bob', 0],
      ['ann', 2],
      ['bob', 1],
      ['ann', 6],
    ] as const)
      await game.dispatch({ type: 'Mark', player, cell })
    await ledger.settled()
    expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: 1 })
    await ledger.close()
  }

  it('are kept in a bucket, by fetch', async () => {
    const { endpoint, region, bucket } = ceph
    const { accessKeyId, secretAccessKey } = ceph.credentials
    const archive = s3ColdStore({
      bucket,
      prefix: 'ledgers/one',
      client: signedFetch({ endpoint, region, credentials: { accessKeyId, secretAccessKey } }),
    })
    await archives(archive)
  })

  it('are kept in a bucket, by the SDK', async () => {
    const { endpoint, region, bucket, credentials } = ceph
    const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 })
    const archive = s3ColdStore({ bucket, prefix: 'ledgers/two', client: awsSdkClient(s3) })
    await archives(archive)
    s3.destroy()
  })

  it('are kept in PostgreSQL, and queried there', async () => {
    const pool = new Pool({ connectionString: postgres.url })
    const archive = postgresColdStore({ pool, schema: 'ledger_one' })
    await archives(archive)
    const { rows } = await pool.query(`
      select data ->> 'player' as player, count(*)::int as marks
        from ledger_one.archived_event
       where kind = 'tic-tac-toe' and type = 'Marked'
       group by player order by player`)
    expect(rows).toEqual([
      { player: 'ann', marks: 3 },
      { player: 'bob', marks: 2 },
    ])
    await pool.end()
  })

  it('are kept in two places', async () => {
    const pool = new Pool({ connectionString: postgres.url })
    const archive = composite([fileColdStore(directory), postgresColdStore({ pool, schema: 'ledger_two' })])
    await archives(archive)
    await pool.end()
  })
})
