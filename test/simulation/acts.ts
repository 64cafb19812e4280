/** What players do beside sending a command to a game: several games in one unit of work, and rooms. */
import { isLeft, map, right, type Either } from 'fp-ts/lib/Either.js'
import type { DispatchError, Receipt, Unit } from 'gameledger'
import { tally, type TallyCommand, type TallyEvent } from '../ledger/tally-game.js'
import type { Simulated } from './life.js'
import type { Step } from './plan.js'
import type { UnitPart } from './units.js'

/** Receipts of all that an act has written to. */
export type ActAnswer = Promise<Either<DispatchError, readonly Receipt[]>>

/** Plays in several games at once. `built` hears after each run what the unit would write. */
export const playUnit = (
  ledger: Simulated,
  { games, player, amounts, last, commandId, durability }: Step & { readonly type: 'unit' },
  actor: string,
  built: (parts: readonly UnitPart[]) => void,
): ActAnswer => {
  const build = (tx: Unit): void => {
    const parts: UnitPart[] = []
    for (const game of games) {
      const played = tx.game(tally, game)
      const { version } = played
      const events: TallyEvent[] = []
      const dispatch = (command: TallyCommand): void => {
        const answer = played.dispatch(command)
        if (!isLeft(answer)) events.push(...answer.right)
      }
      if (!played.state.players.includes(player)) dispatch({ type: 'Sit', player })
      dispatch({ type: 'Count', player, amounts })
      if (last !== undefined && game === games.at(-1))
        dispatch(last === 'Strange' ? { type: 'Count', player: 'nobody', amounts } : { type: last })
      parts.push({ game, version, events })
    }
    built(parts)
  }
  return ledger.transact(build, {
    actor,
    ...(commandId !== undefined && { commandId }),
    ...(durability !== undefined && { durability }),
  })
}

/** Makes a room, comes, goes, begins its next game, or ends it. */
export const actInRoom = async (
  { rooms }: Simulated,
  { act, room, player, commandId }: Step & { readonly type: 'room' },
): ActAnswer => {
  const options = commandId === undefined ? {} : { commandId }
  const one = map((receipt: Receipt): readonly Receipt[] => [receipt])
  switch (act) {
    case 'create':
      return one(
        await rooms.create({ roomId: room, host: player, game: tally.kind, capacity: 3, bots: 1 }, options),
      )
    case 'join':
      return one(await rooms.join(room, player, options))
    case 'leave':
      return one(await rooms.leave(room, player, options))
    case 'close':
      return one(await rooms.close(room, player, options))
    case 'start': {
      const started = await rooms.start(
        room,
        tally,
        player,
        (game, { seats }) => {
          for (const seat of seats) if (seat) game.dispatch({ type: 'Sit', player: seat.player })
        },
        options,
      )
      return isLeft(started) ? started : right([started.right.room, started.right.game])
    }
  }
}
