/**
 * `gameledger demo --crash`: a child process plays, this process kills it with SIGKILL at a seeded moment, opens what
 * it left, and looks for every version that the child was told is safe. Nothing may be missing.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { seededRandom, type StreamId } from '../../index.js'
import { botPlayOf, loadModules, openData } from '../data.js'
import { exitCode } from '../exit-code.js'
import { countText, numberText } from '../table.js'
import { note, print, printJson, styled } from '../terminal.js'
import { BotTables } from './bot-tables.js'
import { openDemo } from './demo-ledger.js'

export interface CrashDemoOptions {
  readonly seed: number
  readonly json?: boolean
}

/** A room or a game, and the version of it that was acknowledged. */
type Acknowledged = { readonly stream: StreamId; readonly version: number }

const rooms = 16
/** More than it will live to play. */
const gamesMax = 1_000_000
/** Bots think for a millisecond: the machine is the bound. */
const speed = 1_000
/** The kill comes after so many events at the least, and up to this many more. */
const killAfterMin = 500
const killAfterSpread = 5_000

/**
 * Plays until it is killed: run by the parent as a process of its own. Tells the parent of every event that is published,
 * which is what the ledger has acknowledged.
 */
export const crashDemoChild = async (directory: string, seed: number): Promise<void> => {
  const module = await loadModules({ data: directory })
  const ledger = await openDemo(directory, module, { speed, seed })
  ledger.events$.subscribe(({ kind, gameId, version }) => {
    process.send?.({ stream: `${kind}/${gameId}`, version } satisfies Acknowledged)
  })
  const { signal } = new AbortController()
  await new BotTables(ledger, botPlayOf(module), { games: gamesMax, rooms, seed, signal }).run()
}

/** Runs the demonstration; exit code 1 where an acknowledged version is missing. */
export const crashDemo = async (directory: string, options: CrashDemoOptions): Promise<void> => {
  const killAfter = killAfterMin + Math.floor(seededRandom(options.seed).next() * killAfterSpread)
  if (!options.json)
    note(`Bots play in a process of its own, until it is killed: ${numberText(killAfter)} events from now.`)
  const versions = await playAndKill(directory, options.seed, killAfter)
  const found = await versionsIn(directory)
  let [acknowledged, lost] = [0, 0]
  for (const [stream, version] of versions) {
    acknowledged += version
    lost += Math.max(0, version - (found.get(stream) ?? 0))
  }
  if (lost > 0) process.exitCode = exitCode.checkFailed
  if (options.json) return printJson({ acknowledged, found: acknowledged - lost, lost, games: versions.size })
  print(
    `Killed by SIGKILL after ${numberText(acknowledged)} acknowledged events of ${countText(versions.size, 'game and room', 'games and rooms')}, opened again:`,
  )
  const result = `acknowledged ${numberText(acknowledged)}, found ${numberText(acknowledged - lost)}, lost ${numberText(lost)}`
  print(styled(lost === 0 ? 'green' : 'red', result))
}

/** Opens what is left, reads every event, and says how many there are of each game and room, from the first on without a gap. */
const versionsIn = async (directory: string): Promise<ReadonlyMap<StreamId, number>> => {
  const ledger = await openData({ data: directory }, await loadModules({ data: directory }))
  const found = new Map<StreamId, number>()
  try {
    const { position: head } = ledger.stats()
    if (head > 0)
      for await (const { kind, gameId, version, position } of ledger.eventsFrom(0)) {
        const stream = `${kind}/${gameId}`
        if (version === (found.get(stream) ?? 0) + 1) found.set(stream, version)
        if (position >= head) break
      }
  } finally {
    await ledger.close()
  }
  return found
}

/** Returns the highest version of each game and room that was acknowledged. */
const playAndKill = (
  directory: string,
  seed: number,
  killAfter: number,
): Promise<ReadonlyMap<StreamId, number>> =>
  new Promise((resolve, reject) => {
    const versions = new Map<StreamId, number>()
    const main = fileURLToPath(new URL('../main.js', import.meta.url))
    const child = fork(main, ['demo-child', '--data', directory, '--seed', String(seed)])
    let heard = 0
    child.on('message', (message) => {
      const { stream, version } = message as Acknowledged
      versions.set(stream, Math.max(version, versions.get(stream) ?? 0))
      if (++heard === killAfter) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(versions)
      else
        reject(
          new Error(
            `The playing process ended by itself with ${String(code ?? signal)}. Run the demo again.`,
          ),
        )
    })
  })
