/**
 * `gameledger demo`: the main job, from command to archive, on games that people really played and on games of bots.
 *
 * Famous games of chess are imported where the rules of chess are installed; then bots play tic-tac-toe, many games at
 * once. The boards move, the games are archived, one is replayed, and at the end every board is checked against a full
 * replay of all events.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  seededRandom,
  systemClock,
  type EventEnvelope,
  type LeaderboardView,
  type Projection,
  type RunningProjection,
} from '../index.js'
import { playBotGame } from './bot-game.js'
import { crashDemo, type CrashDemoOptions } from './crash-demo.js'
import { loadModules, openData, type DataLedger, type GamesModule } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { playFamousGames } from './famous-games.js'
import { Progress } from './progress.js'
import { numberText, printTable } from './table.js'
import { print, printJson, styled } from './terminal.js'

export interface DemoOptions extends CrashDemoOptions {
  readonly data?: string
  /** How many games the bots play. */
  readonly number: number
  readonly crash?: boolean
}

/** Games of bots that are played at the same time. */
const atOnce = 64

/** Runs the command; exit code 1 where a board is not what a full replay makes of it, or a crash lost something. */
export const demoCommand = async (options: DemoOptions): Promise<void> => {
  const directory = options.data ?? (await mkdtemp(join(tmpdir(), 'gameledger-demo-')))
  try {
    if (options.crash) await crashDemo(directory, options)
    else await playDemo(directory, options)
  } finally {
    if (options.data === undefined) await rm(directory, { recursive: true, force: true })
  }
}

const playDemo = async (directory: string, options: DemoOptions): Promise<void> => {
  const begun = performance.now()
  const module = await loadModules({ data: directory })
  const ledger = await openData({ data: directory }, module)
  try {
    if (!options.json) print(styled('bold', `A ledger in ${directory}`))
    const famous = await playFamousGames(ledger, module)
    const events = await playBots(ledger, module, options)
    await ledger.settled()
    const replayed = await replayOne(ledger, module, famous)
    const boards = await checkBoards(ledger, module)
    report({
      ledger,
      options,
      directory,
      famous,
      events,
      replayed,
      boards,
      seconds: (performance.now() - begun) / 1_000,
    })
  } finally {
    await ledger.close()
  }
}

/** Plays the games of the bots, some at once. Returns the events that they made. */
const playBots = async (
  ledger: DataLedger,
  { games }: GamesModule,
  options: DemoOptions,
): Promise<number> => {
  const { number, seed, json = false } = options
  const game = games.find(({ kind }) => kind === 'tic-tac-toe')
  if (!game)
    throw new CommandError(
      'no-tic-tac-toe',
      exitCode.configuration,
      'The demo needs the example tic-tac-toe. Install the package anew.',
    )
  const progress = new Progress('demo', json)
  const first = ledger.stats().position
  let next = 0
  const play = async (): Promise<void> => {
    while (next < number) {
      const nth = next++
      await playBotGame(ledger.game(game, `demo-${seed}-${nth}`), seededRandom(seed * 100_003 + nth))
      progress.tell(next / number, `${numberText(next)} games, leader ${leaderOf(ledger)}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, number) }, play))
  progress.end()
  return ledger.stats().position - first
}

const boardNames = (ledger: DataLedger, { projections = {} }: GamesModule): readonly string[] =>
  Object.keys(projections).filter((name) => 'rankOf' in (ledger.views[name] as object))

const leaderOf = (ledger: DataLedger): string => {
  const board = ledger.views['wins'] as LeaderboardView | undefined
  const [first] = board?.top(1) ?? []
  return first ? `${first.player} with ${first.score} wins` : 'nobody yet'
}

/** One archived game, as its last board. */
const replayOne = async (
  ledger: DataLedger,
  { games }: GamesModule,
  famous: readonly string[],
): Promise<{ readonly name: string; readonly version: number; readonly board: string } | undefined> => {
  const { games: archived } = await ledger.archive.list({ limit: 1 })
  const name = famous[0] ?? (archived[0] && `${archived[0].kind}/${archived[0].gameId}`)
  if (name === undefined) return undefined
  const slash = name.indexOf('/')
  const game = games.find(({ kind }) => kind === name.slice(0, slash))!
  const found = await ledger.replay(game, name.slice(slash + 1))
  if (isLeft(found)) throw new Error(`${name} cannot be replayed: ${found.left._tag}`)
  const { state, version } = found.right
  return { name, version, board: game.render?.(state) ?? JSON.stringify(state) }
}

const hears = ({ kinds, on }: Projection, { kind, final }: EventEnvelope): boolean =>
  (on !== 'final' || final) && (!kinds || kinds.includes(kind))

/** Makes every board anew from all events, and holds it against the live one. Returns the names of those that differ. */
const checkBoards = async (
  ledger: DataLedger,
  module: GamesModule,
): Promise<{ readonly events: number; readonly differing: readonly string[] }> => {
  const anew = new Map<string, RunningProjection<LeaderboardView>>()
  for (const name of boardNames(ledger, module))
    anew.set(
      name,
      module.projections![name]!.start({ clock: systemClock }) as RunningProjection<LeaderboardView>,
    )
  const head = ledger.stats().position
  let events = 0
  if (head > 0)
    for await (const envelope of ledger.eventsFrom(0)) {
      for (const [name, running] of anew)
        if (hears(module.projections![name]!, envelope)) running.apply(envelope)
      events++
      if (envelope.position >= head) break
    }
  const differing = [...anew].filter(([name, { view }]) => {
    const live = ledger.views[name] as LeaderboardView
    return live.count !== view.count || !isDeepStrictEqual(live.top(live.count), view.top(view.count))
  })
  return { events, differing: differing.map(([name]) => name) }
}

interface Report {
  readonly ledger: DataLedger
  readonly options: DemoOptions
  readonly directory: string
  readonly famous: readonly string[]
  readonly events: number
  readonly replayed: { readonly name: string; readonly version: number; readonly board: string } | undefined
  readonly boards: { readonly events: number; readonly differing: readonly string[] }
  readonly seconds: number
}

const report = ({ ledger, options, directory, famous, events, replayed, boards, seconds }: Report): void => {
  const { archived } = ledger.stats().games
  const isIdentical = boards.differing.length === 0
  if (!isIdentical) process.exitCode = exitCode.checkFailed
  if (options.json)
    return printJson({
      games: options.number,
      famous: famous.length,
      events,
      archived,
      checked: boards.events,
      identical: isIdentical,
      differing: boards.differing,
    })
  print(
    `${numberText(famous.length)} famous games of chess imported, ${numberText(options.number)} games of tic-tac-toe played by bots,`,
  )
  print(`${numberText(archived)} games archived, in ${seconds.toFixed(1)} s.`)
  print()
  printTable(
    ['rank', 'player', 'wins', 'games'],
    (ledger.views['wins'] as LeaderboardView)
      .top(5)
      .map(({ rank, player, score, games }) => [rank, player, score, games]),
  )
  if (replayed) {
    print()
    print(`Replayed from the archive: ${replayed.name}, ${replayed.version} events`)
    print(replayed.board)
  }
  print()
  print(
    isIdentical
      ? styled(
          'green',
          `leaderboards checked against a full replay: identical (${numberText(boards.events)} events)`,
        )
      : styled(
          'red',
          `leaderboards checked against a full replay: DIFFERENT: ${boards.differing.join(', ')}`,
        ),
  )
  printNext(options.data === undefined ? undefined : directory)
}

const printNext = (directory: string | undefined): void => {
  const data = directory ?? './data'
  print()
  print('Next:')
  if (directory === undefined)
    print(`  npx gameledger demo --data ${data}                      the same, kept`)
  print(`  npx gameledger leaderboard wins --top 5 --data ${data}  ask a board`)
  print(`  npx gameledger games --data ${data}                     see the games`)
  print(
    `  npx gameledger demo --crash                             kill it in the middle, and count what is lost`,
  )
}
