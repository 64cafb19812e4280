/** `archive ls` and `archive export` on a ledger that a demo left. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
    await runJson('demo', '--games', '30', '--data', data)
    await work(data, folder)
  })

const linesOf = (text: string): readonly Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

describe('the commands on the archive', { timeout: 60_000 }, () => {
  test('list completed games by what is asked, counts first, by pages without gap or double', () =>
    inDemo(async (data) => {
      const all = await runJson<Listed>('archive', 'ls', '--data', data, '--limit', '1000')
      const turned: string[] = []
      let cursor: string | undefined
      do {
        const behind = cursor === undefined ? [] : ['--cursor', cursor]
        const page = await runJson<Listed>('archive', 'ls', '--data', data, '--limit', '17', ...behind)
        turned.push(...page.games.map(({ gameId }) => gameId))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(turned).toEqual(all.games.map(({ gameId }) => gameId))
      const ada = await run('archive', 'ls', '--data', data, '--player', 'Ada')
      const adas = all.games.filter(({ players }) => players.includes('Ada')).length
      expect(ada.stdout).toMatch(new RegExp(`^${adas} games, `))
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
      const chess = await run('archive', 'export', '--data', data, '--kind', 'chess')
      expect(linesOf(chess.stdout)).toEqual(lines.filter(({ kind }) => kind === 'chess'))
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
