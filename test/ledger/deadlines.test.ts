/** Deadlines: sent when they are due and never before, once in effect, over restarts, crashes and sleep. */
import fc from 'fast-check'
import { defineGame, fileJournal, openLedger, type LedgerOptions } from 'gameledger'
import { manualClock, simulatedDisk, type ManualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { hourglass, type HourglassCommand, type HourglassEvent, type Mood } from './hourglass-game.js'
import { lives } from './lives.js'
import { faultsOf, inMemory, receiptOf } from './opened.js'
import { advance, heldJournal, settle } from './passing-time.js'
import { tally } from './tally-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (clock: ManualClock, options: Options = {}) =>
  openLedger({ games: [hourglass, tally], ...inMemory(), clock, ...options })
type Opened = Awaited<ReturnType<typeof open>>

const turn = async (ledger: Opened, id: string, ms: number, mood: Mood = 'fine') =>
  receiptOf(await ledger.game(hourglass, id).dispatch({ type: 'Turn', ms, mood }))

const ranOut = (ledger: Opened, id: string) => ledger.game(hourglass, id).state?.ranOutAt

const typesOf = async (ledger: Opened, id: string): Promise<string[]> => {
  const types: string[] = []
  for await (const { event } of ledger.game(hourglass, id).events()) types.push(event.type)
  return types
}

describe('a deadline', () => {
  test('is sent when it is due, not a millisecond before, under an id of its version', async () => {
    const clock = manualClock(1_000)
    const ledger = await open(clock)
    await turn(ledger, 'h', 500)
    expect(ledger.stats().deadlines).toMatchObject({ pending: 1, fired: 0 })
    await advance(ledger, clock, 499)
    expect(ranOut(ledger, 'h')).toEqual([])
    await advance(ledger, clock, 1)
    expect(ranOut(ledger, 'h')).toEqual([1_500])
    expect(ledger.stats().deadlines).toMatchObject({ pending: 0, fired: 1, lateP99Ms: 1 })
    const ids: (string | undefined)[] = []
    for await (const { commandId } of ledger.game(hourglass, 'h').events()) ids.push(commandId)
    expect(ids).toEqual([undefined, 'deadline/1'])
    await ledger.close()
  })

  test('that moves is sent when it is due now', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await turn(ledger, 'h', 100)
    await turn(ledger, 'h', 1_000)
    await advance(ledger, clock, 500)
    expect(ranOut(ledger, 'h')).toEqual([])
    await advance(ledger, clock, 500)
    expect(ranOut(ledger, 'h')).toEqual([1_001])
    await ledger.close()
  })

  test('is no longer sent when the game is over', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await turn(ledger, 'h', 100)
    receiptOf(await ledger.game(hourglass, 'h').dispatch({ type: 'Smash' }))
    expect(ledger.stats().deadlines.pending).toBe(0)
    await advance(ledger, clock, 500)
    expect(await typesOf(ledger, 'h')).toEqual(['Turned', 'Smashed'])
    await ledger.close()
  })

  test('that falls due while a command is in flight is decided behind it', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    await turn(ledger, 'h', 100)
    const answer = ledger.game(hourglass, 'h').dispatch({ type: 'Touch' })
    clock.advance(200)
    await answer
    await settle(ledger)
    expect(await typesOf(ledger, 'h')).toEqual(['Turned', 'Touched', 'RanOut'])
    await ledger.close()
  })

  test('is not asked for where the ledger is opened without', async () => {
    const clock = manualClock()
    const ledger = await open(clock, { deadlines: false })
    await turn(ledger, 'h', 100)
    await advance(ledger, clock, 500)
    expect(await typesOf(ledger, 'h')).toEqual(['Turned'])
    await ledger.close()
  })

  test('leaves the state of its game to be changed in place', async () => {
    let isAsked = 0
    const drafts = new Set<unknown>()
    const watched = defineGame({
      ...hourglass,
      evolve(state, event: HourglassEvent) {
        drafts.add(state)
        return hourglass.evolve(state, event)
      },
      deadline(state) {
        isAsked++
        return hourglass.deadline!(state)
      },
    })
    const ledger = await openLedger({ games: [watched], ...inMemory(), clock: manualClock(), checks: false })
    const game = ledger.game(watched, 'w')
    receiptOf(await game.dispatch({ type: 'Turn', ms: 1_000_000 }))
    receiptOf(await game.dispatch({ type: 'Touch' }))
    drafts.clear()
    const before = isAsked
    for (let n = 0; n < 10; n++) receiptOf(await game.dispatch({ type: 'Touch' }))
    expect(isAsked - before).toBe(10)
    expect(drafts.size).toBe(1)
    // The control: once the state is handed out, each command has a draft of its own.
    expect(game.state?.turns).toBe(1)
    for (let n = 0; n < 10; n++) receiptOf(await game.dispatch({ type: 'Touch' }))
    expect(drafts.size).toBeGreaterThan(10)
    await ledger.close()
  })
})

test('an id that the ledger would give is not to be had from outside', async () => {
  const ledger = await open(manualClock())
  const command = { type: 'Touch' } as const
  for (const commandId of ['deadline/1', 'idle/1', 'bot/0/7', 'reactor/x']) {
    expect(() => ledger.game(hourglass, 'h').dispatch(command, { commandId })).toThrow(TypeError)
    expect(() =>
      ledger.transact((tx) => void tx.game(hourglass, 'h').dispatch(command), { commandId }),
    ).toThrow(TypeError)
    await expect(ledger.rooms.join('r', 'ann', { commandId })).rejects.toThrow(TypeError)
  }
  await ledger.close()
})

describe('a deadline that the rules do not take', () => {
  test.each(['refuses', 'idles', 'throws'] as const)(
    'is told once and waits for the next version, where decide %s',
    async (mood) => {
      const clock = manualClock()
      const ledger = await open(clock)
      const faults = faultsOf(ledger)
      await turn(ledger, 'h', 100, mood)
      for (let n = 0; n < 10; n++) await advance(ledger, clock, 1_000)
      expect(faults.map(({ code }) => code)).toEqual(['deadline-refused'])
      expect(ledger.stats().deadlines).toMatchObject({ pending: 0, fired: 1 })
      receiptOf(await ledger.game(hourglass, 'h').dispatch({ type: 'Touch' }))
      for (let n = 0; n < 10; n++) await advance(ledger, clock, 1_000)
      expect(faults.map(({ code }) => code)).toEqual(['deadline-refused', 'deadline-refused'])
      await turn(ledger, 'h', 100)
      await advance(ledger, clock, 100)
      expect(await typesOf(ledger, 'h')).toEqual(['Turned', 'Touched', 'Turned', 'RanOut'])
      await ledger.close()
    },
  )

  test('because `deadline` throws is told once, and all others are sent', async () => {
    const clock = manualClock()
    const ledger = await open(clock)
    const faults = faultsOf(ledger)
    await turn(ledger, 'a', 100, 'throws-when-asked')
    await turn(ledger, 'b', 100, 'throws-when-asked')
    await turn(ledger, 'c', 100)
    await advance(ledger, clock, 100)
    expect(faults.map(({ code }) => code)).toEqual(['deadline-threw'])
    expect(ranOut(ledger, 'c')).toEqual([101])
    await ledger.close()
  })
})

describe('where there is no room', () => {
  test('deadlines have a tenth of what may be in flight, whatever players do', async () => {
    const clock = manualClock()
    const held = heldJournal()
    const ledger = await open(clock, { commandsInFlightMax: 10, journal: held.journal })
    await turn(ledger, 'h', 100)
    await settle(ledger)
    const release = held.hold()
    const answers = Array.from({ length: 20 }, (_, n) => turn(ledger, `p${n}`, 1_000_000).catch(String))
    expect(ledger.stats().commands.inFlight).toBe(9)
    clock.advance(200)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ledger.stats().commands.inFlight).toBe(10)
    release()
    expect((await Promise.all(answers)).filter((answer) => typeof answer === 'string')).toHaveLength(11)
    await settle(ledger)
    expect(ranOut(ledger, 'h')).toEqual([201])
    await ledger.close()
  })

  test('a due deadline is tried again after a while, and is not lost', async () => {
    const clock = manualClock()
    const disk = simulatedDisk(1)
    const ledger = await open(clock, {
      journal: fileJournal('/j', { disk, lock: disk.lock }),
      durability: 'memory',
      unsyncedEventsMax: 1,
    })
    await turn(ledger, 'h', 100)
    await ledger.settled()
    const answer = ledger.game(hourglass, 'x').dispatch({ type: 'Touch' })
    clock.advance(200)
    await answer
    await settle(ledger)
    expect(ledger.stats().deadlines).toMatchObject({ pending: 1, fired: 0 })
    await advance(ledger, clock, 60)
    expect(ranOut(ledger, 'h')).toEqual([261])
    await ledger.close()
  })
})

describe('over a restart', () => {
  test.each(['close', 'kill', 'losePower'] as const)(
    'what falls due meanwhile is sent, after %s',
    async (how) => {
      const all = lives(1, open)
      const first = await all.open(manualClock(1), {})
      await turn(first, 'soon', 100)
      await turn(first, 'late', 10_000)
      if (how === 'close') await first.close()
      else all.end(how)
      const clock = manualClock(5_000)
      const second = await all.open(clock, {})
      await settle(second)
      expect(ranOut(second, 'soon')).toEqual([5_000])
      expect(ranOut(second, 'late')).toEqual([])
      // What fell due while the ledger was closed is late from its opening.
      expect(second.stats().deadlines).toMatchObject({ pending: 1, fired: 1, lateP99Ms: 1 })
      await advance(second, clock, 5_001)
      expect(ranOut(second, 'late')).toEqual([10_001])
      await second.close()
    },
  )

  test('a game that sleeps is woken by what is due', async () => {
    const all = lives(1, open)
    const first = await all.open(manualClock(1), {})
    await turn(first, 'old', 100_000)
    for (let n = 0; n < 40; n++) {
      const game = first.game(tally, `short${n}`)
      await game.dispatch({ type: 'Sit', player: 'zoe' })
      await game.dispatch({ type: 'Count', player: 'zoe', amounts: [1, 2, 3, 4, 5, 6, 7, 8, 9] })
      await game.dispatch({ type: 'Finish' })
      await first.settled()
    }
    await first.close()
    const clock = manualClock(50_000)
    const second = await all.open(clock, {})
    await settle(second)
    expect(second.stats().games).toMatchObject({ live: 0, asleep: 1 })
    expect(second.stats().deadlines.pending).toBe(1)
    await advance(second, clock, 50_001)
    expect(second.stats().games).toMatchObject({ live: 1, asleep: 0 })
    expect(ranOut(second, 'old')).toEqual([100_001])
    await second.close()
  })

  test('each takes effect once, in its time, wherever crashes come (property)', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ turn: fc.nat(3), ms: fc.integer({ min: 1, max: 300 }) }) },
      { weight: 4, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 300 }) }) },
      { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'losePower' as const, 'close' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 25 }), async (seed, steps) => {
        const all = lives(seed, open)
        let clock = manualClock(1)
        let ledger = await all.open(clock, {})
        for (const each of steps) {
          if (typeof each === 'string') {
            if (each === 'close') await ledger.close()
            else all.end(each)
            clock = manualClock(clock.now())
            ledger = await all.open(clock, {})
          } else if ('turn' in each) await turn(ledger, `h${each.turn}`, each.ms)
          else {
            // Not waited for: the next step may come between what is due and its answer.
            clock.advance(each.passes)
            await new Promise((resolve) => setImmediate(resolve))
          }
        }
        await settle(ledger)
        await advance(ledger, clock, 1_000)
        for (let n = 0; n < 4; n++) {
          let due: number | null = null
          for await (const { event } of ledger.game(hourglass, `h${n}`).events()) {
            if (event.type === 'Turned') due = event.dueAt
            if (event.type !== 'RanOut') continue
            expect(event.dueAt).toBe(due)
            expect(event.at).toBeGreaterThanOrEqual(event.dueAt)
            due = null
          }
          expect(due).toBeNull()
        }
        await ledger.close()
      }),
      { numRuns: 60 },
    )
  })
})

test('ten thousand that fall due at once are all sent, and players have their turns in between', async () => {
  const clock = manualClock()
  const ledger = await open(clock, { checks: false })
  const ids = Array.from({ length: 10_000 }, (_, n) => `h${n}`)
  for (let from = 0; from < ids.length; from += 1_000)
    await Promise.all(ids.slice(from, from + 1_000).map((id) => turn(ledger, id, 100)))
  clock.advance(1_000_000)
  const command: HourglassCommand = { type: 'Touch' }
  receiptOf(await ledger.game(hourglass, 'player').dispatch(command))
  expect(ledger.stats().deadlines.pending).toBeGreaterThan(5_000)
  while (ledger.stats().deadlines.fired < 10_000) await settle(ledger)
  expect(ids.every((id) => ranOut(ledger, id)!.length === 1)).toBe(true)
  await ledger.close()
})
