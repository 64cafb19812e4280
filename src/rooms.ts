/**
 * The rooms of a ledger: tables with a code by which people find them, where games are played one after another.
 *
 *     create --> join, leave, kick, bots, host ... --> start --> the game `<roomId>~<n>` --> start --> ... --> close
 *
 * A room is an aggregate like a game, journaled, published and archived like one; its rules are commands/rooms/room.ts. What
 * is asked of rooms (by id, by code, by player, open ones) is answered by the directory, `ledger.views.rooms`.
 */
import { randomUUID } from 'node:crypto'
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import type { DispatchError } from './commands/dispatch-error.js'
import type { Dispatcher } from './commands/dispatcher.js'
import type { AnyGame, Game, GameCommand } from './commands/game.js'
import type { Receipt } from './commands/receipt.js'
import { fromOutside, type CommandOptions, type DispatchOptions } from './commands/command-options.js'
import { roomCodeOf } from './commands/rooms/room-code.js'
import type { RoomCodes } from './commands/rooms/room-codes.js'
import { room, type RoomCommand, type RoomState } from './commands/rooms/room.js'
import type { GameInUnit } from './commands/unit-of-work.js'
import type { GameEvent } from './events/envelope.js'
import {
  checkGameId,
  checkKind,
  checkPlayerId,
  streamIdOf,
  type GameId,
  type Kind,
  type PlayerId,
} from './events/ids.js'
import {
  roomCapacityMax,
  roomCapacityMin,
  roomKind,
  type RoomCode,
  type RoomEvent,
  type RoomId,
} from './events/room-event.js'

/** Why a room said no. */
export type RoomReason =
  | 'room-exists'
  | 'no-such-room'
  | 'room-full'
  | 'code-needed'
  | 'name-taken'
  | 'not-in-room'
  | 'not-the-host'
  | 'host-cannot-be-kicked'
  | 'no-bots-here'
  | 'game-in-progress'

/** What a room is made with. */
export interface NewRoom {
  /** Without `~`, which parts it from the numbers of its games. @default a random UUID */
  readonly roomId?: RoomId
  /** Has the first seat. */
  readonly host: PlayerId
  /** What is played here. */
  readonly game: Kind
  /** Seats, from 2 to 8. */
  readonly capacity: number
  /** Anybody may see and join it; otherwise only who has the code. @default true */
  readonly isOpen?: boolean
  /** Whether bots may sit here. @default false, but true where `bots` are asked for */
  readonly isForBots?: boolean
  /** How many bots sit down at once. @default 0 */
  readonly bots?: number
}

export interface RoomReceipt extends Receipt<RoomEvent> {
  readonly roomId: RoomId
  readonly code: RoomCode
}

export type RoomAnswer = Promise<Either<DispatchError<RoomReason, RoomEvent>, RoomReceipt>>

/** A game that was begun from a room: receipts of both. */
export interface StartedGame {
  readonly gameId: GameId
  readonly room: Receipt
  readonly game: Receipt
}

/** Commands to rooms. Each resolves like `dispatch`; `by` is who asks, and must be the host where only the host may. */
export interface Rooms {
  /** Opens a room under a code that no other room has. @throws TypeError for a capacity, an id or a game that is none */
  create(made: NewRoom, options?: CommandOptions): RoomAnswer
  /** Takes the first free seat, else that of the first bot. Who is there already has an empty success. A private room needs its code. */
  join(roomId: RoomId, player: PlayerId, options?: DispatchOptions): RoomAnswer
  /** The same by the code, as people type it: spaces, hyphens and small letters do not matter. */
  joinByCode(code: string, player: PlayerId, options?: DispatchOptions): RoomAnswer
  /** The host who leaves passes the room on; the last person who leaves ends it. */
  leave(roomId: RoomId, player: PlayerId, options?: DispatchOptions): RoomAnswer
  kick(roomId: RoomId, player: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer
  /** Without a name it is called by its seat: `Bot 2`. */
  addBot(roomId: RoomId, by: PlayerId, bot?: PlayerId, options?: DispatchOptions): RoomAnswer
  removeBot(roomId: RoomId, bot: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer
  passHost(roomId: RoomId, to: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer
  setOpen(roomId: RoomId, isOpen: boolean, by: PlayerId, options?: DispatchOptions): RoomAnswer
  /**
   * Begins the room's next game, `<roomId>~<n>`, in one unit of work with the room: both or neither. `begin` sends the
   * commands with which such a game begins; it may run several times, like the `build` of `transact`.
   */
  start<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    roomId: RoomId,
    definition: Game<State, Command, Event, Reason>,
    by: PlayerId,
    begin: (game: GameInUnit<State, Command, Event, Reason>, room: RoomState) => void,
    options?: CommandOptions,
  ): Promise<Either<DispatchError, StartedGame>>
  /** Ends the room; its code is free. Not while a game goes on. */
  close(roomId: RoomId, by: PlayerId, options?: DispatchOptions): RoomAnswer
  /** Ends a room where nothing happens any more; for operators. */
  abandon(roomId: RoomId, options?: DispatchOptions): RoomAnswer
}

export class OpenedRooms implements Rooms {
  readonly #dispatcher: Dispatcher
  readonly #codes: RoomCodes
  readonly #games: ReadonlyMap<Kind, AnyGame>
  readonly #checkGiven: (definition: AnyGame) => void
  readonly #creating = new Map<RoomId, Promise<unknown>>()

  constructor(
    dispatcher: Dispatcher,
    codes: RoomCodes,
    games: ReadonlyMap<Kind, AnyGame>,
    checkGiven: (definition: AnyGame) => void,
  ) {
    this.#checkGiven = checkGiven
    this.#dispatcher = dispatcher
    this.#codes = codes
    this.#games = games
  }

  create(made: NewRoom, options: CommandOptions = {}): RoomAnswer {
    const { roomId = randomUUID() } = made
    const checked = checkNewRoom(made, this.#games)
    checkRoomId(roomId)
    // Of two that make a room of one id the second waits: it must not be given the code that the first may yet lose.
    const before = this.#creating.get(roomId) ?? Promise.resolve()
    const answer = before.then(() => this.#create(checked, roomId, options))
    const settled = answer.catch(() => undefined)
    this.#creating.set(roomId, settled)
    void settled.then(() => {
      if (this.#creating.get(roomId) === settled) this.#creating.delete(roomId)
    })
    return answer
  }

  join(roomId: RoomId, player: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'Join', player: checkPlayerId(player) }, options)
  }

  joinByCode(code: string, player: PlayerId, options?: DispatchOptions): RoomAnswer {
    const wanted = roomCodeOf(code)
    const roomId = this.#codes.roomOf(wanted)
    if (roomId === undefined) return Promise.resolve(noSuchRoom)
    return this.#send(roomId, { type: 'Join', player: checkPlayerId(player), code: wanted }, options)
  }

  leave(roomId: RoomId, player: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'Leave', player }, options)
  }

  kick(roomId: RoomId, player: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'Kick', player, by }, options)
  }

  addBot(roomId: RoomId, by: PlayerId, bot?: PlayerId, options?: DispatchOptions): RoomAnswer {
    const named = bot === undefined ? {} : { bot: checkPlayerId(bot) }
    return this.#send(roomId, { type: 'AddBot', by, ...named }, options)
  }

  removeBot(roomId: RoomId, bot: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'RemoveBot', bot, by }, options)
  }

  passHost(roomId: RoomId, to: PlayerId, by: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'PassHost', to, by }, options)
  }

  setOpen(roomId: RoomId, isOpen: boolean, by: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: isOpen ? 'Open' : 'MakePrivate', by }, options)
  }

  close(roomId: RoomId, by: PlayerId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'Close', by }, options)
  }

  abandon(roomId: RoomId, options?: DispatchOptions): RoomAnswer {
    return this.#send(roomId, { type: 'Abandon' }, options)
  }

  async start<State, Command extends GameCommand, Event extends GameEvent, Reason extends string>(
    roomId: RoomId,
    definition: Game<State, Command, Event, Reason>,
    by: PlayerId,
    begin: (game: GameInUnit<State, Command, Event, Reason>, room: RoomState) => void,
    options: CommandOptions = {},
  ): Promise<Either<DispatchError, StartedGame>> {
    checkRoomId(roomId)
    const answer = await this.#dispatcher.transact(
      (tx) => {
        const table = tx.game(room, roomId)
        const { playing, game } = table.state
        const before = playing === null ? undefined : this.#games.get(game)
        // The end of the game before may not have been heard of here yet.
        if (before && tx.game(before, playing!).final) table.dispatch({ type: 'EndGame', gameId: playing! })
        const next = gameOfRoom(roomId, table.state.games + 1)
        const started = table.dispatch({ type: 'StartGame', gameId: next, by })
        // A retry finds what was started the first time.
        const events = isRight(started) ? started.right : []
        const gameId = events.find((event) => event.type === 'GameStarted')?.gameId ?? next
        const begun = tx.game(definition, gameId)
        begin(begun, table.state)
        if (begun.version === 0 && tx.refusal === undefined)
          throw new TypeError(
            '`begin` must send the commands with which the game begins. Nothing was recorded.',
          )
      },
      fromOutside(options),
      this.#checkGiven,
    )
    if (isLeft(answer)) return answer
    const [table, game] = answer.right
    if (!table || !game)
      throw new TypeError(
        '`begin` must send the commands with which the game begins. The room stays as it was.',
      )
    return right({ gameId: game.gameId, room: table, game })
  }

  async #create(
    command: ReturnType<typeof checkNewRoom>,
    roomId: RoomId,
    options: CommandOptions,
  ): RoomAnswer {
    const held = this.#codes.codeOf(roomId)
    const code = held ?? this.#codes.draw(roomId)
    try {
      const answer = await this.#send(roomId, { ...command, code }, options)
      if (isLeft(answer) && held === undefined) this.#codes.free(roomId)
      return answer
    } catch (cause) {
      if (held === undefined) this.#codes.free(roomId)
      throw cause
    }
  }

  async #send(roomId: RoomId, command: RoomCommand, options: DispatchOptions = {}): RoomAnswer {
    const stream = streamIdOf(roomKind, checkRoomId(roomId))
    const answer = (await this.#dispatcher.dispatch(room, stream, command, fromOutside(options))) as Awaited<
      ReturnType<Dispatcher['dispatch']>
    >
    if (!isRight(answer)) return answer as Awaited<RoomAnswer>
    const receipt = answer.right as Receipt<RoomEvent>
    const [first] = receipt.events
    const code = first?.type === 'Created' ? first.code : (this.#codes.codeOf(roomId) ?? '')
    return right({ ...receipt, roomId, code })
  }
}

/** The id of a room's nth game, from 1: the room and its games stand together wherever they are placed. */
const gameOfRoom = (roomId: RoomId, nth: number): GameId => `${roomId}~${nth}`

const noSuchRoom = left({ _tag: 'Rejected', reason: 'no-such-room' } as const)

const checkRoomId = (roomId: RoomId): RoomId => {
  if (checkGameId(roomId).includes('~'))
    throw new TypeError(`A room id may not contain "~", which parts it from its games; got ${roomId}.`)
  return roomId
}

const checkNewRoom = (
  { host, game, capacity, isOpen = true, bots = 0, isForBots = bots > 0 }: NewRoom,
  games: ReadonlyMap<Kind, AnyGame>,
): Omit<Extract<RoomCommand, { readonly type: 'Create' }>, 'code'> => {
  if (!games.has(checkKind(game)) || game === roomKind)
    throw new TypeError(`The game ${game} was not given to openLedger. Add it to \`games\`.`)
  if (!Number.isSafeInteger(capacity) || capacity < roomCapacityMin || capacity > roomCapacityMax)
    throw new TypeError(
      `A room has ${roomCapacityMin} to ${roomCapacityMax} seats; got ${String(capacity)} for \`capacity\`.`,
    )
  if (!Number.isSafeInteger(bots) || bots < 0)
    throw new TypeError(`\`bots\` is a whole number from 0; got ${String(bots)}.`)
  return { type: 'Create', host: checkPlayerId(host), game, capacity, isOpen, isForBots, bots }
}
