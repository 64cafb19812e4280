/** What the process ends with, after sysexits.h where it has a word for it. */
export const exitCode = {
  ok: 0,
  checkFailed: 1,
  usage: 2,
  damagedData: 65,
  notFound: 66,
  unavailable: 69,
  disk: 74,
  locked: 75,
  configuration: 78,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** An error whose message is all that people need: what happened, and last what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: string
  readonly exit: ExitCode

  constructor(code: string, exit: ExitCode, message: string) {
    super(message)
    this.code = code
    this.exit = exit
  }
}

const exits: { readonly [code: string]: ExitCode } = {
  'data-dir-locked': exitCode.locked,
  'no-such-window': exitCode.notFound,
  'corrupt-log': exitCode.damagedData,
  'corrupt-segment': exitCode.damagedData,
  'corrupt-manifest': exitCode.damagedData,
  'no-exported-event': exitCode.damagedData,
  'import-stopped': exitCode.unavailable,
  'format-too-new': exitCode.configuration,
  'archive-too-new': exitCode.configuration,
  'schema-too-new': exitCode.configuration,
  'unknown-event': exitCode.configuration,
  'upcaster-threw': exitCode.configuration,
  'archive-of-another-ledger': exitCode.configuration,
  'ledger-faulted': exitCode.disk,
  'journal-failed': exitCode.disk,
  'storage-full': exitCode.disk,
  'archiving-stopped': exitCode.unavailable,
  'archive-unavailable': exitCode.unavailable,
  'cold-store-failed': exitCode.unavailable,
  'cold-store-denied': exitCode.configuration,
  'cold-store-missing': exitCode.configuration,
  'cold-stores-differ': exitCode.damagedData,
  ENOENT: exitCode.notFound,
  EISDIR: exitCode.notFound,
  ENOSPC: exitCode.disk,
  EIO: exitCode.disk,
  EROFS: exitCode.disk,
  EFBIG: exitCode.disk,
  EDQUOT: exitCode.disk,
  EACCES: exitCode.disk,
  EPERM: exitCode.disk,
}

/** The exit code of an error, by its stable code or the system's, its causes included; 1 where nothing says more. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof CommandError) return error.exit
  if (!(error instanceof Error)) return exitCode.checkFailed
  const { code } = error as { readonly code?: unknown }
  const known = typeof code === 'string' ? exits[code] : undefined
  return known ?? (error.cause === undefined ? exitCode.checkFailed : exitCodeOf(error.cause))
}
