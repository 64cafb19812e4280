#!/usr/bin/env node
/** The `gameledger` command: what can be said to it, and how it ends. */
import { createRequire } from 'node:module'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { archiveRetainCommand, compactCommand } from './archive-keeping-commands.js'
import { archiveExportCommand, archiveImportCommand, archiveListCommand } from './archive-commands.js'
import { crashDemoChild } from './demo/crash-demo.js'
import { demoCommand, type DemoOptions } from './demo/demo-command.js'
import { doctorCommand } from './doctor-command.js'
import { errorText } from './error-text.js'
import { exitCode, exitCodeOf } from './exit-code.js'
import { explainCommand } from './explain-command.js'
import { gamesCommand } from './games-command.js'
import { importCommand } from './import-command.js'
import { leaderboardCommand } from './leaderboard-command.js'
import { playerCommand } from './player-command.js'
import { eraseCommand } from './erase-command.js'
import { rebuildCommand } from './rebuild-command.js'
import { repairCommand } from './repair-command.js'
import { replayCommand } from './replay-command.js'
import { note } from './terminal.js'
import { unlockCommand } from './unlock-command.js'
import { verifyCommand } from './verify-command.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }

const wholeNumber =
  (least: number, most = Infinity) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least || value > most || text.trim() === '')
      throw new InvalidArgumentError(
        `It must be a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}.`,
      )
    return value
  }

const dayMs = 86_400_000

/** The first millisecond of a day of UTC. */
const dayBegin = (text: string): number => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a day, as 2026-11-26.')
  return ms
}

/** The last millisecond of a day of UTC. */
const dayEnd = (text: string): number => dayBegin(text) + dayMs - 1

const units: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: dayMs }

/** A stretch of time in ms: 400d, 12h, 30m, 10s. */
const timeSpan = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined || Number(count) === 0)
    throw new InvalidArgumentError(
      'It must be a number of days, hours, minutes or seconds, as 400d, 12h, 30m, 10s.',
    )
  return Number(count) * units[unit!]!
}

/** A moment, in ms since 1970; a day alone is its first moment in UTC. */
const timeOf = (text: string): number => {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('It must be a time, as 2026-11-26T18:30:00Z.')
  return ms
}

const factorOf = (text: string): number => {
  const factor = text.trim() === '' ? NaN : Number(text)
  if (!(factor > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return factor
}

/** The directory that the running command is about. */
let directory: string | undefined

const program = new Command('gameledger')
  .description('A memory-first, event-sourced ledger for turn-based multiplayer games.')
  .version(version)
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .showHelpAfterError('(gameledger COMMAND --help says what can be said)')
  .hook('preAction', (_, running) => {
    directory = running.opts<{ readonly data?: string }>().data
  })

const jsonCommand = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--json', 'one JSON document on stdout, everything else on stderr')

const withDirectory = (command: Command): Command =>
  command.option('--data <dir>', 'where the ledger is', './data')

const withArchive = (command: Command): Command =>
  command.option(
    '--archive <place>',
    'where completed games are: a directory, or a module that exports `archive`; default: `archive` in --data',
  )

const withData = (command: Command): Command =>
  withArchive(
    withDirectory(command).option(
      '--games <module>',
      'a module that exports `games` (and `projections`); default: the shipped examples',
    ),
  )

/** A command on a data directory as it lies there. */
const directoryCommand = (name: string, description: string): Command =>
  withDirectory(jsonCommand(name, description))

/** A command on the ledger in a data directory. */
const dataCommand = (name: string, description: string): Command => withData(jsonCommand(name, description))

dataCommand('import', 'play recorded games of chess into the ledger, move by move')
  .argument('<files...>', 'PGN files, also gzipped (.gz)')
  .action(importCommand)

dataCommand('games', 'list the live games and the archived ones, newest first')
  .option('--player <name>', 'games that this player was in')
  .option('--against <name>', 'with --player: games of both')
  .option('--kind <kind>', 'games of this kind')
  .option('--live', 'only games that go on')
  .option('--archived', 'only games that are over')
  .option('--limit <n>', 'how many a page', wholeNumber(1, 1_000), 20)
  .option('--cursor <cursor>', 'go on behind the page that gave it')
  .action(gamesCommand)

dataCommand('leaderboard', 'show a board; without a name, list the boards')
  .argument('[board]', 'its name: points, wins, games, rating')
  .option('--top <n>', 'how many rows', wholeNumber(1), 10)
  .option('--around <player>', 'the neighbours of a player')
  .option(
    '--window <window>',
    'a window of time: its id (daily/2026-11-26), or a rule (daily) for the open one',
  )
  .action(leaderboardCommand)

dataCommand('player', 'show a player and all their games')
  .argument('[name]', 'as it stands in the games')
  .option('--against <name>', 'what the two came to against each other')
  .option('--search <prefix>', 'players whose id or name begins so')
  .option('--limit <n>', 'with --search: how many', wholeNumber(1, 1_000), 20)
  .action(playerCommand)

dataCommand('replay', 'show a game as it ended, step through it, or play it back')
  .argument('<game>', 'kind/id, or an id alone where it is unique')
  .option('--to <version>', 'as it was at this version', wholeNumber(0))
  .option('--until <time>', 'as it was at this time, as 2026-11-26T18:30:00Z', timeOf)
  .option('--step', 'step by step, on a terminal')
  .option('--play', 'at the pace of play, pauses cut to 5 s; with --json a line a step')
  .option('--speed <factor>', 'with --play: so many times faster', factorOf, 1)
  .option('--as <player>', 'as this player may see it')
  .action(replayCommand)

const archive = program
  .command('archive')
  .description('completed games: list them, export and import their events, drop old ones')

/** A command on the archive of a ledger, which may be about some of the games alone. */
const archiveCommand = (name: string, description: string): Command =>
  withData(archive.command(name).description(description))
    .option('--player <name>', 'games that this player was in')
    .option('--kind <kind>', 'games of this kind')
    .option('--from <date>', 'games that were recorded as over on this day or later, as 2026-11-26', dayBegin)
    .option('--to <date>', 'games that were recorded as over on this day or earlier', dayEnd)
    .option('--reason <reason>', 'games that ended for this reason: checkmate')

archiveCommand('ls', 'list completed games, newest first')
  .option('--won <name>', 'games in which this player came first')
  .option('--limit <n>', 'how many', wholeNumber(1), 20)
  .option('--cursor <cursor>', 'go on behind the page that gave this cursor')
  .option('--json', 'one JSON document on stdout, everything else on stderr')
  .action(archiveListCommand)

archiveCommand('export', 'write the events of completed games, in order of position')
  .addOption(new Option('--format <format>', 'one event a line').choices(['ndjson', 'csv']).default('ndjson'))
  .option('--out <file>', 'into a new file (default: stdout)')
  .action(archiveExportCommand)

withData(
  archive
    .command('import')
    .description('take in what `archive export` wrote (NDJSON), also of another ledger'),
)
  .argument('<files...>', 'NDJSON, also gzipped (.gz)')
  .option('--json', 'one JSON document a file on stdout, everything else on stderr')
  .action(archiveImportCommand)

withData(
  archive
    .command('retain')
    .description('drop completed games that are older; they cannot be had back. First with --dry-run'),
)
  .requiredOption('--older-than <time>', 'games that ended longer ago than this: 400d, 12h', timeSpan)
  .option('--kind <kind>', 'games of this kind')
  .option('--dry-run', 'only say how many')
  .option('--json', 'one JSON document on stdout, everything else on stderr')
  .action(archiveRetainCommand)

dataCommand('compact', 'merge small batches of the archive into few large ones')
  .option('--dry-run', 'only say what would be merged')
  .action(compactCommand)

dataCommand('verify', 'check every checksum of journal and archive')
  .option('--deep', 'fold every game again and compare')
  .action(verifyCommand)

dataCommand('repair', 'say what would mend a damaged journal; nothing is changed without --quarantine')
  .option('--quarantine', 'copy the journal, set aside the games that are damaged, open the rest')
  .action(repairCommand)

dataCommand('erase', 'erase a player from everything that is kept; nothing is changed without --yes')
  .argument('<player>', 'the id of the player, exactly')
  .addOption(new Option('--dry-run', 'say what it would change (the default)').conflicts('yes'))
  .option('--yes', 'do it: it cannot be undone')
  .option('--own-games', 'read only the archived games that they played; names elsewhere stay')
  .option(
    '--shortened',
    'also where games were dropped from the archive: boards will not count them any more',
  )
  .action(eraseCommand)

dataCommand('rebuild', 'make read models anew from archive and journal: one, or all')
  .argument('[projection]', 'its name: rating, players')
  .option('--shortened', 'also where games were dropped from the archive: they are no longer counted')
  .action(rebuildCommand)

withArchive(
  directoryCommand('doctor', 'say what is wrong with a data directory, and what to do; changes nothing'),
).action(doctorCommand)

directoryCommand('unlock', 'show who has a data directory; with --force take the lock away')
  .option('--force', 'from a holder that cannot be seen from here, when you know that it is gone')
  .action(unlockCommand)

jsonCommand('explain', 'say what a code means and what to do; without a code list them all')
  .argument('[code]', 'as an error, a fault or `verify` shows it: data-dir-locked')
  .action(explainCommand)

jsonCommand(
  'demo',
  'bots play Liap in rooms, from command to archive; the boards are checked against a full replay',
)
  .option('--games <n>', 'how many games the bots play', wholeNumber(1, 100_000), 72)
  .option('--seed <s>', 'the seed of the bots and the cards', wholeNumber(0), 1)
  .option('--data <dir>', 'keep the ledger here (default: a folder that is removed)')
  .option('--speed <n>', 'so many times as fast as people play', wholeNumber(1, 1_000), 60)
  .option('--real-time', 'bots think for 0.5 to 1.5 s: the same as --speed 1')
  .option('--crash', 'kill the playing process in the middle, and count what is lost')
  .action(({ games, ...options }: Omit<DemoOptions, 'number'> & { readonly games: number }) =>
    demoCommand({ ...options, number: games }),
  )

program
  .command('demo-child', { hidden: true })
  .requiredOption('--data <dir>')
  .requiredOption('--seed <s>', '', wholeNumber(0))
  .action(({ data, seed }: { data: string; seed: number }) => crashDemoChild(data, seed))

const fail = (error: unknown): void => {
  if (error instanceof CommanderError) {
    // Help and version end here, too: with exit code 0.
    process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.usage
    return
  }
  note(errorText(error, directory))
  process.exitCode = exitCodeOf(error)
}

process.env['NODE_ENV'] ??= 'production'
// A reader that closes the pipe early (head, less) has seen enough. The command still ends by itself: it has a ledger to close.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
try {
  await program.parseAsync()
} catch (error) {
  fail(error)
}
