/** The lock from outside: what it looks like to somebody who does not take it, and when it may be taken away. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { directoryLock, fileLock } from '../../../src/events/journal/directory-lock.js'
import type { LockHolder } from '../../../src/events/journal/lock-holder.js'
import { holderInWords } from '../../../src/events/journal/lock-holder.js'
import { lookAtFileLock, lookAtLock, unlockJournal } from '../../../src/events/journal/lock-report.js'
import { Child } from '../../faults/child.js'

let root: string
let own: LockHolder
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-lock-'))
  const directory = await directoryOf('own')
  const lock = await fileLock(directory)
  own = JSON.parse(await readFile(join(directory, 'LOCK'), 'utf8')) as LockHolder
  await lock.release()
})
afterAll(() => rm(root, { recursive: true, force: true }))

const directoryOf = async (name: string): Promise<string> => {
  const directory = join(root, name)
  await mkdir(directory, { recursive: true })
  return directory
}

/** A process that has a ledger open; the journal of it is in `journal` under the directory. */
const holderOf = async (name: string, under: readonly string[] = []) => {
  const child = new Child({ act: 'idle', directory: join(root, name), life: 1 }, under)
  await child.until('opened')
  return { child, directory: join(root, name, 'journal') }
}

/** A directory in which LOCK names somebody. */
const lockedBy = async (name: string, holder: Partial<LockHolder>): Promise<string> => {
  const directory = await directoryOf(name)
  await writeFile(join(directory, 'LOCK'), `${JSON.stringify({ ...own, ...holder })}\n`)
  return directory
}

const goneBoot = { bootId: 'another boot' }
const elsewhere = { host: `not-${hostname()}` }

describe('a lock, looked at', () => {
  test('is free where nobody has it', async () => {
    expect(await lookAtLock(await directoryOf('free'))).toEqual({ state: 'free' })
  })

  test('is held while its process lives, which is named; and free of it the moment that is killed', async () => {
    const { child, directory } = await holderOf('held')
    const { pid } = child.process
    expect(await lookAtLock(directory)).toMatchObject({ state: 'held', holder: { pid } })
    await expect(unlockJournal(directory)).rejects.toMatchObject({ pid })
    expect(existsSync(join(directory, 'LOCK'))).toBe(true)
    await child.kill()
    expect(await lookAtLock(directory)).toMatchObject({ state: 'stale', holder: { pid } })
  })

  test('is left as it is by looking, and by those who look while it is taken', async () => {
    const directory = await directoryOf('looked-at')
    for (let round = 0; round < 20; round++) {
      const [lock] = await Promise.all([
        directoryLock(directory),
        lookAtLock(directory),
        lookAtLock(directory),
      ])
      expect(await lookAtLock(directory)).toMatchObject({ state: 'held' })
      await lock.release()
    }
  })

  test('cannot be judged where its holder is of another host: the next opening is refused', async () => {
    const directory = await lockedBy('unseen', elsewhere)
    expect(await lookAtLock(directory)).toMatchObject({ state: 'unseen', holder: elsewhere })
    await expect(directoryLock(directory)).rejects.toMatchObject({ code: 'data-dir-locked' })
  })

  test('by file alone is judged by pid, boot and start of its process', async () => {
    const stateOf = async (name: string, holder: Partial<LockHolder>) =>
      (await lookAtFileLock(await lockedBy(name, holder))).state
    expect(await lookAtFileLock(await directoryOf('by-file'))).toEqual({ state: 'free' })
    expect(await stateOf('by-file', {})).toBe('held')
    expect(await stateOf('by-file', goneBoot)).toBe('stale')
    expect(await stateOf('by-file', elsewhere)).toBe('unseen')
    await writeFile(join(root, 'by-file', 'LOCK'), '{ "pid": 4')
    expect(await lookAtFileLock(join(root, 'by-file'))).toEqual({ state: 'unseen' })
  })
})

describe.runIf(process.platform === 'linux')('a pid that was given again', () => {
  test('is not taken for the holder', async () => {
    expect(own.startTicks).toBeGreaterThan(0)
    const directory = await lockedBy('reused', { startTicks: own.startTicks! - 1 })
    expect((await lookAtFileLock(directory)).state).toBe('stale')
    await (await fileLock(directory)).release()
  })

  test('is taken for the holder where LOCK does not tell its start', async () => {
    const { startTicks: _, ...told } = own
    const directory = await directoryOf('untold')
    await writeFile(join(directory, 'LOCK'), JSON.stringify(told))
    expect((await lookAtFileLock(directory)).state).toBe('held')
    await expect(fileLock(directory)).rejects.toMatchObject({ pid: process.pid })
  })
})

describe('unlocking', () => {
  test('removes the lock of a holder that cannot be seen, and the directory opens again', async () => {
    const directory = await lockedBy('unlocked', elsewhere)
    expect(await unlockJournal(directory)).toMatchObject({ state: 'unseen', holder: elsewhere })
    expect(existsSync(join(directory, 'LOCK'))).toBe(false)
    await (await directoryLock(directory)).release()
  })

  test('leaves a lock alone that is no hindrance', async () => {
    expect(await unlockJournal(await directoryOf('free'))).toEqual({ state: 'free' })
    const directory = await lockedBy('left-behind', goneBoot)
    expect(await unlockJournal(directory)).toMatchObject({ state: 'stale' })
    expect(existsSync(join(directory, 'LOCK'))).toBe(true)
  })
})

/** A network of one's own needs a privilege. */
const hasNetworks =
  process.platform === 'linux' && spawnSync('unshare', ['-n', 'true'], { stdio: 'ignore' }).status === 0

describe.runIf(hasNetworks)('a process of this host with a network of its own', () => {
  let child: Child
  let directory: string
  beforeAll(async () => {
    ;({ child, directory } = await holderOf('other-network', ['unshare', '-n']))
  })

  test('keeps others out, though its socket is not seen', async () => {
    const { pid } = child.process
    expect(await lookAtLock(directory)).toMatchObject({ state: 'held', holder: { pid } })
    await expect(directoryLock(directory)).rejects.toMatchObject({ pid })
    await expect(unlockJournal(directory)).rejects.toMatchObject({ pid })
  })

  test('is gone when it is killed', async () => {
    await child.kill()
    expect(await lookAtLock(directory)).toMatchObject({ state: 'stale' })
    await (await directoryLock(directory)).release()
  })
})

test('the day is told of a lock that is older than today', () => {
  const at = (since: string) => holderInWords({ ...own, pid: 7, since, program: 'game.js', host: 'tower' })
  expect(at(new Date().toISOString())).toMatch(/^pid 7 since \d\d:\d\d:\d\d \(game\.js on tower\)$/)
  expect(at('2020-02-03T12:00:00Z')).toMatch(/^pid 7 since 2020-02-0\d \d\d:\d\d:\d\d \(/)
  expect(at('never')).toMatch(/^pid 7 since an unknown time/)
})
