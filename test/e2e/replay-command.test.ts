/** `replay` from outside: to a version and a time, as a player saw it, played back, and by other rules than it was played by. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe, type TicTacToeCommand } from '../../examples/tic-tac-toe/game.js'
import { ended, inFolder, main, run, runJson, start } from './command.js'

const built = (path: string): string => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href)

const wonByAnn: readonly TicTacToeCommand[] = [
  { type: 'Join', player: 'ann' },
  { type: 'Join', player: 'bob' },
  ...[4, 0, 2, 1, 6].map(
    (cell, turn) => ({ type: 'Mark', player: turn % 2 === 0 ? 'ann' : 'bob', cell }) as const,
  ),
]

/** A ledger with a game that is over, one that goes on, and the rules of `module` to read it by. */
const inLedger = (
  work: (data: string, folder: string, times: readonly number[]) => Promise<void>,
): Promise<void> =>
  inFolder(async (folder) => {
    const data = join(folder, 'data')
    let now = Date.UTC(2026, 0, 1)
    const ledger = await openLedger({ games: [ticTacToe], dir: data, clock: { now: () => now } })
    const times: number[] = []
    ledger.events$.subscribe(({ gameId, recordedAt }) => gameId === 'won' && times.push(recordedAt))
    for (const command of wonByAnn) {
      await ledger.game(ticTacToe, 'won').dispatch(command)
      now += 60_000
    }
    for (const command of wonByAnn.slice(0, 3)) await ledger.game(ticTacToe, 'live').dispatch(command)
    await ledger.close()
    await work(data, folder, times)
  })

/** The same rules, but for the state that they make of it all. */
const otherRules = async (folder: string, number: string): Promise<string> => {
  const module = join(folder, `rules${number}.mjs`)
  await writeFile(
    module,
    `import { defineGame } from ${built('index.js')}
     import { ticTacToe } from ${built('examples/tic-tac-toe/game.js')}
     export const games = [defineGame({ ...ticTacToe${number}, evolve(state, event) {
       ticTacToe.evolve(state, event)
       state.isOther = true
     } })]`,
  )
  return module
}

interface Replayed {
  readonly version: number
  readonly final: boolean
  readonly hash: string
  readonly events: readonly unknown[]
}

describe('replay', () => {
  test('to a version and to a time; the whole of an archived game says that its state is the recorded one', () =>
    inLedger(async (data, _folder, times) => {
      const replayed = (...args: string[]) => runJson<Replayed>('replay', ...args, '--data', data)
      expect(await replayed('won')).toMatchObject({ version: 8, final: true, hash: 'equal' })
      expect(await replayed('won', '--to', '4')).toMatchObject({
        version: 4,
        final: false,
        hash: 'not-comparable',
      })
      const until = new Date(times[3]!).toISOString()
      expect(await replayed('won', '--until', until)).toMatchObject({ version: 4, final: false })
      expect(await replayed('won', '--until', '2025-12-31')).toMatchObject({ version: 0, events: [] })
      expect(await replayed('live')).toMatchObject({ version: 3, final: false, hash: 'not-comparable' })
      const wrong = await run('replay', 'won', '--until', 'yesterday', '--data', data)
      expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringMatching(/must be a time/)])
    }))

  test('by rules that make another state: a warning and exit code 1, but not where they have a number of their own', () =>
    inLedger(async (data, folder) => {
      const by = (module: string) => ['--data', data, '--games', module]
      const silent = await otherRules(folder, '')
      const told = await run('replay', 'won', ...by(silent))
      expect([told.exit, told.stderr]).toEqual([1, expect.stringMatching(/^warn state-differs: /)])
      expect(told.stdout).toMatch(/at version 8, over/)
      const { exit, stdout } = await run('replay', 'won', '--json', ...by(silent))
      expect([exit, JSON.parse(stdout)]).toMatchObject([1, { hash: 'different' }])
      const verified = await run('verify', '--deep', '--json', ...by(silent))
      expect([verified.exit, JSON.parse(verified.stdout)]).toMatchObject([
        1,
        { ok: false, problems: [{ code: 'state-differs', game: 'tic-tac-toe/won' }] },
      ])
      const numbered = by(await otherRules(folder, ', rules: 2'))
      expect(await runJson('replay', 'won', ...numbered)).toMatchObject({ hash: 'not-comparable' })
      expect(await runJson('verify', '--deep', ...numbered)).toMatchObject({ ok: true })
    }))

  test('--play gives a line an event where it is piped, and a document a step with --json', () =>
    inLedger(async (data) => {
      const fast = ['--play', '--speed', 'Infinity', '--data', data]
      const piped = await run('replay', 'won', ...fast)
      expect(piped.exit).toBe(0)
      expect(piped.stdout + piped.stderr).not.toMatch(/\u001b/)
      const { stdout } = await run('replay', 'won', '--data', data)
      expect(piped.stdout).toBe(stdout)
      const steps = await run('replay', 'won', '--json', ...fast)
      const documents = steps.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { version: number })
      expect(documents.map(({ version }) => version)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
      expect(documents.at(-1)).toMatchObject({ final: true, view: { winner: 'ann' } })
      const live = await run('replay', 'live', ...fast)
      expect([live.exit, live.stderr]).toEqual([0, 'The game goes on.\n'])
      const cut = await run('replay', 'won', '--to', '3', ...fast)
      expect(cut.stdout).toMatch(/at version 3$/m)
      const wrong = await run('replay', 'won', '--play', '--speed', '0', '--data', data)
      expect(wrong.exit).toBe(2)
    }))

  test('--play draws the board anew at each step on a terminal', () =>
    inLedger(async (data) => {
      const command = `'${process.execPath}' '${main}' replay won --play --speed Infinity --data '${data}'`
      const shown = execFileSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      expect(shown.split('\u001b[H\u001b[2J')).toHaveLength(10)
      expect(shown).toMatch(/at version 8, over/)
    }))

  test('--play is interrupted in a pause: exit code 130, and the ledger is closed', () =>
    inLedger(async (data) => {
      const child = start(['replay', 'won', '--play', '--json', '--data', data])
      const over = ended(child)
      // The second event is a minute after the first: a pause of 5 s.
      await new Promise<void>((resolve) => {
        child.stdout!.on('data', (text: string) => text.includes('"version":1') && resolve())
      })
      child.kill('SIGINT')
      expect((await over).exit).toBe(130)
      expect(await runJson('replay', 'won', '--data', data)).toMatchObject({ version: 8 })
    }))
})
