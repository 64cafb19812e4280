/** Rooms: seats, hosts, bots, codes, and the games that are played in them. */
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import {
  memoryColdStore,
  memoryJournal,
  messageOf,
  openLedger,
  seededRandom,
  type LedgerOptions,
  type NewRoom,
  type RoomAnswer,
} from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { inMemory, join, mark, wonByAnn } from './opened.js'

const open = (options: Partial<LedgerOptions<Record<never, never>>> = {}) =>
  openLedger({ games: [ticTacToe], ...inMemory(), ...options })
type Opened = Awaited<ReturnType<typeof open>>

const table = (more: Partial<NewRoom> = {}): NewRoom => ({
  roomId: 'r1',
  host: 'ann',
  game: 'tic-tac-toe',
  capacity: 4,
  ...more,
})

/** What happened, as the types of the events; or why not. */
const told = async (answer: RoomAnswer): Promise<string> => {
  const either = await answer
  if (isRight(either)) return either.right.events.map(({ type }) => type).join(' ') || 'nothing'
  return either.left._tag === 'Rejected' ? either.left.reason : either.left._tag
}

const codeOf = (ledger: Opened, roomId = 'r1') => ledger.views.rooms.byId(roomId)!.code

/** Begins a game with the people and bots of the room. */
const start = (ledger: Opened, roomId: string, by: string) =>
  ledger.rooms.start(roomId, ticTacToe, by, (game, room) => {
    for (const seat of room.seats) if (seat) game.dispatch({ type: 'Join', player: seat.player })
  })

describe('seats', () => {
  test('a room is made with its host and the bots that were asked for, and found by id, code and player', async () => {
    const ledger = await open()
    const made = await ledger.rooms.create(table({ bots: 3 }))
    if (isLeft(made)) throw new Error(messageOf(made.left))
    expect(made.right.code).toMatch(/^[A-HJKMNP-Z2-9]{6}$/)
    const row = ledger.views.rooms.byId('r1')
    expect(row).toMatchObject({ code: made.right.code, host: 'ann', people: ['ann'], isForBots: true })
    expect(row!.bots).toEqual(['Bot 2', 'Bot 3', 'Bot 4'])
    expect(ledger.views.rooms.byCode(made.right.code)).toEqual(row)
    expect(ledger.views.rooms.ofPlayer('ann')).toEqual([row])
    await ledger.close()
  })

  test('a person takes a free seat, else that of the first bot; twice is once; a full room is full', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 3, bots: 1 }))
    expect(await told(ledger.rooms.join('r1', 'bob'))).toBe('Joined')
    expect(await told(ledger.rooms.join('r1', 'bob'))).toBe('nothing')
    expect(await told(ledger.rooms.join('r1', 'Bot 2'))).toBe('name-taken')
    expect(await told(ledger.rooms.join('r1', 'cyd'))).toBe('BotRemoved Joined')
    expect(await told(ledger.rooms.join('r1', 'dan'))).toBe('room-full')
    await ledger.close()
  })

  test('a private room needs its code, however it is typed', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ isOpen: false }))
    const code = codeOf(ledger)
    expect(await told(ledger.rooms.join('r1', 'bob'))).toBe('code-needed')
    expect(await told(ledger.rooms.joinByCode('WRONG2', 'bob'))).toBe('no-such-room')
    const typed = ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `
    expect(await told(ledger.rooms.joinByCode(typed, 'bob'))).toBe('Joined')
    expect(await told(ledger.rooms.setOpen('r1', true, 'ann'))).toBe('Opened')
    expect(await told(ledger.rooms.setOpen('r1', true, 'ann'))).toBe('nothing')
    expect(await told(ledger.rooms.join('r1', 'cyd'))).toBe('Joined')
    expect(await told(ledger.rooms.setOpen('r1', false, 'ann'))).toBe('MadePrivate')
    await ledger.close()
  })

  test('the host kicks, adds and removes bots, and passes the room on; nobody else does', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 3, isForBots: true }))
    await ledger.rooms.join('r1', 'bob')
    expect(await told(ledger.rooms.kick('r1', 'ann', 'bob'))).toBe('not-the-host')
    expect(await told(ledger.rooms.kick('r1', 'ann', 'ann'))).toBe('host-cannot-be-kicked')
    expect(await told(ledger.rooms.kick('r1', 'zoe', 'ann'))).toBe('not-in-room')
    expect(await told(ledger.rooms.kick('r1', 'bob', 'ann'))).toBe('Kicked')
    expect(await told(ledger.rooms.addBot('r1', 'ann'))).toBe('BotAdded')
    expect(await told(ledger.rooms.addBot('r1', 'ann', 'Bot 2'))).toBe('name-taken')
    expect(await told(ledger.rooms.addBot('r1', 'ann', 'HAL'))).toBe('BotAdded')
    expect(await told(ledger.rooms.addBot('r1', 'ann'))).toBe('room-full')
    expect(await told(ledger.rooms.removeBot('r1', 'HAL', 'ann'))).toBe('BotRemoved')
    expect(await told(ledger.rooms.removeBot('r1', 'ann', 'ann'))).toBe('not-in-room')
    await ledger.rooms.join('r1', 'cyd')
    expect(await told(ledger.rooms.passHost('r1', 'Bot 2', 'ann'))).toBe('not-in-room')
    expect(await told(ledger.rooms.passHost('r1', 'cyd', 'ann'))).toBe('HostPassed')
    expect(await told(ledger.rooms.passHost('r1', 'cyd', 'cyd'))).toBe('nothing')
    expect(await told(ledger.rooms.close('r1', 'ann'))).toBe('not-the-host')
    await ledger.close()
  })

  test('bots sit only where they may', async () => {
    const ledger = await open()
    expect(await told(ledger.rooms.create(table({ bots: 1, isForBots: false })))).toBe('no-bots-here')
    expect(await told(ledger.rooms.create(table({ bots: 4 })))).toBe('room-full')
    expect(await told(ledger.rooms.create(table()))).toBe('Created')
    expect(await told(ledger.rooms.addBot('r1', 'ann'))).toBe('no-bots-here')
    await ledger.close()
  })

  test('the host who leaves passes the room to the next; the last person ends it', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 3, bots: 1 }))
    await ledger.rooms.join('r1', 'bob')
    expect(await told(ledger.rooms.leave('r1', 'ann'))).toBe('Left HostPassed')
    expect(ledger.views.rooms.byId('r1')).toMatchObject({ host: 'bob', people: ['bob'] })
    expect(await told(ledger.rooms.leave('r1', 'ann'))).toBe('not-in-room')
    expect(await told(ledger.rooms.leave('r1', 'bob'))).toBe('Left Abandoned')
    expect(ledger.views.rooms.byId('r1')).toBe(undefined)
    expect(await told(ledger.rooms.join('r1', 'cyd'))).toBe('GameCompleted')
    await ledger.close()
  })

  test('misuse is told at the call', async () => {
    const ledger = await open()
    const { rooms } = ledger
    expect(() => rooms.create(table({ capacity: 1 }))).toThrow(/2 to 8 seats; got 1/)
    expect(() => rooms.create(table({ capacity: 9 }))).toThrow(/2 to 8 seats; got 9/)
    expect(() => rooms.create(table({ roomId: 'a~1' }))).toThrow(/may not contain "~"/)
    expect(() => rooms.create(table({ game: 'ludo' }))).toThrow(/was not given to openLedger/)
    expect(() => rooms.create(table({ game: 'room' }))).toThrow(/was not given to openLedger/)
    expect(() => rooms.create(table({ bots: -1 }))).toThrow(/from 0; got -1/)
    expect(() => rooms.create(table({ host: '' }))).toThrow(/player id/)
    expect(await told(rooms.join('nowhere', 'ann'))).toBe('no-such-room')
    await expect(open({ games: [{ ...ticTacToe, kind: 'room' }] })).rejects.toThrow(
      /"room" is the ledger's own/,
    )
    await ledger.close()
  })
})

describe('games in a room', () => {
  test('a game begins with its room, and the room waits again when it is over', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 2 }))
    await ledger.rooms.join('r1', 'bob')
    for (const nth of [1, 2]) {
      const started = await start(ledger, 'r1', 'ann')
      if (isLeft(started)) throw new Error(messageOf(started.left))
      expect(started.right).toMatchObject({ gameId: `r1~${nth}`, game: { version: 2 } })
      expect(started.right.game.position).toBe(started.right.room.position + 2)
      expect(ledger.views.rooms.byId('r1')).toMatchObject({ playing: `r1~${nth}`, games: nth })
      expect(await told(ledger.rooms.join('r1', 'cyd'))).toBe('game-in-progress')
      expect(await told(ledger.rooms.close('r1', 'ann'))).toBe('game-in-progress')
      const game = ledger.game(ticTacToe, `r1~${nth}`)
      for (const command of wonByAnn.slice(2)) await game.dispatch(command)
      await ledger.settled()
      expect(ledger.views.rooms.byId('r1')).not.toHaveProperty('playing')
    }
    expect(await told(ledger.rooms.close('r1', 'ann'))).toBe('Closed')
    await ledger.settled()
    expect(await ledger.archive.has('room/r1')).toBe(true)
    await ledger.close()
  })

  test('who is refused by the game or is not the host begins neither', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 3 }))
    for (const player of ['bob', 'cyd']) await ledger.rooms.join('r1', player)
    expect(await start(ledger, 'r1', 'bob')).toMatchObject({ left: { reason: 'not-the-host' } })
    // Tic-tac-toe has no third seat.
    const refused = await start(ledger, 'r1', 'ann')
    expect(isLeft(refused)).toBe(true)
    expect(ledger.views.rooms.byId('r1')).toMatchObject({ games: 0 })
    expect(ledger.game(ticTacToe, 'r1~1').version).toBe(0)
    const nothing = ledger.rooms.start('r1', ticTacToe, 'ann', () => undefined)
    await expect(nothing).rejects.toThrow(/`begin` must send the commands/)
    expect(ledger.views.rooms.byId('r1')).toMatchObject({ games: 0 })
    await ledger.close()
  })

  test('a retry of a start under its id starts nothing more', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 2 }))
    await ledger.rooms.join('r1', 'bob')
    const begin = () =>
      ledger.rooms.start(
        'r1',
        ticTacToe,
        'ann',
        (game) => ['ann', 'bob'].forEach((player) => game.dispatch(join(player))),
        { commandId: 'start-1' },
      )
    const [first, again] = [await begin(), await begin()]
    expect(first).toMatchObject({ right: { gameId: 'r1~1', game: { duplicate: false } } })
    expect(again).toMatchObject({ right: { gameId: 'r1~1', game: { duplicate: true, version: 2 } } })
    expect(ledger.views.rooms.byId('r1')).toMatchObject({ games: 1 })
    await ledger.close()
  })

  test('who leaves a game that goes on is replaced by a bot, where bots may sit', async () => {
    const ledger = await open()
    await ledger.rooms.create(table({ capacity: 2, isForBots: true }))
    await ledger.rooms.join('r1', 'bob')
    await start(ledger, 'r1', 'ann')
    expect(await told(ledger.rooms.leave('r1', 'ann'))).toBe('Left BotAdded HostPassed')
    expect(ledger.views.rooms.byId('r1')).toMatchObject({ host: 'bob', people: ['bob'], bots: ['Bot 1'] })
    await ledger.close()
  })

  test('a game whose end the room did not hear of before a crash is over for it after the opening', async () => {
    const [journal, archive] = [memoryJournal(), memoryColdStore()]
    const ledger = await open({ journal, archive })
    await ledger.rooms.create(table({ capacity: 2 }))
    await ledger.rooms.join('r1', 'bob')
    await start(ledger, 'r1', 'ann')
    for (const command of wonByAnn.slice(2, -1)) await ledger.game(ticTacToe, 'r1~1').dispatch(command)
    const code = codeOf(ledger)
    // Closing refuses what the room's keeper would send: the room is left behind.
    const last = ledger.game(ticTacToe, 'r1~1').dispatch(mark('ann', 6))
    await Promise.all([ledger.close(), last])

    const again = await open({ journal, archive })
    await again.settled()
    expect(again.views.rooms.byCode(code)).toMatchObject({ roomId: 'r1', games: 1 })
    expect(again.views.rooms.byCode(code)).not.toHaveProperty('playing')
    expect(await told(again.rooms.joinByCode(code, 'bob'))).toBe('nothing')
    expect(await start(again, 'r1', 'ann')).toMatchObject({ right: { gameId: 'r1~2' } })
    await again.close()
  })
})

describe('codes', () => {
  test('are drawn again where one is taken, and free when the room has ended', async () => {
    // A chance that says the same thing three times before it says another.
    let drawn = 0
    const chance = { next: () => (Math.floor(drawn++ / 18) % 31) / 31 }
    const ledger = await open({ chance })
    const codes: string[] = []
    for (const roomId of ['a', 'b', 'c']) {
      await ledger.rooms.create(table({ roomId }))
      codes.push(codeOf(ledger, roomId))
    }
    expect(new Set(codes).size).toBe(3)
    await ledger.rooms.close('a', 'ann')
    drawn = 0
    await ledger.rooms.create(table({ roomId: 'd' }))
    expect(codeOf(ledger, 'd')).toBe(codes[0])
    await ledger.close()
  })

  test('a refused creation gives its code back; a room keeps its own when it is made again', async () => {
    const ledger = await open({ chance: seededRandom(1) })
    const [first, second, refused] = await Promise.all([
      ledger.rooms.create(table()),
      ledger.rooms.create(table()),
      ledger.rooms.create(table({ roomId: 'r2', bots: 4 })),
    ])
    expect([isRight(first), isLeft(second) && second.left, isLeft(refused)]).toMatchObject([
      true,
      { reason: 'room-exists' },
      true,
    ])
    expect(await told(ledger.rooms.joinByCode(codeOf(ledger), 'bob'))).toBe('Joined')
    expect(await told(ledger.rooms.create(table({ roomId: 'r2' })))).toBe('Created')
    await ledger.close()
  })

  test('no two rooms ever have one at a time, over any creations, ends and openings (few codes: a chance of four values)', async () => {
    const step = fc.oneof(
      fc.record({ make: fc.integer({ min: 0, max: 11 }) }),
      fc.record({ end: fc.integer({ min: 0, max: 11 }) }),
      fc.constant({ reopen: true as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer(), async (steps, seed) => {
        const drawn = seededRandom(seed)
        // Two letters in six places: 64 codes, so that creations often meet.
        const chance = { next: () => (drawn.next() < 0.5 ? 0 : 0.5) }
        const durable = { ...inMemory(), chance }
        let ledger = await open(durable)
        let round = 0
        for (const one of steps) {
          round++
          const all: Promise<unknown>[] = []
          if ('make' in one)
            for (let nth = 0; nth < one.make; nth++)
              all.push(ledger.rooms.create(table({ roomId: `r${round}-${nth}` })))
          else if ('end' in one)
            for (const { roomId } of ledger.views.rooms.open({ limit: 50 }).rooms.slice(0, one.end))
              all.push(
                ledger.rooms.close(roomId, 'ann'),
                ledger.rooms.create(table({ roomId: `${roomId}x` })),
              )
          else {
            await ledger.close()
            ledger = await open(durable)
          }
          await Promise.allSettled(all)
          const { rooms } = ledger.views.rooms.open({ limit: 1_000 })
          expect(new Set(rooms.map(({ code }) => code)).size).toBe(rooms.length)
          for (const { code, roomId } of rooms) {
            const answer = await ledger.rooms.joinByCode(code, 'ann')
            expect(isRight(answer) && answer.right.roomId).toBe(roomId)
          }
        }
        await ledger.close()
      }),
      { numRuns: 40 },
    )
  })

  test('100 000 creations at once have 100 000 codes', async () => {
    const ledger = await open({ commandsInFlightMax: 200_000, checks: false, bytesInFlightMax: 1 << 30 })
    const codes = new Set<string>()
    const made = Array.from({ length: 100_000 }, (_, nth) =>
      ledger.rooms.create(table({ roomId: `r${nth}` })),
    )
    for (const answer of await Promise.all(made)) if (isRight(answer)) codes.add(answer.right.code)
    expect(codes.size).toBe(100_000)
    expect(ledger.views.rooms.count).toBe(100_000)
    await ledger.close()
  })
})
