/** While games are imported nobody acts on them: no time limit, no bot, and no room hears of an end before its line. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  accept,
  bots,
  defineGame,
  openLedger,
  reject,
  type EventEnvelope,
  type LedgerOptions,
} from 'gameledger'
import { expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { hourglass } from './hourglass-game.js'
import { inMemory, receiptOf, wonByAnn } from './opened.js'
import { settle } from './passing-time.js'

type Options = Partial<LedgerOptions<Record<never, never>>>

const open = (options: Options = {}) =>
  openLedger({ games: [hourglass, ticTacToe], ...inMemory(), ...options })
type Opened = Awaited<ReturnType<typeof open>>

const lineOf = (kind: string, gameId: string, version: number, event: object): string =>
  JSON.stringify({ kind, gameId, version, recordedAt: 1_000 + version, schema: 1, event })

/** More than an import takes in hand at once: what stands before it is recorded and published. */
const others = Array.from({ length: 1_100 }, (_, nth) =>
  lineOf('hourglass', 'other', nth + 1, { type: 'Touched' }),
)

/** The lines, and between the two halves as much time as anybody needs to act. */
async function* interrupted(before: readonly string[], after: readonly string[]): AsyncGenerator<string> {
  yield* before
  yield* others
  await sleep(50)
  yield* after
}

const typesOf = async (ledger: Opened, id: string) => {
  const types: string[] = []
  for await (const { event } of ledger.game(hourglass, id).events()) types.push(event.type)
  return types
}

test('a time limit that passed long ago waits for the last line, and then takes effect once', async () => {
  const ledger = await open()
  const turned = (version: number) =>
    lineOf('hourglass', 'h', version, { type: 'Turned', dueAt: 1_500 + version, mood: 'fine' })
  const report = await ledger.importEvents(interrupted([turned(1)], [turned(2)]))
  expect(report).toMatchObject({ skipped: [], events: 1_102 })
  await sleep(50)
  await settle(ledger)
  expect(await typesOf(ledger, 'h')).toEqual(['Turned', 'Turned', 'RanOut'])
  await ledger.close()
})

/** A bot takes three steps, one after the other. */
const stairs = defineGame({
  kind: 'stairs',
  initialState: { steps: 0 },
  decide: (_: { readonly type: 'Step' }, { steps }) =>
    steps < 3 ? accept({ type: 'Stepped' as const }) : reject('top'),
  evolve(state) {
    state.steps++
  },
  isTerminal: () => false,
  botSeats: ({ steps }) => (steps < 3 ? ['ann'] : []),
})

test('a bot waits for the last line, and then goes on', async () => {
  const walker = bots({ game: stairs, policy: () => ({ type: 'Step' }), delayMs: [0, 0] })
  const ledger = await openLedger({ games: [hourglass, stairs], ...inMemory(), reactors: [walker] })
  const stepped = (version: number) => lineOf('stairs', 's', version, { type: 'Stepped' })
  const report = await ledger.importEvents(interrupted([stepped(1)], [stepped(2)]))
  expect(report).toMatchObject({ skipped: [], events: 1_102 })
  await expect.poll(() => ledger.game(stairs, 's').state?.steps).toBe(3)
  expect(ledger.stats().bots.acted).toBe(1)
  await ledger.close()
})

/** What happened to a room in which one game was played, through the last event of the game, and behind it. */
const playedRoom = async () => {
  const source = await open()
  const envelopes: EventEnvelope[] = []
  source.events$.subscribe((envelope) => envelopes.push(envelope))
  await source.rooms.create({ roomId: 'r1', host: 'ann', game: 'tic-tac-toe', capacity: 2 })
  await source.rooms.join('r1', 'bob')
  await source.rooms.start('r1', ticTacToe, 'ann', (game) => {
    for (const command of wonByAnn.slice(0, 2)) game.dispatch(command)
  })
  for (const command of wonByAnn.slice(2)) receiptOf(await source.game(ticTacToe, 'r1~1').dispatch(command))
  await settle(source)
  await source.close()
  const lines = envelopes.map((envelope) => JSON.stringify(envelope))
  const end = envelopes.findIndex(({ kind, final }) => kind === 'tic-tac-toe' && final) + 1
  expect(envelopes[end]?.event).toMatchObject({ type: 'GameEnded' })
  return { before: lines.slice(0, end), behind: lines.slice(end) }
}

test('a room hears of the end of its game from its line', async () => {
  const { before, behind } = await playedRoom()
  const ledger = await open()
  const report = await ledger.importEvents(interrupted(before, behind))
  expect(report.skipped).toEqual([])
  expect(report.events).toBe(before.length + others.length + behind.length)
  await settle(ledger)
  expect(ledger.views.rooms.byId('r1')?.playing).toBeUndefined()
  await ledger.close()
})

test('a room whose lines end before that hears of it behind the last line', async () => {
  const { before } = await playedRoom()
  const ledger = await open()
  expect(await ledger.importEvents(interrupted(before, []))).toMatchObject({ skipped: [] })
  await expect.poll(() => ledger.views.rooms.byId('r1')?.playing).toBeUndefined()
  await ledger.close()
})
