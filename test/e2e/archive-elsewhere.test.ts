/** Commands on archives that are not in the data directory: a directory, a bucket, a database; with their journal, and alone. */
import { execFileSync } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cephLack, startCephRgw, type CephRgw } from '../support/ceph-rgw.js'
import { postgresLack, startPostgres, type PostgresServer } from '../support/postgres-server.js'
import { describeWithServer } from '../support/server-process.js'
import { inFolder, run, runJson } from './command.js'

const example = (name: string): string =>
  fileURLToPath(new URL(`../../dist/examples/${name}.js`, import.meta.url))

interface Listed {
  readonly games: readonly {
    readonly kind: string
    readonly gameId: string
    readonly players: readonly string[]
  }[]
  readonly events: number
}

/** What the doctor says of the archive, and how it ends. */
const diagnosed = async (...where: readonly string[]) => {
  const { exit, stdout } = await run('doctor', ...where)
  return [exit, stdout.split('\n').filter((line) => line.includes('archive'))]
}

/** Everything that is asked of an archive: the same answers wherever it is, with its journal or alone. */
const answers = async (...where: readonly string[]) => {
  const listed = await runJson<Listed>('archive', 'ls', ...where, '--limit', '100')
  // Rooms are listed, too; their rules are the ledger's own, and nothing replays them.
  const { kind, gameId, players } = listed.games.find((game) => game.kind !== 'room')!
  const { stdout: exported } = await run('archive', 'export', ...where)
  return {
    listed,
    exported,
    replayed: await runJson('replay', `${kind}/${gameId}`, ...where),
    player: await runJson('player', players[0]!, ...where),
    games: await runJson('games', ...where),
    verified: await runJson('verify', '--deep', ...where),
  }
}

const digestOf = (directory: string): string =>
  execFileSync('bash', ['-c', 'find . -type f -print0 | sort -z | xargs -0 sha256sum'], {
    cwd: directory,
    encoding: 'utf8',
  })

describe('--archive', () => {
  test('names a directory; without its journal the archive alone is read, and not a byte of it changes', () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data')
      await runJson('demo', '--games', '20', '--data', data)
      const wanted = await answers('--data', data)
      const archive = join(folder, 'elsewhere')
      await rename(join(data, 'archive'), archive)
      expect(await answers('--data', data, '--archive', archive)).toEqual(wanted)
      const own = [expect.stringMatching(/^ok +The archive is of this ledger: \d+ objects, \d+ batch/)]
      expect(await diagnosed('--data', data, '--archive', archive)).toEqual([0, own])
      const before = digestOf(archive)
      const alone = ['--data', join(folder, 'nowhere'), '--archive', archive]
      expect(await answers(...alone)).toEqual(wanted)
      expect(digestOf(archive)).toBe(before)
      const { stderr } = await run('archive', 'ls', ...alone)
      expect(stderr).toMatch(/There is no journal in .*nowhere: the archive alone is read/)
    }))

  test('says what it cannot open, and does not take an archive for another ledger', () =>
    inFolder(async (folder) => {
      const [none, empty] = [join(folder, 'none.mjs'), join(folder, 'empty.mjs')]
      await writeFile(empty, 'export const archive = { put() {} }')
      for (const module of [none, empty]) {
        const { exit, stderr } = await run('archive', 'ls', '--data', folder, '--archive', module)
        expect([exit, stderr]).toEqual([78, expect.stringMatching(/error no-archive: /)])
      }
      const [one, other] = [join(folder, 'one'), join(folder, 'other')]
      for (const data of [one, other]) await runJson('demo', '--games', '2', '--data', data)
      const mixed = await run('archive', 'ls', '--data', one, '--archive', join(other, 'archive'))
      expect([mixed.exit, mixed.stderr]).toEqual([78, expect.stringMatching(/archive-of-another-ledger/)])
      const another = [expect.stringMatching(/^bad +The archive is of ledger \S+, and the journal is of /)]
      expect(await diagnosed('--data', one, '--archive', join(other, 'archive'))).toEqual([1, another])
    }))
})

describeWithServer('--archive on servers', cephLack() ?? postgresLack(), () => {
  let ceph: CephRgw
  let postgres: PostgresServer
  const before = { ...process.env }
  beforeAll(async () => {
    ;[ceph, postgres] = await Promise.all([startCephRgw(), startPostgres()])
    const { endpoint, region, bucket, credentials } = ceph
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ARCHIVE_BUCKET: bucket,
      ARCHIVE_PREFIX: 'ledgers/cli',
      DATABASE_URL: postgres.url,
      ARCHIVE_SCHEMA: 'ledger_cli',
    })
  })
  afterAll(async () => {
    process.env = before
    await Promise.all([ceph.stop(), postgres.stop()])
  })

  test.each(['archive-in-a-bucket', 'archive-in-postgres'])(
    'the same answers from %s, with its journal and alone',
    { timeout: 180_000 },
    (name) =>
      inFolder(async (folder) => {
        const [here, there] = [join(folder, 'here'), join(folder, 'there')]
        await runJson('demo', '--games', '10', '--data', here)
        const exported = join(folder, 'events.ndjson')
        await run('archive', 'export', '--data', here, '--out', exported)
        const where = ['--data', there, '--archive', example(name)]
        const { events } = await runJson<{ events: number }>('archive', 'import', exported, ...where)
        expect(events).toBeGreaterThan(400)
        const wanted = await answers(...where)
        expect(wanted.listed.events).toBe(events)
        expect(wanted.verified).toMatchObject({ ok: true, events })
        const own = [expect.stringMatching(/^ok +The archive is of this ledger: /)]
        expect(await diagnosed(...where)).toEqual([0, own])
        const alone = await answers('--data', join(folder, 'nowhere'), '--archive', example(name))
        expect(alone).toEqual(wanted)
      }),
  )

  test('a server that is not there is said to be so', { timeout: 120_000 }, () =>
    inFolder(async (folder) => {
      process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9'
      const alone = ['--data', folder, '--archive', example('archive-in-a-bucket')]
      const { exit, stderr } = await run('archive', 'ls', ...alone)
      const unread = [
        expect.stringMatching(/^bad +The archive of .*archive-in-a-bucket\.js cannot be read: /),
      ]
      expect(await diagnosed(...alone)).toEqual([1, unread])
      process.env['AWS_ENDPOINT_URL'] = ceph.endpoint
      expect([exit, stderr]).toEqual([69, expect.stringMatching(/error cold-store-failed: /)])
    }),
  )
})
