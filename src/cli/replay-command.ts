/** `gameledger replay GAME`: a game as it ended, to a version or a time, as a player saw it; step by step, or played back. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { AnyGame, Replay, ReplayError, ReplayOptions, Viewer } from '../index.js'
import { withData, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { playGame } from './game-playback.js'
import { boardOf, eventLine, headOf } from './game-text.js'
import { stepThrough } from './game-steps.js'
import { harmless, note, print, printJson } from './terminal.js'

export interface ReplayCommandOptions extends DataOptions {
  readonly to?: number
  /** In ms since 1970. */
  readonly until?: number
  readonly step?: boolean
  readonly play?: boolean
  readonly speed: number
  readonly as?: string
}

/** Runs the command: exit code 1 where the final state is not the one that was recorded. */
export const replayCommand = (name: string, options: ReplayCommandOptions): Promise<void> =>
  withData(options, async (ledger, { games }) => {
    const { game, gameId } = findGame(ledger, games, name)
    if (options.play) return playGame(ledger, game, gameId, { ...options, viewer: viewerOf(options) })
    const found = await ledger.replay(game, gameId, replayOptionsOf(options))
    if (isLeft(found)) throw unreadable(name, found.left)
    const replay = found.right
    if (replay.hash === 'different') warn(`${game.kind}/${gameId}`)
    if (options.json) {
      const { version, final, state, events, hash } = replay
      return printJson({ kind: game.kind, gameId, version, final, state, events, hash })
    }
    if (options.step && process.stdin.isTTY && process.stdout.isTTY) return stepThrough(game, gameId, replay)
    if (options.step) note('--step needs a terminal; this is the whole game.')
    show(game, gameId, replay)
  })

const viewerOf = ({ as }: ReplayCommandOptions): Viewer =>
  as === undefined ? { as: 'operator' } : { as: 'player', player: as }

const replayOptionsOf = (options: ReplayCommandOptions): ReplayOptions => ({
  viewer: viewerOf(options),
  ...(options.to !== undefined && { toVersion: options.to }),
  ...(options.until !== undefined && { toTime: options.until }),
})

const warn = (stream: string): void => {
  note(
    `warn state-differs: the final state of ${harmless(stream)} is not the one that was recorded when it ended.\n` +
      '  These are other rules than it was played by, or the archive is damaged. Look: gameledger verify --deep',
  )
  process.exitCode = exitCode.checkFailed
}

const show = (game: AnyGame, gameId: string, replay: Replay): void => {
  for (const event of replay.events) print(eventLine(event))
  print()
  print(boardOf(game, replay.state))
  print(headOf(game, gameId, replay))
}

const findGame = (
  ledger: DataLedger,
  games: readonly AnyGame[],
  name: string,
): { readonly game: AnyGame; readonly gameId: string } => {
  const slash = name.indexOf('/')
  const kinds = slash < 0 ? games : games.filter(({ kind }) => kind === name.slice(0, slash))
  const gameId = name.slice(slash + 1)
  const found: AnyGame[] = []
  for (const game of kinds) if (exists(ledger, game, gameId)) found.push(game)
  const [game] = found
  if (found.length > 1)
    throw new CommandError(
      'ambiguous-game',
      exitCode.usage,
      `${harmless(name)} is ${found.map(({ kind }) => `${kind}/${gameId}`).join(' and ')}. Say which.`,
    )
  if (!game)
    throw new CommandError(
      'no-such-game',
      exitCode.notFound,
      `There is no game ${harmless(name)}. List them: gameledger games`,
    )
  return { game, gameId }
}

/** Out of memory it is asleep, archived, or set aside. */
const exists = (ledger: DataLedger, game: AnyGame, gameId: string): boolean =>
  ledger.game(game, gameId).version !== 0

const unreadable = (name: string, error: ReplayError): Error => {
  switch (error._tag) {
    case 'NotFound':
      return new CommandError(
        'no-such-game',
        exitCode.notFound,
        `There is no game ${harmless(name)}. List them: gameledger games`,
      )
    case 'Quarantined':
      return new CommandError(
        'game-quarantined',
        exitCode.damagedData,
        `A repair of the journal set ${harmless(name)} aside. What is left of it is in the folder quarantine beside the journal.`,
      )
    case 'SchemaTooNew':
      return new CommandError(
        'schema-too-new',
        exitCode.configuration,
        `Event ${error.type}@${error.found} of ${harmless(name)} was written by a newer version of the game; this one knows 1 to ${error.known}. Use the newer rules.`,
      )
    case 'UnknownEvent':
      return new CommandError(
        'unknown-event',
        exitCode.configuration,
        `The rules cannot apply ${error.type} at version ${error.version} of ${harmless(name)}: ${String(error.cause)}. Use the rules it was played by.`,
      )
  }
}
