/** A ledger that was played and closed, in a directory, and copies of it to do harm to: for tests of the operator's commands. */
import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { ended, run, start } from './command.js'

/** Where they are; filled in before the first test. */
export const place = { folder: '', healthy: '' }

const copies: string[] = []
let copied = 0

/** Plays a ledger before the tests of a file, and cleans up after each: a copy has 32 MiB. */
export const keepHealthyLedger = (): void => {
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'gameledger-doctor-'))
    await chmod(place.folder, 0o755)
    place.healthy = join(place.folder, 'healthy')
    const { exit, stderr } = await run('demo', '--games', '4', '--speed', '1000', '--data', place.healthy)
    if (exit !== 0) throw new Error(`The demo ended with ${exit}: ${stderr}`)
  })
  afterEach(async () => {
    for (const copy of copies.splice(0)) await rm(copy, { recursive: true, force: true })
  })
  afterAll(() => rm(place.folder, { recursive: true, force: true }))
}

/** A copy of the directory in which all is well; it goes after the test. */
export const copyOfHealthy = async (): Promise<string> => {
  const copy = join(place.folder, `copy-${++copied}`)
  copies.push(copy)
  await cp(place.healthy, copy, { recursive: true, preserveTimestamps: true })
  return copy
}

/** The name of the manifest in force. */
export const manifestOf = async (data: string): Promise<string> =>
  (await readFile(join(data, 'journal/CURRENT'), 'utf8')).split(' ')[0]!

/** Writes a LOCK as this holder would have left it. */
export const lockedBy = (data: string, holder: object): Promise<void> =>
  writeFile(
    join(data, 'journal/LOCK'),
    JSON.stringify({
      pid: 7,
      since: '2026-01-02T03:04:05Z',
      host: hostname(),
      bootId: 'x',
      program: 'a.js',
      ...holder,
    }),
  )

/** Whether LOCK is there, and whole. */
const isLocked = (data: string): boolean =>
  existsSync(join(data, 'journal/LOCK')) && readFileSync(join(data, 'journal/LOCK'), 'utf8').endsWith('}\n')

/** Does something while another process has the directory. */
export const whileHeld = async (data: string, work: (pid: number) => Promise<void>): Promise<void> => {
  const holder = start(['demo-child', '--data', data, '--seed', '1'])
  try {
    while (!isLocked(data) && holder.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    await work(holder.pid!)
  } finally {
    const gone = ended(holder)
    holder.kill('SIGKILL')
    await gone
  }
}
