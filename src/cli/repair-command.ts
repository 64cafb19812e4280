/**
 * `gameledger repair`: says what would be done about a damaged journal; with `--quarantine` does it.
 *
 * Beside the journal there is more that holds what is set aside: saved read models, and segments of batches that were
 * begun and have no manifest. Both are moved into the copy; models are built anew, and nobody believes such a segment.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { repairJournal, type RepairReport } from '../index.js'
import { archivedStreams } from './archived-streams.js'
import type { DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { numberText } from './table.js'
import { harmless, print, printJson, styled } from './terminal.js'

export interface RepairCommandOptions extends DataOptions {
  readonly quarantine?: boolean
}

const journalOf = ({ data }: DataOptions): string => join(data, 'journal')

/** What is wrong with the journal of a data directory, without changing it; games that the archive holds are not named. */
export const damageOfJournal = async (options: DataOptions): Promise<RepairReport> => {
  const archived = await archivedStreams(options)
  return repairJournal(journalOf(options), { dryRun: true, isArchived: (stream) => archived.has(stream) })
}

/** Runs the command: exit code 1 where something is damaged and nothing was done. */
export const repairCommand = async (options: RepairCommandOptions): Promise<void> => {
  const { data, quarantine = false, json = false } = options
  if (!existsSync(journalOf(options)))
    throw new CommandError('no-data', exitCode.notFound, `There is no ledger in ${data}. Name it: --data DIR`)
  const archived = await archivedStreams(options)
  const report = await repairJournal(journalOf(options), {
    dryRun: !quarantine,
    isArchived: (stream) => archived.has(stream),
  })
  const moved = report.isRepaired ? await moveAside(data, report) : []
  if (!report.isWhole && !report.isRepaired) process.exitCode = exitCode.checkFailed
  if (json) return printJson(documentOf(report, moved))
  for (const line of linesOf(report, moved)) print(line)
}

/** Moves what may hold something that is gone into the copy, and says what. */
const moveAside = async (
  data: string,
  { copy, affected, possibly, mayHideOthers }: RepairReport,
): Promise<string[]> => {
  const moved: string[] = []
  const projections = join(data, 'projections')
  if ((affected.length + possibly.length > 0 || mayHideOthers) && existsSync(projections)) {
    await rename(projections, join(copy, 'projections'))
    moved.push(projections)
  }
  const archive = join(data, 'archive')
  const names = existsSync(archive) ? await readdir(archive) : []
  for (const name of names) {
    const [, batch] = /^(\d+)\.ndjson\.gz$/.exec(name) ?? []
    if (batch === undefined || names.includes(`${batch}.manifest.json`)) continue
    await mkdir(join(copy, 'archive'), { recursive: true })
    await rename(join(archive, name), join(copy, 'archive', name))
    moved.push(join(archive, name))
  }
  return moved
}

const documentOf = (report: RepairReport, moved: readonly string[]) => {
  const { damage, ...rest } = report
  const { file, offset, expected, found } = damage ?? {}
  return { ...rest, ...(damage && { damage: { file, offset, expected, found } }), moved }
}

const linesOf = (report: RepairReport, moved: readonly string[]): string[] => {
  const { damage, isRepaired, gamesKept, eventsKept, eventsSetAside, copy, quarantine } = report
  const kept = `${numberText(gamesKept)} games, ${numberText(eventsKept)} events`
  if (damage === undefined)
    return [`${styled('green', 'ok')}: the journal is whole (${kept}). Nothing is to be done.`]
  const { file, offset, expected, found } = damage
  const aside = [...report.affected, ...report.possibly]
  const would = isRepaired ? 'was' : 'would be'
  return [
    `${styled('red', 'damaged')}: ${file} at offset ${offset}: expected ${harmless(expected)}, found ${harmless(found)}.`,
    ...listed('affected', report.affected),
    ...listed('possibly affected', report.possibly),
    ...(report.mayHideOthers ? ['games that had all their events there can no longer be named'] : []),
    `kept: ${kept}`,
    aside.length === 0
      ? 'set aside: nothing'
      : `set aside: ${numberText(aside.length)} games, ${numberText(eventsSetAside)} events; what is left of them ${would} written to ${quarantine}`,
    `the journal as it is ${would} kept in ${copy}`,
    ...moved.map((path) => `moved into the copy: ${path}`),
    isRepaired
      ? `${styled('green', 'mended')}: the ledger opens. Programs that keep a checkpoint of it build anew from position 0.`
      : 'Nothing on disk was changed. Mend: gameledger repair --quarantine',
  ]
}

const shownMax = 10

const listed = (what: string, streams: readonly string[]): string[] => {
  if (streams.length === 0) return []
  const more = streams.length > shownMax ? ` and ${streams.length - shownMax} more (--json names all)` : ''
  return [`${what}: ${harmless(streams.slice(0, shownMax).join(', '))}${more}`]
}
