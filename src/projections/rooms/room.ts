/** One room as the directory shows it, and what an event makes of it. */
import type { EventEnvelope } from '../../events/envelope.js'
import type { GameId, Kind, PlayerId } from '../../events/ids.js'
import {
  roomCapacityMax,
  roomCapacityMin,
  type RoomCode,
  type RoomEvent,
  type RoomId,
} from '../../events/room-event.js'

/** A room that is not closed. */
export interface RoomRow {
  readonly roomId: RoomId
  readonly code: RoomCode
  readonly host: PlayerId
  /** What is played here. */
  readonly game: Kind
  readonly capacity: number
  /** In order of coming. */
  readonly people: readonly PlayerId[]
  readonly bots: readonly PlayerId[]
  readonly isOpen: boolean
  /** Whether bots may sit here. */
  readonly isForBots: boolean
  /** The game that goes on; absent while the room waits. */
  readonly playing?: GameId
  /** How many games were begun here. */
  readonly games: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly lastActivityAt: number
}

/** Seats that people may take: those that are free, and those of bots, which give way. */
export const freeSeatsOf = ({ capacity, people }: RoomRow): number => Math.max(0, capacity - people.length)

/** The room behind an event: `undefined` where it is closed. @throws Error where the event cannot have happened to it */
export const roomAfter = (
  room: RoomRow | undefined,
  envelope: EventEnvelope<RoomEvent>,
): RoomRow | undefined => {
  const { event, recordedAt } = envelope
  if (event.type === 'Created') return created(room, envelope, event)
  if (!room)
    throw new Error(`Room ${envelope.gameId} has ${event.type} before it was created. Rebuild the directory.`)
  const next = { ...room, lastActivityAt: recordedAt }
  switch (event.type) {
    case 'Joined':
      return { ...next, people: [...without(room.people, event.player), event.player] }
    case 'Left':
    case 'Kicked':
      return { ...next, people: without(room.people, event.player) }
    case 'BotAdded':
      return { ...next, bots: [...without(room.bots, event.bot), event.bot] }
    case 'BotRemoved':
      return { ...next, bots: without(room.bots, event.bot) }
    case 'HostPassed':
      return { ...next, host: event.host }
    case 'Opened':
      return { ...next, isOpen: true }
    case 'MadePrivate':
      return { ...next, isOpen: false }
    case 'GameStarted':
      return { ...next, playing: event.gameId, games: room.games + 1 }
    case 'GameEnded':
      return waiting(next)
    case 'Closed':
    case 'Abandoned':
      return undefined
    // The ledger's own events (`$closed`) and those of versions to come.
    default:
      return next
  }
}

const created = (
  room: RoomRow | undefined,
  { gameId, recordedAt }: EventEnvelope,
  { code, host, game, capacity, isOpen, isForBots }: Extract<RoomEvent, { readonly type: 'Created' }>,
): RoomRow => {
  if (room) throw new Error(`Room ${gameId} was created twice. Rebuild the directory.`)
  if (!Number.isSafeInteger(capacity) || capacity < roomCapacityMin || capacity > roomCapacityMax)
    throw new TypeError(
      `A room has ${roomCapacityMin} to ${roomCapacityMax} seats; room ${gameId} has ${String(capacity)}.`,
    )
  const times = { createdAt: recordedAt, lastActivityAt: recordedAt }
  const made = { roomId: gameId, code, host, game, capacity, isOpen, isForBots }
  return { ...made, people: [host], bots: [], games: 0, ...times }
}

const waiting = ({ playing: _, ...room }: RoomRow): RoomRow => room

const without = (players: readonly PlayerId[], gone: PlayerId): readonly PlayerId[] =>
  players.filter((player) => player !== gone)
