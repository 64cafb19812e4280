/** Plays the famous games that ship with the chess example into a ledger; nothing where chess is not installed. */
import { Readable } from 'node:stream'
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf } from '../index.js'
import type { DataLedger, GamesModule } from './data.js'
import { isBroken, readPgn } from './pgn.js'

/** Returns the names of the games, `kind/id`, in their order. Games that are there already stay as they are. */
export const playFamousGames = async (
  ledger: DataLedger,
  { games, fromPgn, famousGames }: GamesModule,
): Promise<readonly string[]> => {
  const chess = games.find(({ kind }) => kind === 'chess')
  if (!chess || !fromPgn || famousGames === undefined) return []
  const names: string[] = []
  for await (const game of readPgn(Readable.from([famousGames]))) {
    const playable = isBroken(game) ? undefined : fromPgn(game)
    if (!playable || isLeft(playable))
      throw new Error(`The shipped game ${game.index} cannot be played. Install the package anew.`)
    const { gameId, commands, occurredAt } = playable.right
    const handle = ledger.game(chess, gameId)
    for (const command of commands.slice(handle.version ?? commands.length)) {
      const answer = await handle.dispatch(command, occurredAt === undefined ? {} : { occurredAt })
      if (isLeft(answer)) throw new Error(`${gameId}: ${messageOf(answer.left)}`)
    }
    names.push(`${chess.kind}/${gameId}`)
  }
  return names
}
