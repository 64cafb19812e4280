/** Idle games end by themselves: in their time, by an event of the ledger, and like any other game afterwards. */
import { isRight } from 'fp-ts/lib/Either.js'
import type { EventEnvelope } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { begin, eventsOf, openPoliced as open, typesOf } from './idle-ledger.js'
import { count, join, receiptOf, sit, tagOf } from './opened.js'
import { advance, settle } from './passing-time.js'
import { tally } from './tally-game.js'

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
