/**
 * What happens at a room: the table before, around and after games, with a code by which people find it.
 *
 *     Created -> Joined, BotAdded, HostPassed, ... -> GameStarted -> GameEnded -> ... -> Closed | Abandoned
 *
 * A room is a stream like a game, of the kind `room`; its stream id is `room/<roomId>`. One room plays many games, one
 * after another: each is a game of its own, `<roomId>~1`, `<roomId>~2`, ..., so that a room and its games share a shard.
 * The last event of a room is `Closed` or `Abandoned`; its code may then be given to another one, never before.
 *
 * Projections hear games only, unless they name the kind `room`.
 */
import type { GameEvent } from './envelope.js'
import type { GameId, Kind, PlayerId } from './ids.js'

/** The kind of the streams of rooms. */
export const roomKind: Kind = 'room'

/** A room: what would be its game id if it were a game. */
export type RoomId = GameId

/** By what people find a room: short, easy to say and to type. */
export type RoomCode = string

/** A room was opened by its host, who has the first seat. */
export interface RoomCreated extends GameEvent {
  readonly type: 'Created'
  readonly code: RoomCode
  readonly host: PlayerId
  /** What is played here. */
  readonly game: Kind
  /** Seats: for people, and for bots until people come. From `roomCapacityMin` to `roomCapacityMax`. */
  readonly capacity: number
  /** Whether bots may sit here. */
  readonly isForBots: boolean
  /** Anybody may see and join it; otherwise only who has the code. */
  readonly isOpen: boolean
}

/** A person took the first seat that was free. */
export interface RoomJoined extends GameEvent {
  readonly type: 'Joined'
  readonly player: PlayerId
}

/** A person gave the seat up. */
export interface RoomLeft extends GameEvent {
  readonly type: 'Left'
  readonly player: PlayerId
}

/** The host sent a person away. */
export interface RoomKicked extends GameEvent {
  readonly type: 'Kicked'
  readonly player: PlayerId
}

/** A bot took the first seat that was free; it gives way to people. */
export interface RoomBotAdded extends GameEvent {
  readonly type: 'BotAdded'
  readonly bot: PlayerId
}

export interface RoomBotRemoved extends GameEvent {
  readonly type: 'BotRemoved'
  readonly bot: PlayerId
}

/** Another person in the room is its host from now on. */
export interface RoomHostPassed extends GameEvent {
  readonly type: 'HostPassed'
  readonly host: PlayerId
}

/** Anybody may see and join the room. */
export interface RoomOpened extends GameEvent {
  readonly type: 'Opened'
}

/** Only who has the code may join the room. */
export interface RoomMadePrivate extends GameEvent {
  readonly type: 'MadePrivate'
}

/** The room's next game began: `<roomId>~<n>`. */
export interface RoomGameStarted extends GameEvent {
  readonly type: 'GameStarted'
  readonly gameId: GameId
}

/** It is over; the room waits again. */
export interface RoomGameEnded extends GameEvent {
  readonly type: 'GameEnded'
  readonly gameId: GameId
}

/** Somebody closed the room. Final. */
export interface RoomClosed extends GameEvent {
  readonly type: 'Closed'
}

/** Everybody was gone, or nothing had happened for long. Final. */
export interface RoomAbandoned extends GameEvent {
  readonly type: 'Abandoned'
}

export type RoomEvent =
  | RoomCreated
  | RoomJoined
  | RoomLeft
  | RoomKicked
  | RoomBotAdded
  | RoomBotRemoved
  | RoomHostPassed
  | RoomOpened
  | RoomMadePrivate
  | RoomGameStarted
  | RoomGameEnded
  | RoomClosed
  | RoomAbandoned

/** A game of one needs no room. */
export const roomCapacityMin = 2

/** Seats of a room: games of many more are tournaments, which are more than one table. */
export const roomCapacityMax = 8
