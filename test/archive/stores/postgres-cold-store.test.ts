import { Pool } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { postgresColdStore } from '../../../src/archive/stores/postgres/postgres-cold-store.js'
import { coldStoreContract } from '../../contracts/cold-store.js'
import { lackOfPostgres, startPostgres, type PostgresServer } from '../../support/postgres-server.js'
import { describeWithServer } from '../../support/server-process.js'

describeWithServer('PostgreSQL', lackOfPostgres(), () => {
  let server: PostgresServer
  let pool: Pool
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ ...server.connection, max: 12 })
  })
  afterAll(async () => {
    await pool.end()
    await server.stop()
  })

  let schemas = 0
  coldStoreContract('PostgreSQL', async () => ({
    store: postgresColdStore({ pool, schema: `s${++schemas}` }),
    dispose: async () => {},
  }))
})
