/**
 * A room: the table before, around and after games. A Decider like any game, of the kind `room`.
 *
 *     waiting --> playing --> waiting --> ... --> closed | abandoned
 *
 * The host has the first seat. A person takes the first seat that is free, else that of the first bot, which gives way.
 * The host leaves: the next person along the seats is host. Nobody is left: the room is abandoned, which ends it. While a
 * game goes on, seats are not taken; who leaves is replaced by a bot where bots may sit here.
 */
import type { GameId, Kind, PlayerId } from '../../events/ids.js'
import { roomKind, type RoomCode, type RoomCreated, type RoomEvent } from '../../events/room-event.js'
import { accept, defineGame, reject } from '../game.js'

/** Who sits on a seat. */
export interface Seat {
  readonly player: PlayerId
  readonly isBot: boolean
}

export interface RoomState {
  /** Empty before the room is created. */
  readonly code: RoomCode
  readonly host: PlayerId
  /** What is played here. */
  readonly game: Kind
  /** Its own seats, free ones as `null`. */
  readonly seats: readonly (Seat | null)[]
  readonly isOpen: boolean
  readonly isForBots: boolean
  /** The game that goes on. */
  readonly playing: GameId | null
  /** How many games were begun here. */
  readonly games: number
  readonly isOver: boolean
}

export type RoomCommand =
  | (Omit<RoomCreated, 'type'> & { readonly type: 'Create'; readonly bots: number })
  | { readonly type: 'Join'; readonly player: PlayerId; readonly code?: RoomCode }
  | { readonly type: 'Leave'; readonly player: PlayerId }
  | { readonly type: 'Kick'; readonly player: PlayerId; readonly by: PlayerId }
  | { readonly type: 'AddBot'; readonly bot?: PlayerId; readonly by: PlayerId }
  | { readonly type: 'RemoveBot'; readonly bot: PlayerId; readonly by: PlayerId }
  | { readonly type: 'PassHost'; readonly to: PlayerId; readonly by: PlayerId }
  | { readonly type: 'Open'; readonly by: PlayerId }
  | { readonly type: 'MakePrivate'; readonly by: PlayerId }
  | { readonly type: 'StartGame'; readonly gameId: GameId; readonly by: PlayerId }
  | { readonly type: 'EndGame'; readonly gameId: GameId }
  | { readonly type: 'Close'; readonly by: PlayerId }
  | { readonly type: 'Abandon' }

const isPerson = (seat: Seat | null): seat is Seat => seat !== null && !seat.isBot
const isBot = (seat: Seat | null): seat is Seat => seat !== null && seat.isBot

/** The people in a room, in order of seats. */
export const peopleIn = ({ seats }: RoomState): readonly PlayerId[] =>
  seats.filter(isPerson).map(({ player }) => player)

/** The bots in a room, in order of seats. */
export const botsIn = ({ seats }: RoomState): readonly PlayerId[] =>
  seats.filter(isBot).map(({ player }) => player)

const sits = ({ seats }: RoomState, player: PlayerId): Seat | undefined =>
  seats.find((seat) => seat?.player === player) ?? undefined

/** A name for a bot that nobody in the room has: that of its seat where it is free. */
const botName = (seats: readonly (Seat | null)[]): PlayerId => {
  const taken = new Set(seats.map((seat) => seat?.player))
  for (let number = seats.indexOf(null) + 1; ; number++)
    if (!taken.has(`Bot ${number}`)) return `Bot ${number}`
}

const created = ({ type: _, bots, ...made }: Extract<RoomCommand, { readonly type: 'Create' }>) => {
  if (bots > 0 && !made.isForBots) return reject('no-bots-here')
  if (bots >= made.capacity) return reject('room-full')
  const seats: (Seat | null)[] = [
    { player: made.host, isBot: false },
    ...Array.from({ length: made.capacity - 1 }, () => null),
  ]
  const added: RoomEvent[] = []
  for (let nth = 0; nth < bots; nth++) {
    const bot = botName(seats)
    seats[seats.indexOf(null)] = { player: bot, isBot: true }
    added.push({ type: 'BotAdded', bot })
  }
  return accept<RoomEvent[]>({ type: 'Created', ...made }, ...added)
}

const joined = (room: RoomState, { player, code }: { player: PlayerId; code?: RoomCode }) => {
  const there = sits(room, player)
  if (there && !there.isBot) return accept()
  if (there) return reject('name-taken', `A bot has the name ${player} here.`)
  if (!room.isOpen && code !== room.code) return reject('code-needed')
  if (room.playing !== null) return reject('game-in-progress')
  if (room.seats.includes(null)) return accept<RoomEvent[]>({ type: 'Joined', player })
  const [bot] = botsIn(room)
  return bot === undefined
    ? reject('room-full')
    : accept<RoomEvent[]>({ type: 'BotRemoved', bot }, { type: 'Joined', player })
}

/** What follows where a person is gone: a bot for the game that goes on, another host, or the end. */
const gone = (room: RoomState, player: PlayerId, event: RoomEvent) => {
  const people = peopleIn(room)
  if (people.length === 1) return accept<RoomEvent[]>(event, { type: 'Abandoned' })
  const events: RoomEvent[] = [event]
  if (room.playing !== null && room.isForBots)
    events.push({
      type: 'BotAdded',
      bot: botName(room.seats.map((seat) => (seat?.player === player ? null : seat))),
    })
  if (room.host === player)
    events.push({ type: 'HostPassed', host: people[(people.indexOf(player) + 1) % people.length]! })
  return accept<RoomEvent[]>(...events)
}

const started = (room: RoomState, gameId: GameId) =>
  room.playing === null ? accept<RoomEvent[]>({ type: 'GameStarted', gameId }) : reject('game-in-progress')

const addedBot = (room: RoomState, bot: PlayerId = botName(room.seats)) => {
  if (!room.isForBots) return reject('no-bots-here')
  if (room.playing !== null) return reject('game-in-progress')
  if (!room.seats.includes(null)) return reject('room-full')
  return sits(room, bot) ? reject('name-taken') : accept<RoomEvent[]>({ type: 'BotAdded', bot })
}

/** What only the host may do. */
const asHost = (command: Extract<RoomCommand, { readonly by: PlayerId }>, room: RoomState) => {
  if (command.by !== room.host) return reject('not-the-host')
  switch (command.type) {
    case 'Kick':
      if (command.player === room.host) return reject('host-cannot-be-kicked')
      return isPerson(sits(room, command.player) ?? null)
        ? gone(room, command.player, { type: 'Kicked', player: command.player })
        : reject('not-in-room')
    case 'AddBot':
      return addedBot(room, command.bot)
    case 'RemoveBot':
      if (room.playing !== null) return reject('game-in-progress')
      return isBot(sits(room, command.bot) ?? null)
        ? accept<RoomEvent[]>({ type: 'BotRemoved', bot: command.bot })
        : reject('not-in-room')
    case 'PassHost':
      return isPerson(sits(room, command.to) ?? null)
        ? accept<RoomEvent[]>(
            ...(command.to === room.host ? [] : [{ type: 'HostPassed', host: command.to } as const]),
          )
        : reject('not-in-room')
    case 'Open':
      return accept<RoomEvent[]>(...(room.isOpen ? [] : [{ type: 'Opened' } as const]))
    case 'MakePrivate':
      return accept<RoomEvent[]>(...(room.isOpen ? [{ type: 'MadePrivate' } as const] : []))
    case 'StartGame':
      return started(room, command.gameId)
    case 'Close':
      return room.playing === null ? accept<RoomEvent[]>({ type: 'Closed' }) : reject('game-in-progress')
  }
}

const decide = (command: RoomCommand, room: RoomState) => {
  if (command.type === 'Create') return room.code === '' ? created(command) : reject('room-exists')
  if (room.code === '') return reject('no-such-room')
  if ('by' in command) return asHost(command, room)
  switch (command.type) {
    case 'Join':
      return joined(room, command)
    case 'Leave':
      return isPerson(sits(room, command.player) ?? null)
        ? gone(room, command.player, { type: 'Left', player: command.player })
        : reject('not-in-room')
    case 'EndGame':
      return room.playing === command.gameId
        ? accept<RoomEvent[]>({ type: 'GameEnded', gameId: command.gameId })
        : accept()
    case 'Abandon':
      return accept<RoomEvent[]>({ type: 'Abandoned' })
  }
}

type Draft = { -readonly [key in keyof RoomState]: RoomState[key] } & { seats: (Seat | null)[] }

const sitDown = ({ seats }: Draft, player: PlayerId, isForBot: boolean): void => {
  seats[seats.indexOf(null)] = { player, isBot: isForBot }
}

const standUp = ({ seats }: Draft, player: PlayerId): void => {
  seats[seats.findIndex((seat) => seat?.player === player)] = null
}

const evolve = (state: RoomState, event: RoomEvent): void => {
  const room = state as Draft
  switch (event.type) {
    case 'Created':
      room.code = event.code
      room.host = event.host
      room.game = event.game
      room.isOpen = event.isOpen
      room.isForBots = event.isForBots
      room.seats = Array.from({ length: event.capacity }, () => null)
      return sitDown(room, event.host, false)
    case 'Joined':
      return sitDown(room, event.player, false)
    case 'BotAdded':
      return sitDown(room, event.bot, true)
    case 'Left':
    case 'Kicked':
      return standUp(room, event.player)
    case 'BotRemoved':
      return standUp(room, event.bot)
    case 'HostPassed':
      room.host = event.host
      return
    case 'Opened':
    case 'MadePrivate':
      room.isOpen = event.type === 'Opened'
      return
    case 'GameStarted':
      room.playing = event.gameId
      room.games++
      return
    case 'GameEnded':
      room.playing = null
      return
    case 'Closed':
    case 'Abandoned':
      room.isOver = true
  }
}

const nobodysRoom: RoomState = {
  code: '',
  host: '',
  game: '',
  seats: [],
  isOpen: false,
  isForBots: false,
  playing: null,
  games: 0,
  isOver: false,
}

/** The rules of rooms. Given to every ledger; commands to rooms go through `ledger.rooms`. */
export const room = defineGame({
  kind: roomKind,
  initialState: nobodysRoom,
  decide,
  evolve,
  isTerminal: ({ isOver }) => isOver,
})
