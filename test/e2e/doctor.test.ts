/**
 * The operator's doors from outside: `doctor` on directories with each thing wrong once, `unlock` on a lock that is
 * really held, `explain`. A healthy directory is the control of every finding: there it does not show.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ended, main, run, start, type Ended } from './command.js'

interface Finding {
  readonly level: 'ok' | 'warn' | 'bad'
  readonly what: string
  readonly advice?: string
}

interface Diagnosis {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

let folder: string
let healthy: string
let copied = 0
const copies: string[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gameledger-doctor-'))
  await chmod(folder, 0o755)
  healthy = join(folder, 'healthy')
  expect((await run('demo', '--games', '20', '--data', healthy)).exit).toBe(0)
})
afterAll(() => rm(folder, { recursive: true, force: true }))
afterEach(async () => {
  for (const copy of copies.splice(0)) await rm(copy, { recursive: true, force: true })
})

/** A copy of a directory in which all is well. */
const copyOf = async (data = healthy): Promise<string> => {
  const copy = join(folder, `copy-${++copied}`)
  copies.push(copy)
  await cp(data, copy, { recursive: true, preserveTimestamps: true })
  return copy
}

const diagnosisOf = ({ exit, stdout, stderr }: Ended): Diagnosis => {
  if (stdout === '') throw new Error(`doctor ended with ${exit}: ${stderr}`)
  const diagnosis = JSON.parse(stdout) as Diagnosis
  expect(exit).toBe(diagnosis.ok ? 0 : 1)
  expect(diagnosis.ok).toBe(diagnosis.findings.every(({ level }) => level !== 'bad'))
  return diagnosis
}

const diagnose = async (data: string): Promise<readonly Finding[]> =>
  diagnosisOf(await run('doctor', '--data', data, '--json')).findings

/** The one finding of which this holds; it says what to do unless all is well. */
const found = (findings: readonly Finding[], what: RegExp): Finding => {
  const matching = findings.filter((finding) => what.test(finding.what))
  expect(
    matching.map(({ what: said }) => said),
    `${what} in ${JSON.stringify(findings)}`,
  ).toHaveLength(1)
  const [finding] = matching
  if (finding!.level !== 'ok') expect(finding!.advice).toMatch(/\S/)
  return finding!
}

/** What `doctor` makes of a directory after this was done to it; on a healthy one it does not show. */
const afterwards = async (what: RegExp, harm: (data: string) => Promise<unknown>): Promise<Finding> => {
  const data = await copyOf()
  expect((await diagnose(data)).filter((finding) => what.test(finding.what))).toEqual([])
  await harm(data)
  return found(await diagnose(data), what)
}

const manifestOf = async (data: string): Promise<string> =>
  (await readFile(join(data, 'journal/CURRENT'), 'utf8')).split(' ')[0]!

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

const lockedBy = (data: string, holder: object): Promise<void> =>
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

/** Runs the command while another process has the directory. */
const whileHeld = async (data: string, work: (pid: number) => Promise<void>): Promise<void> => {
  const holder = start(['demo-child', '--data', data, '--seed', '1'])
  try {
    while (!existsSync(join(data, 'journal/LOCK'))) await new Promise((resolve) => setTimeout(resolve, 20))
    await work(holder.pid!)
  } finally {
    const gone = ended(holder)
    holder.kill('SIGKILL')
    await gone
  }
}

describe('doctor', () => {
  test('finds a ledger well that was closed, in one line a finding', async () => {
    const { exit, stdout, stderr } = await run('doctor', '--data', healthy)
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
    const left = await copyOf()
    await lockedBy(left, {})
    await writeFile(join(left, 'journal/CURRENT.tmp'), 'x')
    await writeFile(join(left, 'archive/.put-1'), 'x')
    await utimes(join(left, 'archive/.put-1'), 1, 1)
    for (const data of [healthy, left]) {
      const before = await fingerprintOf(data)
      await diagnose(data)
      await run('unlock', '--data', data)
      expect(await fingerprintOf(data)).toEqual(before)
    }
  })

  test('says where to look where there is no ledger', async () => {
    const nowhere = await diagnose(join(folder, 'no/where'))
    expect(found(nowhere, /There is no directory .*no\/where; .* is there/)).toMatchObject({ level: 'bad' })
    expect(existsSync(join(folder, 'no'))).toBe(false)
    await mkdir(join(folder, 'empty'))
    expect(found(await diagnose(join(folder, 'empty')), /no ledger in/).level).toBe('warn')
    expect(found(await diagnose(join(healthy, 'journal')), /is a journal itself/).advice).toMatch(/healthy$/)
    await writeFile(join(folder, 'file'), '')
    expect(found(await diagnose(join(folder, 'file')), /is a file/).level).toBe('bad')
  })
})

test('a ledger is closed properly though nobody reads what is printed', async () => {
  const data = await copyOf()
  for (let look = 0; look < 3; look++) {
    const reader = start(['games', '--limit', '1000', '--data', data])
    reader.stdout!.destroy()
    expect(await ended(reader)).toMatchObject({ exit: 0, stderr: '' })
    expect(found(await diagnose(data), /closed properly/).what).toBe('The journal was closed properly.')
  }
})

describe('doctor, of the lock', () => {
  test('names its holder while that lives, and is not misled by a journal at work', async () => {
    const data = await copyOf()
    await whileHeld(data, async (pid) => {
      for (let look = 0; look < 4; look++) {
        const findings = await diagnose(data)
        expect(found(findings, new RegExp(`held by pid ${pid} since .*, which lives`)).level).toBe('ok')
        expect(found(findings, /journal is in use/).level).toBe('ok')
        expect(findings.filter(({ level }) => level === 'bad')).toEqual([])
      }
    })
    const findings = await diagnose(data)
    expect(found(findings, /The lock was left by pid .*, which is gone/).level).toBe('ok')
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
      (data: string) => changeHeader(data, (header) => resum((header.writeUInt16LE(2, 8), header))),
    ],
    [
      'a manifest of a newer format',
      /Opening is refused: format-too-new: .*MANIFEST-\d+\.json has format 2/,
      (data: string) => changeManifest(data, { major: 2 }),
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
      /Opening is refused: corrupt-log: .*log-\d+\.log/,
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
    const data = await copyOf()
    const leftovers = ['CURRENT.tmp', 'MANIFEST-99.json', 'log-00000099.log']
    for (const name of leftovers) await writeFile(join(data, 'journal', name), '')
    expect(found(await diagnose(data), /CURRENT\.tmp.*left by a crash/).level).toBe('ok')
    expect((await run('games', '--data', data)).exit).toBe(0)
    expect((await readdir(join(data, 'journal'))).filter((name) => leftovers.includes(name))).toEqual([])
  })

  test('finds a journal that was made and never written well', async () => {
    const data = await copyOf()
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
    const data = await copyOf()
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
    const data = await copyOf()
    await changeManifest(data, { major: 2 })
    expect(found(await diagnose(data), /archive is of ledger [0-9a-f-]{36}: /).level).toBe('ok')
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
    const data = await copyOf()
    await chmod(data, 0o555)
    expect(found(await findingsFor(data), /copy-\d+ cannot be written by this user/).level).toBe('bad')
    await chmod(data, 0o755)
  })

  test('finds directories that cannot be read or reached', async () => {
    const data = await copyOf()
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
  const mount = join(folder, 'mounted')
  await mkdir(mount)
  const script =
    'mount -t tmpfs -o size=40m tmpfs "$1" && cp -r "$2" "$1/data" && exec "$3" "$4" doctor --json --data "$1/data"'
  const diagnosis = diagnosisOf(
    await ended(
      spawn('unshare', ['-m', 'sh', '-c', script, 'sh', mount, healthy, process.execPath, main], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    ),
  )
  expect(diagnosis.ok).toBe(true)
  expect(found(diagnosis.findings, /is on tmpfs: nothing on it outlives a reboot/).level).toBe('warn')
  const room = found(diagnosis.findings, /MiB free, and its next log file takes 16 MiB: .*storage-full/)
  expect(room).toMatchObject({ level: 'warn', advice: expect.stringMatching(/^Free \S+ MiB or more\.$/) })
})

describe('unlock', () => {
  test('shows who has the directory, and takes nothing from who lives', async () => {
    const data = await copyOf()
    expect(await run('unlock', '--data', data)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^free: /),
    })
    await whileHeld(data, async (pid) => {
      const shown = await run('unlock', '--data', data)
      expect(shown).toMatchObject({
        exit: 75,
        stdout: expect.stringMatching(new RegExp(`^held: .*pid ${pid} since`)),
      })
      const forced = await run('unlock', '--force', '--data', data)
      expect(forced).toMatchObject({ exit: 75, stdout: '' })
      expect(forced.stderr).toMatch(new RegExp(`^error data-dir-locked: .* pid ${pid} since`))
      expect(JSON.parse((await run('unlock', '--json', '--data', data)).stdout)).toMatchObject({
        state: 'held',
        holder: { pid },
        removed: false,
      })
      expect(existsSync(join(data, 'journal/LOCK'))).toBe(true)
    })
    const stale = await run('unlock', '--data', data)
    expect(stale).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^stale: pid .* is gone\. Nothing is to be done/),
    })
    expect((await run('games', '--data', data)).exit).toBe(0)
  })

  test('takes the lock from a holder that cannot be seen, when it is told to', async () => {
    const data = await copyOf()
    await lockedBy(data, { host: 'old-container' })
    const refused = await run('games', '--data', data)
    expect(refused.exit).toBe(75)
    expect(refused.stderr).toMatch(
      /a\.js on old-container[^]*remove the file .*journal\/LOCK[^]*unlock --force --data/,
    )
    expect(await run('unlock', '--data', data)).toMatchObject({
      exit: 75,
      stdout: expect.stringMatching(/^unseen: .*old-container.*gameledger unlock --force --data \S+\n$/),
    })
    expect(existsSync(join(data, 'journal/LOCK'))).toBe(true)
    expect(await run('unlock', '--force', '--data', data)).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^removed: the lock of pid 7 /),
    })
    expect(existsSync(join(data, 'journal/LOCK'))).toBe(false)
    expect((await run('games', '--data', data)).exit).toBe(0)
  })

  test('says where there is nothing to unlock', async () => {
    const { exit, stderr } = await run('unlock', '--data', join(folder, 'nowhere'))
    expect(exit).toBe(66)
    expect(stderr).toMatch(/^error no-data: .*\n {2}Check --data\.\n$/)
  })
})

describe('explain', () => {
  test('says of a code what it is and what to do', async () => {
    const { exit, stdout } = await run('explain', 'data-dir-locked')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^data-dir-locked\n\nAnother process [^]*\nWhy: [^]*\nWhat to do: [^]*\.\n$/)
    expect(stdout.split('\n').filter((line) => line.length > 100 || line.includes('`'))).toEqual([])
    expect(JSON.parse((await run('explain', 'ENOENT', '--json')).stdout)).toMatchObject({
      codes: ['EISDIR', 'ENOENT'],
      advice: expect.stringMatching(/path/),
    })
  })

  test('lists all codes, each with its first sentence', async () => {
    const { exit, stdout } = await run('explain')
    expect(exit).toBe(0)
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^code +what has happened$/)
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.filter((line) => !/^\S+ {2,}[A-Za-z].*\.$/.test(line) || line.endsWith('...'))).toEqual([])
    const listed = JSON.parse((await run('explain', '--json')).stdout) as { codes: string[] }[]
    expect(listed.flatMap(({ codes }) => codes)).toHaveLength(lines.length)
  })

  test('names those near to a code that there is not', async () => {
    const { exit, stdout, stderr } = await run('explain', 'corupt-log')
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toMatch(
      /^error no-such-code: .*corupt-log\.\n {2}Perhaps: corrupt-log\. List all codes: gameledger explain\n$/,
    )
  })

  test('has an entry for every code that the commands end with here', async () => {
    const endings: readonly (readonly string[])[] = [
      ['games', '--data', join(folder, 'nowhere')],
      ['replay', 'nope', '--data', healthy],
      ['player', 'nobody', '--data', healthy],
      ['leaderboard', 'nope', '--data', healthy],
      ['games', '--games', './nope.js', '--data', healthy],
      ['import', join(folder, 'no.pgn'), '--data', healthy],
      ['explain', 'nope'],
    ]
    for (const args of endings) {
      const { stderr } = await run(...args)
      const code = /^error (\S+): /m.exec(stderr)?.[1] ?? stderr
      expect((await run('explain', code)).stdout.startsWith(code) || code === 'ENOENT', code).toBe(true)
    }
  })
})
