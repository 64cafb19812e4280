/** Reactors: each event at least once, in order within its stream, and once in effect, whatever fails and whenever it crashes. */
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  fileJournal,
  memoryCheckpointStore,
  memoryColdStore,
  openLedger,
  reactor,
  type EventEnvelope,
  type LedgerOptions,
  type Reactor,
} from 'gameledger'
import { simulatedDisk } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { hourglass } from './hourglass-game.js'
import { count, faultsOf, inMemory, receiptOf, sit } from './opened.js'
import { tally } from './tally-game.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (reactors: readonly Reactor[], options: Options = {}) =>
  openLedger({ games: [hourglass, tally], ...inMemory(), deadlines: false, reactors, ...options })
type Opened = Awaited<ReturnType<typeof open>>

const touch = async (ledger: Opened, id: string) =>
  receiptOf(await ledger.game(hourglass, id).dispatch({ type: 'Touch' }))

/** Resolves when the reactor has done all that was published. */
const done = async (ledger: Opened, name = 'r'): Promise<void> => {
  await ledger.settled()
  while (ledger.stats().reactors[name]!.checkpoint < ledger.stats().position)
    await new Promise((resolve) => setTimeout(resolve, 2))
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}

const shown = ({ gameId, version }: EventEnvelope): string => `${gameId} ${version}`

/** Hears events of hourglasses, and does what it is told. */
const hearing = (
  on: (envelope: EventEnvelope) => void | Promise<void>,
  more: { from?: 'now' | 'start'; concurrencyMax?: number } = {},
): Reactor => reactor({ name: 'r', of: hourglass, from: 'start', on, ...more })

/** Counts each event of an hourglass in the tally of the same id: one that forgets nothing and counts nothing twice. */
const counting = reactor({
  name: 'r',
  of: hourglass,
  from: 'start',
  on: async ({ gameId, version }, { dispatch }) => {
    await dispatch(tally, gameId, { type: 'Sit', player: 'x' })
    await dispatch(tally, gameId, { type: 'Count', player: 'x', amounts: [version] })
  },
})

const counted = async (ledger: Opened, id: string): Promise<number[]> => {
  const amounts: number[] = []
  for await (const { event } of ledger.game(tally, id).events())
    if (event.type === 'Counted') amounts.push(event.amount)
  return amounts
}

describe('a reactor', () => {
  test('hears the events of its games in order within a stream, of so many streams at a time and no more', async () => {
    const heard: string[] = []
    const busy = new Set<string>()
    let most = 0
    const on = async (envelope: EventEnvelope): Promise<void> => {
      expect(busy.has(envelope.gameId)).toBe(false)
      busy.add(envelope.gameId)
      most = Math.max(most, busy.size)
      await new Promise((resolve) => setTimeout(resolve, 1))
      busy.delete(envelope.gameId)
      heard.push(shown(envelope))
    }
    const ledger = await open([hearing(on, { concurrencyMax: 3 })])
    receiptOf(await ledger.game(tally, 'other').dispatch(sit('zoe')))
    for (let n = 0; n < 8; n++)
      await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => touch(ledger, id)))
    await done(ledger)
    expect(most).toBe(3)
    expect(heard.length).toBe(48)
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
      expect(heard.filter((each) => each.startsWith(id))).toEqual(
        [1, 2, 3, 4, 5, 6, 7, 8].map((v) => `${id} ${v}`),
      )
    await ledger.close()
  })

  test('acts by commands whose ids are of the event, and is told what they came to', async () => {
    const answers: string[] = []
    const watching = reactor({
      name: 'watch',
      of: hourglass,
      from: 'now',
      on: async ({ gameId }, { dispatch, ledger }) => {
        for (const player of ['x', 'x']) {
          const answer = await dispatch(tally, `of-${gameId}`, { type: 'Sit', player })
          answers.push(isLeft(answer) ? answer.left._tag : 'Accepted')
        }
        expect(ledger.stats().position).toBeGreaterThan(0)
      },
    })
    const ledger = await open([watching])
    await touch(ledger, 'g')
    await done(ledger, 'watch')
    expect(answers).toEqual(['Accepted', 'Rejected'])
    const ids: unknown[] = []
    for await (const { commandId } of ledger.game(tally, 'of-g').events()) ids.push(commandId)
    expect(ids).toEqual(['reactor/watch/hourglass/g/1/0'])
    await ledger.close()
  })

  test('with ids that are too long for a command has shorter ones, and one each', async () => {
    const ledger = await open([counting])
    const id = 'x'.repeat(200)
    await touch(ledger, id)
    await touch(ledger, id)
    await done(ledger)
    expect(await counted(ledger, id)).toEqual([1, 2])
    await ledger.close()
  })

  test('begins with the first event of all or with what happens now, and then where it stood', async () => {
    const around = { ...inMemory(), checkpoints: memoryCheckpointStore() }
    const first = await open([], around)
    await touch(first, 'a')
    await first.close()
    const [fromStart, fromNow]: string[][] = [[], []]
    const both = [
      reactor({ name: 'start', from: 'start', on: (envelope) => void fromStart!.push(shown(envelope)) }),
      reactor({ name: 'now', from: 'now', on: (envelope) => void fromNow!.push(shown(envelope)) }),
    ]
    for (const id of ['b', 'c']) {
      const ledger = await open(both, around)
      await touch(ledger, id)
      await done(ledger, 'start')
      await done(ledger, 'now')
      await ledger.close()
    }
    expect(fromStart).toEqual(['a 1', 'b 1', 'c 1'])
    expect(fromNow).toEqual(['b 1', 'c 1'])
  })

  test('waits for room in a full ledger, and loses nothing', async () => {
    const ledger = await open([counting], { commandsInFlightMax: 5 })
    const ids = Array.from({ length: 40 }, (_, n) => `h${n}`)
    for (const id of ids) await touch(ledger, id)
    await done(ledger)
    for (const id of ids) expect(await counted(ledger, id)).toEqual([1])
    await ledger.close()
  })

  test('holds a bounded number of events, however many there are', async () => {
    let isOpen = false
    let reacted = 0
    const gates: (() => void)[] = []
    const on = (): Promise<void> => {
      reacted++
      return isOpen ? Promise.resolve() : new Promise((resolve) => gates.push(resolve))
    }
    const ledger = await open([hearing(on, { concurrencyMax: 1 })], { checks: false })
    for (let from = 0; from < 6_000; from += 1_000)
      await Promise.all(Array.from({ length: 1_000 }, (_, n) => touch(ledger, `h${from + n}`)))
    await until(() => ledger.stats().reactors['r']!.held >= 4_096)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(ledger.stats().reactors['r']).toMatchObject({ held: 4_096, running: 1, checkpoint: 0 })
    isOpen = true
    for (const gate of gates) gate()
    await done(ledger)
    expect(reacted).toBe(6_000)
    await ledger.close()
  })
})

describe('a reactor that fails', () => {
  test('is tried again, told once, and only its stream waits; then it has all that came meanwhile, in order', async () => {
    let isBroken = true
    const heard: string[] = []
    const on = (envelope: EventEnvelope): void => {
      if (isBroken && envelope.gameId === 'bad') throw new Error('no connection')
      heard.push(shown(envelope))
    }
    const ledger = await open([hearing(on)])
    const faults = faultsOf(ledger)
    for (let n = 0; n < 300; n++) {
      await touch(ledger, 'bad')
      if (n % 100 === 0) await touch(ledger, 'good')
    }
    await until(() => faults.length > 0)
    expect(faults.map(({ code }) => code)).toEqual(['reactor-failed'])
    expect(heard).toEqual(['good 1', 'good 2', 'good 3'])
    expect(ledger.stats().reactors['r']).toMatchObject({ checkpoint: 0, failing: 1, held: 1 })
    isBroken = false
    await done(ledger)
    expect(heard.slice(3)).toEqual(Array.from({ length: 300 }, (_, n) => `bad ${n + 1}`))
    expect(faults.length).toBe(1)
    await ledger.close()
  })

  test('is not done before what it sent without waiting has succeeded', async () => {
    let tries = 0
    const careless = reactor({
      name: 'r',
      of: hourglass,
      from: 'start',
      on: (_, { dispatch }) => {
        tries++
        void dispatch(tally, 't', tries === 1 ? { type: 'Explode' } : sit('x'))
      },
    })
    const ledger = await open([careless])
    await touch(ledger, 'a')
    await done(ledger)
    expect(tries).toBe(2)
    expect(ledger.game(tally, 't').version).toBe(1)
    await ledger.close()
  })

  test('stands nowhere in this ledger: it is told, and goes on from the head', async () => {
    const checkpoints = memoryCheckpointStore()
    const heard: string[] = []
    const hears = hearing((envelope) => void heard.push(shown(envelope)))
    const other = await open([hears], { checkpoints })
    for (let n = 0; n < 5; n++) await touch(other, 'a')
    await done(other)
    await other.close()
    heard.length = 0
    const around = inMemory()
    const before = await open([], around)
    await touch(before, 'b')
    await before.close()
    const ledger = await open([hears], { ...around, checkpoints })
    const faults = faultsOf(ledger)
    await touch(ledger, 'c')
    await done(ledger)
    expect(faults.map(({ code }) => code)).toEqual(['reactor-checkpoint-lost'])
    expect(heard).toEqual(['c 1'])
    await ledger.close()
  })
})

describe('closing', () => {
  test('waits for what is being reacted to, whose commands are still taken', async () => {
    const around = { ...inMemory(), checkpoints: memoryCheckpointStore() }
    let isBegun = false
    const slow = reactor({
      name: 'r',
      of: hourglass,
      from: 'start',
      on: async (_, { dispatch }) => {
        isBegun = true
        await new Promise((resolve) => setTimeout(resolve, 20))
        receiptOf(await dispatch(tally, 't', sit('x')))
      },
    })
    const ledger = await open([slow], around)
    await touch(ledger, 'a')
    await until(() => isBegun)
    const closing = ledger.close()
    expect(await ledger.game(tally, 't').dispatch(count('x', 1))).toMatchObject({
      left: { _tag: 'Unavailable', code: 'closed' },
    })
    await closing
    const next = await open([slow], around)
    expect(next.game(tally, 't').version).toBe(1)
    await next.close()
  })

  test('does not wait for ever: what hangs is reacted to again after the next opening', async () => {
    const around = { ...inMemory(), checkpoints: memoryCheckpointStore() }
    let calls = 0
    const hangs = hearing(() => (++calls === 1 ? new Promise(() => undefined) : undefined))
    const ledger = await open([hangs], { ...around, closeDeadlineMs: 20 })
    await touch(ledger, 'a')
    await until(() => calls === 1)
    await ledger.close()
    const next = await open([hangs], around)
    await done(next)
    expect(calls).toBe(2)
    await next.close()
  })
})

describe('misuse is a TypeError', () => {
  const on = (): void => undefined
  test.each([
    ['a name with a slash', () => reactor({ name: 'a/b', from: 'now', on })],
    ['no `on`', () => reactor({ name: 'a', from: 'now', on: undefined as never })],
    ['no place to begin', () => reactor({ name: 'a', from: undefined as never, on })],
    ['no streams at a time', () => reactor({ name: 'a', from: 'now', on, concurrencyMax: 0 })],
  ])('%s', (_, misuse) => {
    expect(misuse).toThrow(TypeError)
  })

  test('two of one name', async () => {
    await expect(open([counting, counting])).rejects.toThrow(TypeError)
  })
})

const loadedVersion = (loaded: Awaited<ReturnType<ReturnType<Opened['game']>['load']>>): number => {
  if (isLeft(loaded)) throw new Error(JSON.stringify(loaded.left))
  return loaded.right.version
}

/** Plays, crashes and plays on; gives what was counted of each game, and how many events each has. */
const crashing = async (
  seed: number,
  steps: readonly ('touch' | 'kill' | 'losePower' | 'close')[],
  reactors: readonly Reactor[],
): Promise<{ counted: number[]; version: number }[]> => {
  let disk = simulatedDisk(seed)
  const around = { archive: memoryColdStore(), checkpoints: memoryCheckpointStore() }
  const reopen = () =>
    open(reactors, {
      ...around,
      journal: fileJournal('/j', { disk, lock: disk.lock, logFileBytesMax: 4_096 }),
    })
  let ledger = await reopen()
  for (const [at, step] of steps.entries()) {
    if (step === 'touch') await touch(ledger, `h${at % 3}`)
    else {
      if (step === 'close') await ledger.close()
      else {
        // Left open, and never answered again: as a killed process.
        disk = disk[step]()
      }
      ledger = await reopen()
    }
  }
  await done(ledger)
  const found = await Promise.all(
    ['h0', 'h1', 'h2'].map(async (id) => ({
      counted: await counted(ledger, id),
      version: loadedVersion(await ledger.game(hourglass, id).load()),
    })),
  )
  await ledger.close()
  return found
}

const whole = (version: number): number[] => Array.from({ length: version }, (_, n) => n + 1)

test('each event takes effect once, in order, wherever crashes come (property)', async () => {
  const step = fc.oneof(
    { weight: 10, arbitrary: fc.constant('touch' as const) },
    { weight: 2, arbitrary: fc.constantFrom('kill' as const, 'losePower' as const, 'close' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 40 }), async (seed, steps) => {
      for (const { counted: amounts, version } of await crashing(seed, steps, [counting]))
        expect(amounts).toEqual(whole(version))
    }),
    { numRuns: 40 },
  )
})

test('without the ids of the ledger a crash would show (control)', async () => {
  const careless = reactor({
    name: 'r',
    of: hourglass,
    from: 'start',
    on: async ({ gameId, version }, { ledger }) => {
      const game = ledger.game(tally, gameId)
      await game.dispatch(sit('x'))
      await game.dispatch(count('x', version))
    },
  })
  const steps = Array.from({ length: 30 }, (_, n) => (n % 6 === 5 ? ('kill' as const) : ('touch' as const)))
  const found = await crashing(1, steps, [careless])
  expect(found.some(({ counted: amounts, version }) => amounts.length > version)).toBe(true)
})
