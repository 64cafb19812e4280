/** What the doctor finds about the journal: its lock, its manifest, its files. */
import {
  holderInWords,
  type JournalReport,
  type LockReport,
  type LogFileReport,
  type ManifestReport,
} from '../index.js'
import { bad, bytesText, ok, warn, type Finding } from './finding.js'
import { countText } from './table.js'
import { shellWord } from './terminal.js'

const namesShownMax = 5

const namesText = (names: readonly string[]): string =>
  names.slice(0, namesShownMax).join(', ') +
  (names.length > namesShownMax ? ` and ${names.length - namesShownMax} more` : '')

const isAre = (count: number): string => (count === 1 ? 'is' : 'are')

const lockFinding = ({ state, holder }: LockReport, data: string): Finding => {
  const who = holderInWords(holder)
  switch (state) {
    case 'free':
      return ok('Nobody has the lock.')
    case 'stale':
      return ok(`The lock was left by ${who}, which no longer holds it; the next opening takes it over.`)
    case 'held':
      return ok(`The lock is held by ${who}, which lives.`)
    case 'unseen':
      return bad(
        `The lock names ${who}, which cannot be seen from here, so opening is refused.`,
        `When you know that it is gone: gameledger unlock --force --data ${shellWord(data)}`,
      )
  }
}

const manifestFindings = (manifest: ManifestReport, isHeld: boolean): readonly Finding[] => {
  const { name, format, ledgerId, isClosed } = manifest
  const found = ok(`${name} is in force: ledger ${ledgerId}, format ${format}.`)
  if (isClosed) return [found, ok('The journal was closed properly.')]
  if (isHeld) return [found, ok('The journal is in use.')]
  return [
    found,
    warn(
      'The journal was not closed properly; the next opening recovers all that was acknowledged.',
      'Find out why its process ended.',
    ),
  ]
}

const problems: {
  readonly [problem in NonNullable<LogFileReport['problem']>]: readonly [what: string, advice: string]
} = {
  missing: [
    'named by the manifest and missing, so opening is refused',
    'Put the file back, or restore journal and archive of one back-up.',
  ],
  damaged: [
    'damaged at the beginning, so opening is refused',
    'Copy the directory, check the disk, and restore a back-up.',
  ],
  'of-another-ledger': [
    'of another ledger, so opening is refused',
    'Restore journal and archive of one back-up.',
  ],
  'too-new': [
    'of a newer format, so opening is refused',
    'Open it with the gameledger that wrote it, or a newer one.',
  ],
}

const fileFindings = ({ files: logs }: JournalReport): readonly Finding[] => {
  const bytes = logs.reduce((sum, file) => sum + file.bytes, 0)
  const whole = logs.filter(({ problem }) => problem === undefined)
  const found = Object.entries(problems).flatMap(([problem, [what, advice]]) => {
    const names = logs.filter((file) => file.problem === problem).map(({ name }) => name)
    return names.length > 0 ? [bad(`${namesText(names)} ${isAre(names.length)} ${what}.`, advice)] : []
  })
  return [ok(`The log has ${countText(whole.length, 'file')} with ${bytesText(bytes)}.`), ...found]
}

const otherFindings = ({ leftovers, foreign, lock }: JournalReport): readonly Finding[] => [
  ...(leftovers.length > 0
    ? [
        ok(
          lock.state === 'held'
            ? `${namesText(leftovers)}: just being made or removed.`
            : `${namesText(leftovers)}: left by a crash; the next opening removes what is left.`,
        ),
      ]
    : []),
  ...(foreign.length > 0
    ? [
        warn(
          `${namesText(foreign)} in the journal ${isAre(foreign.length)} not of its making; nothing reads it.`,
          'Keep other files elsewhere.',
        ),
      ]
    : []),
]

const refusalAdvice = (code: string): string => `What it means, and what to do: gameledger explain ${code}`

/** All that is to be said of a journal. */
export const journalFindings = (report: JournalReport, data: string): readonly Finding[] => {
  const { lock, manifest, refusal } = report
  const findings = [lockFinding(lock, data)]
  if (refusal)
    findings.push(
      bad(
        `Opening is refused: ${refusal.message.replace(/ Nothing (?:was changed on disk|on disk was changed)\..*$/s, '')}`,
        refusalAdvice(refusal.code),
      ),
    )
  if (manifest) findings.push(...manifestFindings(manifest, lock.state === 'held'), ...fileFindings(report))
  else if (!refusal) findings.push(ok('The journal is empty; the next opening makes it.'))
  return refusal ? findings : [...findings, ...otherFindings(report)]
}
