/**
 * What a proof needs of the machine that it runs on, and what becomes of one that lacks it: it is skipped, and its
 * name says what is missing. In CI a program that can be installed has to be there: its lack fails.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Need = 'strace' | 'prlimit' | 'mount' | 'ext4' | 'redis'

/** Something that is missing; `isInstallable`, where a package brings it. */
export interface Lack {
  readonly what: string
  readonly isInstallable: boolean
}

const runs = (program: string, ...words: readonly string[]): boolean => {
  try {
    execFileSync(program, words, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whether something can be mounted; it is unmounted at once. */
const mounts = (wordsFor: (scratch: string) => readonly string[] | undefined): boolean => {
  const scratch = mkdtempSync(join(tmpdir(), 'gameledger-needs-'))
  const directory = join(scratch, 'mounted')
  try {
    mkdirSync(directory)
    const words = wordsFor(scratch)
    return words !== undefined && runs('mount', ...words, directory) && runs('umount', directory)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const mountsTmpfs = (): boolean => mounts(() => ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs'])

const mountsExt4 = (): boolean =>
  mounts((scratch) => {
    const image = join(scratch, 'image')
    const isMade = runs('truncate', '--size', '8M', image) && runs('mkfs.ext4', '-q', image)
    return isMade ? ['-o', 'loop', image] : undefined
  })

const program = (name: string, package_: string, ...words: readonly string[]): Lack | undefined =>
  runs(name, ...words) ? undefined : { what: `${name}: apt-get install ${package_}`, isInstallable: true }

const privilege = (isThere: boolean, what: string): Lack | undefined =>
  isThere ? undefined : { what, isInstallable: false }

/** Asked once each: the first that is missing. */
const lookFor: { readonly [need in Need]: () => Lack | undefined } = {
  strace: () =>
    program('strace', 'strace', '-V') ??
    privilege(runs('strace', '-f', '-o', '/dev/null', 'true'), 'the right to trace a process'),
  prlimit: () => program('prlimit', 'util-linux', '--version'),
  mount: () => privilege(mountsTmpfs(), 'root, and the right to mount'),
  ext4: () =>
    lookFor.mount() ??
    program('mkfs.ext4', 'e2fsprogs', '-V') ??
    program('perl', 'perl', '-v') ??
    privilege(mountsExt4(), 'loop devices'),
  redis: () => program('redis-server', 'redis-server', '--version'),
}

/** The first of these that this machine has not. */
export const lackOf = (...needs: readonly Need[]): Lack | undefined => {
  for (const need of needs) {
    const lack = lookFor[need]()
    if (lack !== undefined) return lack
  }
  return undefined
}
