/**
 * Opens the data directory of a command: the games and boards of the modules named by `--games`, and the ledger.
 *
 * A module exports `games`, and may export `projections` (boards by name) and `fromPgn` (for `import`). Without
 * `--games` the examples that ship with the package are loaded: chess, where its rules library is installed, Liap and
 * tic-tac-toe.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Either } from 'fp-ts/lib/Either.js'
import {
  memoryJournal,
  openLedger,
  readOnly,
  type AnyGame,
  type Bots,
  type ColdStore,
  type GameCommand,
  type Journal,
  type Ledger,
  type LedgerOptions,
  type PlayerIndexView,
  type Projection,
} from '../index.js'
import { archiveOf } from './archive-module.js'
import { faultText } from './error-text.js'
import { CommandError, exitCode } from './exit-code.js'
import type { PgnGame } from './pgn.js'
import { Progress } from './progress.js'
import { note } from './terminal.js'

/** What every command takes. */
export interface DataOptions {
  readonly data: string
  readonly json?: boolean
  readonly games?: string
  /** A directory, or a module that exports `archive`. */
  readonly archive?: string
}

/** A recorded game as the commands that play it. */
export interface PlayableGame {
  readonly gameId: string
  readonly players: readonly string[]
  readonly commands: readonly GameCommand[]
  readonly occurredAt?: number
}

/** How bots play a game of the module: for `demo`. */
export interface BotPlay {
  readonly game: AnyGame
  /** The command with which a game of these players begins; on each seat a bot. */
  readonly start: (players: readonly string[], random: () => number) => GameCommand
  readonly bots: Bots
}

/** What a module brings. */
export interface GamesModule {
  readonly games: readonly AnyGame[]
  readonly projections?: { readonly [name: string]: Projection }
  readonly fromPgn?: (game: PgnGame) => Either<string, PlayableGame>
  readonly botPlay?: BotPlay
}

/** All views by name: the boards and what else the modules bring, and the players. */
export type DataLedger = Ledger<{ readonly [name: string]: unknown } & { readonly players: PlayerIndexView }>

const shipped = ['chess', 'liap', 'tic-tac-toe'].map(
  (name) => new URL(`../examples/${name}/index.js`, import.meta.url).href,
)

const load = async (specifier: string): Promise<GamesModule> => {
  const module = (await import(specifier)) as Partial<GamesModule>
  if (!Array.isArray(module.games))
    throw new CommandError(
      'no-games',
      exitCode.configuration,
      `${specifier} exports no \`games\`. Export a list of defined games.`,
    )
  return module as GamesModule
}

/** What Node says where there is nothing to load, and where it is no JavaScript: TypeScript on a Node that does not run it. */
const noModule: readonly unknown[] = ['ERR_MODULE_NOT_FOUND', 'ERR_UNKNOWN_FILE_EXTENSION']

const loadGiven = async (games: string): Promise<GamesModule> => {
  const specifier = existsSync(games) ? pathToFileURL(resolve(games)).href : games
  try {
    return await load(specifier)
  } catch (cause) {
    if (cause instanceof CommandError || !noModule.includes((cause as NodeJS.ErrnoException).code))
      throw cause
    throw new CommandError(
      'no-games',
      exitCode.configuration,
      `${(cause as Error).message}. Check --games: it takes the path of a built module, or the name of a package.`,
    )
  }
}

const loadShipped = async (specifier: string): Promise<GamesModule> => {
  try {
    return await load(specifier)
  } catch (cause) {
    const { code, message } = cause as { readonly code?: string; readonly message?: string }
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message?.includes('chessops')) throw cause
    return { games: [] }
  }
}

/** The games and boards that a command works with. */
export const loadModules = async ({ games }: DataOptions): Promise<GamesModule> => {
  const modules = games === undefined ? await Promise.all(shipped.map(loadShipped)) : [await loadGiven(games)]
  const fromPgn = modules.find((module) => module.fromPgn)?.fromPgn
  const botPlay = modules.find((module) => module.botPlay)?.botPlay
  return {
    games: modules.flatMap((module) => module.games),
    projections: Object.assign({}, ...modules.map(({ projections }) => projections ?? {})) as {
      [name: string]: Projection
    },
    ...(fromPgn && { fromPgn }),
    ...(botPlay && { botPlay }),
  }
}

/** How bots play, of a module that brings it. */
export const botPlayOf = ({ botPlay }: GamesModule): BotPlay => {
  if (botPlay) return botPlay
  throw new CommandError(
    'no-bots',
    exitCode.configuration,
    'The demo needs the example liap. Install the package anew.',
  )
}

/** What a ledger does by itself; nothing of it where a command only looks, or imports. */
type Acting = Pick<LedgerOptions<Record<never, never>>, 'clock' | 'chance' | 'reactors' | 'deadlines'>

/** Opens the ledger for a command that writes; faults are told as they come. */
export const openData = async (
  options: DataOptions,
  module: GamesModule,
  more: Acting = {},
): Promise<DataLedger> => {
  const archive = options.archive === undefined ? undefined : await archiveOf(options.archive)
  return openWith(module, { dir: options.data, ...(archive && { archive }), ...more })
}

/** Opens an archive alone, to look into: it may be another machine's, which goes on writing to it. */
const openArchive = async (archive: ColdStore, module: GamesModule): Promise<DataLedger> =>
  openWith(module, { journal: memoryJournal(), archive: readOnly(archive) })

/** Deadlines of games are left to whoever serves them. */
const openWith = async (
  { games, projections = {} }: GamesModule,
  places: {
    readonly dir?: string
    readonly journal?: Journal
    readonly archive?: ColdStore
  } & Acting,
): Promise<DataLedger> => {
  try {
    const ledger = await openLedger({ games, projections, checks: false, deadlines: false, ...places })
    ledger.faults$.subscribe((fault) => note(faultText(fault)))
    return ledger
  } catch (error) {
    await places.archive?.close()
    throw error
  }
}

/** Opens what is there: the ledger of a directory that has one, else the archive that was named. */
const openThere = async (options: DataOptions, module: GamesModule): Promise<DataLedger> => {
  const { data, archive } = options
  if (existsSync(join(data, 'journal'))) return openData(options, module)
  if (archive === undefined)
    throw new CommandError(
      'no-data',
      exitCode.notFound,
      `There is no ledger in ${data}. Make one: gameledger import FILE.pgn --data ${data}`,
    )
  note(`There is no journal in ${data}: the archive alone is read, games that go on are not seen.`)
  return openArchive(await archiveOf(archive), module)
}

/** Opens what is there, does the reading, closes. A directory that holds nothing is not made. */
export const withData = async (
  options: DataOptions,
  read: (ledger: DataLedger, module: GamesModule) => Promise<void>,
): Promise<void> => {
  const module = await loadModules(options)
  const ledger = await openThere(options, module)
  try {
    await read(ledger, module)
  } finally {
    await ledger.close()
  }
}

/** The same for commands that ask the boards: waits for those that are being made. */
export const withViews = (
  options: DataOptions,
  read: (ledger: DataLedger, module: GamesModule) => Promise<void>,
): Promise<void> =>
  withData(options, async (ledger, module) => {
    const progress = new Progress('read models', options.json)
    const telling = setInterval(() => {
      const { position, projections } = ledger.stats()
      const least = Math.min(...Object.values(projections).map(({ checkpoint }) => checkpoint))
      progress.tell(least / Math.max(1, position), 'read models are being made')
    }, 250)
    try {
      await ledger.caughtUp()
    } finally {
      clearInterval(telling)
      progress.end()
    }
    await read(ledger, module)
  })
