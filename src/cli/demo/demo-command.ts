/**
 * `gameledger demo`: the main job, from command to archive.
 *
 * Bots play Liap in rooms, many games at once, on a clock that runs faster. The leaderboard moves, games that are over
 * are archived, one is replayed, and at the end every board is checked against a full replay of all events.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { IndexedGame, LeaderboardView } from '../../index.js'
import { botPlayOf, loadModules, type BotPlay, type DataLedger, type GamesModule } from '../data.js'
import { exitCode } from '../exit-code.js'
import { countText, numberText, printTable } from '../table.js'
import { note, print, printJson, shellWord, styled, terminalColumns } from '../terminal.js'
import { checkBoards, type CheckedBoards } from './board-check.js'
import { BotTables } from './bot-tables.js'
import { crashDemo, type CrashDemoOptions } from './crash-demo.js'
import { openDemo } from './demo-ledger.js'
import { DemoWatch } from './demo-watch.js'

export interface DemoOptions extends CrashDemoOptions {
  readonly data?: string
  /** How many games the bots play. */
  readonly number: number
  /** So many times as fast as people play. */
  readonly speed: number
  readonly realTime?: boolean
  readonly crash?: boolean
}

/** Rooms at most: so many games are played at once. */
const roomsMax = 24

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
  const { number: games, seed, json = false } = options
  const speed = options.realTime ? 1 : options.speed
  const module = await loadModules({ data: directory })
  const play = botPlayOf(module)
  const ledger = await openDemo(directory, module, { speed, seed })
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    const first = ledger.stats().position
    const rooms = Math.min(roomsMax, Math.ceil(games / 2))
    const tables = new BotTables(ledger, play, { games, rooms, seed, signal: stopping.signal })
    const watch = new DemoWatch(ledger, play, tables, {
      title: `Liap between bots${speed === 1 ? '' : `, ${numberText(speed)} times as fast`}`,
      games,
      isLive: !json && process.stdout.isTTY && process.env['TERM'] !== 'dumb',
    })
    watch.start()
    try {
      await tables.run()
      await ledger.settled()
    } finally {
      await watch.stop()
    }
    if (stopping.signal.aborted) return interrupted(options)
    await report({
      ...{ ledger, module, play, options, directory, rooms },
      events: ledger.stats().position - first,
      seconds: (performance.now() - begun) / 1_000,
    })
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
    await ledger.close()
  }
}

const interrupted = ({ data }: DemoOptions): void => {
  process.exitCode = exitCode.interrupted
  note(
    data === undefined
      ? 'Interrupted; its ledger is removed. Keep the next one: gameledger demo --data ./data'
      : `Interrupted; what was played is safe. See the games: gameledger games --data ${shellWord(data)}`,
  )
}

interface Played {
  readonly ledger: DataLedger
  readonly module: GamesModule
  readonly play: BotPlay
  readonly options: DemoOptions
  readonly directory: string
  readonly rooms: number
  readonly events: number
  readonly seconds: number
}

interface Replayed {
  readonly game: IndexedGame
  readonly board: string
}

/** The newest archived game, as its last board. */
const replayOne = async (ledger: DataLedger, { game }: BotPlay): Promise<Replayed> => {
  const { games } = await ledger.archive.list({ kind: game.kind, limit: 1 })
  const [newest] = games
  if (!newest) throw new Error('No game is in the archive, though all are over. Run `gameledger doctor`.')
  const found = await ledger.replay(game, newest.gameId, { viewer: { as: 'spectator' } })
  if (isLeft(found)) throw new Error(`${newest.gameId} cannot be replayed: ${found.left._tag}.`)
  return { game: newest, board: game.render?.(found.right.state) ?? JSON.stringify(found.right.state) }
}

const report = async (played: Played): Promise<void> => {
  const { ledger, module, play, options, rooms, events } = played
  const replayed = await replayOne(ledger, play)
  const boards = await checkBoards(ledger, module)
  const isIdentical = boards.differing.length === 0
  if (!isIdentical) process.exitCode = exitCode.checkFailed
  if (options.json)
    return printJson({
      games: options.number,
      rooms,
      events,
      archived: (await ledger.archive.count({ kind: play.game.kind })).games,
      replayed: `${replayed.game.kind}/${replayed.game.gameId}`,
      checked: boards.events,
      identical: isIdentical,
      differing: boards.differing,
    })
  printPlayed(played)
  print()
  print(
    `Replayed from the archive: ${replayed.game.kind}/${replayed.game.gameId}, ${numberText(replayed.game.events)} events`,
  )
  print(replayed.board)
  print()
  printCheck(boards)
  printNext(options, replayed.game)
}

const printPlayed = ({ ledger, play, options, rooms, events, seconds }: Played): void => {
  const { archived } = ledger.stats().games
  print(
    styled(
      'bold',
      `${countText(options.number, 'game')} of ${play.game.kind} in ${countText(rooms, 'room')}: ` +
        `${numberText(events)} events in ${seconds.toFixed(1)} s, all of them archived.`,
    ),
  )
  print(`${numberText(archived)} games and rooms are in the archive.`)
  print()
  printTable(
    ['rank', 'player', 'wins', 'games'],
    (ledger.views['wins'] as LeaderboardView)
      .top(5)
      .map(({ rank, player, score, games }) => [rank, player, score, games]),
  )
}

const printCheck = ({ events, differing }: CheckedBoards): void => {
  const checked = 'leaderboards checked against a full replay:'
  print(
    differing.length === 0
      ? styled('green', `${checked} identical (${numberText(events)} events)`)
      : styled('red', `${checked} DIFFERENT: ${differing.join(', ')}`),
  )
}

/** Three commands that work when they are typed, in this order. */
const printNext = ({ data, seed }: DemoOptions, { kind, gameId, players }: IndexedGame): void => {
  const place = `--data ${shellWord(data ?? './data')}`
  const [player = ''] = players
  const first =
    data === undefined
      ? ([`demo ${seed === 1 ? '' : `--seed ${seed} `}${place}`, 'the same, kept'] as const)
      : ([
          `replay ${shellWord(`${kind}/${gameId}`)} --as ${shellWord(player)} ${place}`,
          `as ${player} saw it`,
        ] as const)
  const commands = [
    first,
    [`leaderboard wins ${place}`, 'ask a board'],
    ['demo --crash', 'kill it, and count what is lost'],
  ] as const
  const width = Math.max(...commands.map(([command]) => command.length))
  print()
  print('Next:')
  for (const [command, what] of commands) {
    const line = `  npx gameledger ${command.padEnd(width)}`
    const isRoom = line.length + 2 + what.length <= terminalColumns()
    print(isRoom ? `${line}  ${styled('dim', what)}` : line.trimEnd())
  }
}
