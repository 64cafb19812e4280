/** `gameledger replay GAME`: a game as it ended, to a version, as a player saw it; step by step on a terminal. */
import { emitKeypressEvents } from 'node:readline'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { AnyGame, EventEnvelope, Replay, ReplayError, Viewer } from '../index.js'
import { withData, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { numberText } from './table.js'
import { harmless, note, print, printJson, styled } from './terminal.js'

export interface ReplayCommandOptions extends DataOptions {
  readonly to?: number
  readonly step?: boolean
  readonly as?: string
}

/** Runs the command. */
export const replayCommand = (name: string, options: ReplayCommandOptions): Promise<void> =>
  withData(options, async (ledger, { games }) => {
    const { game, gameId } = findGame(ledger, games, name)
    const viewer: Viewer =
      options.as === undefined ? { as: 'operator' } : { as: 'player', player: options.as }
    const found = await ledger.replay(game, gameId, {
      viewer,
      ...(options.to !== undefined && { toVersion: options.to }),
    })
    if (isLeft(found)) throw unreadable(name, found.left)
    const replay = found.right
    if (options.json) {
      const { version, final, state, events } = replay
      return printJson({ kind: game.kind, gameId, version, final, state, events })
    }
    if (options.step && process.stdin.isTTY && process.stdout.isTTY) return step(game, gameId, replay)
    if (options.step) note('--step needs a terminal; this is the whole game.')
    for (const event of replay.events) print(eventLine(event))
    print()
    print(boardOf(game, replay.state))
    print(headOf(game, gameId, replay))
  })

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

const eventLine = ({ version, event }: EventEnvelope): string => {
  const { type, ...rest } = event
  return `${String(version).padStart(5)}  ${type} ${harmless(
    Object.values(rest)
      .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
      .join(' '),
  )}`.trimEnd()
}

/** The board as text where the game draws one, else the state as JSON. */
const boardOf = (game: AnyGame, view: unknown): string =>
  game.render?.(view) ?? JSON.stringify(view, undefined, 2)

const headOf = (
  { kind }: AnyGame,
  gameId: string,
  { version, final }: { readonly version: number; readonly final: boolean },
): string =>
  styled('bold', `${kind}/${gameId}`) + ` at version ${numberText(version)}${final ? ', over' : ''}`

type Key = { readonly name?: string; readonly sequence?: string; readonly ctrl?: boolean }

const nextAt = (at: number, last: number, { name, sequence }: Key): number => {
  if (name === 'right' || name === 'j' || name === 'space') return Math.min(at + 1, last)
  if (name === 'left' || name === 'k') return Math.max(at - 1, 0)
  if (name === 'home' || sequence === '0') return 0
  if (name === 'end' || sequence === '$') return last
  return at
}

/** Steps through the game: arrows or j and k, Home and End or 0 and $, q to leave. */
const step = async (game: AnyGame, gameId: string, replay: Replay): Promise<void> => {
  const states = [...replay.states()]
  const last = states.length - 1
  const show = (at: number): void => {
    const event = replay.events[at - 1]
    process.stdout.write('\u001b[H\u001b[2J')
    print(headOf(game, gameId, { version: at, final: replay.final && at === last }))
    print(event ? eventLine(event) : '    0  (before the first event)')
    print()
    print(boardOf(game, states[at]?.state))
    print()
    print(
      styled('dim', `${at} of ${last}   right/j next   left/k back   Home/0 first   End/$ last   q leave`),
    )
  }
  emitKeypressEvents(process.stdin)
  process.stdin.setRawMode(true)
  process.stdin.resume()
  try {
    await new Promise<void>((leave) => {
      let at = 0
      show(at)
      process.stdin.on('keypress', (_text: string | undefined, key: Key) => {
        if (key.name === 'q' || key.name === 'escape' || (key.ctrl && key.name === 'c')) return leave()
        at = nextAt(at, last, key)
        show(at)
      })
    })
  } finally {
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }
}
