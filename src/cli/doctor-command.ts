/**
 * `gameledger doctor`: looks at a data directory from outside, and says what is wrong and what to do.
 *
 *     node -> directory and its rights -> journal: lock, manifest, files -> disk and clock -> archive -> read models
 *
 * It takes no lock and changes no byte, so it can be asked while the ledger runs, and when it will not open. Checksums
 * and rules are `verify`'s questions. Exit code 1 where something is bad.
 */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lookAtArchive, lookAtJournal, type JournalReport } from '../index.js'
import { archiveFindings, modelFinding, unreadable, type JournalOwner } from './archive-findings.js'
import { archiveOf } from './archive-module.js'
import { exitCode } from './exit-code.js'
import { bad, findingsOf, warn, type Finding, type Level } from './finding.js'
import { journalFindings } from './journal-findings.js'
import {
  clockFinding,
  diskFindings,
  isDirectory,
  nearestAbove,
  nodeFinding,
  rightsFindings,
} from './machine-findings.js'
import { countText } from './table.js'
import { harmless, note, print, printJson, shellWord, styled, wrapped } from './terminal.js'

export interface DoctorOptions {
  readonly data: string
  readonly archive?: string
  readonly json?: boolean
}

/** Runs the command. */
export const doctorCommand = async ({ data, archive, json = false }: DoctorOptions): Promise<void> => {
  const findings = [nodeFinding(process.versions.node), ...(await directoryFindings(data, archive))]
  const isOk = findings.every(({ level }) => level !== 'bad')
  if (!isOk) process.exitCode = exitCode.checkFailed
  if (json) return printJson({ ok: isOk, findings })
  for (const line of findings.flatMap(linesOf)) print(line)
  note(summaryOf(findings))
}

const colours = { ok: 'green', warn: 'yellow', bad: 'red' } as const

/** Piped: one line a finding. On a terminal: as many as it takes, below one another. */
const linesOf = ({ level, what, advice }: Finding): readonly string[] => {
  const text = harmless(advice === undefined ? what : `${what} ${advice}`)
  const label = styled(colours[level], level.padEnd(4))
  if (!process.stdout.isTTY) return [`${label}  ${text}`]
  const indent = ' '.repeat(6)
  return wrapped(text, indent).map((line, at) => (at === 0 ? `${label}  ${line.slice(indent.length)}` : line))
}

const summaryOf = (findings: readonly Finding[]): string => {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length
  return `${count('bad')} bad, ${countText(count('warn'), 'warning')}, ${count('ok')} ok`
}

const directoryFindings = async (
  data: string,
  elsewhere: string | undefined,
): Promise<readonly Finding[]> => {
  if (!(await isDirectory(data))) return [await absence(data)]
  const [journal, archive, models] = [
    join(data, 'journal'),
    elsewhere ?? join(data, 'archive'),
    join(data, 'projections'),
  ]
  const there: string[] = []
  for (const path of [data, journal, archive, models]) if (await isDirectory(path)) there.push(path)
  const findings: Finding[] = [...(await rightsFindings(there))]
  const isArchiveThere = elsewhere !== undefined || there.includes(archive)
  if (!there.includes(journal) && !isArchiveThere) return [...findings, emptiness(data)]
  let report: JournalReport | undefined
  if (there.includes(journal))
    findings.push(
      ...(await findingsOf(journal, async () => {
        report = await lookAtJournal(journal)
        return [...journalFindings(report, data), ...(await underneath(report))]
      })),
    )
  const isKnown = !there.includes(journal) || (report !== undefined && report.refusal === undefined)
  const owner: JournalOwner = isKnown ? (report?.manifest ?? 'nobody') : 'unknown'
  findings.push(
    ...(there.includes(archive)
      ? await findingsOf(archive, async () => archiveFindings(await lookAtArchive(archive), owner))
      : elsewhere === undefined
        ? archiveFindings(undefined, owner)
        : await storeFindings(elsewhere, owner)),
    ...(await findingsOf(models, async () => [
      modelFinding(there.includes(models) ? await readdir(models) : []),
    ])),
  )
  return findings
}

/** Of an archive that is not a directory: a module opens it. @throws CommandError where there is no such module */
const storeFindings = async (place: string, owner: JournalOwner): Promise<readonly Finding[]> => {
  const store = await archiveOf(place)
  try {
    return archiveFindings(await lookAtArchive(store), owner)
  } catch (cause) {
    return [unreadable(place, cause)]
  } finally {
    await store.close()
  }
}

const underneath = async ({
  directory,
  nextFileBytes,
  manifest,
}: JournalReport): Promise<readonly Finding[]> => [
  ...(await diskFindings(directory, nextFileBytes)),
  ...(manifest ? [clockFinding(Date.now(), manifest.savedAt)] : []),
]

const absence = async (data: string): Promise<Finding> => {
  const code = await stat(data).then(
    () => 'a file',
    (error: NodeJS.ErrnoException) => error.code,
  )
  if (code === 'a file') return bad(`${data} is a file, and no directory.`, 'Check --data.')
  if (code !== 'ENOENT')
    return bad(
      `${data} cannot be reached by this user (${code}).`,
      'Run the command as the user of the server.',
    )
  return bad(
    `There is no directory ${data}; ${await nearestAbove(data)} is there.`,
    `Check --data, or make a ledger there: gameledger import FILE.pgn --data ${shellWord(data)}`,
  )
}

const emptiness = (data: string): Finding =>
  existsSync(join(data, 'CURRENT'))
    ? bad(
        `${data} is a journal itself.`,
        `Name the directory above it: --data ${shellWord(join(data, '..'))}`,
      )
    : warn(
        `There is no ledger in ${data} yet.`,
        `Check --data, or make one: gameledger import FILE.pgn --data ${shellWord(data)}`,
      )
