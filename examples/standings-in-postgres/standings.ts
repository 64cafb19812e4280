/**
 * Standings of players in one's own PostgreSQL, kept up to date by following the ledger.
 *
 *     ledger.eventsFrom(checkpoint) --batches--> begin
 *                                                  upsert the players' rows
 *                                                  move the checkpoint from where it stood
 *                                                commit
 *
 * Rows and checkpoint change in ONE transaction. So however the process ends, the table is that of a position, and
 * following goes on behind it: each event counts exactly once, though it may be read twice. The checkpoint moves only
 * from where this follower read it, so two followers at once cannot both count an event: the second one is refused.
 * Where the ledger does not know the checkpoint (it is another ledger's, or of events that a crash took back), the
 * table is emptied and built anew from the first event.
 */
import { CheckpointLostError, type EventEnvelope, type Ledger } from 'gameledger'
import { batchesOf } from './batches.js'

/** What is needed of a client: `pg`'s `Client` is one, and so is a client checked out of its `Pool`. */
export interface SqlClient {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>
}

/** An upsert of so many events' rows takes some milliseconds, and a reader of the table waits no longer than that. */
const batchMax = 1000

const tables = `
  create table if not exists standings (
    player text primary key,
    games bigint not null,
    wins bigint not null,
    last_played timestamptz not null
  );
  create table if not exists followed (
    ledger uuid primary key,
    position bigint not null
  )`

/** Follows the ledger into the table, until the ledger closes or the signal is given. Rejects where the database fails: start it again, it goes on where it stood. */
export const followStandings = async (
  ledger: Ledger,
  client: SqlClient,
  signal: AbortSignal,
): Promise<void> => {
  await client.query(tables)
  let position = await positionIn(client, ledger.id)
  for (;;) {
    try {
      for await (const batch of batchesOf(ledger.eventsFrom(position, { signal }), batchMax))
        position = await write(client, ledger.id, position, batch)
      return
    } catch (error) {
      if (!(error instanceof CheckpointLostError)) throw error
      position = await beginAnew(client, ledger.id)
    }
  }
}

/** Where the table stands; one that was filled from another ledger, or from none, begins anew. */
const positionIn = async (client: SqlClient, ledger: string): Promise<number> => {
  const { rows } = await client.query('select position from followed where ledger = $1', [ledger])
  return rows[0] ? Number(rows[0]['position']) : beginAnew(client, ledger)
}

const beginAnew = (client: SqlClient, ledger: string): Promise<number> =>
  inTransaction(client, async () => {
    await client.query('delete from standings')
    await client.query('delete from followed')
    await client.query('insert into followed values ($1, 0)', [ledger])
    return 0
  })

/** Counts a batch, and moves the checkpoint to its last event: both or neither. */
const write = (
  client: SqlClient,
  ledger: string,
  from: number,
  batch: readonly EventEnvelope[],
): Promise<number> =>
  inTransaction(client, async () => {
    const position = batch.at(-1)!.position
    const moved = await client.query(
      'update followed set position = $3 where ledger = $1 and position = $2',
      [ledger, from, position],
    )
    if (moved.rowCount !== 1)
      throw new Error(`Somebody else moved the standings away from position ${from}. Run one follower.`)
    const counts = countsOf(batch)
    if (counts.length > 0)
      await client.query(
        `insert into standings
           select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[])
         on conflict (player) do update set
           games = standings.games + excluded.games,
           wins = standings.wins + excluded.wins,
           last_played = greatest(standings.last_played, excluded.last_played)`,
        [
          counts.map(({ player }) => player),
          counts.map(({ games }) => games),
          counts.map(({ wins }) => wins),
          counts.map(({ lastPlayed }) => new Date(lastPlayed)),
        ],
      )
    return position
  })

interface Counts {
  readonly player: string
  games: number
  wins: number
  lastPlayed: number
}

/** What the finished games of a batch add, by player: a row is written once a transaction. */
const countsOf = (batch: readonly EventEnvelope[]): readonly Counts[] => {
  const byPlayer = new Map<string, Counts>()
  for (const { outcome, occurredAt, recordedAt } of batch) {
    const standings = outcome?.standings ?? []
    const isWon = standings.some(({ place }) => place > 1)
    for (const { player, place } of standings) {
      const counts = byPlayer.get(player) ?? { player, games: 0, wins: 0, lastPlayed: 0 }
      byPlayer.set(player, counts)
      counts.games++
      if (isWon && place === 1) counts.wins++
      counts.lastPlayed = Math.max(counts.lastPlayed, occurredAt ?? recordedAt)
    }
  }
  return [...byPlayer.values()]
}

const inTransaction = async <Value>(client: SqlClient, work: () => Promise<Value>): Promise<Value> => {
  await client.query('begin')
  try {
    const value = await work()
    await client.query('commit')
    return value
  } catch (error) {
    // What cannot be rolled back is on a connection that is gone: the server rolls it back.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
