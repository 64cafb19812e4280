import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chess, type ChessCommand } from '../../examples/chess/game.js'
import { ticTacToe } from '../../examples/tic-tac-toe/game.js'
import {
  evolveInPlace,
  fold,
  foldOnDraft,
  isFoldableInPlace,
  privateInitialState,
} from '../../src/commands/fold.js'
import { accept, defineGame, type AnyGame } from '../../src/commands/game.js'
import type { GameEvent } from '../../src/events/envelope.js'
import { referenceFold, ReferenceLedger } from '../ledger/reference-ledger.js'
import { tally } from '../ledger/tally-game.js'
import { commandOf, type Draw } from '../ledger/table-of-games.js'

const bothWays = (game: AnyGame, events: readonly GameEvent[]): unknown => {
  const inPlace = fold(game, () => structuredClone(events))
  const onDrafts = foldOnDraft(game, game.initialState, events, true)
  expect(inPlace.isPrivate).toBe(true)
  expect(inPlace.state).toEqual(onDrafts)
  expect(inPlace.state).toEqual(referenceFold(game, events))
  return onDrafts
}

describe('both folds agree', () => {
  const draws = (kind: Draw['kind']): fc.Arbitrary<Draw[]> =>
    fc.array(
      fc.record({
        kind: fc.constant(kind),
        game: fc.constant(0),
        how: fc.constantFrom('step' as const, 'raw' as const),
        choice: fc.nat({ max: 1000 }),
        commandId: fc.constant(undefined),
        expect: fc.constant(undefined),
      }),
      { maxLength: 20 },
    )

  test.each([
    ['tic-tac-toe', ticTacToe as AnyGame],
    ['tally', tally as AnyGame],
  ] as const)('for %s', (kind, game) => {
    fc.assert(
      fc.property(draws(kind), (drawn) => {
        const reference = new ReferenceLedger()
        const stream = `${kind}/a`
        for (const draw of drawn) {
          const command = commandOf(draw, reference.stateOf(game, stream), reference.isOver(stream))
          reference.dispatch(game, 'a', command, {})
        }
        bothWays(
          game,
          reference.log(stream).map(({ event }) => event),
        )
      }),
    )
  })

  test('for a game of chess', () => {
    const reference = new ReferenceLedger()
    const commands = chessCommands()
    for (const command of commands)
      expect(reference.dispatch(chess as AnyGame, 'a', command, {})).toMatchObject({ _tag: 'Accepted' })
    bothWays(
      chess as AnyGame,
      reference.log('chess/a').map(({ event }) => event),
    )
  })
})

/** The scholar's mate. */
function chessCommands(): ChessCommand[] {
  const moves = ['e4', 'e5', 'Bc4', 'Nc6', 'Qh5', 'Nf6', 'Qxf7#']
  return [
    { type: 'Start', white: 'ann', black: 'bob' },
    ...moves.map((san) => ({ type: 'Move', san }) as const),
  ]
}

/** A game whose `evolve` keeps a constant of its module; a new one each time. */
const keeping = () => {
  const constant = { marks: [0] }
  const game = defineGame({
    kind: 'keeping',
    initialState: { kept: { marks: [] as number[] } },
    decide: ({ type }: { type: 'Put' | 'Write' }) => accept({ type }),
    evolve(state: { kept: { marks: number[] } }, { type }: { type: 'Put' | 'Write' }) {
      if (type === 'Put') state.kept = constant
      else state.kept.marks.push(1)
    },
    isTerminal: () => false,
  })
  return { game, constant }
}

describe('a constant that evolve keeps', () => {
  const events: readonly GameEvent[] = [{ type: 'Put' }, { type: 'Write' }, { type: 'Write' }]
  const wanted = { kept: { marks: [0, 1, 1] } }

  test.each([false, true])('is not changed on drafts, all events at once (frozen: %s)', (isFrozen) => {
    const { game, constant } = keeping()
    for (let time = 0; time < 2; time++)
      expect(foldOnDraft(game, game.initialState, events, isFrozen)).toEqual(wanted)
    expect(constant).toEqual({ marks: [0] })
  })

  test('is not changed in place either, since an event is on probation when it is first met', () => {
    const { game, constant } = keeping()
    for (let time = 0; time < 3; time++) expect(fold(game, () => events).state).toEqual(wanted)
    expect(constant).toEqual({ marks: [0] })
    expect(Object.isFrozen(constant.marks)).toBe(true)
  })

  test('a private state shares nothing with it', () => {
    const { game, constant } = keeping()
    const state = evolveInPlace(game, privateInitialState(game), events[0]!) as typeof wanted
    expect(state.kept).toEqual(constant)
    expect(state.kept).not.toBe(constant)
  })
})

test('a game that writes into what was never its own is folded on drafts from then on', () => {
  const shared: number[] = Object.freeze([7]) as unknown as number[]
  const game = defineGame({
    kind: 'sharing',
    initialState: { list: [] as number[] },
    decide: () => accept(),
    evolve(state: { list: number[] }, { type }: { type: 'Take' | 'Add' | 'Swap' }) {
      if (type === 'Take') state.list = []
      if (type === 'Swap') state.list = state.list.length === 0 ? [] : shared
      if (type === 'Add') state.list.push(1)
    },
    isTerminal: () => false,
  })
  const types = ['Swap', 'Add', 'Swap', 'Add'] as const
  const events = types.map((type) => ({ type }))
  expect(isFoldableInPlace(game)).toBe(true)
  expect(fold(game, () => events)).toEqual({ state: { list: [7, 1] }, isPrivate: false })
  expect(isFoldableInPlace(game)).toBe(false)
  expect(fold(game, () => events).state).toEqual({ list: [7, 1] })
})

test('rules that throw throw from both folds, and the game stays foldable in place', () => {
  const poisoned: GameEvent[] = [{ type: 'Sat', player: 'ann' } as GameEvent, { type: 'Poisoned' }]
  expect(() => fold(tally, () => poisoned)).toThrow('evolve was poisoned')
  expect(() => foldOnDraft(tally, tally.initialState, poisoned, false)).toThrow('evolve was poisoned')
  expect(isFoldableInPlace(tally)).toBe(true)
  expect(tally.initialState).toEqual({ players: [], rounds: [], totals: {}, isOver: false })
})

test('a game may mix events that edit the draft with events that return a new state', () => {
  const mixed = defineGame({
    kind: 'mixed',
    initialState: { n: 0 },
    decide: () => accept(),
    evolve(state: { n: number }, { type }: { type: 'Add' | 'Double' }): void | { n: number } {
      if (type === 'Double') return { n: state.n * 2 }
      state.n++
      return undefined
    },
    isTerminal: () => false,
  })
  const events = (['Add', 'Double', 'Add', 'Double'] as const).map((type) => ({ type }))
  expect(bothWays(mixed, events)).toEqual({ n: 6 })
})
