/**
 * A ledger plays while the server of its archive is killed, hangs, or answers nonsense: the gateway of Ceph and PostgreSQL, for
 * real. Play goes on, nothing is lost or doubled, and what waited drains by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileJournal, type ColdStore } from 'gameledger'
import { postgresColdStore } from 'gameledger/postgres'
import { s3ColdStore, signedFetch } from 'gameledger/s3'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { expectArchivedOnce } from '../support/archived-once.js'
import { BusyPlayers } from '../support/busy-players.js'
import { cephLack, startCephRgw, type CephRgw } from '../support/ceph-rgw.js'
import { startHttpProxy, type HttpProxy } from '../support/http-proxy.js'
import { postgresLack, type PostgresServer } from '../support/postgres-server.js'
import { postgresForSuite } from '../support/postgres-suite.js'
import { describeWithServer } from '../support/server-process.js'
import { faultsOf, open, type Opened } from './opened.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gameledger-servers-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const openOn = (archive: ColdStore): Promise<Opened> =>
  open({
    journal: fileJournal(join(directory, 'journal')),
    archive,
    batchGamesMax: 32,
    batchAgeMaxMs: 10,
    storeAnswerMsMax: 1_000,
  })

/** Something that is done to the server, and undone. */
interface Outage {
  begin(): Promise<void> | void
  end(): Promise<void> | void
}

/** Each outage lasts until the ledger has noticed and some games more have ended. */
const playThrough = async (store: () => ColdStore, outages: readonly Outage[]): Promise<void> => {
  const ledger = await openOn(store())
  const faults = faultsOf(ledger)
  const players = new BusyPlayers(ledger, 'a', 15)
  for (const [at, outage] of outages.entries()) {
    await players.more(10)
    await ledger.settled()
    await players.more(3)
    await outage.begin()
    try {
      await players.more(15)
      while (ledger.stats().archive.lastError === undefined) await sleep(5)
      expect(ledger.stats().archive.gamesWaiting).toBeGreaterThan(8)
      expect(ledger.stats().archive.oldestAgeMs).toBeGreaterThan(0)
      expect(faults.map(({ code }) => code)).toEqual(Array(at + 1).fill('archive-unavailable'))
    } finally {
      await outage.end()
    }
    await ledger.settled()
  }
  const ended = await players.stop()
  await ledger.settled()
  await expectArchivedOnce(ledger, ended)
  expect(faults).toHaveLength(outages.length)
  await ledger.close()
  const again = await openOn(store())
  await expectArchivedOnce(again, ended)
  await again.close()
}

const killed = (server: CephRgw | PostgresServer): Outage => ({
  begin: () => server.kill(),
  end: () => server.restart(),
})
const hanging = (server: CephRgw | PostgresServer): Outage => ({
  begin: () => server.pause(),
  end: () => server.resume(),
})

/** Killing and starting servers takes its time where cores are few. */
vi.setConfig({ testTimeout: 180_000 })

describeWithServer('an archive in a bucket of Ceph', cephLack(), () => {
  let ceph: CephRgw
  let proxy: HttpProxy
  let prefixes = 0
  beforeAll(async () => {
    ceph = await startCephRgw()
    proxy = await startHttpProxy(Number(new URL(ceph.endpoint).port))
  })
  afterAll(async () => {
    await proxy.stop()
    await ceph.stop()
  })

  const storeAt = (endpoint: string) => {
    const prefix = `ledger-${++prefixes}`
    const given = { bucket: ceph.bucket, prefix, timeoutMs: 250, attemptsMax: 2, retryAfterMs: 5 }
    return () => s3ColdStore({ ...given, client: signedFetch({ ...ceph, endpoint }) })
  }

  it('whose gateway is killed, twice, and hangs', () =>
    playThrough(storeAt(ceph.endpoint), [killed(ceph), hanging(ceph), killed(ceph)]))

  it('that answers 500, also to what it has done, and asks for patience', () => {
    const answering = (answer: HttpProxy['answer']): Outage => ({
      begin: () => void (proxy.answer = answer),
      end: () => void (proxy.answer = undefined),
    })
    const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`
    return playThrough(storeAt(proxy.endpoint), [
      answering({ status: 500, body: error('InternalError') }),
      answering({ status: 500, body: error('InternalError'), isDone: true }),
      answering({ status: 503, body: error('SlowDown') }),
      answering({ status: 200, body: '<html>Please log in</html>' }),
    ])
  })
})

describeWithServer('an archive in PostgreSQL', postgresLack(), () => {
  const postgres = postgresForSuite()

  it('whose server is killed, twice, and hangs', () =>
    playThrough(
      () => postgresColdStore({ pool: postgres.pool(), schema: 'ledger_one', timeoutMs: 400 }),
      [killed(postgres.server()), hanging(postgres.server()), killed(postgres.server())],
    ))

  it('that takes no writes any more, as one whose disk is full', () => {
    const setReadOnly = async (is: boolean): Promise<void> => {
      const client = new Client({
        connectionString: postgres.server().url,
        options: '-c default_transaction_read_only=off',
      })
      await client.connect()
      await client.query(`alter database postgres set default_transaction_read_only = ${is ? 'on' : 'off'}`)
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where pid <> pg_backend_pid() and backend_type = 'client backend'`,
      )
      await client.end()
    }
    return playThrough(
      () => postgresColdStore({ pool: postgres.pool(), schema: 'ledger_two', timeoutMs: 1_000 }),
      [{ begin: () => setReadOnly(true), end: () => setReadOnly(false) }],
    )
  })
})
