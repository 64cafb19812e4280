/** Bots: they act in their time, once, on what their player sees, for whom the game says, over restarts and crashes. */
import fc from 'fast-check'
import {
  bots,
  defineGame,
  fileJournal,
  memoryColdStore,
  openLedger,
  seededRandom,
  type Bots,
  type EventEnvelope,
  type LedgerOptions,
} from 'gameledger'
import { manualClock, simulatedDisk, type ManualClock } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { faultsOf, inMemory, receiptOf } from './opened.js'
import {
  ownSecret,
  sparring,
  sparringBots,
  type SparringCommand,
  type SparringView,
} from './sparring-game.js'
import { advance, heldJournal, settle } from './passing-time.js'
import { tally } from './tally-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (clock: ManualClock, options: Options = {}) =>
  openLedger({
    games: [sparring, tally],
    ...inMemory(),
    clock,
    chance: { next: () => 0.5 },
    reactors: [sparringBots()],
    ...options,
  })
type Opened = Awaited<ReturnType<typeof open>>

const person = (player: string, secret = 1) => ({ player, isBot: false, secret })
const bot = (player: string, secret = 2) => ({ player, isBot: true, secret })

const start = async (ledger: Opened, command: Omit<Extract<SparringCommand, { type: 'Start' }>, 'type'>) =>
  receiptOf(await ledger.game(sparring, 'g').dispatch({ type: 'Start', ...command }))

const send = async (ledger: Opened, command: SparringCommand) =>
  receiptOf(await ledger.game(sparring, 'g').dispatch(command))

const envelopesOf = async (ledger: Opened): Promise<EventEnvelope[]> => {
  const found: EventEnvelope[] = []
  for await (const envelope of ledger.game(sparring, 'g').events()) found.push(envelope)
  return found
}

/** Who moved, and when. */
const movesOf = async (ledger: Opened): Promise<string[]> =>
  (await envelopesOf(ledger)).flatMap(({ event }) =>
    'at' in event ? [`${(event as { player?: string }).player} ${String(event.at)}`] : [],
  )

describe('a bot', () => {
  test('acts when its delay is over, not before, under an id of its seat and the version', async () => {
    const clock = manualClock(0)
    const ledger = await open(clock)
    await start(ledger, { seats: [person('ann'), bot('Bot 2')], rounds: 2 })
    await advance(ledger, clock, 10_000)
    expect(await movesOf(ledger)).toEqual([])
    await send(ledger, { type: 'Move', player: 'ann', value: 1 })
    await advance(ledger, clock, 999)
    expect(ledger.stats().bots).toMatchObject({ pending: 1, acted: 0 })
    await advance(ledger, clock, 1)
    expect(await movesOf(ledger)).toEqual(['ann 10000', 'Bot 2 11000'])
    const last = (await envelopesOf(ledger)).at(-1)
    expect(last).toMatchObject({ commandId: 'bot/1/2', actor: 'Bot 2' })
    expect(ledger.stats().bots).toMatchObject({ pending: 0, acted: 1, lateP99Ms: 1 })
    await ledger.close()
  })

  test('has a delay that is drawn evenly from what was given', async () => {
    const clock = manualClock(0)
    const ledger = await open(clock, {
      chance: seededRandom(5),
      reactors: [sparringBots(ownSecret, [200, 600])],
    })
    await start(ledger, { seats: [bot('a'), bot('b')], rounds: 500 })
    const delays: number[] = []
    for (let last = clock.now(); clock.next !== undefined; last = clock.now()) {
      clock.set(Math.ceil(clock.next))
      await settle(ledger)
      delays.push(clock.now() - last)
    }
    expect(delays.length).toBe(1_000)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200)
    expect(Math.max(...delays)).toBeLessThanOrEqual(601)
    const mean = delays.reduce((sum, each) => sum + each) / delays.length
    expect(Math.abs(mean - 400)).toBeLessThan(20)
    for (const [from, to] of [
      [200, 300],
      [300, 400],
      [400, 500],
      [500, 601],
    ] as const)
      expect(delays.filter((each) => each >= from && each < to).length).toBeGreaterThan(200)
    await ledger.close()
  })

  test('that is to act keeps its time, whatever others do', async () => {
    const clock = manualClock(0)
    const ledger = await open(clock)
    await start(ledger, { seats: [person('ann'), person('cyd'), bot('b')], rounds: 2, isTogether: true })
    await advance(ledger, clock, 600)
    await send(ledger, { type: 'Move', player: 'ann', value: 1 })
    await advance(ledger, clock, 399)
    await send(ledger, { type: 'Leave', player: 'ann' })
    await advance(ledger, clock, 1)
    expect(await movesOf(ledger)).toEqual(['ann 600', 'b 1000'])
    await ledger.close()
  })

  test('takes over for a player who left, and hands back to one who is there in time', async () => {
    const clock = manualClock(0)
    const ledger = await open(clock)
    await start(ledger, { seats: [person('ann'), person('cyd')], rounds: 2 })
    await send(ledger, { type: 'Leave', player: 'ann' })
    await advance(ledger, clock, 999)
    await send(ledger, { type: 'Return', player: 'ann' })
    await advance(ledger, clock, 10_000)
    expect(await movesOf(ledger)).toEqual([])
    await send(ledger, { type: 'Leave', player: 'ann' })
    await advance(ledger, clock, 1_000)
    expect(await movesOf(ledger)).toEqual(['ann 11999'])
    await ledger.close()
  })

  test('has a tenth of what may be in flight, whatever players do', async () => {
    const clock = manualClock(0)
    const held = heldJournal()
    const ledger = await open(clock, { commandsInFlightMax: 10, journal: held.journal })
    await start(ledger, { seats: [bot('b')], rounds: 2 })
    await settle(ledger)
    const release = held.hold()
    const others = Array.from({ length: 9 }, (_, n) =>
      ledger.game(tally, `t${n}`).dispatch({ type: 'Sit', player: 'zoe' }),
    )
    expect(ledger.stats().commands.inFlight).toBe(9)
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ledger.stats().commands.inFlight).toBe(10)
    release()
    await Promise.all(others)
    await settle(ledger)
    expect(await movesOf(ledger)).toEqual(['b 1000'])
    await ledger.close()
  })
})

describe('what a policy is handed', () => {
  /** What it was handed, with a game and its policy. */
  const handed = async (game: typeof sparring): Promise<{ given: unknown[][]; seen: string }> => {
    const given: unknown[][] = []
    const policy = (...all: [SparringView, string, () => number]) => {
      given.push(all)
      return ownSecret(...all)
    }
    const clock = manualClock(0)
    const ledger = await open(clock, { games: [game], reactors: [bots({ game, policy })] })
    receiptOf(
      await ledger
        .game(game, 'g')
        .dispatch({ type: 'Start', seats: [bot('a', 41), bot('b', 42)], rounds: 1 }),
    )
    await advance(ledger, clock, 1_000)
    await advance(ledger, clock, 1_000)
    await ledger.close()
    return { given, seen: JSON.stringify(given.map(([view]) => view)) }
  }

  test('is what its player sees, the player, and chance: no secret of another', async () => {
    const { given } = await handed(sparring)
    expect(given.map((all) => all.length)).toEqual([3, 3])
    expect(given.map(([view, player]) => [view, player])).toEqual([
      [{ round: 0, seats: [{ player: 'a', secret: 41 }, { player: 'b' }] }, 'a'],
      [{ round: 0, seats: [{ player: 'a' }, { player: 'b', secret: 42 }] }, 'b'],
    ])
    expect((given[0]![2] as () => number)()).toBe(0.5)
  })

  test('would show the secrets of others, were it the state (control)', async () => {
    const { view: _, ...seenByAll } = sparring
    const { seen } = await handed(defineGame(seenByAll) as typeof sparring)
    expect(JSON.parse(seen)[0].seats).toMatchObject([{ secret: 41 }, { secret: 42 }])
  })
})

describe('a bot whose command is refused', () => {
  const wrong: typeof ownSecret = (_, player) => ({ type: 'Move', player, value: 99 })
  const throws: typeof ownSecret = () => {
    throw new Error('no idea')
  }
  const nonsense = (() => 7) as unknown as typeof ownSecret

  test.each([
    ['rejected', wrong],
    ['its policy throws', throws],
    ['it is no command', nonsense],
  ])('is told once a version and waits for the next: %s', async (_, policy) => {
    const clock = manualClock(0)
    const ledger = await open(clock, { reactors: [sparringBots(policy)] })
    const faults = faultsOf(ledger)
    await start(ledger, { seats: [bot('b'), person('ann')], rounds: 2 })
    for (let n = 0; n < 5; n++) await advance(ledger, clock, 5_000)
    expect(faults.map(({ code }) => code)).toEqual(['bot-refused'])
    expect(ledger.stats().bots.pending).toBe(0)
    await send(ledger, { type: 'Leave', player: 'ann' })
    for (let n = 0; n < 5; n++) await advance(ledger, clock, 5_000)
    expect(faults.map(({ code }) => code)).toEqual(['bot-refused', 'bot-refused'])
    await ledger.close()
  })

  test('one that lets the moment pass is asked again at the next version', async () => {
    const clock = manualClock(0)
    let asked = 0
    const passes: typeof ownSecret = () => void asked++
    const ledger = await open(clock, { reactors: [sparringBots(passes)] })
    const faults = faultsOf(ledger)
    await start(ledger, { seats: [bot('b'), person('ann')], rounds: 2 })
    for (let n = 0; n < 5; n++) await advance(ledger, clock, 5_000)
    expect(asked).toBe(1)
    await send(ledger, { type: 'Leave', player: 'ann' })
    await advance(ledger, clock, 5_000)
    expect(asked).toBe(2)
    expect(faults).toEqual([])
    await ledger.close()
  })

  test('a game whose `botSeats` throws is told once, and is played by people', async () => {
    const broken = defineGame({
      ...sparring,
      botSeats: () => {
        throw new Error('who is who?')
      },
    })
    const clock = manualClock(0)
    const ledger = await open(clock, {
      games: [broken],
      reactors: [bots({ game: broken, policy: ownSecret })],
    })
    const faults = faultsOf(ledger)
    const game = ledger.game(broken, 'g')
    receiptOf(await game.dispatch({ type: 'Start', seats: [person('ann')], rounds: 2 }))
    receiptOf(await game.dispatch({ type: 'Move', player: 'ann', value: 1 }))
    await settle(ledger)
    expect(faults.map(({ code }) => code)).toEqual(['bot-seats-threw'])
    await ledger.close()
  })
})

describe('misuse is a TypeError', () => {
  test.each([
    ['a game without `botSeats`', () => bots({ game: tally, policy: () => undefined })],
    ['no policy', () => bots({ game: sparring, policy: undefined as never })],
    ['a delay out of order', () => sparringBots(ownSecret, [2, 1])],
    ['a delay before now', () => sparringBots(ownSecret, [-1, 1])],
  ])('%s', (_, misuse) => {
    expect(misuse).toThrow(TypeError)
  })

  test('two policies for one game, and a game that the ledger does not have', async () => {
    const clock = manualClock(0)
    await expect(open(clock, { reactors: [sparringBots(), sparringBots()] })).rejects.toThrow(TypeError)
    await expect(open(clock, { games: [tally] })).rejects.toThrow(TypeError)
  })
})

test('whole games of bots and people who come and go, over crashes: each acts once in its turn (property)', async () => {
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 2_000 }) }) },
    { weight: 2, arbitrary: fc.constantFrom('Leave' as const, 'Return' as const) },
    { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'losePower' as const, 'close' as const) },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.boolean(),
      fc.array(step, { maxLength: 40 }),
      async (seed, isTogether, steps) => {
        let disk = simulatedDisk(seed)
        const archive = memoryColdStore()
        const reactors: readonly Bots[] = [sparringBots()]
        const reopen = (clock: ManualClock) =>
          open(clock, {
            journal: fileJournal('/j', { disk, lock: disk.lock, logFileBytesMax: 2_048 }),
            archive,
            chance: seededRandom(seed),
            reactors,
          })
        let clock = manualClock(0)
        let ledger = await reopen(clock)
        const rounds = 4
        await start(ledger, { seats: [bot('a'), person('ann'), bot('b')], rounds, isTogether })
        for (const each of steps) {
          if (each === 'Leave' || each === 'Return')
            await ledger.game(sparring, 'g').dispatch({ type: each, player: 'ann' })
          else if (typeof each === 'string') {
            if (each === 'close') await ledger.close()
            else disk = disk[each]()
            clock = manualClock(clock.now())
            ledger = await reopen(clock)
          } else {
            clock.advance(each.passes)
            await new Promise((resolve) => setImmediate(resolve))
          }
        }
        await settle(ledger)
        await ledger.game(sparring, 'g').dispatch({ type: 'Leave', player: 'ann' })
        for (let n = 0; n < 3 * rounds; n++) await advance(ledger, clock, 1_501)
        const envelopes = await envelopesOf(ledger)
        const moved = envelopes.filter(({ event }) => event.type === 'Moved')
        const byWhom = moved.map(({ event }) => (event as unknown as { player: string }).player)
        expect(byWhom.length).toBe(3 * rounds)
        for (let round = 0; round < rounds; round++) {
          const those = byWhom.slice(3 * round, 3 * round + 3)
          expect(isTogether ? those.toSorted() : those).toEqual(['a', 'ann', 'b'])
        }
        for (const { commandId, version } of moved)
          expect(commandId).toMatch(new RegExp(`^bot/[012]/${version - 1}$`))
        await ledger.close()
      },
    ),
    { numRuns: 40 },
  )
})
