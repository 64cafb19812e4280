/**
 * A caller's `pg` Pool, typed by its form, and how work is done on one of its connections within a bounded time.
 *
 *     connect --> work --> release
 *        |          |  fails, or takes too long
 *        |          v
 *        |        the connection is thrown away: the server rolls back what was begun on it
 *        v  takes too long: whatever connection comes after all goes back at once
 *
 * A connection whose server dies tells so by an event, and where nobody listens the event ends the process. So somebody
 * listens while a connection is in hand, and on the pool for those that are idle: the next query meets the error.
 */

/** What is used of a `Pool` of pg. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  on(event: 'error', listener: (cause: Error) => void): unknown
}

/** What is used of a `PoolClient` of pg. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresAnswer>
  /** With `true`, the connection is ended instead of used again. */
  release(isBroken?: boolean): void
  on(event: 'error', listener: (cause: Error) => void): unknown
  removeListener(event: 'error', listener: (cause: Error) => void): unknown
}

export interface PostgresAnswer {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly rowCount: number | null
}

const heard = (): void => {}
/** The pools that have their listener: one a pool, however many stores there are. */
const attended = new WeakSet<PostgresPool>()

export class BoundedPool {
  readonly #pool: PostgresPool
  readonly #timeoutMs: number

  constructor(pool: PostgresPool, timeoutMs: number) {
    this.#pool = pool
    this.#timeoutMs = timeoutMs
    if (!attended.has(pool)) pool.on('error', heard)
    attended.add(pool)
  }

  /**
   * What `work` gives on a connection of the pool. With `waits`, it may take as long as it takes once it is connected:
   * for what must not happen after it was given up. @throws what it threw, or that it took too long
   */
  async use<Result>(
    work: (client: PostgresClient) => Promise<Result>,
    { waits = false } = {},
  ): Promise<Result> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      const late = () => reject(new Error(`there was no answer within ${this.#timeoutMs} ms`))
      timer = setTimeout(late, this.#timeoutMs)
    })
    try {
      const client = await this.#connect(tooLong)
      if (waits) clearTimeout(timer)
      client.on('error', heard)
      let isBroken = true
      try {
        const result = await Promise.race([work(client), tooLong])
        isBroken = false
        client.removeListener('error', heard)
        return result
      } finally {
        client.release(isBroken)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Several statements, all or none of them; committed to the disk of the server when it resolves. */
  transaction<Result>(
    work: (client: PostgresClient) => Promise<Result>,
    patience: { readonly waits?: boolean } = {},
  ): Promise<Result> {
    return this.use(async (client) => {
      await client.query(this.#begin)
      const result = await work(client)
      await client.query('commit')
      return result
    }, patience)
  }

  /** Read committed, since whoever lost a race shall see the winner; never less than a synced commit. */
  get #begin(): string {
    return `begin isolation level read committed;
      select set_config('statement_timeout', '${this.#timeoutMs}', true);
      select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'`
  }

  async #connect(tooLong: Promise<never>): Promise<PostgresClient> {
    const connecting = this.#pool.connect()
    try {
      return await Promise.race([connecting, tooLong])
    } catch (cause) {
      connecting.then(
        (client) => client.release(),
        () => undefined,
      )
      throw cause
    }
  }
}
