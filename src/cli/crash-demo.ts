/**
 * `gameledger demo --crash`: a child process plays, this process kills it with SIGKILL at a seeded moment, opens what
 * it left, and looks for every version that the child was told is safe. Nothing may be missing.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isLeft } from 'fp-ts/lib/Either.js'
import { seededRandom } from '../index.js'
import { playBotGame } from './bot-game.js'
import { loadModules, openData } from './data.js'
import { exitCode } from './exit-code.js'
import { numberText } from './table.js'
import { print, printJson, styled } from './terminal.js'

export interface CrashDemoOptions {
  readonly seed: number
  readonly json?: boolean
}

type Acknowledged = { readonly game: string; readonly version: number }

const playersAtOnce = 32
/** The kill comes after so many acknowledgements at the least, and up to this many more. */
const killAfterMin = 500
const killAfterSpread = 5_000

/** Plays until it is killed: run by the parent as a process of its own. Tells the parent what was acknowledged. */
export const crashDemoChild = async (directory: string, seed: number): Promise<void> => {
  const module = await loadModules({ data: directory })
  const ledger = await openData({ data: directory }, module)
  const game = module.games.find(({ kind }) => kind === 'tic-tac-toe')!
  let next = 0
  const play = async (): Promise<never> => {
    for (;;) {
      const id = `crash-${seed}-${next++}`
      await playBotGame(ledger.game(game, id), seededRandom(seed + next), (version) =>
        process.send?.({ game: id, version }),
      )
    }
  }
  await Promise.all(Array.from({ length: playersAtOnce }, play))
}

/** Runs the demonstration; exit code 1 where an acknowledged version is missing. */
export const crashDemo = async (directory: string, options: CrashDemoOptions): Promise<void> => {
  const killAfter = killAfterMin + Math.floor(seededRandom(options.seed).next() * killAfterSpread)
  const { acknowledged, versions } = await playAndKill(directory, options.seed, killAfter)
  const module = await loadModules({ data: directory })
  const ledger = await openData({ data: directory }, module)
  const game = module.games.find(({ kind }) => kind === 'tic-tac-toe')!
  let lost = 0
  for (const [id, version] of versions) {
    const loaded = await ledger.game(game, id).load()
    const found = isLeft(loaded) ? 0 : loaded.right.version
    lost += Math.max(0, version - found)
  }
  await ledger.close()
  if (lost > 0) process.exitCode = exitCode.checkFailed
  if (options.json) return printJson({ acknowledged, found: acknowledged - lost, lost, games: versions.size })
  print(
    `Killed by SIGKILL after ${numberText(acknowledged)} acknowledged events of ${numberText(versions.size)} games, opened again:`,
  )
  const result = `acknowledged ${numberText(acknowledged)}, found ${numberText(acknowledged - lost)}, lost ${numberText(lost)}`
  print(styled(lost === 0 ? 'green' : 'red', result))
}

const playAndKill = (
  directory: string,
  seed: number,
  killAfter: number,
): Promise<{ readonly acknowledged: number; readonly versions: ReadonlyMap<string, number> }> =>
  new Promise((resolve, reject) => {
    const versions = new Map<string, number>()
    const main = fileURLToPath(new URL('./main.js', import.meta.url))
    const child = fork(main, ['demo-child', '--data', directory, '--seed', String(seed)])
    let heard = 0
    child.on('message', (message) => {
      const { game, version } = message as Acknowledged
      versions.set(game, Math.max(version, versions.get(game) ?? 0))
      if (++heard === killAfter) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      const acknowledged = [...versions.values()].reduce((sum, version) => sum + version, 0)
      if (signal === 'SIGKILL') resolve({ acknowledged, versions })
      else
        reject(
          new Error(
            `The playing process ended by itself with ${String(code ?? signal)}. Run the demo again.`,
          ),
        )
    })
  })
