/**
 * Keeps rooms and the rest of the ledger of one mind: codes are taken and freed, and a room hears when its game is over.
 *
 *     final event of `<roomId>~<n>`   -> EndGame to the room; at the opening for those that a crash came between
 *     final event of a room           -> its code is free
 *     the ledger opens                -> whoever has a code keeps it, in memory or asleep
 *     rooms and games are imported    -> the lines tell them; a room is met when all are in
 *
 * Level-triggered: what is to be done is read off the room, so nothing of this is kept, and doing it again does nothing.
 */
import type { AsleepGames } from './commands/asleep-games.js'
import type { LiveGame } from './commands/live-game.js'
import type { LiveGames } from './commands/live-games.js'
import type { OwnCommands } from './commands/own-commands.js'
import type { RoomCodes } from './commands/rooms/room-codes.js'
import { room, type RoomCommand, type RoomState } from './commands/rooms/room.js'
import { sleepNote, type SleepNote } from './commands/sleep-note.js'
import type { EventEnvelope } from './events/envelope.js'
import { partsOfStream, streamIdOf, type GameId, type StreamId } from './events/ids.js'
import { roomKind, type RoomId } from './events/room-event.js'
import type { Streamed } from './events/stream-map.js'
import { TimeSlice } from './events/time-slice.js'

export interface RoomKeeperPorts {
  readonly live: LiveGames
  readonly codes: RoomCodes
  readonly own: OwnCommands
  readonly asleep: AsleepGames
  /** Whether a game is over: in memory or in the archive. */
  readonly isOver: (stream: StreamId) => Promise<boolean>
  /** Whether a room is being imported: then it hears from the lines. */
  readonly isImported: (room: Streamed) => boolean
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
    const { live, asleep, isImported } = this.#ports
    if (isImported({ kind: roomKind, gameId: roomId })) return
    if (live.get(stream) || asleep.has(stream)) this.#end(roomId, gameId)
  }

  /**
   * The ledger was opened: meets the rooms in memory and those asleep. In slices; rooms that sleep are not read, but for
   * those from before rooms were noted of.
   */
  async meetAll(): Promise<void> {
    const { live, asleep } = this.#ports
    for (const game of live.values()) if (game.kind === roomKind && !game.isFinal) await this.meet(game)
    const slice = new TimeSlice()
    for (const { stream, note } of asleep.values()) {
      if (slice.isOverAfterStep()) await slice.next()
      if (!stream.startsWith(`${roomKind}/`)) continue
      const noted = sleepNote(note)
      if (noted) await this.#meetNoted(partsOfStream(stream).gameId, noted)
      else await this.meet(await asleep.read(stream))
    }
  }

  /** Looks at one room, as at the opening. */
  async meet(live: LiveGame): Promise<void> {
    const { code, playing, game, isOver } = live.publishedState() as RoomState
    if (!isOver)
      await this.#meetNoted(live.gameId, { code, ...(playing !== null && { playing: [game, playing] }) })
  }

  async #meetNoted(roomId: RoomId, { code, playing }: SleepNote): Promise<void> {
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
