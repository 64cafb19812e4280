/** One whole game between bots, through the ledger: each seat sees its own view, and acts by commands, without delay. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf, type Ledger } from 'gameledger'
import { chooseCommand } from './bot.js'
import { seatsOf, type LiapCommand, type LiapOptions, type Seating } from './commands.js'
import { liap } from './game.js'
import type { LiapView } from './view.js'

export interface BotGameOptions extends LiapOptions {
  /** Whoever sits there, a bot plays. @default four bots */
  readonly seats?: readonly Seating[]
  /** An evenly drawn number in [0, 1): the bots' lots. The deals draw theirs from the ledger. @default the machine's chance */
  readonly random?: () => number
  /** Hears each version that was safe. */
  readonly acknowledged?: (version: number) => void
}

/**
 * Plays a game that has not begun to its end. One command at a time: many games at once make a busy ledger.
 * @throws Error where the ledger refuses a command or a view
 */
export const playBotGame = async (
  ledger: Pick<Ledger<object>, 'game'>,
  gameId: string,
  { seats = seatsOf(), random = Math.random, acknowledged, ...options }: BotGameOptions = {},
): Promise<void> => {
  const game = ledger.game(liap, gameId)
  let isOver = false
  const send = async (command: LiapCommand): Promise<void> => {
    const answer = await game.dispatch(command)
    if (isLeft(answer)) throw new Error(`${game.kind}/${gameId}: ${messageOf(answer.left)}`)
    acknowledged?.(answer.right.version)
    isOver = answer.right.events.some(({ type }) => type === 'Ended')
  }
  const next = async (): Promise<LiapCommand> => {
    for (const [seat, { player }] of seats.entries()) {
      const seen = await game.view({ as: 'player', player })
      if (isLeft(seen)) throw new Error(`${game.kind}/${gameId} cannot be seen: ${seen.left._tag}.`)
      const command = chooseCommand(seen.right as LiapView, seat, random)
      if (command) return command
    }
    throw new Error(`${game.kind}/${gameId} waits for nobody.`)
  }
  await send({ type: 'Start', seats, options })
  while (!isOver) await send(await next())
}
