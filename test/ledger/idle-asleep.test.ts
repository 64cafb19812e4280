/** Idle games that sleep, cannot be woken, come of age while the ledger is closed, or all at once: each ends, once. */
import { defineGame, type Ledger } from 'gameledger'
import { manualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { hourglass } from './hourglass-game.js'
import { begin, openPoliced as open, typesOf } from './idle-ledger.js'
import { lives } from './lives.js'
import { count, faultsOf, finish, receiptOf, sit } from './opened.js'
import { advance, settle } from './passing-time.js'
import { tally } from './tally-game.js'

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

/** A second opening of a ledger, at 500, in which a game sleeps that was begun at 1 and has not been read since. */
const openedOverOld = async () => {
  const all = lives(1, open)
  const first = await all.open(manualClock(1), { idleCloseMs: [] })
  await begin(first, 'old')
  await fillLogFiles(first)
  await first.close()
  const clock = manualClock(500)
  return { all, clock, second: await all.open(clock, {}) }
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
    const { clock, second } = await openedOverOld()
    await settle(second)
    expect(second.stats().games).toMatchObject({ live: 0, asleep: 1 })
    await advance(second, clock, 500)
    expect(second.stats().games).toMatchObject({ asleep: 1, closedIdle: 0 })
    await advance(second, clock, 1)
    expect(second.stats().games).toMatchObject({ live: 0, asleep: 0, archived: 41, closedIdle: 1 })
    await second.close()
  })
})

test('a game that is being woken to be played goes on, though it was idle when its end was begun', async () => {
  const clock = manualClock(1_000_000)
  const ledger = await open(clock, { gamesLiveMax: 2, idleAfterMs: 10 })
  await begin(ledger, 'old')
  clock.advance(100)
  for (const id of ['b', 'c']) await begin(ledger, id)
  await settle(ledger)
  expect(ledger.game(tally, 'old').version).toBeUndefined()
  // Asked for first, and found in later turns: the look at it comes in between.
  clock.advance(900)
  const answer = ledger.game(tally, 'old').dispatch(sit('bob'))
  await settle(ledger)
  receiptOf(await answer)
  expect(await typesOf(ledger, 'old')).toEqual(['Sat', 'Sat'])
  await ledger.close()
})

describe('a game that cannot be woken', () => {
  test('waits while all that is in memory is played, and ends when there is room', async () => {
    const clock = manualClock(1_000_000)
    const ledger = await open(clock, { gamesLiveMax: 1, idleAfterMs: 500, idleCloseMs: 1_000 })
    await begin(ledger, 'old')
    clock.advance(600)
    await begin(ledger, 'played')
    for (let n = 0; n < 20; n++) {
      await advance(ledger, clock, 100)
      receiptOf(await ledger.game(tally, 'played').dispatch(sit(`p${n}`)))
    }
    expect(ledger.stats().games).toMatchObject({ live: 1, asleep: 1, closedIdle: 0 })
    receiptOf(await ledger.game(tally, 'played').dispatch(finish))
    await settle(ledger)
    await advance(ledger, clock, 60)
    expect(await typesOf(ledger, 'old')).toEqual(['Sat', '$closed'])
    await ledger.close()
  })

  test('for it cannot be read is tried again after a minute', async () => {
    const { all, clock, second } = await openedOverOld()
    const faults = faultsOf(second)
    await settle(second)
    all.failNextRead()
    await advance(second, clock, 501)
    await advance(second, clock, 59_999)
    expect(second.stats().games).toMatchObject({ asleep: 1, closedIdle: 0 })
    await advance(second, clock, 1)
    expect(second.stats().games).toMatchObject({ asleep: 0, closedIdle: 1 })
    expect(faults.map(({ code }) => code)).not.toContain('idle-not-closed')
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

  test('what games themselves owe to time goes before, also where it has to wait for its turn', async () => {
    const all = lives(1, open)
    const first = await all.open(manualClock(1), {})
    const ids = Array.from({ length: 20 }, (_, n) => `h${n}`)
    for (const id of ids) receiptOf(await first.game(hourglass, id).dispatch({ type: 'Turn', ms: 100 }))
    await first.close()
    const clock = manualClock(5_000)
    // One of the ledger's own commands at a time, of each sort.
    const second = await all.open(clock, { commandsInFlightMax: 10 })
    for (let n = 0; n < 40; n++) await advance(second, clock, 10)
    expect(second.stats().deadlines.fired).toBe(ids.length)
    expect(second.stats().games.closedIdle).toBe(0)
    for (const id of ids) expect(second.game(hourglass, id).state?.ranOutAt).toHaveLength(1)
    for (let n = 0; n < 30; n++) await advance(second, clock, 100)
    expect(second.stats().games.closedIdle).toBe(ids.length)
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
