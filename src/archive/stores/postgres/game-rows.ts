/**
 * The rows of `archived_game` that a manifest brings: the games of its segment, unpacked, one row each.
 *
 * Of what cannot be read no rows are made: the objects are the truth, and `verify` is who tells damage. PostgreSQL's jsonb
 * refuses two things that JSON allows, U+0000 and lone surrogates: in the rows, and there alone, U+FFFD stands for them.
 */
import { TimeSlice } from '../../../events/time-slice.js'
import { ArchiveTooNewError, CorruptManifestError, CorruptSegmentError } from '../../archive-error.js'
import { unpackLog, type ArchivedLog } from '../../archived-log.js'
import { batchOfManifestKey } from '../../batch-key.js'
import { parseManifest, type IndexedGame } from '../../manifest.js'
import type { PostgresClient } from './postgres-pool.js'
import type { Tables } from './tables.js'

interface GameRow {
  readonly game: IndexedGame
  readonly positions: string
  readonly lines: Buffer
}

export type GameRows = readonly GameRow[]

/** The rows of the manifest `bytes`, whose segment is read by `segmentOf`; none where `key` is of no manifest. */
export const gameRowsOf = async (
  key: string,
  bytes: Buffer,
  segmentOf: (key: string) => Promise<Buffer | undefined>,
): Promise<GameRows> => {
  if (batchOfManifestKey(key) === undefined) return []
  try {
    const manifest = parseManifest(key, bytes)
    if (manifest.games.length === 0) return []
    const segment = await segmentOf(manifest.segment)
    if (!segment) return []
    const rows: GameRow[] = []
    const slice = new TimeSlice()
    for (const game of manifest.games) {
      const packed = segment.subarray(game.offset, game.offset + game.length)
      rows.push(rowOf(game, await unpackLog(packed, manifest.segment, game.offset)))
      if (slice.isOver()) await slice.next()
    }
    return rows
  } catch (cause) {
    const isUnreadable = [CorruptManifestError, CorruptSegmentError, ArchiveTooNewError].some(
      (known) => cause instanceof known,
    )
    if (isUnreadable) return []
    throw cause
  }
}

/**
 * Writes the rows; of a game that is there already, archived again by another batch, the newest stays. The lines go over
 * as one stretch of bytes that is cut there: as an array of texts every quote in them would be escaped and read again.
 */
export const insertGameRows = async (
  client: PostgresClient,
  { games }: Tables,
  manifest: string,
  rows: GameRows,
): Promise<void> => {
  if (rows.length === 0) return
  const text = `
    insert into ${games} (manifest, kind, game_id, players, outcome, first_at, last_at, positions, lines)
    select $1, kind, game_id, players::jsonb, outcome::jsonb, to_timestamp(first_at / 1000), to_timestamp(last_at / 1000),
           positions::bigint[], convert_from(substring($2::bytea from start for bytes), 'UTF8')
      from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::double precision[], $8::double precision[],
                  $9::text[], $10::integer[], $11::integer[])
        as game (kind, game_id, players, outcome, first_at, last_at, positions, start, bytes)
        on conflict (kind, game_id) do update
       set (manifest, players, outcome, first_at, last_at, positions, lines)
         = (excluded.manifest, excluded.players, excluded.outcome, excluded.first_at, excluded.last_at,
            excluded.positions, excluded.lines)`
  let end = 1
  await client.query(text, [
    manifest,
    Buffer.concat(rows.map(({ lines }) => lines)),
    rows.map(({ game }) => game.kind),
    rows.map(({ game }) => game.gameId),
    rows.map(({ game }) => acceptable(JSON.stringify(game.players))),
    rows.map(({ game }) => (game.outcome === undefined ? null : acceptable(JSON.stringify(game.outcome)))),
    rows.map(({ game }) => game.firstAt),
    rows.map(({ game }) => game.lastAt),
    rows.map(({ positions }) => positions),
    rows.map(({ lines }) => (end += lines.length) - lines.length),
    rows.map(({ lines }) => lines.length),
  ])
}

const rowOf = (game: IndexedGame, { header, lines }: ArchivedLog): GameRow => {
  let position = 0
  const positions = header.positions.map((difference) => (position += difference))
  // Without the last line feed: it would make an empty line.
  const plain = lines.subarray(0, lines.length - 1)
  return {
    game,
    positions: `{${positions.join()}}`,
    lines: plain.includes('\\u') ? Buffer.from(acceptable(plain.toString('utf8'))) : plain,
  }
}

/** Every escape is looked at in turn, so that an escaped backslash before a `u` is not taken for one. */
const acceptable = (json: string): string =>
  json.replace(/\\(?:u[0-9a-f]{4}|.)/gi, (escape) =>
    /^\\u(?:0000|d[89a-f]..)$/i.test(escape) ? '\\ufffd' : escape,
  )
