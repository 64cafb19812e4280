/** Rooms where nothing happens are abandoned: their codes are free and the directory forgets them; never while a game goes on. */
import { isRight } from 'fp-ts/lib/Either.js'
import { openLedger, type Ledger, type LedgerOptions, type RoomEvent } from 'gameledger'
import { manualClock, type ManualClock } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { lives } from './lives.js'
import { inMemory, join, mark, receiptOf } from './opened.js'
import { advance, settle } from './passing-time.js'

const roomsAfter = (maxIdleMs: number) => ({ idleCloseMs: [{ kind: 'room', maxIdleMs }] })

const open = (clock: ManualClock, options: Partial<LedgerOptions<Record<never, never>>>) =>
  openLedger({ games: [ticTacToe], ...inMemory(), clock, ...options })

const create = async (ledger: Ledger, roomId: string): Promise<string> => {
  const made = await ledger.rooms.create({ roomId, host: 'ann', game: 'tic-tac-toe', capacity: 2 })
  if (!isRight(made)) throw new Error(made.left._tag)
  return made.right.code
}

const start = async (ledger: Ledger, roomId: string): Promise<void> => {
  const started = await ledger.rooms.start(roomId, ticTacToe, 'ann', (game) => {
    for (const player of ['ann', 'bob']) game.dispatch(join(player))
  })
  if (!isRight(started)) throw new Error(started.left._tag)
}

const heardOf = (ledger: Ledger): string[] => {
  const heard: string[] = []
  ledger.events$.subscribe(({ kind, gameId, event }) => {
    const { type } = event as RoomEvent
    heard.push(kind === 'room' ? `${gameId} ${type}` : `${gameId} ${event.type}`)
  })
  return heard
}

test('a room that waits for long is abandoned: nobody finds it, and its code is free', async () => {
  const clock = manualClock()
  const ledger = await open(clock, roomsAfter(1_000))
  const code = await create(ledger, 'r1')
  await create(ledger, 'r2')
  await advance(ledger, clock, 500)
  await ledger.rooms.join('r2', 'bob')
  await advance(ledger, clock, 499)
  expect(ledger.stats().rooms).toMatchObject({ open: 2, closedIdle: 0 })
  const heard = heardOf(ledger)
  await advance(ledger, clock, 1)
  expect(heard).toEqual(['r1 Abandoned'])
  expect(ledger.stats()).toMatchObject({
    rooms: { open: 1, closedIdle: 1 },
    games: { closedIdle: 0, archived: 1 },
  })
  expect(ledger.views.rooms.byId('r1')).toBeUndefined()
  expect(await ledger.rooms.joinByCode(code, 'cyd')).toMatchObject({ left: { reason: 'no-such-room' } })
  expect(await ledger.rooms.join('r1', 'cyd')).toMatchObject({ left: { _tag: 'GameCompleted' } })
  await ledger.close()
})

test('one that sleeps is abandoned, too, over an opening', async () => {
  const all = lives(1, open)
  const clock = manualClock(1_000_000)
  const first = await all.open(clock, { roomsLiveMax: 2, idleAfterMs: 10 })
  const codes: string[] = []
  for (let n = 0; n < 6; n++) {
    clock.advance(100)
    codes.push(await create(first, `r${n}`))
    await settle(first)
  }
  await first.close()
  const second = await all.open(clock, { roomsLiveMax: 2, idleAfterMs: 10, ...roomsAfter(1_000) })
  await settle(second)
  expect(second.stats()).toMatchObject({ rooms: { open: 6, closedIdle: 0 } })
  expect(second.stats().games.asleep).toBeGreaterThan(3)
  await advance(second, clock, 500)
  expect(second.stats()).toMatchObject({ rooms: { open: 5, closedIdle: 1 } })
  expect(second.views.rooms.byCode(codes[0]!)).toBeUndefined()
  for (let n = 0; n < 20; n++) await advance(second, clock, 50)
  expect(second.stats()).toMatchObject({ rooms: { open: 0, live: 0 }, games: { asleep: 0, archived: 6 } })
  await second.close()
})

test('a room is not abandoned while its game goes on, however long; and waits again from its end on', async () => {
  const clock = manualClock()
  const ledger = await open(clock, roomsAfter(1_000))
  await create(ledger, 'r1')
  await ledger.rooms.join('r1', 'bob')
  await start(ledger, 'r1')
  const heard = heardOf(ledger)
  for (let n = 0; n < 5; n++) await advance(ledger, clock, 10_000)
  expect(heard).toEqual([])
  const moves = [mark('ann', 4), mark('bob', 0), mark('ann', 2), mark('bob', 1), mark('ann', 6)]
  for (const move of moves) receiptOf(await ledger.game(ticTacToe, 'r1~1').dispatch(move))
  await settle(ledger)
  expect(heard.at(-1)).toBe('r1 GameEnded')
  await advance(ledger, clock, 999)
  expect(heard.at(-1)).toBe('r1 GameEnded')
  await advance(ledger, clock, 1)
  expect(heard.at(-1)).toBe('r1 Abandoned')
  await ledger.close()
})

test.each([false, true])(
  'its game ends idle, then the room hears of it, waits, and is abandoned (asleep: %s)',
  async (isAsleep) => {
    const all = lives(1, open)
    const clock = manualClock(1_000_000)
    const bounds = isAsleep ? { roomsLiveMax: 1, gamesLiveMax: 1, idleAfterMs: 10 } : {}
    const idleCloseMs = [
      { kind: 'tic-tac-toe', maxIdleMs: 5_000 },
      { kind: 'room', maxIdleMs: 1_000 },
    ]
    const first = await all.open(clock, bounds)
    await create(first, 'r1')
    await first.rooms.join('r1', 'bob')
    await start(first, 'r1')
    clock.advance(100)
    if (isAsleep) {
      await create(first, 'r2')
      receiptOf(await first.game(ticTacToe, 'x').dispatch(join('zoe')))
      await settle(first)
      expect(first.stats().games.asleep).toBeGreaterThan(1)
    }
    await first.close()
    const second = await all.open(clock, { ...bounds, idleCloseMs })
    const heard = heardOf(second)
    await settle(second)
    for (let n = 0; n < 4; n++) await advance(second, clock, 1_200)
    const ofIt = () => heard.filter((each) => each.startsWith('r1'))
    expect(ofIt()).toEqual([])
    await advance(second, clock, 100)
    expect(ofIt()).toEqual(['r1~1 $closed', 'r1 GameEnded'])
    expect(second.views.rooms.byId('r1')).toMatchObject({ games: 1, people: ['ann', 'bob'] })
    expect(second.views.rooms.byId('r1')).not.toHaveProperty('playing')
    await advance(second, clock, 999)
    expect(ofIt()).toEqual(['r1~1 $closed', 'r1 GameEnded'])
    await advance(second, clock, 1)
    expect(ofIt()).toEqual(['r1~1 $closed', 'r1 GameEnded', 'r1 Abandoned'])
    await second.close()
  },
)
