/**
 * Cold storage in PostgreSQL: one object, one row of `<schema>.archive_object`, its key the primary key.
 *
 *     put     begin; insert ... on conflict do nothing; [rows for SQL]; commit      1 row 'stored', none 'exists'
 *     get     select bytes, or substring(bytes from ... for ...)
 *     list    select key ... order by key limit 1000, each page beyond the last key of the one before
 *     delete  begin; delete the object, and the rows for SQL that its manifest brought; commit; without a limit of
 *             time: a commit that was given up could still take what was put anew
 *
 * The primary key makes one of many racing writers win; the others wait for it to commit, so 'exists' is never said of
 * what may still be taken back. With a manifest its games come into the view `<schema>.archived_event`, in the same
 * transaction (tables.ts): the view and the manifests never disagree. After a commit whose answer was lost, the next
 * attempt hears 'exists'; who puts compares. The pool has to lead to the primary server.
 */
import type { ColdStore } from '../../cold-store.js'
import { ColdStoreError, type ColdStoreErrorCode } from '../cold-store-error.js'
import { checkKey } from '../object-key.js'
import { gameRowsOf, insertGameRows } from './game-rows.js'
import { BoundedPool, type PostgresPool } from './postgres-pool.js'
import { makeTables, tablesOf, type Tables } from './tables.js'

export interface PostgresColdStoreOptions {
  /** A `Pool` of pg; it stays the caller's, who ends it after the ledger is closed. */
  readonly pool: PostgresPool
  /** Where the tables are; made at first use. One ledger, one schema. @default 'gameledger' */
  readonly schema?: string
  /** Of one call, waiting for a connection included, in ms. @default 30 000 */
  readonly timeoutMs?: number
}

/**
 * Cold storage in a database, and a view of all archived events for SQL. `put` costs four round trips, `get` one, `list`
 * one a thousand keys.
 * @throws TypeError where an option is not usable; ColdStoreError from every method, with pg's error as `cause`
 */
export const postgresColdStore = (options: PostgresColdStoreOptions): ColdStore =>
  new PostgresColdStore(options)

/** 80 KB an answer at the most. */
const keysPerPage = 1_000

class PostgresColdStore implements ColdStore {
  readonly #pool: BoundedPool
  readonly #schema: string
  readonly #tables: Tables
  #made: Promise<void> | undefined

  constructor({ pool, schema = 'gameledger', timeoutMs = 30_000 }: PostgresColdStoreOptions) {
    if (typeof pool?.connect !== 'function')
      throw new TypeError('postgresColdStore needs a `pool`: give it a Pool of pg.')
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
      throw new TypeError(
        `\`timeoutMs\` of postgresColdStore is a whole number from 1 on; got ${String(timeoutMs)}.`,
      )
    this.#schema = schema
    this.#tables = tablesOf(schema)
    this.#pool = new BoundedPool(pool, timeoutMs)
  }

  async put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'> {
    checkKey(key)
    // pg takes a Buffer for bytes, and any other array of bytes for a list of numbers.
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#named(`put ${key} into`, async () => {
      const rows = await gameRowsOf(key, body, (segment) => this.#read(segment))
      return this.#pool.transaction(async (client) => {
        const { objects } = this.#tables
        const text = `insert into ${objects} (key, bytes) values ($1, $2) on conflict do nothing`
        const { rowCount } = await client.query(text, [key, body])
        if (rowCount !== 1) return 'exists'
        await insertGameRows(client, this.#tables, key, rows)
        return 'stored'
      })
    })
  }

  async get(
    key: string,
    range?: { readonly offset: number; readonly length: number },
  ): Promise<Buffer | undefined> {
    checkKey(key)
    return this.#named(`get ${key} from`, () => this.#read(key, range))
  }

  async *list(prefix: string, after = ''): AsyncGenerator<string, void, undefined> {
    // Every character of a key is below "~".
    const text = `select key from ${this.#tables.objects}
      where key > $1 and key >= $2 and key < $3 order by key limit ${keysPerPage}`
    for (let behind = after; ;) {
      const values = [behind, prefix, `${prefix}~`]
      const { rows } = await this.#named(`list ${prefix} in`, () =>
        this.#pool.use((client) => client.query(text, values)),
      )
      const keys = rows.map(({ key }) => key as string)
      yield* keys
      const last = keys.at(-1)
      if (last === undefined || keys.length < keysPerPage) return
      behind = last
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key)
    const { objects, games } = this.#tables
    await this.#named(`delete ${key} from`, () =>
      this.#pool.transaction(
        async (client) => {
          await client.query(`delete from ${games} where manifest = $1`, [key])
          await client.query(`delete from ${objects} where key = $1`, [key])
        },
        { waits: true },
      ),
    )
  }

  /** The pool stays the caller's, and open. */
  async close(): Promise<void> {}

  async #read(key: string, range?: { readonly offset: number; readonly length: number }) {
    const what = range ? 'substring(bytes from $2 for $3) as bytes' : 'bytes'
    const values = range ? [key, range.offset + 1, range.length] : [key]
    const text = `select ${what} from ${this.#tables.objects} where key = $1`
    const { rows } = await this.#pool.use((client) => client.query(text, values))
    return rows[0]?.['bytes'] as Buffer | undefined
  }

  /** After the tables are there; they are looked for again where that failed. */
  async #named<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      this.#made ??= makeTables(this.#pool, this.#schema)
      await this.#made.catch((cause: unknown) => {
        this.#made = undefined
        throw cause
      })
      return await work()
    } catch (cause) {
      throw new ColdStoreError(codeOf(cause), `Could not ${what} schema ${this.#schema}`, cause)
    }
  }
}

/** By SQLSTATE: wrong password or no right; no such database, schema or table. */
const codeOf = (cause: unknown): ColdStoreErrorCode => {
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  if (typeof code !== 'string') return 'cold-store-failed'
  if (code.startsWith('28') || code === '42501') return 'cold-store-denied'
  return ['3D000', '3F000', '42P01'].includes(code) ? 'cold-store-missing' : 'cold-store-failed'
}
