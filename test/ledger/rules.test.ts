/** Rules that throw or lie harm nobody but themselves; what was recorded is read by the rules of today, or kept as it is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as path } from 'node:path'
import { left } from 'fp-ts/lib/Either.js'
import {
  accept,
  defineGame,
  fileCheckpointStore,
  RulesError,
  SchemaTooNewError,
  type AnyGame,
} from 'gameledger'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import { count, finish, inMemory, open, receiptOf, sit, tagOf, wonByAnn } from './opened.js'
import { tally } from './tally-game.js'

describe.each([true, false])('with checks: %s', (checks) => {
  test('rules that throw reject with a RulesError, leave no trace, and the game goes on', async () => {
    const ledger = await open({ checks })
    const game = ledger.game(tally, 'a')
    await game.dispatch(sit('ann'))
    for (let time = 0; time < 3; time++) {
      const [explosion, poison, between] = await Promise.allSettled([
        game.dispatch({ type: 'Explode' }, { commandId: 'x' }),
        game.dispatch({ type: 'Poison' }, { commandId: 'y' }),
        game.dispatch(count('ann', time)),
      ])
      expect(explosion).toMatchObject({ reason: { code: 'rules-error', gameId: 'a' } })
      expect(poison).toMatchObject({ reason: expect.any(RulesError) as unknown })
      expect(between.status).toBe('fulfilled')
    }
    expect(game.state).toMatchObject({ players: ['ann'], totals: { ann: { score: 3 } } })
    expect(ledger.stats()).toMatchObject({ position: 7, commands: { inFlight: 0, bytesInFlight: 0 } })
    expect(receiptOf(await game.dispatch(sit('bob'), { commandId: 'x' })).version).toBe(8)
    await ledger.close()
  })

  test('a hook that throws about the new state takes the command back', async () => {
    const brittle = defineGame({
      ...tally,
      kind: 'brittle',
      players: ({ players }) => {
        if (players.length === 2) throw new Error('two are too many')
        return players
      },
    })
    const ledger = await open({ games: [brittle], checks })
    const game = ledger.game(brittle, 'a')
    receiptOf(await game.dispatch(sit('ann')))
    await expect(game.dispatch(sit('bob'))).rejects.toThrow(RulesError)
    expect(receiptOf(await game.dispatch(count('ann', 1))).position).toBe(3)
    expect(game.state?.players).toEqual(['ann'])
    await ledger.close()
  })

  test.each([
    ['a promise', Promise.resolve(accept())],
    ['nothing', undefined],
    ['an event without a type', accept({} as never)],
    ['an event of the ledger itself', accept({ type: '$closed' })],
    ['a bigint', accept({ type: 'Said', what: 1n })],
    ['a circle', accept(circle())],
  ])('a decision that is %s is a RulesError and leaves no trace', async (_, decision) => {
    const odd = oddGame(() => decision)
    const ledger = await open({ games: [odd], checks })
    await expect(ledger.game(odd, 'a').dispatch({ type: 'Say' })).rejects.toThrow(RulesError)
    expect(ledger.stats()).toMatchObject({ position: 0, games: { live: 0 }, commands: { inFlight: 0 } })
    await ledger.close()
  })

  test('a command of more than 1 MiB is a TypeError before anything is recorded, one below it is recorded', async () => {
    const odd = oddGame(({ size }) => accept({ type: 'Said', what: 'é'.repeat(size! / 2) }))
    const ledger = await open({ games: [odd], checks })
    const game = ledger.game(odd, 'a')
    await expect(game.dispatch({ type: 'Say', size: 1024 * 1024 })).rejects.toThrow(
      /^One command may encode to/,
    )
    expect(game.version).toBe(0)
    expect(receiptOf(await game.dispatch({ type: 'Say', size: 1024 * 1024 - 100 })).version).toBe(1)
    await ledger.close()
  })
})

function circle(): { type: string } {
  const event = { type: 'Said', what: {} }
  event.what = event
  return event
}

const oddGame = (decide: (command: { type: 'Say'; size?: number }) => unknown): AnyGame =>
  defineGame({
    kind: 'odd',
    initialState: { said: 0 },
    decide: decide as (command: { type: 'Say'; size?: number }) => ReturnType<typeof accept>,
    evolve(state: { said: number }, _event: { type: string }) {
      state.said++
    },
    isTerminal: () => false,
  })

test.each([
  ['undefined', undefined],
  ['a date', new Date(0)],
  ['a map', new Map([[1, 2]])],
  ['not a number', NaN],
  ['a function', () => 1],
])('with checks, an event that holds %s is refused as no plain JSON', async (_, what) => {
  const odd = oddGame(() => accept({ type: 'Said', what }))
  const ledger = await open({ games: [odd], checks: true })
  await expect(ledger.game(odd, 'a').dispatch({ type: 'Say' })).rejects.toThrow(/not the same after JSON/)
  expect(ledger.stats().position).toBe(0)
  await ledger.close()
})

test('games of a kind that was not given are kept over reopenings, archived when over, and played on later', async () => {
  const rooms = inMemory()
  const first = await open({ ...rooms, batchAgeMaxMs: 60_000 })
  await first.game(tally, 'live').dispatch(sit('ann'))
  for (const command of [sit('ann'), finish]) await first.game(tally, 'over').dispatch(command)
  await first.game(ticTacToe, 'a').dispatch(wonByAnn[0]!)
  const events = async (ledger: typeof first) => {
    const all: unknown[] = []
    for await (const envelope of ledger.eventsFrom(0)) if (all.push(envelope) === 4) break
    return all
  }
  const written = await events(first)
  await first.close()
  for (let opening = 0; opening < 2; opening++) {
    const ledger = await open({ ...rooms, games: [ticTacToe] })
    await ledger.settled()
    expect(ledger.liveGames().map(({ kind, gameId, version }) => `${kind}/${gameId}@${version}`)).toEqual([
      'tally/live@1',
      'tic-tac-toe/a@1',
    ])
    expect(await ledger.archive.has('tally/over')).toBe(true)
    expect(() => ledger.game(tally, 'live')).toThrow(TypeError)
    expect(await events(ledger)).toEqual(written)
    expect(ledger.views.players.stats('ann')).toMatchObject({ games: 3, finished: 1 })
    await ledger.close()
  }
  const again = await open(rooms)
  expect(receiptOf(await again.game(tally, 'live').dispatch(sit('bob')))).toMatchObject({
    version: 2,
    position: 5,
  })
  expect(await again.replay(tally, 'over')).toMatchObject({ right: { final: true, state: { isOver: true } } })
  await again.close()
})

/** The same game in two generations of its events. */
const walk = (schema: 1 | 2) =>
  defineGame({
    kind: 'walk',
    schema,
    initialState: { at: 0 },
    decide: ({ by }: { readonly type: 'Walk'; readonly by: number }) =>
      by === 0
        ? left('no-step' as const)
        : accept((schema === 1 ? { type: 'Walked', by } : { type: 'Walked', steps: by }) as never),
    evolve(
      state: { at: number },
      event: { readonly type: 'Walked'; readonly by?: number; readonly steps?: number },
    ) {
      state.at += (schema === 1 ? event.by : event.steps) ?? NaN
    },
    isTerminal: ({ at }) => at >= 10,
    ...(schema === 2 && {
      upcasters: { Walked: { 1: ({ by }: { by: number }) => ({ type: 'Walked', steps: by }) } },
    }),
  })

test('events of an older schema are lifted when a game is woken, replayed, listed, answered again and archived', async () => {
  const rooms = inMemory()
  const [older, newer] = [walk(1), walk(2)]
  const first = await open({ ...rooms, games: [older] })
  await first.game(older, 'a').dispatch({ type: 'Walk', by: 3 }, { commandId: 'c1' })
  await first.game(older, 'b').dispatch({ type: 'Walk', by: 10 })
  await first.close()
  const ledger = await open({ ...rooms, games: [newer] })
  const game = ledger.game(newer, 'a')
  const lifted = { type: 'Walked', steps: 3 }
  expect(game.state).toEqual({ at: 3 })
  const retried = receiptOf(await game.dispatch({ type: 'Walk', by: 3 }, { commandId: 'c1' }))
  expect(retried).toMatchObject({ duplicate: true, events: [lifted] })
  expect(await game.dispatch({ type: 'Walk', by: 3 }, { expectedVersion: 0 })).toMatchObject({
    left: { since: [lifted] },
  })
  receiptOf(await game.dispatch({ type: 'Walk', by: 4 }))
  expect(await ledger.replay(newer, 'a')).toMatchObject({
    right: { state: { at: 7 }, events: [{ event: lifted, schema: 2 }, { schema: 2 }] },
  })
  expect(await ledger.replay(newer, 'b')).toMatchObject({ right: { state: { at: 10 }, final: true } })
  const all: unknown[] = []
  for await (const { event, position } of ledger.eventsFrom(0)) {
    all.push(event)
    if (position === 3) break
  }
  expect(all).toEqual([lifted, { type: 'Walked', steps: 10 }, { type: 'Walked', steps: 4 }])
  await ledger.close()
})

test('a journal that was written by newer rules does not open with older ones, and is as it was afterwards', async () => {
  const rooms = inMemory()
  const newer = walk(2)
  const ledger = await open({ ...rooms, games: [newer] })
  await ledger.game(newer, 'a').dispatch({ type: 'Walk', by: 3 })
  await ledger.close()
  await expect(open({ ...rooms, games: [walk(1)] })).rejects.toThrow(SchemaTooNewError)
  const again = await open({ ...rooms, games: [newer] })
  expect(again.game(newer, 'a').state).toEqual({ at: 3 })
  await again.close()
})

test('an upcaster that throws rejects what needs it, and holds nothing in flight', async () => {
  const directory = await mkdtemp(path(tmpdir(), 'gameledger-upcaster-'))
  const rooms = { ...inMemory(), checkpoints: fileCheckpointStore(directory) }
  const older = walk(1)
  const first = await open({ ...rooms, games: [older] })
  await first.game(older, 'a').dispatch({ type: 'Walk', by: 3 })
  await first.close()
  const cannotLift = (): never => {
    throw new Error('cannot lift')
  }
  const broken = { ...walk(2), upcasters: { Walked: { 1: cannotLift } } }
  const ledger = await open({ ...rooms, games: [broken, tally] })
  const game = ledger.game(broken, 'a')
  await expect(game.dispatch({ type: 'Walk', by: 1 })).rejects.toThrow(/cannot lift/)
  await expect(game.dispatch({ type: 'Walk', by: 1 }, { expectedVersion: 0 })).rejects.toThrow(/cannot lift/)
  expect(ledger.stats().commands.inFlight).toBe(0)
  expect(tagOf(await ledger.game(tally, 'b').dispatch(sit('ann')))).toBe('Accepted')
  await ledger.close()
  const healed = await open({ ...rooms, games: [older] })
  expect(receiptOf(await healed.game(older, 'a').dispatch({ type: 'Walk', by: 1 })).version).toBe(2)
  await healed.close()
  await rm(directory, { recursive: true, force: true })
})
