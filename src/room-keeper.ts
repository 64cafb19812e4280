/**
 * Keeps rooms and the rest of the ledger of one mind: codes are taken and freed, and a room hears when its game is over.
 *
 *     final event of `<roomId>~<n>`   -> EndGame to the room; at the opening for those that a crash came between
 *     final event of a room           -> its code is free
 *
 * Level-triggered: what is to be done is read off the room, so nothing of this is kept, and doing it again does nothing.
 */
import type { LiveGames } from './commands/live-games.js'
import type { OwnCommands } from './commands/own-commands.js'
import type { RoomCodes } from './commands/rooms/room-codes.js'
import { room, type RoomCommand, type RoomState } from './commands/rooms/room.js'
import type { SleepNote } from './commands/sleep-note.js'
import type { EventEnvelope } from './events/envelope.js'
import { streamIdOf, type GameId, type StreamId } from './events/ids.js'
import { roomKind, type RoomId } from './events/room-event.js'

export interface RoomKeeperPorts {
  readonly live: LiveGames
  readonly codes: RoomCodes
  readonly own: OwnCommands
  /** Whether a room may be out of memory, and in the journal all the same. */
  readonly isAsleep: (stream: StreamId) => boolean
  /** Whether a game is over: in memory or in the archive. */
  readonly isOver: (stream: StreamId) => Promise<boolean>
}

export class RoomKeeper {
  readonly #ports: RoomKeeperPorts

  constructor(ports: RoomKeeperPorts) {
    this.#ports = ports
  }

  /** An event was published. O(1) */
  hear({ kind, gameId, final }: EventEnvelope): void {
    if (!final) return
    if (kind === roomKind) return this.#ports.codes.free(gameId)
    const roomId = roomOfGame(gameId)
    if (roomId === undefined) return
    const stream = streamIdOf(roomKind, roomId)
    if (this.#ports.live.get(stream) || this.#ports.isAsleep(stream)) this.#end(roomId, gameId)
  }

  /** The ledger was opened with this room. */
  async meet(roomId: RoomId, { code, playing, game, isOver }: RoomState): Promise<void> {
    if (!isOver) await this.meetNoted(roomId, { code, ...(playing !== null && { playing: [game, playing] }) })
  }

  /** The same of a room that sleeps, from what was noted of it: it is not read. */
  async meetNoted(roomId: RoomId, { code, playing }: SleepNote): Promise<void> {
    if (code === undefined || code === '') return
    this.#ports.codes.take(code, roomId)
    if (playing && (await this.#ports.isOver(streamIdOf(...playing)))) this.#end(roomId, playing[1])
  }

  /** Sent until there is room. What refuses it then is told elsewhere, and mended by `start`. */
  #end(roomId: RoomId, gameId: GameId): void {
    const command: RoomCommand = { type: 'EndGame', gameId }
    void this.#ports.own.send(room, streamIdOf(roomKind, roomId), command)
  }
}

const roomOfGame = (gameId: GameId): RoomId | undefined => {
  const tilde = gameId.indexOf('~')
  return tilde > 0 ? gameId.slice(0, tilde) : undefined
}
