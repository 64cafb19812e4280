/** The commands on completed games: `archive ls`, `archive export`, `archive import`. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { ArchiveQuery, ExportFormat } from '../index.js'
import { loadModules, openData, withData, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { Progress } from './progress.js'
import { countText, numberText, printTable } from './table.js'
import { harmless, note, print, printJson, shellWord, styled } from './terminal.js'

type Query = Omit<ArchiveQuery, 'cursor' | 'limit'>

const queryOf = ({ player, kind, from, to, reason }: Query): Query => ({
  ...(player !== undefined && { player }),
  ...(kind !== undefined && { kind }),
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(reason !== undefined && { reason }),
})

export interface ArchiveListOptions extends DataOptions, Query {
  readonly won?: string
  readonly limit: number
  readonly cursor?: string
}

const dayOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 10)

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

/** Lists completed games: how many there are, then a page of them. */
export const archiveListCommand = (options: ArchiveListOptions): Promise<void> =>
  withData(options, async (ledger) => {
    const { limit, cursor, won, json } = options
    const query = { ...queryOf(options), ...(won !== undefined && { won }) }
    const count = await ledger.archive.count(query)
    const page = await ledger.archive.list({ ...query, limit, ...(cursor !== undefined && { cursor }) })
    if (json) return printJson({ ...count, ...page })
    print(styled('bold', `${countText(count.games, 'game')}, ${countText(count.events, 'event')}`))
    printTable(
      ['game', 'events', 'players', 'result', 'ended (UTC)'],
      page.games.map(({ kind, gameId, events, players, outcome, occurredAt, lastAt }) => [
        `${kind}/${gameId}`,
        events,
        players.join(' - '),
        resultOf(outcome),
        timeOf(occurredAt ?? lastAt),
      ]),
    )
    if (page.cursor !== undefined)
      note(`More: gameledger archive ls ${wordsOf(options)} --cursor ${page.cursor}`)
  })

/** The options as they were given, to be typed again. */
const wordsOf = ({
  data,
  games,
  archive,
  player,
  kind,
  from,
  to,
  reason,
  won,
  limit,
}: ArchiveListOptions): string => {
  const days = { from: dayOf(from), to: dayOf(to) }
  return Object.entries({ data, games, archive, player, kind, ...days, reason, won, limit })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name} ${shellWord(String(value))}`)
    .join(' ')
}

const resultOf = (
  outcome: { readonly standings: readonly Standing[]; readonly reason?: string } | undefined,
) => {
  if (!outcome) return ''
  const first = outcome.standings.filter(({ place }) => place === 1).map(({ player }) => player)
  return [first.join(', '), outcome.reason].filter(Boolean).join(': ')
}

interface Standing {
  readonly player: string
  readonly place: number
}

export interface ArchiveExportOptions extends DataOptions, Query {
  readonly format: ExportFormat
  readonly out?: string
}

/** Writes events to stdout or into a new file; never over one that is there. */
export const archiveExportCommand = (options: ArchiveExportOptions): Promise<void> =>
  withData(options, async (ledger) => {
    const { format, out } = options
    const query = queryOf(options)
    const { events } = await ledger.archive.count(query)
    const progress = new Progress('export', out === undefined)
    let written = 0
    const lines = counted(ledger.archive.export({ ...query, format }), () =>
      progress.tell(
        ++written / Math.max(events, 1),
        `${numberText(written)} of ${numberText(events)} events`,
        written,
      ),
    )
    if (out === undefined) await toStdout(lines)
    else await toFile(lines, out)
    progress.end()
    if (out !== undefined) note(`${countText(events, 'event')} written to ${out}`)
  })

async function* counted(lines: AsyncIterable<string>, onLine: () => void): AsyncGenerator<string> {
  for await (const line of lines) {
    yield line
    onLine()
  }
}

/** A reader that closes the pipe has seen enough: that is no error. */
const toStdout = async (lines: AsyncIterable<string>): Promise<void> => {
  try {
    await pipeline(lines, process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

const toFile = async (lines: AsyncIterable<string>, out: string): Promise<void> => {
  try {
    await pipeline(lines, createWriteStream(out, { flags: 'wx' }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CommandError('file-exists', exitCode.usage, `${out} is there already. Name another file.`)
  }
}

/** Takes in what `archive export` wrote, plain or gzipped. Exit code 1 where a game was left out. */
export const archiveImportCommand = async (files: readonly string[], options: DataOptions): Promise<void> => {
  for (const file of files) await stat(file)
  const module = await loadModules(options)
  const ledger = await openData(options, module)
  try {
    for (const file of files) await importFile(ledger, file, options.json ?? false)
  } finally {
    await ledger.close()
  }
}

const importFile = async (ledger: DataLedger, file: string, json: boolean): Promise<void> => {
  const { size } = await stat(file)
  const progress = new Progress(`import ${file}`, json)
  const bytes = createReadStream(file)
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  const report = await ledger.importEvents(createInterface({ input: text, crlfDelay: Infinity }), {
    onProgress: ({ events }) => progress.tell(bytes.bytesRead / size, `${numberText(events)} events`, events),
  })
  await ledger.settled()
  progress.end()
  if (report.skipped.length > 0) process.exitCode = exitCode.checkFailed
  if (json) return printJson({ file, ...report })
  for (const { game, line, reason } of report.skipped)
    note(`skipped ${harmless(game)} (line ${line}): ${harmless(reason)}`)
  const { events, games, already, skipped } = report
  print(
    `${countText(events, 'event')} of ${countText(games, 'game')} imported from ${file}, ${numberText(already)} were there already, ` +
      `${countText(skipped.length, 'game')} skipped.`,
  )
}
