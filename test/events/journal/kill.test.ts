/** Real processes, real files, kill -9: what was acknowledged is there, and the lock is free. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataDirLockedError, fileLock } from '../../../src/events/journal/directory-lock.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import { Ear, events, reopen } from '../../contracts/journal.js'
import { buildChild, Child } from './child-process.js'

let root: string
let program: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-kill-'))
  program = buildChild(join(root, 'program'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('ten kills lose nothing that was acknowledged', async () => {
  const directory = join(root, 'played')
  let recovered = 0
  for (let round = 1; round <= 10; round++) {
    const child = new Child(program, directory, 'play')
    await child.untilLines(20 * round)
    await child.kill()
    expect(Number(child.lines[0]!.split(' ')[1])).toBe(recovered)
    const acknowledged = Number(child.lines.at(-1))
    const { journal, records, recovery } = await reopen(
      fileJournal(directory, { logFileBytesMax: 32 * 1024 }),
    )
    recovered = records.length
    expect(recovered).toBeGreaterThanOrEqual(acknowledged)
    expect(recovery.isClean).toBe(false)
    await journal.close()
  }
})

test('a second process is refused with the name of the first, and gets the lock the moment that is killed', async () => {
  const directory = join(root, 'locked')
  const child = new Child(program, directory, 'idle')
  await child.untilLines(1)
  const journal = fileJournal(directory, { logFileBytesMax: 4096 })
  const error = await journal.open(0, new Ear()).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(DataDirLockedError)
  expect(error).toMatchObject({ code: 'data-dir-locked', pid: child.process.pid, directory })
  expect((error as Error).message).toMatch(
    /^data-dir-locked: .*locked is in use by pid \d+ since \d\d:\d\d:\d\d \(.*\)\. One process may write\. .*gone too\.$/,
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
  const child = new Child(program, join(root, 'by-file-child'), 'idle')
  await child.untilLines(1)
  const lock = await fileLock(directory)
  await expect(fileLock(directory)).rejects.toMatchObject({ code: 'data-dir-locked', pid: process.pid })
  const own = JSON.parse(await readFile(join(directory, 'LOCK'), 'utf8')) as object
  await lock.release()
  const heldBy = (holder: object) => writeFile(join(directory, 'LOCK'), JSON.stringify({ ...own, ...holder }))
  const childs = JSON.parse(await readFile(join(root, 'by-file-child', 'LOCK'), 'utf8')) as object
  await heldBy(childs)
  await expect(fileLock(directory)).rejects.toMatchObject({ pid: child.process.pid })
  await child.kill()
  await (await fileLock(directory)).release()
  await heldBy({ host: `not-${hostname()}` })
  await expect(fileLock(directory)).rejects.toThrow(/remove the file \S+\/LOCK\.$/)
  await heldBy({ bootId: 'another boot' })
  await (await fileLock(directory)).release()
})
