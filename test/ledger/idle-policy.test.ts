/**
 * The policy as a property: whatever is played, and wherever the ledger is killed and opened again, each game and room ends
 * once, never before it was idle for so long, and by the time that the ledger has come to rest after that.
 *
 *     steps   play, sit in rooms, fill log files, let time pass (waited for or not), kill, power loss, close and be away
 *
 * The controls keep another policy than the one that is checked.
 */
import fc from 'fast-check'
import { openLedger, type EventEnvelope, type Ledger } from 'gameledger'
import { manualClock, type ManualClock } from 'gameledger/testing'
import { expect, test } from 'vitest'
import { lives, type Death } from './lives.js'
import { count, finish, sit } from './opened.js'
import { settle } from './passing-time.js'
import { tally } from './tally-game.js'

const idleMs = 300

/** A moment at which the ledger was at rest. */
interface Rest {
  readonly now: number
  readonly position: number
}

/** Holds all that was ever recorded, in order of position, against the policy. */
const checkPolicy = (recorded: readonly EventEnvelope[], rests: readonly Rest[]): void => {
  const last = new Map<string, EventEnvelope>()
  const mayGoOn = (rest: Rest): void => {
    for (const [stream, { final, recordedAt }] of last)
      expect(final || rest.now - recordedAt < idleMs, `${stream} goes on at ${rest.now}`).toBe(true)
  }
  let looked = 0
  for (const envelope of recorded) {
    while (looked < rests.length && rests[looked]!.position < envelope.position) mayGoOn(rests[looked++]!)
    const { kind, gameId, event, recordedAt, final } = envelope
    const stream = `${kind}/${gameId}`
    const before = last.get(stream)
    expect(before?.final ?? false, `${stream} is over once`).toBe(false)
    if (event.type === '$closed' || event.type === 'Abandoned') {
      expect(recordedAt - before!.recordedAt, `${stream} was idle`).toBeGreaterThanOrEqual(idleMs)
      expect(final).toBe(true)
    }
    last.set(stream, envelope)
  }
  for (const rest of rests.slice(looked)) mayGoOn(rest)
}

type Step =
  | { readonly play: number }
  | { readonly sit: number }
  | { readonly fill: number }
  | { readonly passes: number; readonly isWaitedFor: boolean }
  | { readonly how: Death | 'close'; readonly awayMs: number }

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ play: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ sit: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ fill: fc.integer({ min: 5, max: 30 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 400 }), isWaitedFor: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      how: fc.constantFrom('kill' as const, 'losePower' as const, 'close' as const),
      awayMs: fc.constantFrom(0, 0, 150, 1_000),
    }),
  },
)

const open = (
  clock: ManualClock,
  options: Omit<Parameters<typeof openLedger>[0], 'games' | 'clock' | 'projections'>,
) => openLedger({ games: [tally], clock, ...options })

/** A game or a room that is over is followed by another. */
const played = async (ledger: Ledger, { play }: { readonly play: number }, round: number): Promise<void> => {
  for (let n = 0; n <= round; n++) {
    const game = ledger.game(tally, `g${play}-${n}`)
    const answer = await game.dispatch(sit(`p${round}`))
    if (answer._tag === 'Left' && answer.left._tag === 'GameCompleted') continue
    await game.dispatch(count(`p${round}`, 1, 2, 3))
    return
  }
}

const filled = async (ledger: Ledger, id: string): Promise<void> => {
  for (const command of [sit('zoe'), count('zoe', 1, 2, 3, 4, 5, 6, 7, 8, 9), finish])
    await ledger.game(tally, id).dispatch(command)
  await ledger.settled()
}

/** What was recorded, and when the ledger was at rest, in a life with such a policy. */
const runOf = async (seed: number, steps: readonly Step[], idleCloseMs: number | []) => {
  const all = lives(seed, open)
  let clock = manualClock(1)
  let ledger = await all.open(clock, { idleCloseMs })
  const rests: Rest[] = []
  const rest = async (): Promise<void> => {
    await settle(ledger)
    rests.push({ now: clock.now(), position: ledger.stats().position })
  }
  let asleep = 0
  for (const [round, step] of steps.entries()) {
    if ('play' in step) await played(ledger, step, round)
    else if ('sit' in step) {
      const roomId = `r${step.sit}-${Math.trunc(round / 5)}`
      await ledger.rooms.create({ roomId, host: 'ann', game: tally.kind, capacity: 8 })
      await ledger.rooms.join(roomId, `p${round}`)
    } else if ('fill' in step) for (let n = 0; n < step.fill; n++) await filled(ledger, `short${round}-${n}`)
    else if ('passes' in step) {
      clock.advance(step.passes)
      // Not waited for: the next step may come between what is due and its answer.
      if (step.isWaitedFor) await rest()
      else await new Promise((resolve) => setImmediate(resolve))
    } else {
      if (step.how === 'close') await ledger.close()
      else all.end(step.how)
      clock = manualClock(clock.now() + step.awayMs)
      ledger = await all.open(clock, { idleCloseMs })
      asleep += ledger.stats().games.asleep
    }
  }
  await rest()
  clock.advance(idleMs)
  await rest()
  const recorded: EventEnvelope[] = []
  for await (const envelope of ledger.history()) recorded.push(envelope)
  expect(await ledger.verify({ deep: true })).toMatchObject({ ok: true, problems: [] })
  await ledger.close()
  return { recorded, rests, asleep }
}

/** A game and a room that the journal has carried by the time of the crash. */
const asleepAtCrash: readonly Step[] = [
  { play: 0 },
  { sit: 0 },
  { fill: 40 },
  { passes: 100, isWaitedFor: true },
  { how: 'kill', awayMs: 0 },
  { passes: 100, isWaitedFor: true },
  { passes: 100, isWaitedFor: true },
]

test('each game and room ends once, in its time, wherever crashes come (property)', async () => {
  let slept = 0
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(stepArbitrary, { maxLength: 30 }), async (seed, steps) => {
      const { recorded, rests, asleep } = await runOf(seed, steps, idleMs)
      checkPolicy(recorded, rests)
      slept += asleep
    }),
    { numRuns: 50, examples: [[1, asleepAtCrash]] },
  )
  // Some of them slept in the journal meanwhile.
  expect(slept).toBeGreaterThan(0)
})

const minutely: readonly Step[] = [
  { play: 0 },
  { sit: 0 },
  { passes: idleMs - 1, isWaitedFor: true },
  { passes: 1, isWaitedFor: true },
]

test.each([
  ['none', [] as [], /goes on/],
  ['a hasty one', idleMs - 1, /was idle/],
  ['a late one', idleMs + 1, /goes on/],
])('the check sees where another policy is kept: %s (control)', async (_, idleCloseMs, complaint) => {
  const asTold = await runOf(1, minutely, idleMs)
  checkPolicy(asTold.recorded, asTold.rests)
  const { recorded, rests } = await runOf(1, minutely, idleCloseMs)
  expect(() => checkPolicy(recorded, rests)).toThrow(complaint)
})
