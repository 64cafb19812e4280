/** The command line from outside: what it prints, what it ends with, and what a kill in the middle costs. */
import { existsSync, readFileSync } from 'node:fs'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { openLedger } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { famousGames } from '../../examples/chess/famous-games.js'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { ended, inFolder, run, runJson, start } from './command.js'

interface Imported {
  readonly games: number
  readonly moves: number
  readonly players: number
  readonly archived: number
  readonly already: number
  readonly skipped: readonly { readonly index: number; readonly reason: string; readonly line: number }[]
}

interface Board {
  readonly total: number
  readonly rows: readonly { readonly rank: number; readonly player: string; readonly score: number }[]
}

const famousCount = famousGames.match(/^\[Event /gm)!.length

const importFamous = async (
  folder: string,
): Promise<{ readonly data: string; readonly imported: Imported }> => {
  const file = join(folder, 'famous.pgn')
  const data = join(folder, 'data')
  await writeFile(file, famousGames)
  return { data, imported: await runJson<Imported>('import', file, '--data', data) }
}

describe('the command line', () => {
  test('imports games, and importing again adds nothing', () =>
    inFolder(async (folder) => {
      const { data, imported } = await importFamous(folder)
      expect(imported).toMatchObject({ games: famousCount, archived: famousCount, already: 0, skipped: [] })
      const again = await runJson<Imported>('import', join(folder, 'famous.pgn'), '--data', data)
      expect(again).toMatchObject({ games: 0, moves: 0, already: famousCount, archived: famousCount })
    }))

  test('skips what is broken by index, line and reason, and goes on', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'some.pgn')
      const tags = (round: number): string =>
        `[White "a"]\n[Black "b"]\n[Date "1999.01.02"]\n[Round "${round}"]\n`
      await writeFile(
        file,
        [
          `${tags(1)}[Result "1-0"]\n\n1. e4 e5 2. Ke3 1-0\n`,
          `${tags(2)}[Result "1-0"]\n\n1. e4 e5 1-0\n`,
          `${tags(3)}[Result "*"]\n\n1. e4 *\n`,
          `${tags(4)}[Result "0-1"]\n\n1. f3 e5 2. g4 Qh4# 0-1\n`,
        ].join('\n'),
      )
      const imported = await runJson<Imported>('import', file, '--data', join(folder, 'data'))
      expect(imported).toMatchObject({ games: 2, archived: 2 })
      expect(imported.skipped.map(({ index }) => index)).toEqual([0, 2])
      expect(imported.skipped[0]?.reason).toMatch(/illegal/)
      expect(imported.skipped[1]?.reason).toMatch(/result/)
    }))

  test('rebuilds one read model or all, with plain lines where it is piped, and knows their names', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const board = () => runJson<Board>('leaderboard', 'rating', '--top', '20', '--data', data)
      const before = await board()
      const one = await run('rebuild', 'rating', '--data', data)
      expect(one).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^ok: rating rebuilt from 342 /) })
      expect(one.stdout + one.stderr).not.toMatch(/\r|\u001b/)
      const all = await runJson('rebuild', '--data', data)
      expect(all).toMatchObject({ position: 342, rebuilt: expect.arrayContaining(['rating', 'players']) })
      expect(await board()).toEqual(before)
      const unknown = await run('rebuild', 'ratings', '--data', data)
      expect(unknown).toMatchObject({ exit: 66, stdout: '' })
      expect(unknown.stderr).toMatch(/no-such-projection[^]*Perhaps: rating/)
    }))

  test('answers boards, players, games and replays in the shapes that are relied on', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const board = await runJson<Board>('leaderboard', 'wins', '--top', '3', '--data', data)
      expect(board).toMatchObject({ board: 'wins', window: 'all', rows: [{ rank: 1 }, {}, {}] })
      const { player } = board.rows[0]!
      const shown = await runJson<{ archived: { gameId: string }[] }>('player', player, '--data', data)
      expect(shown).toMatchObject({ player, live: [], stats: { wins: board.rows[0]!.score } })
      const { gameId } = shown.archived[0]!
      const replay = await runJson('replay', gameId, '--data', data)
      expect(replay).toMatchObject({
        kind: 'chess',
        gameId,
        final: true,
        version: (replay['events'] as unknown[]).length,
      })
      expect(await runJson('replay', `chess/${gameId}`, '--to', '3', '--data', data)).toMatchObject({
        version: 3,
        final: false,
      })
      expect(shown.archived[0]).toMatchObject({ outcome: { standings: [{}, {}] } })
      const others = (
        await runJson<{ archived: { players: string[] }[] }>('games', '--player', player, '--data', data)
      ).archived[0]!.players.filter((name) => name !== player)
      expect(await runJson('player', player, '--against', others[0]!, '--data', data)).toMatchObject({
        player,
        against: others[0],
        headToHead: { live: 0 },
        live: [],
        archived: [{}],
      })
      expect(
        await runJson('player', '--search', player.slice(0, 3).toUpperCase(), '--data', data),
      ).toMatchObject({
        players: expect.arrayContaining([{ player }]) as unknown,
      })
      const boards = await runJson<{ boards: { board: string }[] }>('leaderboard', '--data', data)
      expect(boards.boards.map(({ board: name }) => name)).toEqual(
        expect.arrayContaining(['points', 'wins', 'games', 'rating']),
      )
      const games = await runJson<{ total: number }>('games', '--data', data)
      expect(games.total).toBe(famousCount)
      expect(await runJson('verify', '--deep', '--data', data)).toMatchObject({
        ok: true,
        games: famousCount,
        problems: [],
      })
    }))

  test('lists games by pages, of all and of a player, each once', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const everyGame = async (...args: string[]): Promise<string[]> => {
        const ids: string[] = []
        let cursor: string | undefined
        do {
          const more = cursor === undefined ? [] : ['--cursor', cursor]
          const page = await runJson<{ archived: { gameId: string }[]; cursor?: string }>(
            'games',
            ...args,
            ...more,
          )
          ids.push(...page.archived.map(({ gameId }) => gameId))
          cursor = page.cursor
        } while (cursor !== undefined)
        return ids
      }
      const all = await everyGame('--data', data, '--limit', '4')
      expect(new Set(all).size).toBe(famousCount)
      const [one] = (await runJson<Board>('leaderboard', 'games', '--top', '1', '--data', data)).rows
      const own = await everyGame('--data', data, '--player', one!.player, '--limit', '1')
      expect(own).toHaveLength(one!.score)
      expect(await everyGame('--data', data, '--player', one!.player, '--live')).toEqual([])
      expect(await everyGame('--data', data, '--kind', 'tic-tac-toe')).toEqual([])
    }))

  test('says what `--games` takes, and where boards come from', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'games.tsx')
      await writeFile(source, 'export const games = []')
      for (const games of [source, join(folder, 'games.js')]) {
        const { exit, stderr } = await run('games', '--games', games, '--data', folder)
        expect([exit, stderr]).toEqual([78, expect.stringMatching(/^error no-games: [^\n]*\n[^\n]*\n$/)])
        expect(stderr).toContain('Check --games: it takes the path of a built module')
      }
      const data = join(folder, 'data')
      await (await openLedger({ games: [ticTacToe], dir: data })).close()
      const own = await run('leaderboard', 'my-own', '--data', data)
      expect([own.exit, own.stderr]).toEqual([66, expect.stringMatching(/others come with --games\.\n$/)])
    }))

  test('shows a board of a window of time, by its id or by the name of its rule', () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data')
      const module = join(folder, 'windows.mjs')
      const built = (path: string): string =>
        JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href)
      await writeFile(
        module,
        `import { leaderboard, wins } from ${built('index.js')}
         export { games } from ${built('examples/tic-tac-toe/index.js')}
         const window = ['monthly', 'all']
         export const projections = { won: leaderboard({ score: wins, on: 'final', window }) }`,
      )
      const ledger = await openLedger({ games: [ticTacToe], dir: data })
      const game = ledger.game(ticTacToe, 'old')
      const occurredAt = Date.UTC(1999, 4, 7)
      for (const player of ['ann', 'bob']) await game.dispatch({ type: 'Join', player }, { occurredAt })
      for (const [turn, cell] of [4, 0, 2, 1, 6].entries())
        await game.dispatch({ type: 'Mark', player: turn % 2 === 0 ? 'ann' : 'bob', cell }, { occurredAt })
      await ledger.close()
      const shown = (...args: string[]) =>
        runJson<Board & { window: string }>('leaderboard', 'won', ...args, '--data', data, '--games', module)
      const month = { window: 'monthly/1999-05', total: 2, rows: [{ player: 'ann', score: 1 }, {}] }
      expect(await shown('--window', 'monthly/1999-05')).toMatchObject(month)
      expect(await shown('--window', 'all')).toMatchObject({ ...month, window: 'all' })
      expect(await shown()).toMatchObject({
        window: expect.stringMatching(/^monthly\/20/) as unknown,
        rows: [],
      })
      const { exit, stderr } = await run(
        'leaderboard',
        'won',
        '--window',
        'weekly',
        '--data',
        data,
        '--games',
        module,
      )
      expect([exit, stderr]).toEqual([66, expect.stringMatching(/has no window weekly.*monthly\/1999-05/s)])
    }))

  test('says what to do and ends with the right code when it cannot', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const cases: readonly (readonly [exit: number, message: RegExp, ...args: string[]])[] = [
        [66, /There is no ledger/, 'games', '--data', join(folder, 'nowhere')],
        [66, /There is no game/, 'replay', 'nope', '--data', data],
        [66, /There is no player/, 'player', 'nobody', '--data', data],
        [66, /There is no board/, 'leaderboard', 'nope', '--data', data],
        [66, /has no window daily/, 'leaderboard', 'wins', '--window', 'daily', '--data', data],
        [66, /There is no player/, 'games', '--player', 'nobody', '--data', data],
        [2, /--cursor takes what/, 'games', '--cursor', 'x', '--data', data],
        [2, /Name a player/, 'player', '--data', data],
        [2, /from 1 to 1000/, 'games', '--limit', '1001', '--data', data],
        [66, /ENOENT/, 'import', join(folder, 'no.pgn'), '--data', data],
        [2, /must be a whole number/, 'leaderboard', 'wins', '--top', 'x', '--data', data],
        [2, /unknown command/, 'frobnicate'],
        [0, /^$/, '--help'],
      ]
      for (const [exit, message, ...args] of cases) {
        const { exit: found, stderr } = await run(...args)
        expect({ args, exit: found }).toEqual({ args, exit })
        expect(stderr).toMatch(message)
      }
      expect(existsSync(join(folder, 'nowhere'))).toBe(false)
    }))

  test('keeps a second process out, by the pid of the first, and is free at once after a kill', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const holder = start(['demo-child', '--data', data, '--seed', '1'])
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      const refused = await run('games', '--data', data)
      expect(refused.exit).toBe(75)
      expect(refused.stderr).toMatch(new RegExp(`data-dir-locked.*${holder.pid}`, 's'))
      const killed = ended(holder)
      holder.kill('SIGKILL')
      await killed
      expect((await run('games', '--data', data)).exit).toBe(0)
    }))

  test('names a damaged game, and its neighbours still replay', () =>
    inFolder(async (folder) => {
      const { data } = await importFamous(folder)
      const archive = join(data, 'archive')
      const segment = (await readdir(archive)).find((name) => name.endsWith('.ndjson.gz'))!
      const file = await open(join(archive, segment), 'r+')
      await file.write(Buffer.from([0xff, 0x00, 0xff]), 0, 3, 60)
      await file.close()
      const { exit, stdout } = await run('verify', '--data', data, '--json')
      const { ok, problems } = JSON.parse(stdout) as { ok: boolean; problems: { game?: string }[] }
      expect({ exit, ok }).toEqual({ exit: 1, ok: false })
      const damaged = new Set(problems.flatMap(({ game }) => game ?? []))
      expect(damaged.size).toBe(1)
      const board = await runJson<Board>('leaderboard', 'games', '--data', data)
      expect(board.total).toBeGreaterThan(0)
    }))
})

const realGames = '../shared/data/chess/games.pgn.gz'

describe.skipIf(!existsSync(realGames))(
  'the first 200 real games (../shared/data/chess/games.pgn.gz)',
  () => {
    test('come to the same end when the import is killed again and again', () =>
      inFolder(async (folder) => {
        const text = gunzipSync(
          readFileSync(fileURLToPath(new URL(`../../${realGames}`, import.meta.url))),
        ).toString('utf8')
        const file = join(folder, 'real.pgn')
        await writeFile(
          file,
          text
            .split(/(?=^\[Event )/m)
            .slice(0, 200)
            .join(''),
        )
        const whole = await runJson<Imported>('import', file, '--data', join(folder, 'whole'))
        expect(whole).toMatchObject({ games: 200, archived: 200, skipped: [] })
        const data = join(folder, 'killed')
        for (const afterMs of [450, 700, 900, 1_200]) {
          const child = start(['import', file, '--data', data])
          const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
          await ended(child)
          clearTimeout(timer)
        }
        const last = await runJson<Imported>('import', file, '--data', data)
        expect(last.archived).toBe(200)
        for (const board of ['points', 'wins', 'games', 'rating']) {
          const [one, other] = await Promise.all(
            [join(folder, 'whole'), data].map((where) =>
              runJson<Board>('leaderboard', board, '--top', '1000', '--data', where),
            ),
          )
          const rowsOf = ({ rows }: Board) => rows.map(({ rank, player, score }) => ({ rank, player, score }))
          expect(rowsOf(one!)).toEqual(rowsOf(other!))
        }
        expect(await runJson('verify', '--deep', '--data', data)).toMatchObject({ ok: true, games: 200 })
      }))
  },
)
