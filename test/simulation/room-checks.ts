/** The invariants of rooms: codes of one room each, games that began with their room, and a directory that is its rebuild. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { EventEnvelope, GameId, RoomEvent, RoomId, RoomState } from 'gameledger'
import { roomDirectory } from '../../dist/projections/rooms/room-directory.js'
import type { Simulated } from './life.js'
import type { Truth } from './truth.js'
import { demand } from './violation.js'

/** A room that is not over, as its log has it. */
type OpenRoom = Pick<RoomState, 'code' | 'host'> & { readonly playing: GameId | undefined }

const openRooms = (events: readonly EventEnvelope[]): ReadonlyMap<RoomId, OpenRoom> => {
  const rooms = new Map<RoomId, OpenRoom>()
  for (const { kind, gameId, event, final } of events) {
    if (kind !== 'room') continue
    const said = event as RoomEvent
    const before = rooms.get(gameId)
    if (final) rooms.delete(gameId)
    else if (said.type === 'Created')
      rooms.set(gameId, { code: said.code, host: said.host, playing: undefined })
    else if (said.type === 'HostPassed') rooms.set(gameId, { ...before!, host: said.host })
    else if (said.type === 'GameStarted') rooms.set(gameId, { ...before!, playing: said.gameId })
    else if (said.type === 'GameEnded') rooms.set(gameId, { ...before!, playing: undefined })
  }
  return rooms
}

/** A game of a room and the room's word of it are one unit: neighbours, or neither is there. */
const gamesBeganWithTheirRoom = (happened: readonly EventEnvelope[]): void => {
  for (const [nth, { kind, gameId, version, position, event }] of happened.entries()) {
    if (event.type === 'GameStarted') {
      const wanted = (event as unknown as { readonly gameId: GameId }).gameId
      const next = happened[nth + 1]
      demand(
        next?.gameId === wanted && next.version === 1 && next.position === position + 1,
        () => `room ${gameId} began ${wanted}, and what follows is ${JSON.stringify(next)}`,
      )
    }
    if (kind === 'tally' && gameId.includes('~') && version === 1)
      demand(
        happened[nth - 1]?.event.type === 'GameStarted',
        () => `${gameId} began, and its room does not know of it`,
      )
  }
}

/** What must hold after any opening. */
export const checkRooms = (ledger: Simulated, events: readonly EventEnvelope[], { dropped }: Truth): void => {
  gamesBeganWithTheirRoom(dropped.with(events))
  const rooms = openRooms(events)
  const codes = new Map<string, RoomId>()
  for (const [room, { code }] of rooms) {
    demand(!codes.has(code), () => `rooms ${room} and ${codes.get(code)} share the code ${code}`)
    codes.set(code, room)
  }
  const directory = roomDirectory().start({ clock: { now: () => 1 }, checkpoint: () => 0 as never })
  for (const envelope of events) if (envelope.kind === 'room') directory.apply(envelope)
  for (const [room, { code }] of rooms) {
    const [shown, rebuilt] = [ledger.views.rooms.byCode(code), directory.view.byCode(code)]
    demand(
      shown?.roomId === room && JSON.stringify(shown) === JSON.stringify(rebuilt),
      () => `the directory shows ${JSON.stringify(shown)} for ${room}, rebuilt ${JSON.stringify(rebuilt)}`,
    )
  }
  demand(
    ledger.views.rooms.count === rooms.size,
    () => `the directory has ${ledger.views.rooms.count} rooms, and ${rooms.size} are open`,
  )
}

/** What must hold besides, when nothing fails and nothing is under way any more. */
export const checkSettledRooms = async (
  ledger: Simulated,
  events: readonly EventEnvelope[],
): Promise<void> => {
  const over = new Set(events.flatMap(({ gameId, final }) => (final ? [gameId] : [])))
  const rooms = openRooms(events)
  const codes = new Set([...rooms.values()].map(({ code }) => code))
  for (const [room, { code, host, playing }] of rooms) {
    demand(
      playing === undefined || !over.has(playing),
      () => `${playing} is over, and ${room} has not heard of it`,
    )
    // Who is there already is let in without a trace.
    const joined = await ledger.rooms.joinByCode(code, host)
    demand(
      isLeft(joined)
        ? // Its code is known, and none that was woken before it is idle yet.
          joined.left._tag === 'Overloaded'
        : joined.right.roomId === room && joined.right.events.length === 0,
      () => `by ${code} the host of ${room} finds ${JSON.stringify(joined)}`,
    )
  }
  for (const { kind, event } of events) {
    if (kind !== 'room' || event.type !== 'Created') continue
    const { code } = event as unknown as { readonly code: string }
    if (codes.has(code)) continue
    const joined = await ledger.rooms.joinByCode(code, 'ann')
    demand(
      isLeft(joined) && joined.left._tag === 'Rejected' && joined.left.reason === 'no-such-room',
      () => `by ${code}, of a room that is over, there is ${JSON.stringify(joined)}`,
    )
  }
}
