/** The example that follows a ledger into PostgreSQL, on a real one: killed, resumed, and built anew. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { leaderboard, openLedger, seededRandom, wins, type Ledger } from 'gameledger'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { batchesOf } from '../../examples/standings-in-postgres/batches.js'
import { followStandings, type SqlClient } from '../../examples/standings-in-postgres/standings.js'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { postgresLack, startPostgres, type PostgresServer } from '../support/postgres-server.js'

const program = fileURLToPath(new URL('../../dist/examples/standings-in-postgres/index.js', import.meta.url))
const projections = { wins: leaderboard({ score: wins, on: 'final' }) }

type Row = Readonly<Record<'player' | 'games' | 'wins', string | number>>

const byPlayer = (rows: readonly Row[]): readonly Row[] =>
  rows
    .map(({ player, games, wins: won }) => ({ player, games: Number(games), wins: Number(won) }))
    .sort((one, other) => (one.player < other.player ? -1 : 1))

const boardOf = ({ views }: Ledger<{ wins: { page(offset: number, n: number): readonly unknown[] } }>) =>
  byPlayer(
    (views.wins.page(0, 1000) as readonly { player: string; games: number; score: number }[]).map(
      ({ player, games, score }) => ({ player, games, wins: score }),
    ),
  )

const play = async (ledger: Ledger, id: string, winner: string, loser: string): Promise<void> => {
  const game = ledger.game(ticTacToe, id)
  for (const player of [winner, loser]) await game.dispatch({ type: 'Join', player })
  for (const [turn, cell] of [4, 0, 2, 1, 6].entries())
    await game.dispatch({ type: 'Mark', player: turn % 2 === 0 ? winner : loser, cell })
}

const facts = (): void => {
  let server: PostgresServer
  let client: Client
  let folder = ''

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  const connected = async (): Promise<Client> => {
    const one = new Client({ connectionString: server.url })
    await one.connect()
    return one
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gameledger-standings-'))
    client = await connected()
    await client.query('drop table if exists standings, followed')
  })
  afterEach(async () => {
    await client.end()
    await rm(folder, { recursive: true, force: true })
  })

  const table = async (): Promise<readonly Row[]> =>
    byPlayer((await client.query<Row>('select player, games, wins from standings')).rows)

  const positionOf = async (ledger: string): Promise<number> => {
    const { rows } = await client.query<{ position: string }>(
      'select position from followed where ledger = $1',
      [ledger],
    )
    return Number(rows[0]?.position ?? -1)
  }

  /** Follows through a client of its own until the table has all that was published. */
  const followed = async (
    ledger: Ledger,
    through: (client: SqlClient) => SqlClient = (same) => same,
  ): Promise<void> => {
    const own = await connected()
    const stop = new AbortController()
    const following = followStandings(ledger, through(own), stop.signal)
    const caughtUp = async (): Promise<void> => {
      const isThere = async (): Promise<boolean> =>
        (await positionOf(ledger.id).catch(() => -1)) === ledger.stats().position
      while (!stop.signal.aborted && !(await isThere())) await setTimeout(10)
    }
    const watching = caughtUp()
    try {
      await Promise.race([following, watching])
      stop.abort()
      await following
    } finally {
      stop.abort()
      await watching
      await own.end()
    }
  }

  it('equals the board after the program was killed at random moments', async () => {
    if (!existsSync(program)) throw new Error('The package is not built: npm run build')
    const chance = seededRandom(7)
    const env = { ...process.env, DATABASE_URL: server.url, NODE_ENV: 'production' }
    const run = async (killAfterMs?: number): Promise<number | null> => {
      const child = spawn(process.execPath, [program, folder, '400'], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const gone = new Promise<number | null>((resolve) => child.once('close', resolve))
      if (killAfterMs !== undefined) {
        await setTimeout(killAfterMs)
        child.kill('SIGKILL')
      }
      return gone
    }
    let moved = 0
    for (let round = 0; round < 8; round++) {
      await run(300 + chance.next() * 900)
      moved = Math.max(
        moved,
        await table().then(
          (rows) => rows.length,
          () => 0,
        ),
      )
      // What the table holds is a whole number of games, each with two players.
      const games = (await table().catch(() => [])).reduce((sum, row) => sum + Number(row.games), 0)
      expect(games % 2).toBe(0)
    }
    expect(moved).toBeGreaterThan(0)
    expect(await run()).toBe(0)
    const ledger = await openLedger({ games: [ticTacToe], dir: folder, projections })
    expect(await table()).toEqual(boardOf(ledger))
    expect(await positionOf(ledger.id)).toBe(ledger.stats().position)
    expect((await table()).reduce((sum, row) => sum + Number(row.games), 0)).toBe(800)
    await ledger.close()
  })

  it('is built anew where the ledger does not know its checkpoint', async () => {
    const ledger = await openLedger({ games: [ticTacToe], projections })
    await play(ledger, 'a', 'ann', 'bob')
    await followed(ledger)
    await client.query('update followed set position = 1000')
    await client.query("update standings set wins = 99 where player = 'bob'")
    await followed(ledger)
    expect(await table()).toEqual(boardOf(ledger))
    await ledger.close()
  })

  it('is built anew for another ledger', async () => {
    const first = await openLedger({ games: [ticTacToe], projections })
    await play(first, 'a', 'ann', 'bob')
    await followed(first)
    await first.close()
    const second = await openLedger({ games: [ticTacToe], projections })
    await play(second, 'a', 'cid', 'dan')
    await followed(second)
    expect(await table()).toEqual(boardOf(second))
    await second.close()
  })

  /** A client that breaks at its n-th question, and again and again n questions later. */
  const breaking =
    (every: number, isHeard: (text: string) => boolean = () => true) =>
    (own: SqlClient): SqlClient => {
      let asked = 0
      return {
        query: (text, values) => {
          if (!isHeard(text)) return Promise.resolve({ rows: [], rowCount: 0 })
          if (++asked % every === 0) return Promise.reject(new Error('The connection broke.'))
          return own.query(text, values)
        },
      }
    }

  /** Follows a ledger of some games through clients that break at every question in turn. */
  const followedThroughBreaks = async (isHeard?: (text: string) => boolean): Promise<boolean> => {
    const ledger = await openLedger({ games: [ticTacToe], projections })
    for (let number = 0; number < 12; number++) {
      await play(ledger, `g${number}`, 'ann', 'bob')
      for (let every = 3; every < 9; every++)
        await followed(ledger, breaking(every, isHeard)).catch(() => undefined)
      await followed(ledger, breaking(Infinity, isHeard))
    }
    const isEqual = JSON.stringify(await table()) === JSON.stringify(boardOf(ledger))
    await ledger.close()
    return isEqual
  }

  it('equals the board, wherever the connection breaks', async () => {
    expect(await followedThroughBreaks()).toBe(true)
  })

  it('control: it does not where rows and checkpoint are not written in one transaction', async () => {
    expect(await followedThroughBreaks((text) => !['begin', 'commit', 'rollback'].includes(text))).toBe(false)
  })

  it('counts nothing twice where two follow at once: one is refused', async () => {
    const ledger = await openLedger({ games: [ticTacToe], projections })
    await play(ledger, 'a', 'ann', 'bob')
    await followed(ledger)
    const stop = new AbortController()
    const other = await connected()
    const outcomes = [client, other].map((each) =>
      followStandings(ledger, each, stop.signal).then(
        () => 'followed',
        (error: unknown) => String(error),
      ),
    )
    for (let number = 0; number < 20; number++) await play(ledger, `g${number}`, 'ann', 'cid')
    await Promise.race(outcomes)
    await setTimeout(50)
    stop.abort()
    const told = await Promise.all(outcomes)
    expect(told.filter((outcome) => outcome.includes('Run one follower'))).toHaveLength(1)
    await other.end()
    await followed(ledger)
    expect(await table()).toEqual(boardOf(ledger))
    await ledger.close()
  })
}

const lack = postgresLack()
const name = 'standings in PostgreSQL'
if (lack === undefined) describe(name, facts)
else if (process.env['CI'] !== 'true') describe.skip(`${name} (needs ${lack})`, facts)
else
  test(`${name} (needs ${lack})`, () => {
    throw new Error(`In CI this is to be proven. It needs ${lack}.`)
  })

describe('batches', () => {
  it('hold what is there at once, up to their size, each value once and in order', async () => {
    async function* values() {
      for (let value = 1; value <= 7; value++) yield value
      await setTimeout(20)
      yield 8
    }
    const batches: (readonly number[])[] = []
    for await (const batch of batchesOf(values(), 3)) batches.push(batch)
    expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7], [8]])
  })

  it('pass on what failed, after what came before', async () => {
    async function* values() {
      yield 1
      await setTimeout(5)
      throw new Error('gone')
    }
    const batches: (readonly number[])[] = []
    const reading = async () => {
      for await (const batch of batchesOf(values(), 3)) batches.push(batch)
    }
    await expect(reading()).rejects.toThrow('gone')
    expect(batches).toEqual([[1]])
  })
})
