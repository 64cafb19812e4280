/**
 * `gameledger doctor` on directories with one thing wrong in the journal, the archive or the read models each. The
 * healthy directory is the control of every finding: there it does not show.
 */
import { appendFile, mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { run } from './command.js'
import { afterwards, diagnose, found } from './diagnosis.js'
import { copyOfHealthy, keepHealthyLedger, manifestOf } from './healthy-ledger.js'

keepHealthyLedger()

/** Puts another manifest in force. */
const changeManifest = async (data: string, change: object): Promise<void> => {
  const name = await manifestOf(data)
  const path = join(data, 'journal', name)
  const text = JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...change })
  await writeFile(path, text)
  const sum = crc32(text).toString(16).padStart(8, '0')
  await writeFile(join(data, 'journal/CURRENT'), `${name} ${sum}\n`)
}

/** Changes the header of the first log file, and its checksum with it. */
const changeHeader = async (data: string, change: (header: Buffer) => void): Promise<void> => {
  const file = await open(join(data, 'journal', await firstLog(data)), 'r+')
  const header = Buffer.alloc(64)
  await file.read(header, 0, 64, 0)
  change(header)
  await file.write(header, 0, 64, 0)
  await file.close()
}

const firstLog = async (data: string): Promise<string> =>
  (await readdir(join(data, 'journal'))).filter((name) => name.endsWith('.log')).sort()[0]!

const resum = (header: Buffer): void => void header.writeUInt32LE(crc32(header.subarray(0, 60)), 60)

describe('doctor, of the journal', () => {
  const bad = expect.objectContaining({ level: 'bad' })

  test.each([
    [
      'a log file that is missing',
      /log-\d+\.log is named by the manifest and missing/,
      async (data: string) => rm(join(data, 'journal', await firstLog(data))),
    ],
    [
      'a damaged header',
      /log-\d+\.log is damaged at the beginning/,
      (data: string) => changeHeader(data, (header) => header.fill(0)),
    ],
    [
      'a log file of another ledger',
      /log-\d+\.log is of another ledger/,
      (data: string) => changeHeader(data, (header) => resum(header.fill(7, 16, 32))),
    ],
    [
      'a log file of a newer format',
      /log-\d+\.log is of a newer format/,
      (data: string) => changeHeader(data, (header) => resum((header.writeUInt16LE(4, 8), header))),
    ],
    [
      'a manifest of a newer format',
      /Opening is refused: format-too-new: .*MANIFEST-\d+\.json has format 4/,
      (data: string) => changeManifest(data, { major: 4 }),
    ],
    [
      'a manifest that is damaged',
      /Opening is refused: corrupt-log: .*MANIFEST-\d+\.json/,
      async (data: string) => appendFile(join(data, 'journal', await manifestOf(data)), ' '),
    ],
    [
      'a CURRENT that names nothing',
      /Opening is refused: corrupt-log: .*CURRENT/,
      (data: string) => writeFile(join(data, 'journal/CURRENT'), 'MANIFEST-99.json 00000000\n'),
    ],
    [
      'a CURRENT that is lost',
      /Opening is refused: corrupt-log: .*expected a file CURRENT beside it/,
      (data: string) => rm(join(data, 'journal/CURRENT')),
    ],
  ])('finds %s, and opening is refused', async (_, what, harm) => {
    let harmed = ''
    expect(await afterwards(what, async (data) => harm((harmed = data)))).toEqual(bad)
    expect([65, 78]).toContain((await run('games', '--data', harmed)).exit)
  })

  test('finds files that are not of its making, and lets them lie', async () => {
    const finding = await afterwards(/notes\.txt in the journal is not of its making/, (data) =>
      writeFile(join(data, 'journal/notes.txt'), ''),
    )
    expect(finding.level).toBe('warn')
  })

  test('finds what a crash has left, which the next opening removes', async () => {
    const data = await copyOfHealthy()
    const leftovers = ['CURRENT.tmp', 'MANIFEST-99.json', 'log-00000099.log']
    for (const name of leftovers) await writeFile(join(data, 'journal', name), '')
    expect(found(await diagnose(data), /CURRENT\.tmp.*left by a crash/).level).toBe('ok')
    expect((await run('games', '--data', data)).exit).toBe(0)
    expect((await readdir(join(data, 'journal'))).filter((name) => leftovers.includes(name))).toEqual([])
  })

  test('finds a journal that was made and never written well', async () => {
    const data = await copyOfHealthy()
    await rm(join(data, 'journal'), { recursive: true })
    await rm(join(data, 'archive'), { recursive: true })
    await mkdir(join(data, 'journal'))
    expect(found(await diagnose(data), /journal is empty/).level).toBe('ok')
    expect(found(await diagnose(data), /no archive yet/).level).toBe('ok')
  })

  test('finds a clock that is behind the newest manifest', async () => {
    const later = Date.now() / 1_000 + 600
    const finding = await afterwards(/clock is (9|10) minutes behind/, async (data) =>
      utimes(join(data, 'journal', await manifestOf(data)), later, later),
    )
    expect(finding).toMatchObject({ level: 'warn', advice: 'Set the clock.' })
  })
})

describe('doctor, of the archive and the read models', () => {
  test('finds an archive of another ledger', async () => {
    const finding = await afterwards(/archive is of ledger another, and the journal is of/, (data) =>
      writeFile(join(data, 'archive/ledger.json'), '{"format":1,"ledger":"another"}\n'),
    )
    expect(finding.level).toBe('bad')
  })

  test('knows a ledger that has adopted it', async () => {
    const data = await copyOfHealthy()
    const own = await readFile(join(data, 'archive/ledger.json'), 'utf8')
    await writeFile(join(data, 'archive/ledger.json'), '{"format":1,"ledger":"another"}\n')
    await mkdir(join(data, 'archive/adopted'))
    await writeFile(join(data, 'archive/adopted/own.json'), own)
    expect(found(await diagnose(data), /archive is of this ledger/).level).toBe('ok')
  })

  test.each([
    [
      'one that does not say whose it is',
      /has no ledger\.json/,
      'bad',
      (data: string) => rm(join(data, 'archive/ledger.json')),
    ],
    [
      'one whose ledger.json is damaged',
      /does not say whose it is: ledger\.json is damaged/,
      'bad',
      (data: string) => writeFile(join(data, 'archive/ledger.json'), '{}'),
    ],
    [
      'one that is too new',
      /does not say whose it is: ledger\.json has format 9/,
      'bad',
      (data: string) => writeFile(join(data, 'archive/ledger.json'), '{"format":9}'),
    ],
    [
      'one that is gone',
      /no archive here, and the journal has seen events/,
      'warn',
      (data: string) => rename(join(data, 'archive'), join(data, 'moved')),
    ],
    [
      'one whose journal is gone',
      /and its journal is not here/,
      'bad',
      (data: string) => rm(join(data, 'journal'), { recursive: true }),
    ],
    [
      'no saved read models',
      /no saved read models/,
      'ok',
      (data: string) => rm(join(data, 'projections'), { recursive: true }),
    ],
  ] as const)('finds %s', async (_, what, level, harm) => {
    expect((await afterwards(what, harm)).level).toBe(level)
  })

  test('does not judge the archive by a journal that it cannot read', async () => {
    const data = await copyOfHealthy()
    await changeManifest(data, { major: 4 })
    expect(found(await diagnose(data), /archive is of ledger [0-9a-f-]{36}: /).level).toBe('ok')
  })
})
