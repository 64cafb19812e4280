/** Idle games and rooms end by themselves: in their time, once, wherever they are, and so that nobody takes it for an outcome. */
import { isRight } from 'fp-ts/lib/Either.js'
import { defineGame, openLedger, type EventEnvelope, type Ledger, type LedgerOptions } from 'gameledger'
import { manualClock, type ManualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { hourglass } from './hourglass-game.js'
import { lives } from './lives.js'
import { count, faultsOf, finish, inMemory, join, receiptOf, sit, tagOf } from './opened.js'
import { advance, settle } from './passing-time.js'
import { tally } from './tally-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (clock: ManualClock, options: Options = {}) =>
  openLedger({
    games: [tally, ticTacToe, hourglass],
    ...inMemory(),
    clock,
    idleCloseMs: 1_000,
    ...options,
  })

const begin = async (ledger: Ledger, id: string) =>
  receiptOf(await ledger.game(tally, id).dispatch(sit('ann')))

const eventsOf = async (ledger: Ledger, id: string): Promise<EventEnvelope[]> => {
  const events: EventEnvelope[] = []
  for await (const envelope of ledger.game(tally, id).events()) events.push(envelope)
  return events
}

const typesOf = async (ledger: Ledger, id: string): Promise<string[]> =>
  (await eventsOf(ledger, id)).map(({ event }) => event.type)

describe('a game that nobody plays', () => {
  test('ends when it is idle, not a millisecond before, by an event of the ledger', async () => {
    const clock = manualClock(5_000)
    const ledger = await open(clock)
    await begin(ledger, 'g')
    const state = structuredClone(ledger.game(tally, 'g').state)
    await advance(ledger, clock, 999)
    expect(await typesOf(ledger, 'g')).not.toContain('$closed')
    const heard: EventEnvelope[] = []
    ledger.events$.subscribe((envelope) => heard.push(envelope))
    await advance(ledger, clock, 1)
    const last = (await eventsOf(ledger, 'g')).at(-1)!
    expect(heard).toEqual([last])
    expect(last).toEqual({
      ...{ kind: 'tally', gameId: 'g', version: 2, position: 2, recordedAt: 6_000 },
      ...{ commandId: 'idle/1', schema: tally.schema, event: { type: '$closed' }, final: true },
    })
    expect(await ledger.game(tally, 'g').load()).toEqual({
      ...{ _tag: 'Right', right: { state, version: 2, final: true } },
    })
    expect(ledger.stats()).toMatchObject({ games: { archived: 1, closedIdle: 1 }, rooms: { closedIdle: 0 } })
    await ledger.close()
  })

  test('is over like any other: refused, archived, replayed, played back, in the history, verified', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await begin(ledger, 'g')
    receiptOf(await ledger.game(tally, 'g').dispatch(count('ann', 1, 2)))
    const state = structuredClone(ledger.game(tally, 'g').state)
    await advance(ledger, clock, 1_000)
    const refused = await ledger.game(tally, 'g').dispatch(count('ann', 3))
    expect(refused).toEqual({
      _tag: 'Left',
      left: { _tag: 'GameCompleted', kind: 'tally', gameId: 'g', version: 5 },
    })
    const replay = await ledger.replay(tally, 'g')
    if (!isRight(replay)) throw new Error(replay.left._tag)
    expect(replay.right).toMatchObject({ state, version: 5, final: true })
    expect([...replay.right.states()].map((each) => each.state).slice(-2)).toEqual([state, state])
    const steps: unknown[] = []
    for await (const { version, view, final } of ledger.playback(tally, 'g', { factor: Infinity }))
      steps.push([version, view, final])
    expect(steps.at(-1)).toEqual([5, state, true])
    const types: string[] = []
    for await (const { event } of ledger.history()) types.push(event.type)
    expect(types).toEqual(['Sat', 'RoundBegun', 'Counted', 'Counted', '$closed'])
    expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, games: 1, events: 5, problems: [] })
    await ledger.close()
  })

  test('is kept by what happens in it; what is refused is nothing', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await begin(ledger, 'kept')
    await begin(ledger, 'asked')
    await advance(ledger, clock, 900)
    receiptOf(await ledger.game(tally, 'kept').dispatch(sit('bob')))
    expect(tagOf(await ledger.game(tally, 'asked').dispatch(sit('ann')))).toBe('Rejected')
    await advance(ledger, clock, 100)
    expect(await typesOf(ledger, 'kept')).toEqual(['Sat', 'Sat'])
    expect(await typesOf(ledger, 'asked')).toEqual(['Sat', '$closed'])
    await advance(ledger, clock, 899)
    expect(await typesOf(ledger, 'kept')).toEqual(['Sat', 'Sat'])
    await advance(ledger, clock, 1)
    expect(await typesOf(ledger, 'kept')).toEqual(['Sat', 'Sat', '$closed'])
    await ledger.close()
  })

  test('goes on where a command comes in the very moment', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await begin(ledger, 'g')
    clock.advance(1_000)
    receiptOf(await ledger.game(tally, 'g').dispatch(sit('bob')))
    await settle(ledger)
    expect(await typesOf(ledger, 'g')).toEqual(['Sat', 'Sat'])
    await ledger.close()
  })

  test('stays for ever where no policy was given, or time does not go on', async () => {
    for (const options of [{ idleCloseMs: [] }, { deadlines: false }]) {
      const clock = manualClock()
      const ledger = await open(clock, options)
      await begin(ledger, 'g')
      await advance(ledger, clock, 1_000_000)
      expect(await typesOf(ledger, 'g')).toEqual(['Sat'])
      await ledger.close()
    }
  })

  test('ends by the strictest of the rules that name its kind', async () => {
    const clock = manualClock()
    const ledger = await open(clock, {
      idleCloseMs: [
        { maxIdleMs: 1_000 },
        { kind: 'tally', maxIdleMs: 100 },
        { kind: 'tally', maxIdleMs: 200 },
      ],
    })
    await begin(ledger, 'g')
    receiptOf(await ledger.game(ticTacToe, 't').dispatch(join('ann')))
    await advance(ledger, clock, 100)
    expect(ledger.stats().games.closedIdle).toBe(1)
    await advance(ledger, clock, 900)
    expect(ledger.stats().games.closedIdle).toBe(2)
    await ledger.close()
  })

  test.each([
    ['0', 0, 'idleCloseMs is a whole number of ms from 1; got 0.'],
    ['a fraction', 1.5, 'idleCloseMs is a whole number of ms from 1; got 1.5.'],
    ['a text', '1d', 'idleCloseMs is a number of ms, or a list of { kind, maxIdleMs }; got string.'],
    ['an endless time', [{ maxIdleMs: Infinity }], 'maxIdleMs is a whole number of ms from 1; got Infinity.'],
    ['an unknown kind', [{ kind: 'go', maxIdleMs: 1 }], 'idleCloseMs names the kind go, which is not'],
  ])('cannot be told by %s', async (_, idleCloseMs, message) => {
    await expect(open(manualClock(), { idleCloseMs: idleCloseMs as number })).rejects.toThrow(message)
  })
})

/** Enough games that end for the journal to carry the others: those are asleep at the next opening. */
const fillLogFiles = async (ledger: Ledger): Promise<void> => {
  for (let n = 0; n < 40; n++) {
    const game = ledger.game(tally, `short${n}`)
    receiptOf(await game.dispatch(sit('zoe')))
    receiptOf(await game.dispatch(count('zoe', 1, 2, 3, 4, 5, 6, 7, 8, 9)))
    receiptOf(await game.dispatch(finish))
    await ledger.settled()
  }
}

describe('a game that sleeps', () => {
  test('is woken to be ended, and no sooner; what was played before it slept counts', async () => {
    const clock = manualClock(1_000_000)
    const ledger = await open(clock, { gamesLiveMax: 2, idleAfterMs: 10, idleCloseMs: 1_000 })
    await begin(ledger, 'a')
    clock.advance(300)
    receiptOf(await ledger.game(tally, 'a').dispatch(sit('bob')))
    clock.advance(100)
    for (const id of ['b', 'c']) await begin(ledger, id)
    await settle(ledger)
    expect(ledger.game(tally, 'a').version).toBeUndefined()
    // Its first event is old enough, its last is not.
    await advance(ledger, clock, 899)
    expect(ledger.game(tally, 'a').version).toBeUndefined()
    expect(ledger.stats().games.closedIdle).toBe(0)
    await advance(ledger, clock, 1)
    expect(await typesOf(ledger, 'a')).toEqual(['Sat', 'Sat', '$closed'])
    expect(ledger.stats().games).toMatchObject({ closedIdle: 1, archived: 1 })
    await advance(ledger, clock, 100)
    expect(ledger.stats().games).toMatchObject({ closedIdle: 3, archived: 3, live: 0, asleep: 0 })
    await ledger.close()
  })

  test('ends after an opening that has not read it, when it comes of age', async () => {
    const all = lives(1, open)
    const first = await all.open(manualClock(1), { idleCloseMs: [] })
    await begin(first, 'old')
    await fillLogFiles(first)
    await first.close()
    const clock = manualClock(500)
    const second = await all.open(clock, {})
    await settle(second)
    expect(second.stats().games).toMatchObject({ live: 0, asleep: 1 })
    await advance(second, clock, 500)
    expect(second.stats().games).toMatchObject({ asleep: 1, closedIdle: 0 })
    await advance(second, clock, 1)
    expect(second.stats().games).toMatchObject({ live: 0, asleep: 0, archived: 41, closedIdle: 1 })
    await second.close()
  })
})

describe('over a restart', () => {
  test.each(['close', 'kill', 'losePower'] as const)(
    'what came of age meanwhile ends behind the opening, after %s, and once',
    async (how) => {
      const all = lives(1, open)
      const first = await all.open(manualClock(1), {})
      await begin(first, 'old')
      if (how === 'close') await first.close()
      else all.end(how)
      const clock = manualClock(5_000)
      const second = await all.open(clock, {})
      await settle(second)
      expect(await typesOf(second, 'old')).toEqual(['Sat', '$closed'])
      all.end('kill')
      const third = await all.open(manualClock(50_000), {})
      await settle(third)
      expect(await typesOf(third, 'old')).toEqual(['Sat', '$closed'])
      expect(third.stats().games).toMatchObject({ archived: 1, closedIdle: 0 })
      await third.close()
    },
  )

  test('what the game itself owes to time goes before', async () => {
    const all = lives(1, open)
    const first = await all.open(manualClock(1), {})
    receiptOf(await first.game(hourglass, 'h').dispatch({ type: 'Turn', ms: 100 }))
    await first.close()
    const clock = manualClock(5_000)
    const second = await all.open(clock, {})
    await settle(second)
    expect(second.game(hourglass, 'h').state?.ranOutAt).toEqual([5_000])
    await advance(second, clock, 999)
    expect(second.stats().games.closedIdle).toBe(0)
    await advance(second, clock, 1)
    expect(second.stats().games.closedIdle).toBe(1)
    await second.close()
  })

  test('a game that its rules cannot read any more is told of once, and is left as it is', async () => {
    const all = lives(1, open)
    const first = await all.open(manualClock(1), {})
    await begin(first, 'g')
    await first.close()
    const torn = defineGame({
      ...tally,
      evolve: () => {
        throw new Error('these are other rules')
      },
    })
    const clock = manualClock(5_000)
    const second = await all.open(clock, { games: [torn] })
    const faults = faultsOf(second)
    for (let n = 0; n < 5; n++) await advance(second, clock, 10_000)
    expect(faults.map(({ code }) => code)).toEqual(['idle-not-closed'])
    expect(second.liveGames()).toMatchObject([{ version: 1, final: false }])
    await second.close()
  })
})

test('thousands that come of age at once all end, and players have their turns in between', async () => {
  const clock = manualClock()
  const ledger = await open(clock, { checks: false })
  const ids = Array.from({ length: 5_000 }, (_, n) => `g${n}`)
  for (let from = 0; from < ids.length; from += 1_000)
    await Promise.all(ids.slice(from, from + 1_000).map((id) => begin(ledger, id)))
  clock.advance(1_000_000)
  await begin(ledger, 'player')
  expect(ledger.stats().games.closedIdle).toBeLessThan(2_500)
  while (ledger.stats().games.closedIdle < 5_000) await settle(ledger)
  await settle(ledger)
  expect(ledger.stats().games).toMatchObject({ live: 1, archived: 5_000 })
  await ledger.close()
})
