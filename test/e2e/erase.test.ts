/** `gameledger erase` on a ledger that a demo left: dry run first. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { inFolder, run, runJson } from './command.js'

interface Report {
  readonly dryRun: boolean
  readonly alias?: string
  readonly archivedGames: number
}

interface Board {
  readonly rows: readonly { readonly player: string; readonly score: number }[]
}

const bytesUnder = (directory: string): Buffer[] =>
  readdirSync(directory).flatMap((entry) => {
    const path = join(directory, entry)
    if (statSync(path).isDirectory()) return bytesUnder(path)
    const bytes = readFileSync(path)
    return [path.endsWith('.gz') ? gunzipSync(bytes) : bytes]
  })

const isNamed = (data: string): boolean => bytesUnder(data).some((bytes) => bytes.includes('"Grace"'))

test(
  'erase says what it would change, does it with --yes, and then finds nothing',
  { timeout: 120_000 },
  () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data')
      await runJson('demo', '--games', '30', '--data', data)
      const boards = () => runJson<Board>('leaderboard', 'wins', '--top', '100', '--data', data)
      const before = await boards()
      const told = await runJson<Report>('erase', 'Grace', '--data', data)
      expect(told).toMatchObject({ dryRun: true })
      expect(told.archivedGames).toBeGreaterThan(0)
      const text = await run('erase', 'Grace', '--dry-run', '--data', data)
      expect(text.stdout).toMatch(/^Grace is named in .*\nNothing was changed\. /s)
      expect(isNamed(data)).toBe(true)
      expect((await run('erase', 'Grace', '--dry-run', '--yes', '--data', data)).exit).toBe(2)

      const done = await run('erase', 'Grace', '--yes', '--data', data)
      expect(done).toMatchObject({ exit: 0 })
      expect(done.stdout).toMatch(/^erased: Grace is erased:1 in /)
      expect(isNamed(data)).toBe(false)
      expect((await boards()).rows.map(({ player, score }) => [player, score])).toEqual(
        before.rows.filter(({ player }) => player !== 'Grace').map(({ player, score }) => [player, score]),
      )
      expect((await run('player', 'Grace', '--data', data)).exit).toBe(66)
      expect((await run('verify', '--deep', '--data', data)).exit).toBe(0)
      expect(await runJson<Report>('erase', 'Grace', '--yes', '--data', data)).toMatchObject({
        archivedGames: 0,
      })
      expect((await run('erase', 'erased:1', '--yes', '--data', data)).exit).not.toBe(0)
    }),
)
