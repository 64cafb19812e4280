/** The room directory against a model that keeps plain rooms and sorts them at each question. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventEnvelope } from '../../../src/events/envelope.js'
import type { Position } from '../../../src/events/ids.js'
import type { RoomEvent } from '../../../src/events/room-event.js'
import { Projector } from '../../../src/projections/projector.js'
import { playerIndex } from '../../../src/projections/players/player-index.js'
import { roomDirectory, type RoomDirectoryView } from '../../../src/projections/rooms/room-directory.js'
import type { RoomRow } from '../../../src/projections/rooms/room.js'
import { clockAt, envelopeAt } from '../envelopes.js'

const start = () => roomDirectory().start({ clock: clockAt() })

const happened = (position: number, gameId: string, event: RoomEvent): EventEnvelope =>
  envelopeAt(position, {
    kind: 'room',
    gameId,
    event,
    final: event.type === 'Closed' || event.type === 'Abandoned',
  })

const created = (code: string, host: string, capacity = 4, isOpen = true): RoomEvent => ({
  type: 'Created',
  code,
  host,
  game: 'liap',
  capacity,
  isOpen,
  isForBots: true,
})

const play = (...events: readonly (readonly [string, RoomEvent])[]) => {
  const directory = start()
  for (const [at, [room, event]] of events.entries()) directory.apply(happened(at + 1, room, event))
  return directory
}

const ids = (rooms: readonly RoomRow[]) => rooms.map(({ roomId }) => roomId)

const everyOpen = (view: RoomDirectoryView, limit: number): readonly RoomRow[] => {
  const rooms: RoomRow[] = []
  let cursor: string | undefined
  do {
    const page = view.open({ limit, ...(cursor !== undefined && { cursor }) })
    expect(page.rooms.length).toBeLessThanOrEqual(limit)
    rooms.push(...page.rooms)
    cursor = page.cursor
  } while (cursor !== undefined)
  return rooms
}

describe('the room directory', () => {
  it('finds a room by id, by code and by player, as a frozen row', () => {
    const { view } = play(
      ['r1', created('ABC234', 'ann')],
      ['r1', { type: 'Joined', player: 'bob' }],
      ['r1', { type: 'BotAdded', bot: 'bot-3' }],
      ['r1', { type: 'GameStarted', gameId: 'r1~1' }],
    )
    const room = {
      roomId: 'r1',
      code: 'ABC234',
      host: 'ann',
      game: 'liap',
      capacity: 4,
      people: ['ann', 'bob'],
      bots: ['bot-3'],
      isForBots: true,
      isOpen: true,
      playing: 'r1~1',
      games: 1,
      createdAt: 1001,
      lastActivityAt: 1004,
    }
    expect(view.byId('r1')).toEqual(room)
    expect(view.byCode('ABC234')).toEqual(room)
    expect(view.ofPlayer('bob')).toEqual([room])
    expect(view.count).toBe(1)
    expect(Object.isFrozen(view.byId('r1')) && Object.isFrozen(view.byId('r1')!.people)).toBe(true)
    expect(view.byId('r2')).toBeUndefined()
    expect(view.byCode('abc234')).toBeUndefined()
    expect(view.ofPlayer('bot-3')).toEqual([])
  })

  it('shows open rooms least full first, of equals the one that has waited longer', () => {
    const { view } = play(
      ['a', created('A', 'ann')],
      ['b', created('B', 'bob')],
      ['c', created('C', 'cid', 2)],
      ['d', created('D', 'dan', 4, false)],
      ['a', { type: 'Joined', player: 'eve' }],
      ['e', created('E', 'eve', 3)],
    )
    expect(ids(view.open().rooms)).toEqual(['b', 'a', 'e', 'c'])
    expect(ids(everyOpen(view, 1))).toEqual(['b', 'a', 'e', 'c'])
  })

  it('shows no room as open that plays, is full, or was made private', () => {
    const directory = play(
      ['a', created('A', 'ann', 2)],
      ['b', created('B', 'bob')],
      ['c', created('C', 'cid')],
      ['a', { type: 'Joined', player: 'eve' }],
      ['b', { type: 'GameStarted', gameId: 'b~1' }],
      ['c', { type: 'MadePrivate' }],
    )
    expect(directory.view.open().rooms).toEqual([])
    directory.apply(happened(7, 'b', { type: 'GameEnded', gameId: 'b~1' }))
    directory.apply(happened(8, 'a', { type: 'Kicked', player: 'eve' }))
    directory.apply(happened(9, 'c', { type: 'Opened' }))
    expect(ids(directory.view.open().rooms)).toEqual(['b', 'c', 'a'])
    expect(directory.view.byId('b')).not.toHaveProperty('playing')
  })

  it('lets bots give way: their seats are open to people', () => {
    const { view } = play(['a', created('A', 'ann', 2)], ['a', { type: 'BotAdded', bot: 'bot-2' }])
    expect(ids(view.open().rooms)).toEqual(['a'])
  })

  it('frees the code of a room that closes, and not before', () => {
    const directory = play(['a', created('A', 'ann')])
    expect(() => directory.apply(happened(2, 'b', created('A', 'bob')))).toThrow(/given the code A of room a/)
    const other = play(
      ['a', created('A', 'ann')],
      ['a', { type: 'Closed' }],
      ['b', created('A', 'bob')],
      ['c', created('C', 'cid')],
      ['c', { type: 'Abandoned' }],
    )
    expect(other.view.byCode('A')?.roomId).toBe('b')
    expect(other.view.byId('a')).toBeUndefined()
    expect(other.view.ofPlayer('ann')).toEqual([])
    expect(other.view.byCode('C')).toBeUndefined()
    expect(other.view.count).toBe(1)
  })

  it('shows rooms where nothing has happened, longest idle first, and none that plays', () => {
    const { view } = play(
      ['a', created('A', 'ann')],
      ['b', created('B', 'bob')],
      ['c', created('C', 'cid')],
      ['c', { type: 'GameStarted', gameId: 'c~1' }],
      ['a', { type: 'Joined', player: 'dan' }],
    )
    expect(ids(view.idle({ before: 2000 }))).toEqual(['b', 'a'])
    expect(ids(view.idle({ before: 2000, limit: 1 }))).toEqual(['b'])
    expect(ids(view.idle({ before: 1005 }))).toEqual(['b'])
    expect(view.idle({ before: 1002 })).toEqual([])
  })

  it('lists no erased player', () => {
    const { view } = play(['a', created('A', 'erased:7')])
    expect(view.ofPlayer('erased:7')).toEqual([])
    expect(view.byId('a')?.people).toEqual(['erased:7'])
  })

  it('refuses what cannot have happened, and questions that are none', () => {
    const directory = play(['a', created('A', 'ann')])
    const at = (room: string, event: RoomEvent) => () => directory.apply(happened(9, room, event))
    expect(at('a', created('B', 'ann'))).toThrow(/created twice/)
    expect(at('x', { type: 'Joined', player: 'bob' })).toThrow(/before it was created/)
    expect(at('y', created('Y', 'ann', 9))).toThrow(/2 to 8 seats/)
    expect(() => directory.view.open({ limit: 0 })).toThrow(/limit/)
    expect(() => directory.view.open({ cursor: 'x' })).toThrow(/Not a cursor/)
    expect(() => directory.view.idle({ before: NaN })).toThrow(/milliseconds/)
  })

  it('hears rooms, which other projections do not hear unless they name them', async () => {
    const projector = new Projector({
      projections: { rooms: roomDirectory(), players: playerIndex(), both: playerIndex({ kinds: ['room'] }) },
      context: { clock: clockAt() },
      playersOf: () => [],
      onFault: () => undefined,
    })
    await projector.open(0 as Position)
    projector.apply({ ...happened(1, 'a', created('A', 'ann')), players: ['ann'] })
    const { rooms, players, both } = projector.views as Record<string, { count: number }>
    expect([rooms!.count, players!.count, both!.count]).toEqual([1, 0, 1])
  })

  it('agrees with a model that sorts all rooms, however the directory came about', () => {
    const people = ['ann', 'bob', 'cid', 'dan', 'eve']
    const step = fc.record({
      room: fc.nat(5),
      act: fc.constantFrom(
        'Created',
        'Joined',
        'Joined',
        'Left',
        'BotAdded',
        'BotRemoved',
        'HostPassed',
        'Opened',
        'MadePrivate',
        'GameStarted',
        'GameEnded',
        'Closed',
      ),
      player: fc.constantFrom(...people),
      capacity: fc.integer({ min: 2, max: 4 }),
      isReload: fc.integer({ min: 0, max: 7 }).map((draw) => draw === 0),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        (steps, limit) => {
          const model = new Model()
          let directory = start()
          for (const [at, { room, act, player, capacity, isReload }] of steps.entries()) {
            const event = model.eventOf(room, act, player, capacity)
            if (!event) continue
            const envelope = happened(at + 1, `room-${room}.${model.lives(room)}`, event)
            directory.apply(envelope)
            model.apply(room, envelope)
            if (!isReload) continue
            const saved = Buffer.concat(directory.snapshot!())
            expect(saved).toEqual(directory.save())
            directory = start()
            directory.load(saved)
          }
          const { view } = directory
          expect(view.count).toBe(model.rooms.size)
          for (const { row } of model.rooms.values()) {
            expect(view.byId(row.roomId)).toEqual(row)
            expect(view.byCode(row.code)).toEqual(row)
          }
          for (const player of people) expect(view.ofPlayer(player)).toEqual(model.ofPlayer(player))
          expect(everyOpen(view, limit)).toEqual(model.open())
          for (const before of [0, 1020, 5000])
            expect(view.idle({ before, limit: 9 })).toEqual(model.idle(before))
        },
      ),
      { numRuns: 200 },
    )
  })
})

/** Rooms as plain objects, sorted at each question. */
class Model {
  readonly rooms = new Map<number, { row: RoomRow; createdAt: number; seatsAt: number; activeAt: number }>()
  readonly #lives = new Map<number, number>()

  lives(room: number): number {
    return this.#lives.get(room) ?? 0
  }

  eventOf(room: number, act: string, player: string, capacity: number): RoomEvent | undefined {
    const known = this.rooms.get(room)?.row
    if (!known) return act === 'Created' ? created(`code-${room}`, player, capacity, capacity > 2) : undefined
    const isIn = known.people.includes(player)
    const gameId = `${known.roomId}~1`
    if (act === 'Joined' && !isIn && known.people.length < known.capacity) return { type: act, player }
    if (act === 'Left' && isIn) return { type: act, player }
    if (act === 'BotAdded' || act === 'BotRemoved') return { type: act, bot: `bot-${capacity}` }
    if (act === 'HostPassed' && isIn) return { type: act, host: player }
    if (act === 'Opened' || act === 'MadePrivate' || act === 'Closed') return { type: act }
    if (act === 'GameStarted' && known.playing === undefined) return { type: act, gameId }
    if (act === 'GameEnded' && known.playing !== undefined) return { type: act, gameId }
    return undefined
  }

  apply(room: number, { gameId, position, recordedAt, event: given }: EventEnvelope): void {
    const event = given as RoomEvent
    if (event.type === 'Closed') {
      this.rooms.delete(room)
      this.#lives.set(room, this.lives(room) + 1)
      return
    }
    if (event.type === 'Created') {
      const { type: _, ...parts } = event
      const times = { createdAt: recordedAt, lastActivityAt: recordedAt }
      const row = { ...parts, roomId: gameId, people: [event.host], bots: [], games: 0, ...times }
      this.rooms.set(room, { row, createdAt: position, seatsAt: position, activeAt: position })
      return
    }
    const kept = this.rooms.get(room)!
    const before = seatsOf(kept.row)
    const row = {
      ...kept.row,
      people: [...kept.row.people],
      bots: [...kept.row.bots],
      lastActivityAt: recordedAt,
    }
    const remove = (from: string[], gone: string) => from.includes(gone) && from.splice(from.indexOf(gone), 1)
    if (event.type === 'Joined') row.people.push(event.player)
    if (event.type === 'Left') remove(row.people, event.player)
    if (event.type === 'BotAdded' || event.type === 'BotRemoved') remove(row.bots, event.bot)
    if (event.type === 'BotAdded') row.bots.push(event.bot)
    const changed: RoomRow = {
      ...row,
      ...(event.type === 'HostPassed' && { host: event.host }),
      ...(event.type === 'Opened' && { isOpen: true }),
      ...(event.type === 'MadePrivate' && { isOpen: false }),
      ...(event.type === 'GameStarted' && { playing: event.gameId, games: row.games + 1 }),
    }
    const { playing: _, ...waiting } = changed
    kept.row = event.type === 'GameEnded' ? waiting : changed
    kept.activeAt = position
    if (seatsOf(kept.row) !== before) kept.seatsAt = position
  }

  ofPlayer(player: string): readonly RoomRow[] {
    return this.#sorted(
      ({ row }) => row.people.includes(player),
      (one, other) => one.createdAt - other.createdAt,
    )
  }

  open(): readonly RoomRow[] {
    return this.#sorted(
      ({ row }) => seatsOf(row) > 0,
      (one, other) => seatsOf(other.row) - seatsOf(one.row) || one.seatsAt - other.seatsAt,
    )
  }

  idle(before: number): readonly RoomRow[] {
    return this.#sorted(
      ({ row }) => row.playing === undefined && row.lastActivityAt < before,
      (one, other) => one.activeAt - other.activeAt,
    )
  }

  #sorted(isWanted: (room: Kept) => boolean, order: (one: Kept, other: Kept) => number): readonly RoomRow[] {
    return [...this.rooms.values()]
      .filter(isWanted)
      .sort(order)
      .map(({ row }) => row)
  }
}

type Kept = Model['rooms'] extends Map<number, infer Each> ? Each : never

const seatsOf = (row: RoomRow): number =>
  row.isOpen && row.playing === undefined ? row.capacity - row.people.length : 0
