/** What the doctor finds about the machine: Node, the directory and its rights, the disk under it, the clock. */
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileSystemFinding } from './file-system.js'
import { bad, bytesText, ok, warn, type Finding } from './finding.js'

const { engines } = createRequire(import.meta.url)('../../package.json') as {
  readonly engines: { readonly node: string }
}

/** The file system's clock may be that of another machine, which need not agree to the second. */
const clockToleranceMs = 60_000

const partsOf = (version: string): readonly number[] => version.split('.').map(Number)

const isBelow = (version: string, least: string): boolean => {
  const [found, wanted] = [partsOf(version), partsOf(least)]
  const at = wanted.findIndex((part, index) => part !== (found[index] ?? 0))
  return at >= 0 && (found[at] ?? 0) < wanted[at]!
}

/** Whether this Node is one that the package is made for. `wanted` is as in `engines`: `>=20.19`. */
export const nodeFinding = (version: string, wanted: string = engines.node): Finding => {
  const least = wanted.replace(/^>=\s*/, '')
  return isBelow(version, least)
    ? bad(`Node is ${version}, and gameledger needs ${least} or later.`, 'Install a newer Node.')
    : ok(`Node is ${version}; ${least} or later is needed.`)
}

const isAllowed = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )

/** Whether this user can work in the directories of a ledger. */
export const rightsFindings = async (paths: readonly string[]): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  for (const path of paths) {
    const lacking = await lackingRight(path)
    if (lacking !== undefined)
      findings.push(
        bad(
          `${path} cannot be ${lacking} by this user.`,
          'Run the command as the user of the server, or give this one the right.',
        ),
      )
  }
  return findings.length > 0 ? findings : [ok(`${paths[0]} can be read and written.`)]
}

const lackingRight = async (path: string): Promise<string | undefined> => {
  if (!(await isAllowed(path, constants.R_OK | constants.X_OK))) return 'read'
  return (await isAllowed(path, constants.W_OK)) ? undefined : 'written'
}

/** What is to be said of the room for the next log file. */
export const roomFinding = (what: string, freeBytes: number, neededBytes: number): Finding =>
  freeBytes < neededBytes
    ? warn(
        `${what} has ${bytesText(freeBytes)} free, and its next log file takes ${bytesText(neededBytes)}: commands will be refused (storage-full).`,
        `Free ${bytesText(neededBytes - freeBytes)} or more.`,
      )
    : ok(`${what} has ${bytesText(freeBytes)} free; its next log file takes ${bytesText(neededBytes)}.`)

/** The disk under a directory: its kind, and its room for the next log file. */
export const diskFindings = async (path: string, neededBytes: number): Promise<readonly Finding[]> => {
  const { type, bavail, bsize } = await statfs(path)
  return [
    ...(process.platform === 'linux' ? [fileSystemFinding(path, type)] : []),
    roomFinding(path, bavail * bsize, neededBytes),
  ]
}

/** What is to be said of the clock, given when the newest manifest was saved; both in ms since 1970. */
export const clockFinding = (now: number, savedAt: number): Finding => {
  const behindMs = savedAt - now
  return behindMs > clockToleranceMs
    ? warn(
        `The clock is ${Math.ceil(behindMs / 60_000)} minutes behind the newest manifest: new events will carry the time of the last one until it has caught up.`,
        'Set the clock.',
      )
    : ok('The clock is not behind the journal.')
}

/** Whether a path names a directory. */
export const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** The nearest directory above a path that is there. */
export const nearestAbove = async (path: string): Promise<string> => {
  let above = dirname(resolve(path))
  while (!(await isDirectory(above)) && above !== dirname(above)) above = dirname(above)
  return above
}
