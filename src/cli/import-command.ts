/**
 * `gameledger import FILE.pgn...`: plays recorded games into the ledger, move by move, as commands.
 *
 * Games are played one after another, without waiting for answers: the next game is decided while the journal writes the
 * last ones, up to a window of commands in flight. Each is checked whole against the rules first, so what is skipped
 * leaves nothing behind. Every command records one event, so a game that an interruption left half played goes on at
 * its version. Finals come in the order of the file, also after an interruption: ratings depend on it.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { setImmediate } from 'node:timers/promises'
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf, type AnyGame, type DispatchError } from '../index.js'
import {
  loadModules,
  openData,
  type DataLedger,
  type DataOptions,
  type GamesModule,
  type PlayableGame,
} from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { isBroken, readPgn, type BrokenPgn, type PgnGame } from './pgn.js'
import { Progress } from './progress.js'
import { numberText } from './table.js'
import { harmless, note, print, printJson, styled } from './terminal.js'

interface Skipped {
  readonly file: string
  readonly index: number
  readonly line: number
  readonly reason: string
}

/** Commands in flight: enough for large groups in the journal, far below the ledger's own bound. */
const windowMax = 2_000

class Import {
  games = 0
  moves = 0
  already = 0
  readonly players = new Set<string>()
  readonly skipped: Skipped[] = []
  isInterrupted = false
  readonly #ledger: DataLedger
  readonly #chess: AnyGame
  readonly #window: { readonly commands: number; readonly answered: Promise<void> }[] = []
  #inFlight = 0

  constructor(ledger: DataLedger, chess: AnyGame) {
    this.#ledger = ledger
    this.#chess = chess
  }

  async readFile(
    file: string,
    fromPgn: NonNullable<GamesModule['fromPgn']>,
    isQuiet: boolean,
  ): Promise<void> {
    const { size } = await stat(file)
    const progress = new Progress(`import ${file}`, isQuiet)
    const bytes = createReadStream(file)
    for await (const game of readPgn(file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes)) {
      if (this.isInterrupted) break
      await this.#take(file, game, fromPgn)
      progress.tell(
        bytes.bytesRead / size,
        `${numberText(this.games)} games, ${numberText(this.moves)} moves`,
        this.moves,
      )
      // The disk works while the next game is decided.
      await setImmediate()
    }
    await this.#drain(0)
    progress.end()
  }

  async #take(
    file: string,
    game: PgnGame | BrokenPgn,
    fromPgn: NonNullable<GamesModule['fromPgn']>,
  ): Promise<void> {
    const { index, line } = game
    if (isBroken(game)) return void this.skipped.push({ file, index, line, reason: game.reason })
    const playable = fromPgn(game)
    if (isLeft(playable)) return void this.skipped.push({ file, index, line, reason: playable.left })
    await this.#play(playable.right)
  }

  async #play({ gameId, players, commands, occurredAt }: PlayableGame): Promise<void> {
    for (const player of players) this.players.add(player)
    const handle = this.#ledger.game(this.#chess, gameId)
    const begun = handle.version ?? commands.length
    if (begun >= commands.length) return void this.already++
    this.games++
    const rest = commands.slice(begun)
    const answers = rest.map((command) =>
      handle.dispatch(command, occurredAt === undefined ? {} : { occurredAt }),
    )
    this.moves += rest.filter(({ type }) => type === 'Move').length
    this.#inFlight += rest.length
    const answered = Promise.all(answers).then((all) => {
      for (const answer of all) if (isLeft(answer)) throw refused(gameId, answer.left)
    })
    // Awaited by drain, in order; a failure must not be unhandled until then.
    answered.catch(() => undefined)
    this.#window.push({ commands: rest.length, answered })
    await this.#drain(windowMax)
  }

  async #drain(max: number): Promise<void> {
    while (this.#inFlight > max) {
      const { commands, answered } = this.#window.shift()!
      await answered
      this.#inFlight -= commands
    }
  }
}

const refused = (gameId: string, error: DispatchError): Error => {
  if (error._tag !== 'Unavailable') return new Error(`${gameId}: ${messageOf(error)}`)
  const { code } = error
  return new CommandError(
    code,
    code === 'archive-unavailable' ? exitCode.unavailable : exitCode.disk,
    `${gameId}: ${messageOf(error)} What was imported is safe; run the same command again to go on.`,
  )
}

/** Runs the command. Ctrl-C ends it after the game that is being read; run again, it goes on. */
export const importCommand = async (files: readonly string[], options: DataOptions): Promise<void> => {
  const module = await loadModules(options)
  const { fromPgn } = module
  const chess = module.games.find(({ kind }) => kind === 'chess')
  if (!fromPgn || !chess)
    throw new CommandError(
      'no-chess',
      exitCode.configuration,
      'The rules of chess are not installed. Install them beside gameledger: npm install chessops',
    )
  for (const file of files) await stat(file)
  const ledger = await openData(options, module)
  const running = new Import(ledger, chess)
  const interrupt = (): void => {
    running.isInterrupted = true
  }
  process.once('SIGINT', interrupt)
  try {
    for (const file of files)
      if (!running.isInterrupted) await running.readFile(file, fromPgn, options.json ?? false)
    await ledger.settled()
    report(running, ledger.stats().games.archived, options)
  } finally {
    process.off('SIGINT', interrupt)
    await ledger.close()
  }
  if (running.isInterrupted) process.exitCode = exitCode.interrupted
}

const report = (
  { games, moves, already, players, skipped, isInterrupted }: Import,
  archived: number,
  options: DataOptions,
): void => {
  for (const { file, index, line, reason } of skipped)
    note(`skipped game ${index} of ${file} (line ${line}): ${harmless(reason)}`)
  if (isInterrupted) note('Interrupted; what was read is safe. Run the same command again to go on.')
  if (options.json) return printJson({ games, moves, players: players.size, archived, already, skipped })
  print(
    `${styled('bold', numberText(games))} games with ${numberText(moves)} moves of ${numberText(players.size)} players imported, ` +
      `${numberText(already)} were there already, ${numberText(skipped.length)} skipped; ${numberText(archived)} in the archive.`,
  )
  print(`Next: gameledger leaderboard rating --top 10 --data ${options.data}`)
}
