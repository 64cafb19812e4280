/** `archive ls`, `archive export` and `archive import` on a ledger that a demo left. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inFolder, main, run, runJson } from './command.js'

interface Listed {
  readonly games: readonly {
    readonly kind: string
    readonly gameId: string
    readonly players: readonly string[]
  }[]
  readonly events: number
  readonly cursor?: string
}

interface Line {
  readonly kind: string
  readonly gameId: string
  readonly version: number
  readonly position: number
  readonly event: { readonly type: string }
}

const inDemo = (work: (data: string, folder: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const data = join(folder, 'data')
    await runJson('demo', '--games', '6', '--speed', '1000', '--data', data)
    await work(data, folder)
  })

const linesOf = (text: string): readonly Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** The hash of the final state of each game, as its header has it. The lines differ: they keep their time as `o`. */
const statesIn = (data: string): Record<string, string> => {
  const archive = join(data, 'archive')
  const segments = readdirSync(archive).filter((name) => name.endsWith('.gz'))
  const headers = segments
    .flatMap((name) =>
      gunzipSync(readFileSync(join(archive, name)))
        .toString()
        .trimEnd()
        .split('\n'),
    )
    .filter((line) => line.startsWith('{"format":'))
    .map((line) => JSON.parse(line) as { kind: string; gameId: string; stateHash: string })
  expect(headers.length).toBeGreaterThan(10)
  return Object.fromEntries(headers.map(({ kind, gameId, stateHash }) => [`${kind}/${gameId}`, stateHash]))
}

describe('the commands on the archive', { timeout: 60_000 }, () => {
  test('list completed games by what is asked, counts first, by pages without gap or double', () =>
    inDemo(async (data) => {
      const all = await runJson<Listed>('archive', 'ls', '--data', data, '--limit', '1000')
      const turned: string[] = []
      let cursor: string | undefined
      do {
        const behind = cursor === undefined ? [] : ['--cursor', cursor]
        const page = await runJson<Listed>('archive', 'ls', '--data', data, '--limit', '4', ...behind)
        turned.push(...page.games.map(({ gameId }) => gameId))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(turned).toEqual(all.games.map(({ gameId }) => gameId))
      const ada = await run('archive', 'ls', '--data', data, '--player', 'Ada')
      const adas = all.games.filter(({ players }) => players.includes('Ada')).length
      expect(ada.stdout).toMatch(new RegExp(`^${adas} games, `))
      const first = await run('archive', 'ls', '--data', data, '--from', '2020-01-01', '--limit', '3')
      const [, more] = /^More: gameledger (.*)$/m.exec(first.stderr) ?? []
      const second = await run(...more!.split(' '))
      expect(second.stdout.split('\n').slice(2, 5)).toEqual(
        all.games
          .slice(3, 6)
          .map(({ kind, gameId }) => expect.stringMatching(`^${kind}/${gameId} `) as unknown),
      )
      const past = await run('archive', 'ls', '--data', data, '--to', '1999-12-31')
      expect(past.stdout).toMatch(/^0 games, 0 events/)
    }))

  test('export every event once, in order of position, as NDJSON and as CSV', () =>
    inDemo(async (data, folder) => {
      const { events } = await runJson<Listed>('archive', 'ls', '--data', data)
      const out = join(folder, 'events.ndjson')
      expect((await run('archive', 'export', '--data', data, '--out', out)).exit).toBe(0)
      const lines = linesOf(await readFile(out, 'utf8'))
      expect(lines).toHaveLength(events)
      const positions = lines.map(({ position }) => position)
      expect(positions).toEqual(positions.toSorted((one, other) => one - other))
      const again = await run('archive', 'export', '--data', data, '--out', out)
      expect(again.exit).toBe(2)
      expect(again.stderr).toMatch(/file-exists/)
      expect(linesOf(await readFile(out, 'utf8'))).toEqual(lines)

      const csv = await run('archive', 'export', '--data', data, '--format', 'csv')
      expect(csv.stdout.split('\r\n')).toHaveLength(events + 2)
      const rooms = await run('archive', 'export', '--data', data, '--kind', 'room')
      expect(linesOf(rooms.stdout)).toEqual(lines.filter(({ kind }) => kind === 'room'))
      expect(lines.filter(({ event }) => event.type === 'GameStarted')).toHaveLength(6)
    }))

  test('import into an empty ledger what another exported: the same games and boards, once', () =>
    inDemo(async (data, folder) => {
      const out = join(folder, 'events.ndjson')
      await run('archive', 'export', '--data', data, '--out', out)
      await writeFile(`${out}.gz`, gzipSync(await readFile(out)))
      const copy = join(folder, 'copy')
      const { events } = await runJson<Listed>('archive', 'ls', '--data', data)
      expect(await runJson('archive', 'import', `${out}.gz`, '--data', copy)).toMatchObject({
        events,
        already: 0,
        skipped: [],
      })
      expect(await runJson('archive', 'import', out, '--data', copy)).toMatchObject({
        events: 0,
        already: events,
      })
      for (const board of ['turns-won', 'wins']) {
        const [one, other] = [data, copy].map((where) => runJson('leaderboard', board, '--data', where))
        expect(await other).toEqual(await one)
      }
      expect(await runJson('verify', '--deep', '--data', copy)).toMatchObject({ ok: true, events })
      expect(statesIn(copy)).toEqual(statesIn(data))
      const cut = join(folder, 'cut.ndjson')
      await writeFile(cut, (await readFile(out)).subarray(0, -20))
      const damaged = await run('archive', 'import', cut, '--data', copy)
      expect(damaged).toMatchObject({
        exit: 65,
        stderr: expect.stringMatching(/no-exported-event: Line \d+/),
      })
    }))

  test('a reader that has seen enough is no error', () =>
    inDemo(async (data) => {
      const command = `"${process.execPath}" "${main}" archive export --data "${data}"`
      const text = execFileSync('bash', ['-c', `set -o pipefail; ${command} | head -n 1`], {
        encoding: 'utf8',
      })
      expect(linesOf(text)).toMatchObject([{ version: 1, position: 1 }])
    }))
})
