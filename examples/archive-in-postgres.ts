/**
 * An archive in PostgreSQL, for the command line: `gameledger archive ls --archive MODULE`. Where the database is comes from
 * the environment: `DATABASE_URL`, or what `pg` reads by itself (`PGHOST`, `PGUSER`, ...); the schema from `ARCHIVE_SCHEMA`.
 */
import { postgresColdStore } from 'gameledger/postgres'
import { Pool } from 'pg'

const { DATABASE_URL: connectionString, ARCHIVE_SCHEMA: schema = 'gameledger' } = process.env
const pool = new Pool({ max: 4, ...(connectionString !== undefined && { connectionString }) })

export const archive = postgresColdStore({ pool, schema })

/** The pool is this module's own: the command ends it when it has closed the archive. */
export const close = (): Promise<void> => pool.end()
