/** A journal, looked at from outside: while it runs, and when it would not open. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CorruptLogError } from '../../../src/events/journal/corrupt-log.js'
import { fileJournal } from '../../../src/events/journal/file-journal.js'
import { lookAtJournal } from '../../../src/events/journal/journal-report.js'
import { Ear, events, reopen } from '../../contracts/journal.js'
import { ledgerId } from './small-journal.js'

let root: string
let closed: string
const options = { logFileBytesMax: 4096, batchBytesMax: 1024, ledgerId }
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'journal-report-'))
  closed = join(root, 'closed')
  const { ear, journal } = await reopen(fileJournal(closed, options))
  await ear.untilSynced(journal.append(events('a/1', 1, 2)))
  await journal.close()
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A copy of the closed journal with another manifest in force. */
const withManifest = async (
  name: string,
  change: (manifest: Record<string, unknown>) => object,
): Promise<string> => {
  const directory = join(root, name)
  await cp(closed, directory, { recursive: true })
  const [inForce = ''] = (await readFile(join(directory, 'CURRENT'), 'utf8')).split(' ')
  const manifest = JSON.parse(await readFile(join(directory, inForce), 'utf8')) as Record<string, unknown>
  const text = JSON.stringify({ ...manifest, ...change(manifest) })
  await writeFile(join(directory, inForce), text)
  await writeFile(join(directory, 'CURRENT'), `${inForce} ${crc32(text).toString(16).padStart(8, '0')}\n`)
  return directory
}

describe('a journal, looked at', () => {
  test('that was closed shows its manifest, its files and nobody at the lock', async () => {
    const report = await lookAtJournal(closed)
    expect(report).toMatchObject({
      directory: closed,
      lock: { state: 'free' },
      manifest: { ledgerId, format: '3.0', lastPosition: 2, isClosed: true },
      leftovers: [],
      foreign: [],
      nextFileBytes: 4096,
    })
    expect(report.files.map(({ bytes, problem }) => ({ bytes, problem }))).toEqual([
      { bytes: 4096, problem: undefined },
      { bytes: 4096, problem: undefined },
    ])
    expect(Math.abs(report.manifest!.savedAt - Date.now())).toBeLessThan(60_000)
  })

  test('counts the files of carried games', async () => {
    const directory = await withManifest('carried', () => ({
      carried: [{ id: 77, lastFrame: 2, indexAt: 96, length: 200 }],
    }))
    await cp(join(closed, 'log-00000001.log'), join(directory, 'log-00000099.log'))
    const { files, leftovers } = await lookAtJournal(directory)
    expect(files.find(({ name }) => name === 'log-00000077.log')).toMatchObject({ problem: 'missing' })
    expect(leftovers).toEqual(['log-00000099.log'])
  })

  test('of a newer major says what opening says', async () => {
    const directory = await withManifest('newer-major', () => ({ major: 4 }))
    const { refusal, manifest } = await lookAtJournal(directory)
    expect(manifest).toBeUndefined()
    expect(refusal).toMatchObject({ code: 'format-too-new' })
    await expect(fileJournal(directory).open(0, new Ear())).rejects.toThrow(refusal!.message)
  })

  test('that has lost CURRENT says what opening says', async () => {
    const directory = join(root, 'lost-current')
    await cp(closed, directory, { recursive: true })
    await rm(join(directory, 'CURRENT'))
    const { refusal } = await lookAtJournal(directory)
    expect(refusal).toMatchObject({ code: 'corrupt-log' })
    const { file, offset, found } = refusal as CorruptLogError
    await expect(fileJournal(directory).open(0, new Ear())).rejects.toMatchObject({ file, offset, found })
  })

  test('is never taken for broken while it is written and reclaimed', async () => {
    const directory = join(root, 'busy')
    const { ear, journal } = await reopen(fileJournal(directory, { ...options, logFileBytesMax: 1024 }))
    let isOver = false
    const names = new Set<string>()
    const look = async (): Promise<void> => {
      while (!isOver) {
        const report = await lookAtJournal(directory)
        expect(report.refusal).toBeUndefined()
        expect(report.files.filter(({ problem }) => problem !== undefined)).toEqual([])
        expect(report).toMatchObject({ lock: { state: 'held' }, foreign: [] })
        names.add(report.manifest!.name)
      }
    }
    const looking = Promise.all(Array.from({ length: 4 }, look))
    for (let game = 1; game <= 400; game++) {
      await ear.untilSynced(journal.append(events(`busy/${game}`, 1, 3)))
      journal.release([`busy/${game}`])
    }
    isOver = true
    await looking
    await journal.close()
    // Else nothing has moved under the look.
    expect(names.size).toBeGreaterThan(50)
  })
})
