/** A room as one text: its values in a fixed order, without their names, for there may be a hundred thousand that wait. */
import type { RoomRow } from './room.js'

type Values = readonly [
  roomId: string,
  code: string,
  host: string,
  game: string,
  capacity: number,
  people: readonly string[],
  bots: readonly string[],
  isOpen: 0 | 1,
  isForBots: 0 | 1,
  games: number,
  createdAt: number,
  lastActivityAt: number,
  playing?: string,
]

export const textOfRoom = (room: RoomRow): string => {
  const { roomId, code, host, game, capacity, people, bots, games, createdAt, playing } = room
  const flags = [room.isOpen ? 1 : 0, room.isForBots ? 1 : 0] as const
  const times = [createdAt, room.lastActivityAt] as const
  const values: Values = [roomId, code, host, game, capacity, people, bots, ...flags, games, ...times]
  return JSON.stringify(playing === undefined ? values : [...values, playing])
}

/** The room, frozen. */
export const roomOfText = (text: string): RoomRow => {
  const values = JSON.parse(text) as Values
  const [roomId, code, host, game, capacity, people, bots, isOpen, isForBots, games, createdAt] = values
  const [lastActivityAt, playing] = [values[11], values[12]]
  return Object.freeze({
    roomId,
    code,
    host,
    game,
    capacity,
    isOpen: isOpen === 1,
    isForBots: isForBots === 1,
    people: Object.freeze(people),
    bots: Object.freeze(bots),
    games,
    createdAt,
    lastActivityAt,
    ...(playing !== undefined && { playing }),
  })
}
