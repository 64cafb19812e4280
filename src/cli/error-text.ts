/**
 * How an error or a fault is told in a terminal:
 *
 *     error data-dir-locked: ./data/journal is in use by pid 4121 since 09:14:03 (server.js on tower).
 *       One process may write. Stop it, or wait for it: when it is gone, the lock is gone too.
 *       Look: gameledger doctor --data ./data     Mend: gameledger unlock --data ./data
 *
 * The code, what has happened, and behind it what that means and what to do. What has no code is a mistake in some
 * program: its stack is shown.
 */
import { exitCode, exitCodeOf } from './exit-code.js'
import { harmless, shellWord } from './terminal.js'

/** What to run, where the message alone leaves the next step open. Each takes `--data`. */
const nextSteps: { readonly [code: string]: { readonly look: string; readonly mend?: string } } = {
  'corrupt-log': { look: 'gameledger verify --deep', mend: 'gameledger repair --quarantine' },
  'data-dir-locked': { look: 'gameledger doctor', mend: 'gameledger unlock' },
  'storage-full': { look: 'gameledger doctor' },
  'journal-failed': { look: 'gameledger doctor' },
  'ledger-faulted': { look: 'gameledger doctor' },
  'format-too-new': { look: 'gameledger doctor' },
  'archive-of-another-ledger': { look: 'gameledger doctor' },
}

/** What the system's own errors leave unsaid. */
const systemAdvice: { readonly [code: string]: string } = {
  ENOENT: 'Check the path.',
  EISDIR: 'Name a file, not a directory.',
  EACCES: 'Run the command as the user of the files, or give this one the right.',
  EPERM: 'Run the command as the user of the files, or give this one the right.',
  ENOSPC: 'Free some space.',
  EDQUOT: 'Free some space, or raise the quota.',
  EFBIG: 'Raise the limit of file sizes (ulimit -f).',
  EIO: 'See to the disk.',
  EROFS: 'Mount the file system for writing.',
}

/** The code of an error, or of what caused it. */
const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : codeOf(error.cause)
}

/** The first sentence on the first line, the others indented below it. */
const inLines = (head: string, message: string): string[] => {
  const [first = '', ...others] = message.split(/(?<=\.) (?=[A-Z])/)
  return [`${head}: ${first}`, ...(others.length > 0 ? [`  ${others.join(' ')}`] : [])]
}

/** A message that begins with its code says it once. */
const withoutCode = (message: string, code: string): string =>
  message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message

const nextLine = (code: string, data: string | undefined): string[] => {
  const next = nextSteps[code]
  if (next === undefined || data === undefined) return []
  const where = `--data ${shellWord(data)}`
  return [`  Look: ${next.look} ${where}${next.mend === undefined ? '' : `     Mend: ${next.mend} ${where}`}`]
}

const stackOf = (error: unknown): string =>
  (error instanceof Error ? String(error.stack) : String(error)).split('\n').map(harmless).join('\n')

/** How grave a fault is, where it is more than a warning, or less. */
const levels: { readonly [code: string]: string } = {
  'journal-failed': 'error',
  'storage-full': 'error',
  'storage-free': 'ok',
}

/** A fault, while the command goes on. */
export const faultText = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  inLines(`${levels[code] ?? 'warn'} ${code}`, harmless(withoutCode(message, code))).join('\n')

/** An error that ends the command; `data` is the directory that it was about. */
export const errorText = (error: unknown, data: string | undefined): string => {
  const code = codeOf(error)
  if (code === undefined || exitCodeOf(error) === exitCode.checkFailed)
    return `error ${code ?? 'unexpected'}: ${stackOf(error)}`
  const said = withoutCode((error as Error).message, code)
  const advice = systemAdvice[code]
  const whole = advice === undefined ? said : `${said.replace(/\.?$/, '.')} ${advice}`
  return [...inLines(`error ${code}`, harmless(whole)), ...nextLine(code, data)].join('\n')
}
