/**
 * The tables of an archive in PostgreSQL, and the view for people.
 *
 *     <schema>.archive_object    key, bytes                                     the objects, as any store has them
 *     <schema>.archived_game     kind, game_id, players, outcome, lines, ...    a copy for SQL, one row a game
 *     <schema>.archived_event    kind, game_id, version, position, type, data   a view: the lines, one row an event
 *
 * SQL cannot unpack gzip. So with a manifest the event lines of its games are written down as text, which PostgreSQL
 * compresses, and the view cuts and parses them when it is asked. A row an event would be some sixty times the rows at
 * every batch, each with its place in an index. The objects are the truth: `archived_game` is for SQL alone.
 *
 * Made at the first use, in one transaction under an advisory lock, so that several processes may begin at once. Where
 * all is there already, no right to create anything is needed.
 */
import type { BoundedPool, PostgresClient } from './postgres-pool.js'

const format = 1
const comment = 'gameledger cold store, format '

/** The names in SQL, quoted. */
export interface Tables {
  readonly objects: string
  readonly games: string
}

/** @throws TypeError where `schema` is no plain name */
export const tablesOf = (schema: string): Tables => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new TypeError(
      `\`schema\` of postgresColdStore is made of a-z, 0-9 and _, at most 63 characters; got ${JSON.stringify(schema)}.`,
    )
  return { objects: `"${schema}".archive_object`, games: `"${schema}".archived_game` }
}

/** Makes what is missing. @throws Error where the tables are of a newer gameledger */
export const makeTables = async (pool: BoundedPool, schema: string): Promise<void> => {
  if (await pool.use((client) => isMade(client, schema))) return
  await pool.transaction(async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext($1))`, [comment + schema])
    if (!(await isMade(client, schema))) await client.query(definitionOf(schema))
  })
}

/**
 * Reads the catalogue as tables. `to_regclass` answers from a cache of the session, which may not have heard yet of what
 * another session made while this one waited for the lock.
 */
const isMade = async (client: PostgresClient, schema: string): Promise<boolean> => {
  const text = `
    select current_setting('server_encoding') as encoding, (
      select description
        from pg_catalog.pg_description
        join pg_catalog.pg_class on pg_class.oid = objoid and classoid = 'pg_catalog.pg_class'::regclass and objsubid = 0
        join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
       where nspname = $1 and relname = 'archive_object') as told`
  const [row] = (await client.query(text, [schema])).rows
  if (row?.['encoding'] !== 'UTF8')
    throw new Error(
      `the database is encoded in ${String(row?.['encoding'])}, and an archive needs one in UTF8`,
    )
  const found = row['told']
  if (typeof found !== 'string') return false
  if (found !== comment + format)
    throw new Error(`its tables say "${found}", and this program knows format ${format}`)
  return true
}

const definitionOf = (schema: string): string => {
  const { objects, games } = tablesOf(schema)
  return `
    create schema if not exists "${schema}";

    create table ${objects} (
      key   text collate "C" primary key,
      bytes bytea not null
    );
    -- Packed already; and a range of what is stored plain is read without the rest.
    alter table ${objects} alter column bytes set storage external;
    comment on table ${objects} is '${comment}${format}';

    create table ${games} (
      kind      text not null,
      game_id   text not null,
      manifest  text collate "C" not null,
      players   jsonb not null,
      outcome   jsonb,
      first_at  timestamptz not null,
      last_at   timestamptz not null,
      positions bigint[] not null,
      lines     text not null,
      primary key (kind, game_id)
    );
    create index on ${games} (manifest);
    create index on ${games} (last_at);
    comment on table ${games} is 'Archived games; a copy of the objects, for SQL';

    create view "${schema}".archived_event as
      select game.kind,
             game.game_id,
             (line ->> 'v')::integer as version,
             event.position,
             to_timestamp((line ->> 't')::double precision / 1000) as recorded_at,
             to_timestamp((line ->> 'o')::double precision / 1000) as occurred_at,
             line ->> 'a' as actor,
             coalesce((line ->> 's')::integer, 1) as schema,
             line ? 'f' as final,
             line -> 'e' ->> 'type' as type,
             line -> 'e' as data
        from ${games} as game
       cross join lateral unnest(game.positions, string_to_array(game.lines, E'\\n')) as event (position, text)
       -- "offset 0": each line is parsed once, and not once a column.
       cross join lateral (select event.text::jsonb as line offset 0) as parsed;
    comment on view "${schema}".archived_event is 'Events of archived games, one row each';
  `
}
