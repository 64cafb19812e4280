/** `gameledger doctor` from outside: on a ledger that is well, held, locked, forbidden, or on another file system. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ended, main, run, start, type Ended } from './command.js'
import { afterwards, diagnose, diagnosisOf, found } from './diagnosis.js'
import { copyOfHealthy, keepHealthyLedger, lockedBy, manifestOf, place, whileHeld } from './healthy-ledger.js'

keepHealthyLedger()

/** Every name in a directory, with size, time of change, and a sum of its bytes. */
const fingerprintOf = async (data: string): Promise<readonly string[]> => {
  const names = await readdir(data, { recursive: true })
  return Promise.all(
    ['.', ...names.sort()].map(async (name) => {
      const path = join(data, name)
      const { size, mtimeMs, ctimeMs } = await stat(path)
      const isFile = (await stat(path)).isFile()
      const sum = isFile
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
        : ''
      return `${name} ${size} ${mtimeMs} ${ctimeMs} ${sum}`
    }),
  )
}

describe('doctor', () => {
  test('finds a ledger well that was closed, in one line a finding', async () => {
    const { exit, stdout, stderr } = await run('doctor', '--data', place.healthy)
    expect(exit).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => !/^(ok|warn) {2,4}\S.*[.\w]$/.test(line))).toEqual([])
    for (const what of [
      /Node is \d/,
      /healthy can be read and written\./,
      /Nobody has the lock\./,
      /MANIFEST-\d+\.json is in force: ledger [0-9a-f-]{36}, format \d+\.\d+\./,
      /closed properly/,
      /The log has 2 files with 32 MiB\./,
      /next log file takes 16 MiB/,
      /The clock is not behind/,
      /The archive is of this ledger: \d+ objects, \d+ batch/,
      /\d saved read models\./,
    ])
      expect(
        lines.filter((line) => what.test(line)),
        String(what),
      ).toHaveLength(1)
    expect(stderr).toMatch(/^0 bad, \d warnings?, \d+ ok\n$/)
  })

  test('changes nothing, whatever it finds', async () => {
    const left = await copyOfHealthy()
    await lockedBy(left, {})
    await writeFile(join(left, 'journal/CURRENT.tmp'), 'x')
    await writeFile(join(left, 'archive/.put-1'), 'x')
    await utimes(join(left, 'archive/.put-1'), 1, 1)
    for (const data of [place.healthy, left]) {
      const before = await fingerprintOf(data)
      await diagnose(data)
      await run('unlock', '--data', data)
      expect(await fingerprintOf(data)).toEqual(before)
    }
  })

  test('says where to look where there is no ledger', async () => {
    const nowhere = await diagnose(join(place.folder, 'no/where'))
    expect(found(nowhere, /There is no directory .*no\/where; .* is there/)).toMatchObject({ level: 'bad' })
    expect(existsSync(join(place.folder, 'no'))).toBe(false)
    await mkdir(join(place.folder, 'empty'))
    expect(found(await diagnose(join(place.folder, 'empty')), /no ledger in/).level).toBe('warn')
    expect(found(await diagnose(join(place.healthy, 'journal')), /is a journal itself/).advice).toMatch(
      /healthy$/,
    )
    await writeFile(join(place.folder, 'file'), '')
    expect(found(await diagnose(join(place.folder, 'file')), /is a file/).level).toBe('bad')
  })
})

test('a ledger is closed properly though nobody reads what is printed', async () => {
  const data = await copyOfHealthy()
  for (let look = 0; look < 3; look++) {
    const reader = start(['games', '--limit', '1000', '--data', data])
    reader.stdout!.destroy()
    expect(await ended(reader)).toMatchObject({ exit: 0, stderr: '' })
    expect(found(await diagnose(data), /closed properly/).what).toBe('The journal was closed properly.')
  }
})

describe('doctor, of the lock', () => {
  test('names its holder while that lives, and is not misled by a journal at work', async () => {
    const data = await copyOfHealthy()
    await whileHeld(data, async (pid) => {
      for (let look = 0; look < 4; look++) {
        const findings = await diagnose(data)
        expect(found(findings, new RegExp(`held by pid ${pid} since .*, which lives`)).level).toBe('ok')
        expect(found(findings, /journal is in use/).level).toBe('ok')
        expect(findings.filter(({ level }) => level === 'bad')).toEqual([])
      }
    })
    const findings = await diagnose(data)
    expect(found(findings, /The lock was left by pid .*, which no longer holds it/).level).toBe('ok')
    expect(found(findings, /not closed properly/).level).toBe('warn')
  })

  test('says how to take it from a holder that cannot be seen', async () => {
    const finding = await afterwards(/pid 7 since .*\(a\.js on elsewhere\).*cannot be seen/, (data) =>
      lockedBy(data, { host: 'elsewhere' }),
    )
    expect(finding).toMatchObject({
      level: 'bad',
      advice: expect.stringMatching(/unlock --force --data \S+$/),
    })
  })
})

/** Rights bind everybody but root: as root the command runs as somebody else, where that one can reach the package. */
const isRoot = process.getuid?.() === 0
const asUser = isRoot ? { uid: 65_534, gid: 65_534 } : {}
const asSomebody = (...args: readonly string[]): Promise<Ended> =>
  ended(spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...asUser }))
const canBeSomebody =
  process.platform !== 'win32' &&
  spawnSync(process.execPath, [main, '--version'], { stdio: 'ignore', ...asUser }).status === 0

describe.runIf(canBeSomebody)('doctor, of rights', () => {
  const findingsFor = async (data: string) =>
    diagnosisOf(await asSomebody('doctor', '--data', data, '--json')).findings

  test('finds a directory that cannot be written', async () => {
    const data = await copyOfHealthy()
    await chmod(data, 0o555)
    expect(found(await findingsFor(data), /copy-\d+ cannot be written by this user/).level).toBe('bad')
    await chmod(data, 0o755)
  })

  test('finds directories that cannot be read or reached', async () => {
    const data = await copyOfHealthy()
    await chmod(join(data, 'archive'), 0)
    await chmod(join(data, 'journal', await manifestOf(data)), 0)
    const findings = await findingsFor(data)
    expect(found(findings, /archive cannot be read by this user/).level).toBe('bad')
    expect(found(findings, /journal cannot be read: EACCES/).advice).toMatch(/explain EACCES$/)
    await chmod(join(data, 'archive'), 0o755)
    await chmod(data, 0)
    expect(
      found(await findingsFor(join(data, 'journal')), /cannot be reached by this user \(EACCES\)/).level,
    ).toBe('bad')
    await chmod(data, 0o755)
  })
})

const canMount =
  process.platform === 'linux' && spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0

test.runIf(canMount)('doctor finds a disk in memory, and no room on it for the next log file', async () => {
  const mount = join(place.folder, 'mounted')
  await mkdir(mount)
  const script =
    'mount -t tmpfs -o size=40m tmpfs "$1" && cp -r "$2" "$1/data" && exec "$3" "$4" doctor --json --data "$1/data"'
  const diagnosis = diagnosisOf(
    await ended(
      spawn('unshare', ['-m', 'sh', '-c', script, 'sh', mount, place.healthy, process.execPath, main], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    ),
  )
  expect(diagnosis.ok).toBe(true)
  expect(found(diagnosis.findings, /is on tmpfs: nothing on it outlives a reboot/).level).toBe('warn')
  const room = found(diagnosis.findings, /MiB free, and its next log file takes 16 MiB: .*storage-full/)
  expect(room).toMatchObject({ level: 'warn', advice: expect.stringMatching(/^Free \S+ MiB or more\.$/) })
})
