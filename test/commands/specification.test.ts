import { accept, defineGame, reject } from 'gameledger'
import { given } from 'gameledger/testing'
import { describe, expect, test } from 'vitest'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'

const joined = (player: string) => ({ type: 'Joined', player }) as const
const marked = (player: string, cell: number) => ({ type: 'Marked', player, cell }) as const
const mark = (player: string, cell: number) => ({ type: 'Mark', player, cell }) as const
const started = [joined('ann'), joined('bob')] as const

describe('a specification that is true passes', () => {
  test('events, states, refusals, nothing, and the end of a game', () => {
    given(ticTacToe, started).when(mark('bob', 4)).thenRejected('not-your-turn')
    given(ticTacToe, started)
      .when(mark('ann', 4))
      .thenEvents(marked('ann', 4))
      .thenState(({ cells }) => cells[4] === 'X')
    const almost = [...started, marked('ann', 0), marked('bob', 3), marked('ann', 1), marked('bob', 4)]
    given(ticTacToe, almost)
      .when(mark('ann', 2))
      .thenEvents(marked('ann', 2), { type: 'Won', player: 'ann' })
      .thenOver({
        standings: [
          { player: 'ann', place: 1 },
          { player: 'bob', place: 2 },
        ],
        reason: 'three-in-a-row',
      })
    given(idle, []).when({ type: 'Wait' }).thenNothing()
  })
})

const idle = defineGame({
  kind: 'idle',
  initialState: { now: 0, chance: 0 },
  decide: (
    { type }: { type: 'Wait' | 'Draw' | 'Leave' },
    _state: { now: number; chance: number },
    { now, random },
  ) => {
    if (type === 'Leave') return reject('nowhere-to-go', 'The doors are shut.')
    return type === 'Wait' ? accept() : accept({ type: 'Drawn', now, chance: random() })
  },
  evolve(state: { now: number; chance: number }, event: { type: 'Drawn'; now: number; chance: number }) {
    state.now = event.now
    state.chance = event.chance
  },
  isTerminal: () => false,
})

test('time and chance are what the specification says', () => {
  given(idle, []).when({ type: 'Draw' }).thenEvents({ type: 'Drawn', now: 1, chance: 0.5 })
  given(idle, [])
    .when({ type: 'Draw' }, { now: 7, random: () => 0.25 })
    .thenEvents({ type: 'Drawn', now: 7, chance: 0.25 })
  given(idle, []).when({ type: 'Leave' }).thenRejected('nowhere-to-go')
})

describe('a specification that is false fails', () => {
  const played = () => given(ticTacToe, started).when(mark('ann', 4))
  test.each([
    ['other events', () => played().thenEvents(marked('ann', 5))],
    ['fewer events', () => played().thenEvents()],
    ['a refusal', () => played().thenRejected('not-your-turn')],
    ['nothing', () => played().thenNothing()],
    ['another state', () => played().thenState(({ cells }) => cells[4] === 'O')],
    ['the end', () => played().thenOver()],
    ['another reason', () => given(ticTacToe, started).when(mark('bob', 4)).thenRejected('cell-taken')],
    [
      'events where it was refused',
      () => given(ticTacToe, started).when(mark('bob', 4)).thenEvents(marked('bob', 4)),
    ],
    ['nothing where it was refused', () => given(ticTacToe, started).when(mark('bob', 4)).thenNothing()],
  ])('%s', (_, claim) => expect(claim).toThrow())
})

describe('given holds a game to what the ledger relies on', () => {
  const careless = (evolve: (state: { list: number[] }, event: { type: 'Put' | 'Write' }) => void) =>
    defineGame({
      kind: 'careless',
      initialState: { list: [] },
      decide: ({ type }: { type: 'Put' | 'Write' }) => accept({ type }),
      evolve,
      isTerminal: () => false,
    })

  test('an evolve that keeps a constant and writes into it later does not pass', () => {
    const constant = [1]
    const game = careless((state, { type }) => {
      if (type === 'Put') state.list = constant
      else state.list.push(2)
    })
    // What the first fold meets is made harmless; that it was kept shows when types that passed meet a frozen constant.
    const events = [{ type: 'Put' }, { type: 'Write' }, { type: 'Put' }, { type: 'Write' }] as const
    expect(() => given(game, events)).toThrow(/must copy what it keeps/)
    expect(constant).toEqual([1])
  })

  test('an evolve that remembers what came before does not pass', () => {
    let calls = 0
    const game = careless((state) => {
      state.list.push(calls++)
    })
    expect(() => given(game, [{ type: 'Put' }])).toThrow(/agrees with the fold on drafts/)
  })

  test('an event that is no plain JSON does not pass', () => {
    const event = { type: 'Drawn', now: NaN, chance: 0 } as const
    expect(() => given(idle, [event])).toThrow(/plain JSON/)
    expect(() => given(idle, [{ ...event, now: 1, extra: undefined } as typeof event])).toThrow(/plain JSON/)
  })

  test('a decide that writes into the state does not pass', () => {
    const game = defineGame({
      kind: 'writing',
      initialState: { list: [] as number[] },
      decide: (_command: { type: 'Go' }, state: { list: number[] }) => {
        state.list.push(1)
        return accept({ type: 'Gone' })
      },
      evolve: (state: { list: number[] }, _event: { type: 'Gone' }) => {
        state.list.push(0)
      },
      isTerminal: () => false,
    })
    expect(() => given(game, [{ type: 'Gone' }]).when({ type: 'Go' })).toThrow(TypeError)
  })
})
