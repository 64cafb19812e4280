/** The types are part of the contract: what is wrong does not compile. */
import type { Either } from 'fp-ts/lib/Either.js'
import { accept, bots, defineGame, openLedger, reject, type GameHandle, type Receipt } from 'gameledger'
import { given } from 'gameledger/testing'
import { describe, expectTypeOf, test } from 'vitest'
import {
  ticTacToe,
  type TicTacToeCommand,
  type TicTacToeEvent,
  type TicTacToeState,
} from '../../examples/tic-tac-toe/game.js'

type Reason =
  | 'already-joined'
  | 'game-full'
  | 'not-started'
  | 'not-a-player'
  | 'not-your-turn'
  | 'no-such-cell'
  | 'cell-taken'

declare const handle: GameHandle<TicTacToeState, TicTacToeCommand, TicTacToeEvent, Reason>
type Answer = Awaited<ReturnType<typeof handle.dispatch>>
type Refusal = Extract<Answer, { _tag: 'Left' }>['left']

describe('a game', () => {
  test('has reasons that are literals, collected from every reject', () => {
    expectTypeOf<ReturnType<typeof ticTacToe.decide>>().toExtend<
      Either<Reason | { readonly reason: Reason; readonly detail: string }, readonly TicTacToeEvent[]>
    >()
    expectTypeOf<Extract<Refusal, { _tag: 'Rejected' }>['reason']>().toEqualTypeOf<
      Reason | 'invalid-command'
    >()
  })

  test('takes its own commands alone', () => {
    expectTypeOf(handle.dispatch).parameter(0).toEqualTypeOf<TicTacToeCommand>()
    void (async () => {
      await handle.dispatch({ type: 'Mark', player: 'ann', cell: 4 })
      // @ts-expect-error there is no such command
      await handle.dispatch({ type: 'Resign', player: 'ann' })
      // @ts-expect-error a cell is a number
      await handle.dispatch({ type: 'Mark', player: 'ann', cell: '4' })
      // @ts-expect-error a cell is missing
      await handle.dispatch({ type: 'Mark', player: 'ann' })
      // @ts-expect-error there is no such option
      await handle.dispatch({ type: 'Join', player: 'ann' }, { commandID: 'c1' })
      // @ts-expect-error there is no such degree
      await handle.dispatch({ type: 'Join', player: 'ann' }, { durability: 'fsync' })
    })
  })

  test('answers with its own events and state', () => {
    expectTypeOf<Extract<Answer, { _tag: 'Right' }>['right']>().toEqualTypeOf<Receipt<TicTacToeEvent>>()
    expectTypeOf<Extract<Refusal, { _tag: 'VersionConflict' }>['since']>().toEqualTypeOf<
      readonly TicTacToeEvent[]
    >()
    expectTypeOf(handle.state).toEqualTypeOf<TicTacToeState | undefined>()
    expectTypeOf<Refusal['_tag']>().toEqualTypeOf<
      'Rejected' | 'GameCompleted' | 'VersionConflict' | 'Overloaded' | 'Unavailable' | 'NotOwner'
    >()
  })

  test('does not decide events that evolve does not know', () => {
    type Event = { readonly type: 'Counted'; readonly by: number }
    const parts = {
      kind: 'counter',
      initialState: { total: 0 },
      evolve(state: { total: number }, event: Event) {
        state.total += event.by
      },
      isTerminal: ({ total }: { total: number }) => total > 9,
    }
    type Command = { readonly type: 'Count' }
    const counter = defineGame({
      ...parts,
      decide: (_command: Command, { total }: { total: number }) =>
        total > 5 ? reject('too-many') : accept({ type: 'Counted', by: 1 }),
    })
    expectTypeOf(counter.decide)
      .returns.extract<{ _tag: 'Left' }>()
      .toHaveProperty('left')
      .toEqualTypeOf<'too-many' | { readonly reason: 'too-many'; readonly detail: string }>()
    const misspelt = (_command: Command) => accept({ type: 'Countde', by: 1 })
    const ofAnotherType = (_command: Command) => accept({ type: 'Counted', by: '1' })
    const without = (_command: Command) => accept({ type: 'Counted' })
    const promised = async (_command: Command) => accept({ type: 'Counted', by: 1 })
    // @ts-expect-error the event is misspelt
    defineGame({ ...parts, decide: misspelt })
    // @ts-expect-error its payload is of another type
    defineGame({ ...parts, decide: ofAnotherType })
    // @ts-expect-error its payload is missing
    defineGame({ ...parts, decide: without })
    // @ts-expect-error it promises
    defineGame({ ...parts, decide: promised })
  })

  test('takes a deadline that is written in place, of its own commands', () => {
    type Command = { readonly type: 'Stop'; readonly by: string } | { readonly type: 'TimeOut' }
    const parts = {
      kind: 'clock',
      initialState: { dueAt: 0 },
      decide: (command: Command) => accept({ type: 'Stopped', how: command.type }),
      evolve(_state: { dueAt: number }, _event: { readonly type: 'Stopped'; readonly how: string }) {},
      isTerminal: ({ dueAt }: { dueAt: number }) => dueAt === 0,
    }
    const clock = defineGame({
      ...parts,
      deadline: ({ dueAt }) => (dueAt > 9 ? { at: dueAt, command: { type: 'TimeOut' } } : undefined),
    })
    expectTypeOf(clock.decide).parameter(0).toEqualTypeOf<Command>()
    // @ts-expect-error there is no such command
    defineGame({ ...parts, deadline: ({ dueAt }) => ({ at: dueAt, command: { type: 'TimeOver' } }) })
    // @ts-expect-error a part of the command is missing
    defineGame({ ...parts, deadline: ({ dueAt }) => ({ at: dueAt, command: { type: 'Stop' } }) })
  })
})

test('a specification knows the commands, events and reasons of its game', () => {
  const start = given(ticTacToe, [{ type: 'Joined', player: 'ann' }])
  const outcome = () => start.when({ type: 'Mark', player: 'ann', cell: 4 })
  void (() => {
    outcome().thenRejected('not-started')
    // @ts-expect-error the reason is misspelt
    outcome().thenRejected('not-strated')
    // @ts-expect-error there is no such event
    outcome().thenEvents({ type: 'Mark', player: 'ann', cell: 4 })
    // @ts-expect-error there is no such command
    start.when({ type: 'Marked', player: 'ann', cell: 4 })
    // @ts-expect-error there is no such event
    given(ticTacToe, [{ type: 'Join', player: 'ann' }])
    // @ts-expect-error the state has no such part
    outcome().thenState(({ cell }) => cell)
  })
})

test('a bot that is written in place plays commands of its game alone', () => {
  bots({ game: ticTacToe, policy: (_view, player) => ({ type: 'Mark', player, cell: 4 }) })
  // @ts-expect-error there is no such command
  bots({ game: ticTacToe, policy: (_view, player) => ({ type: 'Resign', player }) })
  // @ts-expect-error a part of the command is missing
  bots({ game: ticTacToe, policy: (_view, player) => ({ type: 'Mark', player }) })
})

test('a game of one kind does not stand for another', () => {
  void (async () => {
    const ledger = await openLedger({ games: [ticTacToe] })
    expectTypeOf(ledger.game(ticTacToe, 'a')).toEqualTypeOf(handle)
    // @ts-expect-error a game is named by its definition
    ledger.game('tic-tac-toe', 'a')
    // @ts-expect-error an id is a string
    ledger.game(ticTacToe, 7)
    // @ts-expect-error games are a list
    await openLedger({ games: ticTacToe })
    // @ts-expect-error there is no such option
    await openLedger({ games: [ticTacToe], directory: './data' })
  })
})
