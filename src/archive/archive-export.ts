/**
 * Archived events as text for other programs: one event a line, in order of position, as they were written.
 *
 *     ndjson   {"kind":"chess","gameId":"g1","version":1,"position":7,"recordedAt":...,"schema":1,"event":{...},"final":false}
 *     csv      a head, then the same fields; what is not one value (players, outcome, event) as JSON in its field (RFC 4180)
 *
 * Events are not lifted to the shape of today: what is exported is what was recorded, and `schema` says which shape it
 * is. In order of position, so that whoever takes it in again meets the events of overlapping games in the order in
 * which they happened.
 */
import type { EventEnvelope } from '../events/envelope.js'
import { streamIdOf, type Position, type StreamId } from '../events/ids.js'
import type { ArchiveQuery } from './archive-query.js'
import type { Catalog } from './catalog.js'
import type { ColdStore } from './cold-store.js'
import { History } from './history.js'

export type ExportFormat = 'ndjson' | 'csv'

/** Which games to export; all of them where nothing is said. */
export interface ExportOptions extends Omit<ArchiveQuery, 'cursor' | 'limit'> {
  /** @default 'ndjson' */
  readonly format?: ExportFormat
}

const limit = 1_000

/** The lines, each with its line feed. The reader sets the pace. @throws CorruptSegmentError, what the store throws */
export async function* exportedLines(
  store: ColdStore,
  catalog: Catalog,
  options: ExportOptions,
): AsyncGenerator<string, void, undefined> {
  const { format = 'ndjson', ...query } = options
  const lineOf = writers[format] as ((envelope: EventEnvelope) => string) | undefined
  if (!lineOf) throw new TypeError(`An export is 'ndjson' or 'csv'; got ${String(format)}.`)
  const wanted = await wantedGames(catalog, query)
  const history = new History({ store, catalog, readJournal: noEvents, shapes: new Map() })
  if (format === 'csv') yield `${columns.join(',')}\r\n`
  const range = { after: 0 as Position, through: catalog.lastPosition }
  const isWanted = wanted && { isWanted: (stream: StreamId) => wanted.has(stream) }
  for await (const chunk of history.chunks({ ...range, ...isWanted }))
    for (const envelope of chunk) yield lineOf(envelope)
}

// eslint-disable-next-line require-yield -- the journal's events are not asked for
async function* noEvents(): AsyncGenerator<never, void, undefined> {}

/** The streams that a query names: one short string a game. `undefined`: all of them. */
const wantedGames = async (
  catalog: Catalog,
  query: Omit<ArchiveQuery, 'cursor' | 'limit'>,
): Promise<ReadonlySet<StreamId> | undefined> => {
  if (Object.values(query).every((value) => value === undefined)) return undefined
  const wanted = new Set<StreamId>()
  let cursor: string | undefined
  do {
    const page = await catalog.list({ ...query, limit, ...(cursor !== undefined && { cursor }) })
    for (const { kind, gameId } of page.games) wanted.add(streamIdOf(kind, gameId))
    cursor = page.cursor
  } while (cursor !== undefined)
  return wanted
}

const columns = [
  'kind',
  'gameId',
  'version',
  'position',
  'recordedAt',
  'occurredAt',
  'commandId',
  'actor',
  'schema',
  'type',
  'final',
  'players',
  'outcome',
  'event',
] as const

const fieldOf = (value: unknown): string => {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const csvLine = (envelope: EventEnvelope): string => {
  const fields = { ...envelope, type: envelope.event.type }
  return `${columns.map((column) => fieldOf(fields[column])).join(',')}\r\n`
}

const writers: { readonly [format in ExportFormat]: (envelope: EventEnvelope) => string } = {
  ndjson: (envelope) => `${JSON.stringify(envelope)}\n`,
  csv: csvLine,
}
