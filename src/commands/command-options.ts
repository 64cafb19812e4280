/**
 * What a caller may say of a command besides the command itself, and what is checked of it before anything is done.
 *
 *     from outside    ids that are the ledger's own are refused      once, at the door: fromOutside
 *     any dispatch    a command, an id, a player, a time, a degree   at the call: checkDispatch
 *     a unit of work  the same but for the command, and each command in it           checkOptions, checkCommand
 *
 * What is wrong here is a mistake of the program that calls: it throws at the call, and nothing is counted or recorded.
 */
import { checkCommandId, checkPlayerId } from '../events/ids.js'
import { strength, type Durability } from '../events/journal/journal.js'
import type { GameCommand } from './game.js'

/** What may be said of a command, or of a unit of work. */
export interface CommandOptions {
  /** Makes a retry safe: recorded once in the life of each game that it writes to. 1 to 200 bytes. */
  readonly commandId?: string
  /** Who sends the command; recorded. */
  readonly actor?: string
  /** When it really happened, in ms since 1970 (imports); recorded. */
  readonly occurredAt?: number
  /** A stronger degree than the ledger's, for this answer alone. @default the ledger's */
  readonly durability?: Durability
}

export interface DispatchOptions extends CommandOptions {
  /** Refuse with VersionConflict unless the game is at this version. */
  readonly expectedVersion?: number
}

/** Ids that the ledger gives to its own commands: who could take one before it would keep a deadline or a bot from acting, or an idle game open. */
const ownIds = ['deadline/', 'idle/', 'bot/', 'reactor/'] as const

/** The options of a command from outside. @throws TypeError where its id is one of the ledger's own */
export const fromOutside = <Options extends CommandOptions>(options: Options): Options => {
  const { commandId } = options
  if (typeof commandId === 'string' && ownIds.some((own) => commandId.startsWith(own)))
    throw new TypeError(
      `A command id may not begin with ${ownIds.join(', ')}: such are the ledger's own; got ${commandId}.`,
    )
  return options
}

/** @throws TypeError */
export const checkCommand = (command: GameCommand): void => {
  if (typeof command?.type !== 'string')
    throw new TypeError(`A command is an object with a \`type\`; got ${typeof command}.`)
}

/** Of one command. `durability` is the ledger's own. @throws TypeError */
export const checkDispatch = (
  command: GameCommand,
  options: DispatchOptions,
  durability: Durability,
): void => {
  checkCommand(command)
  const { expectedVersion } = options
  if (expectedVersion !== undefined && !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0))
    throw new TypeError(`expectedVersion is a whole number from 0; got ${String(expectedVersion)}.`)
  checkOptions(options, durability)
}

/** Of a command or of a unit of work. @throws TypeError */
export const checkOptions = (options: CommandOptions, durability: Durability): void => {
  const { commandId, actor, occurredAt } = options
  if (commandId !== undefined) checkCommandId(commandId)
  if (actor !== undefined) checkPlayerId(actor)
  if (occurredAt !== undefined && !Number.isSafeInteger(occurredAt))
    throw new TypeError(`occurredAt is whole milliseconds since 1970; got ${String(occurredAt)}.`)
  if (options.durability !== undefined && !(strength[options.durability] >= strength[durability]))
    throw new TypeError(
      `A command may ask for a stronger degree than the ledger's '${durability}', not for '${options.durability}'.`,
    )
}
