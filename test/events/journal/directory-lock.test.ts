/** One process may write a directory: who holds it is named, and kill -9 frees it at once. */
import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataDirLockedError, directoryLock, fileLock } from '../../../src/events/journal/directory-lock.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import { Ear, events, reopen } from '../../contracts/journal.js'
import { Child } from '../../faults/child.js'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-lock-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A process that has a ledger open, and so the journal in `journal` under it. */
const holderOf = async (directory: string): Promise<Child> => {
  const child = new Child({ act: 'idle', directory, life: 1 })
  await child.until('opened')
  return child
}

test('a second process is refused with the name of the first, and gets the lock the moment that is killed', async () => {
  const directory = join(root, 'locked', 'journal')
  const child = await holderOf(join(root, 'locked'))
  const journal = fileJournal(directory, { logFileBytesMax: 4096 })
  const error = await journal.open(0, new Ear()).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(DataDirLockedError)
  expect(error).toMatchObject({ code: 'data-dir-locked', pid: child.process.pid, directory })
  expect((error as Error).message).toMatch(
    /^data-dir-locked: .*journal is in use by pid \d+ since \d\d:\d\d:\d\d \(.*\)\. One process may write\. .*gone too\.$/,
  )
  await child.kill()
  const { journal: opened } = await reopen(journal)
  opened.append(events('a/1', 1))
  await expect(fileJournal(directory).open(0, new Ear())).rejects.toMatchObject({ pid: process.pid })
  await opened.close()
  await (await reopen(journal)).journal.close()
})

test('a holder on another host cannot be proven gone, so it is not', async () => {
  const directory = join(root, 'elsewhere')
  const journal = fileJournal(directory, { logFileBytesMax: 4096 })
  await (await reopen(journal)).journal.close()
  const holder = {
    pid: 7,
    since: new Date().toISOString(),
    host: 'another-host',
    bootId: '',
    program: 'game.js',
  }
  await writeFile(join(directory, 'LOCK'), JSON.stringify(holder))
  await expect(reopen(journal)).rejects.toThrow(
    /pid 7 .*game\.js on another-host.*remove the file \S+\/elsewhere\/LOCK\.$/,
  )
  await rm(join(directory, 'LOCK'))
  await (await reopen(journal)).journal.close()
})

test('without sockets the file LOCK is the lock, stolen only from a process of this machine that is gone', async () => {
  const directory = join(root, 'by-file')
  await mkdir(directory)
  const child = await holderOf(join(root, 'by-file-child'))
  const lock = await fileLock(directory)
  await expect(fileLock(directory)).rejects.toMatchObject({ code: 'data-dir-locked', pid: process.pid })
  const own = JSON.parse(await readFile(join(directory, 'LOCK'), 'utf8')) as object
  await lock.release()
  const heldBy = (holder: object) => writeFile(join(directory, 'LOCK'), JSON.stringify({ ...own, ...holder }))
  const childs = JSON.parse(await readFile(join(root, 'by-file-child', 'journal', 'LOCK'), 'utf8')) as object
  await heldBy(childs)
  await expect(fileLock(directory)).rejects.toMatchObject({ pid: child.process.pid })
  await child.kill()
  await (await fileLock(directory)).release()
  await heldBy({ host: `not-${hostname()}` })
  await expect(fileLock(directory)).rejects.toThrow(/remove the file \S+\/LOCK\.$/)
  await heldBy({ bootId: 'another boot' })
  await (await fileLock(directory)).release()
})

test('a lock whose file cannot be written or removed is not held for ever', async () => {
  const directory = join(root, 'spoilt')
  await mkdir(directory)
  const lock = await directoryLock(directory)
  await rm(join(directory, 'LOCK'))
  await mkdir(join(directory, 'LOCK'))
  await lock.release()
  await expect(directoryLock(directory)).rejects.toMatchObject({ code: 'EISDIR' })
  await rmdir(join(directory, 'LOCK'))
  await (await directoryLock(directory)).release()
})
