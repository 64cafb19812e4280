/** The store in PostgreSQL, against a real server: the contract, the view for SQL, and what becomes of it in failures. */
import { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ColdStore } from '../../../src/archive/cold-store.js'
import { postgresColdStore } from '../../../src/archive/stores/postgres/postgres-cold-store.js'
import type { PostgresPool } from '../../../src/archive/stores/postgres/postgres-pool.js'
import { coldStoreContract } from '../../contracts/cold-store.js'
import { bytesOf, putThrough } from '../../support/outage.js'
import { postgresLack, startPostgres, type PostgresServer } from '../../support/postgres-server.js'
import { describeWithServer } from '../../support/server-process.js'
import { Notes, openRoom } from '../archive-room.js'
import { Table } from '../played-games.js'

const all = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

const callsOf = (store: ColdStore): readonly (() => Promise<unknown>)[] => [
  () => store.put('a', Buffer.from('x')),
  () => store.get('a'),
  () => store.delete('a'),
  () => all(store.list('')),
]

describeWithServer('PostgreSQL', postgresLack(), () => {
  let server: PostgresServer
  let pool: Pool
  let schemas = 0
  let schema: string
  beforeAll(async () => {
    server = await startPostgres()
    pool = new Pool({ connectionString: server.url, max: 12 })
  })
  afterAll(async () => {
    await pool.end()
    await server.stop()
  })
  beforeEach(() => {
    schema = `s${++schemas}`
  })

  coldStoreContract('PostgreSQL', async () => ({
    store: postgresColdStore({ pool, schema }),
    dispose: async () => {},
  }))

  it('may be begun by many at once, in one process and in several', async () => {
    const others = Array.from({ length: 4 }, () => new Pool({ connectionString: server.url }))
    const stores = [pool, pool, ...others].map((each) => postgresColdStore({ pool: each, schema }))
    const answers = await Promise.all(stores.map((store, n) => store.put('raced', Buffer.from([n]))))
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
    for (const other of others) await other.end()
  })

  it('asks the server as often as it says', async () => {
    const statements: string[] = []
    const counted: PostgresPool = {
      async connect() {
        const client = await pool.connect()
        return {
          query(text, values) {
            statements.push(text.trim().split(/\s/)[0]!)
            return client.query(text, values)
          },
          release: (isBroken) => client.release(isBroken),
          on: (event, listener) => client.on(event, listener),
          removeListener: (event, listener) => client.removeListener(event, listener),
        }
      },
      on: () => undefined,
    }
    const store = postgresColdStore({ pool: counted, schema })
    await store.get('first')
    statements.length = 0
    await store.put('a', Buffer.from('0123'))
    expect(statements.splice(0)).toEqual(['begin', 'insert', 'commit'])
    await store.get('a', { offset: 1, length: 2 })
    await all(store.list(''))
    expect(statements.splice(0)).toEqual(['select', 'select'])
  })

  it('lists more keys than a page has', async () => {
    const store = postgresColdStore({ pool, schema })
    await store.put('a', Buffer.from('x'))
    await pool.query(
      `insert into ${schema}.archive_object select 'k' || to_char(n, 'FM0000'), '' from generate_series(0, 2000) n`,
    )
    const keys = await all(store.list('k'))
    expect(keys).toHaveLength(2_001)
    expect(keys).toEqual([...new Set(keys)].sort())
  })

  it('syncs what it stores, however the server is set up', async () => {
    const lazy = new Pool({ connectionString: server.url, options: '-c synchronous_commit=off' })
    const seen: unknown[] = []
    const watched: PostgresPool = {
      async connect() {
        const client = await lazy.connect()
        return {
          async query(text, values) {
            if (text === 'commit') seen.push(...(await client.query('show synchronous_commit')).rows)
            return client.query(text, values)
          },
          release: (isBroken) => client.release(isBroken),
          on: (event, listener) => client.on(event, listener),
          removeListener: (event, listener) => client.removeListener(event, listener),
        }
      },
      on: () => undefined,
    }
    await postgresColdStore({ pool: watched, schema }).put('a', Buffer.from('x'))
    expect(new Set(seen.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"synchronous_commit":"on"}']))
    await lazy.end()
  })

  describe('the view of archived events', () => {
    const archive = async (table: Table) => {
      const store = postgresColdStore({ pool, schema })
      const room = await openRoom(store, table, new Notes())
      await room.archiver.flush()
      await room.archiver.close(1_000)
      return { store, faults: room.faults }
    }

    const told = async () =>
      (
        await pool.query(
          `select kind, game_id, version, position, recorded_at, occurred_at, actor, schema, final, type, data
             from ${schema}.archived_event order by position`,
        )
      ).rows

    it('has every event of every archived game, as it was recorded', async () => {
      const table = new Table()
      table.join('both', ['ann', 'bob'])
      table.playThrough('g1')
      table.playThrough('g2', ['cleo', 'dan'], 40)
      table.score('both', 'ann', 7)
      table.finish('both', 'ann')
      table.join('live', ['eve', 'fay'])
      await archive(table)
      const expected = [...table.games.values()]
        .filter(({ isFinal }) => isFinal)
        .flatMap(({ envelopes }) => envelopes)
        .map(({ kind, gameId, version, position, recordedAt, event, final }) => ({
          kind,
          game_id: gameId,
          version,
          position: String(position),
          recorded_at: new Date(recordedAt),
          occurred_at: null,
          actor: null,
          schema: 1,
          final,
          type: event.type,
          data: event,
        }))
        .sort((one, other) => Number(one.position) - Number(other.position))
      expect(await told()).toEqual(expected)
      const { rows } = await pool.query(
        `select game_id, players, outcome -> 'standings' -> 0 ->> 'player' as winner
           from ${schema}.archived_game order by game_id`,
      )
      expect(rows).toEqual([
        { game_id: 'both', players: ['ann', 'bob'], winner: 'ann' },
        { game_id: 'g1', players: ['ann', 'bob'], winner: 'ann' },
        { game_id: 'g2', players: ['cleo', 'dan'], winner: 'cleo' },
      ])
    })

    it('shows what jsonb cannot hold as U+FFFD, and nothing else', async () => {
      const table = new Table()
      const strange = ['\0', '\ud800', '\udc00', '\ud83d\ude00', '\\u0000', '\\\\u0000', '\u0001', 'é']
      table.join('g1', strange)
      table.finish('g1', strange[0]!)
      const { store } = await archive(table)
      const shown = strange.map((name) => (/^(\0|\ud800|\udc00)$/.test(name) ? '\ufffd' : name))
      const names = (await told()).map(({ data }) => data.player).filter((name) => name !== undefined)
      expect(names).toEqual(shown)
      expect((await store.get('000000000001.ndjson.gz'))?.length).toBeGreaterThan(0)
    })

    it('loses the events of a manifest with it', async () => {
      const table = new Table()
      table.playThrough('g1')
      const { store } = await archive(table)
      expect(await told()).toHaveLength(6)
      await store.delete('000000000001.manifest.json')
      expect(await told()).toEqual([])
    })

    it('shows a game that is archived again by another batch once, as the newest has it', async () => {
      const table = new Table()
      table.playThrough('g1')
      const { store } = await archive(table)
      const segment = (await store.get('000000000001.ndjson.gz'))!
      const manifest = (await store.get('000000000001.manifest.json'))!
      const { encodeManifest, parseManifest } = await import('../../../src/archive/manifest.js')
      const again = {
        ...parseManifest('000000000001.manifest.json', manifest),
        batch: 2,
        segment: '000000000002.ndjson.gz',
      }
      await store.put('000000000002.ndjson.gz', segment)
      await store.put('000000000002.manifest.json', encodeManifest(again))
      expect(await told()).toHaveLength(6)
      await store.delete('000000000001.manifest.json')
      expect(await told()).toHaveLength(6)
    })

    it('shows games where they are after batches were merged, and those that were dropped no more', async () => {
      const table = new Table()
      for (const id of ['g1', 'g2', 'g3']) table.playThrough(id)
      const store = postgresColdStore({ pool, schema })
      const room = await openRoom(store, table, new Notes(), { batchGamesMax: 1 })
      await room.archiver.flush()
      expect(await told()).toHaveLength(18)
      await room.rewriter.rewrite([1, 2, 3], ({ index }) => (index.gameId === 'g2' ? 'gone' : 'same'))
      await room.rewriter.cleared()
      const rows = await pool.query<{ manifest: string; game_id: string }>(
        `select manifest, game_id from ${schema}.archived_game order by game_id`,
      )
      const manifest = '000000000004.manifest.json'
      expect(rows.rows).toEqual([
        { manifest, game_id: 'g1' },
        { manifest, game_id: 'g3' },
      ])
      expect(await told()).toHaveLength(12)
      await room.rewriter.rewrite([4], () => 'gone')
      await room.rewriter.cleared()
      expect(await told()).toEqual([])
    })

    it('makes no rows of what it cannot read, and stores it all the same', async () => {
      const store = postgresColdStore({ pool, schema })
      expect(await store.put('000000000001.manifest.json', Buffer.from('no manifest'))).toBe('stored')
      expect(await told()).toEqual([])
    })
  })

  describe('a server that fails', () => {
    it('puts every object once and whole while it is killed and started again', async () => {
      const store = postgresColdStore({ pool, schema })
      const outcomes = await putThrough(store, 400, async (done) => {
        for (const mark of [50, 200]) {
          while (done() < mark) await new Promise((resolve) => setTimeout(resolve, 1))
          await server.kill()
          for (const call of callsOf(store))
            await expect(call()).rejects.toMatchObject({ code: 'cold-store-failed' })
          await server.restart()
        }
      })
      expect(outcomes.some(({ failures }) => failures > 0)).toBe(true)
      for (const { answer, failures } of outcomes) if (failures === 0) expect(answer).toBe('stored')
      const keys = await all(store.list('through/'))
      expect(keys).toEqual(outcomes.map(({ key }) => key).sort())
      for (const key of keys) expect((await store.get(key))?.equals(bytesOf(key))).toBe(true)
    })

    it('archives every game once, and shows it once, while it is killed and started again', async () => {
      const table = new Table()
      for (let n = 0; n < 200; n++) table.playThrough(`g${n}`)
      const store = postgresColdStore({ pool, schema })
      const room = await openRoom(store, table, new Notes(), { batchGamesMax: 5 })
      const flushed = room.archiver.flush()
      while (room.archived.length < 50) await new Promise((resolve) => setTimeout(resolve, 1))
      await server.kill()
      await server.restart()
      await flushed
      await room.archiver.close(1_000)
      expect(room.archived.toSorted()).toEqual([...table.games.keys()].toSorted())
      const { rows } = await pool.query(`select count(*)::int as events from ${schema}.archived_event`)
      expect(rows).toEqual([{ events: table.position }])
      expect(room.faults.map(({ code }) => code)).toEqual(['archive-unavailable'])
    })

    it('does not wait for one that hangs, and goes on when it is back', async () => {
      const store = postgresColdStore({ pool, schema, timeoutMs: 300 })
      await store.put('a', Buffer.from('x'))
      server.pause()
      try {
        const calls = [
          () => store.put('b', Buffer.from('x')),
          () => store.get('a'),
          () => all(store.list('')),
        ]
        for (const call of calls) await expect(call()).rejects.toThrow('there was no answer within 300 ms')
      } finally {
        server.resume()
      }
      const patient = postgresColdStore({ pool, schema })
      expect((await patient.get('a'))?.toString()).toBe('x')
    })

    it('stores nothing when the connection is lost before the commit', async () => {
      const store = postgresColdStore({ pool, schema })
      await store.put('first', Buffer.from('x'))
      const cutting: PostgresPool = {
        async connect() {
          const client = await pool.connect()
          return {
            async query(text, values) {
              if (text === 'commit') {
                const { rows } = await client.query('select pg_backend_pid() as pid')
                await pool.query('select pg_terminate_backend($1)', [rows[0].pid])
              }
              return client.query(text, values)
            },
            release: (isBroken) => client.release(isBroken),
            on: (event, listener) => client.on(event, listener),
            removeListener: (event, listener) => client.removeListener(event, listener),
          }
        },
        on: () => undefined,
      }
      await expect(
        postgresColdStore({ pool: cutting, schema }).put('a', Buffer.from('x')),
      ).rejects.toMatchObject({
        code: 'cold-store-failed',
        message: expect.stringContaining('Could not put a into'),
      })
      expect(await store.get('a')).toBeUndefined()
      expect(await store.put('a', Buffer.from('x'))).toBe('stored')
    })
  })

  describe('rights', () => {
    const poolOf = (user: string, database = 'postgres') =>
      new Pool({ connectionString: server.url.replace('postgres@/postgres', `${user}@/${database}`) })

    it('says what is missing to one who may not create, and needs no such right where all is there', async () => {
      await pool.query('create role writer login')
      const writer = poolOf('writer')
      const store = postgresColdStore({ pool: writer, schema })
      await expect(store.get('a')).rejects.toMatchObject({
        code: 'cold-store-denied',
        message: expect.stringMatching(/permission denied.*Check credentials/),
        cause: expect.objectContaining({ code: '42501' }),
      })
      await postgresColdStore({ pool, schema }).get('a')
      await pool.query(`grant usage on schema ${schema} to writer;
        grant select, insert, delete on ${schema}.archive_object to writer;
        grant select, insert, update, delete on ${schema}.archived_game to writer`)
      expect(await store.put('a', Buffer.from('x'))).toBe('stored')
      await store.delete('a')
      await writer.end()
    })

    it('names a database that is missing', async () => {
      const nowhere = poolOf('postgres', 'nowhere')
      await expect(postgresColdStore({ pool: nowhere, schema }).get('a')).rejects.toMatchObject({
        code: 'cold-store-missing',
        message: expect.stringContaining('database "nowhere" does not exist'),
      })
      await nowhere.end()
    })

    it('does not touch the tables of a newer format', async () => {
      await postgresColdStore({ pool, schema }).put('a', Buffer.from('x'))
      await pool.query(`comment on table ${schema}.archive_object is 'gameledger cold store, format 2'`)
      await expect(postgresColdStore({ pool, schema }).get('a')).rejects.toThrow(
        'its tables say "gameledger cold store, format 2", and this program knows format 1',
      )
    })
  })

  it.each([
    [{ schema: 'Upper' }, '`schema` of postgresColdStore'],
    [{ schema: 'a"b' }, '`schema` of postgresColdStore'],
    [{ timeoutMs: 0 }, '`timeoutMs` of postgresColdStore'],
    [{ pool: undefined as never }, 'needs a `pool`'],
  ])('refuses the options %o', (options, message) => {
    expect(() => postgresColdStore({ pool, ...options })).toThrow(TypeError)
    expect(() => postgresColdStore({ pool, ...options })).toThrow(message)
  })
})
