/**
 * What a ledger notes of a game that leaves memory, and is handed back when it is opened again: so that a million games
 * that sleep need not be read to know when one is due, or which code a room has. A short JSON text beside the game's row in
 * the journal (docs/formats/journal.md); nothing of players is in it.
 */
import type { GameId, Kind } from '../events/ids.js'
import { roomKind, type RoomCode } from '../events/room-event.js'
import type { LiveGame } from './live-game.js'
import type { RoomState } from './rooms/room.js'

export interface SleepNote {
  /** Of a game with a `deadline`: when it is due, ms since 1970; absent where nothing is. */
  readonly deadlineAt?: number
  /** Of a room. */
  readonly code?: RoomCode
  /** Of a room whose game goes on: the game's kind and id. */
  readonly playing?: readonly [Kind, GameId]
}

/** The note of a game as it was decided last; `undefined` for a kind of which nothing is to be known. @throws what the rules throw */
export const noteOfGame = (live: LiveGame): string | undefined => {
  const { game, kind } = live
  if (!game) return undefined
  if (kind === roomKind) {
    const { code, playing, game: played } = live.decidedState() as RoomState
    return text({ code, ...(playing !== null && { playing: [played, playing] as const }) })
  }
  if (!game.deadline) return undefined
  const due = game.deadline(live.decidedState() as never)
  return text(due ? { deadlineAt: due.at } : {})
}

const text = (note: SleepNote): string => JSON.stringify(note)

/** The note that was kept of a game; `undefined` where none was: then only reading it tells. */
export const sleepNote = (kept: string | undefined): SleepNote | undefined =>
  kept === undefined ? undefined : (JSON.parse(kept) as SleepNote)
