/** The door `gameledger/postgres`: what is kept in PostgreSQL. Re-exports only, kept by hand. */
export {
  postgresColdStore,
  type PostgresColdStoreOptions,
} from './archive/stores/postgres/postgres-cold-store.js'
export type { PostgresAnswer, PostgresClient, PostgresPool } from './archive/stores/postgres/postgres-pool.js'
