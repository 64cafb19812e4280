/** A PostgreSQL of its own for the tests of one suite, and a pool of connections to it. */
import { Pool } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { startPostgres, type PostgresServer } from './postgres-server.js'

/** Started before the suite in which it is called, and stopped behind it: to be asked for in tests alone. */
export const postgresForSuite = (): { server(): PostgresServer; pool(): Pool } => {
  let server: PostgresServer
  let pool: Pool
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ connectionString: server.url, max: 4 })
    // A connection that is lost while nobody uses it is one of the things that are tested.
    pool.on('error', () => undefined)
  })
  afterAll(async () => {
    await pool.end()
    await server.stop()
  })
  return { server: () => server, pool: () => pool }
}
