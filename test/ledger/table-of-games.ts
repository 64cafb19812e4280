/** What the model test draws: commands that mostly lead somewhere, and everything that happens to a ledger meanwhile. */
import fc from 'fast-check'
import type { AnyGame, GameCommand } from 'gameledger'
import { ticTacToe, type TicTacToeCommand, type TicTacToeState } from '../../examples/tic-tac-toe/game.js'
import { tally, type TallyCommand, type TallyState } from './tally-game.js'

export const players = ['ann', 'bob', 'cyd', 'dan 🎲']

/** One command as it is drawn: what it becomes depends on the game as it stands then. */
export interface Draw {
  readonly kind: 'tic-tac-toe' | 'tally'
  readonly game: number
  readonly how: 'step' | 'raw' | 'idle' | 'explode' | 'poison' | 'finish'
  readonly choice: number
  readonly commandId: string | undefined
  readonly expect: 'right' | 'wrong' | undefined
}

export type Step =
  | { readonly type: 'commands'; readonly draws: readonly Draw[] }
  | { readonly type: 'reopen' }
  | { readonly type: 'settle' }
  | { readonly type: 'refuse'; readonly draw: Draw }
  | {
      readonly type: 'replay'
      readonly kind: Draw['kind']
      readonly game: number
      readonly toVersion: number
    }
  | { readonly type: 'follow'; readonly checkpoint: number }
  | { readonly type: 'look'; readonly kind: Draw['kind']; readonly game: number }

const kinds = fc.constantFrom<Draw['kind']>('tic-tac-toe', 'tally')
const gameNumber = fc.nat({ max: 3 })

const draw: fc.Arbitrary<Draw> = fc.record({
  kind: kinds,
  game: gameNumber,
  how: fc.oneof(
    { weight: 14, arbitrary: fc.constant('step' as const) },
    { weight: 3, arbitrary: fc.constant('raw' as const) },
    { weight: 2, arbitrary: fc.constantFrom('idle' as const, 'explode' as const, 'poison' as const) },
    { weight: 1, arbitrary: fc.constant('finish' as const) },
  ),
  choice: fc.nat({ max: 1000 }),
  commandId: fc.option(
    fc.nat({ max: 5 }).map((n) => `c${n}`),
    { nil: undefined, freq: 3 },
  ),
  expect: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('right' as const, 'wrong' as const) },
  ),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      type: fc.constant('commands' as const),
      draws: fc.array(draw, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('refuse' as const), draw }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('replay' as const),
      kind: kinds,
      game: gameNumber,
      toVersion: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('follow' as const), checkpoint: fc.nat({ max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('look' as const), kind: kinds, game: gameNumber }),
  },
)

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 5, maxLength: 40 })

export const definitionOf = (kind: Draw['kind']): AnyGame => (kind === 'tally' ? tally : ticTacToe)

const nth = <Value>(values: readonly Value[], choice: number): Value => values[choice % values.length]!

const sit = (player: string): TallyCommand => ({ type: 'Sit', player })
const count = (player: string, amounts: number[]): TallyCommand => ({ type: 'Count', player, amounts })
const join = (player: string): TicTacToeCommand => ({ type: 'Join', player })
const mark = (player: string, cell: number): TicTacToeCommand => ({ type: 'Mark', player, cell })

/** A command that the rules accept, wherever the game stands. */
const legal = ({ kind, choice }: Draw, state: unknown): GameCommand => {
  if (kind === 'tally') {
    const { players: seated } = state as TallyState
    if (seated.length < 2) return sit(nth(players, seated.length))
    const amounts = Array.from({ length: choice % 4 }, (_, index) => (choice + index) % 7)
    return count(nth(seated, choice), amounts)
  }
  const { players: seated, cells } = state as TicTacToeState
  if (seated.length < 2) return join(nth(players, seated.length))
  const free = cells.flatMap((each, cell) => (each === null ? [cell] : []))
  return mark(seated[(9 - free.length) % 2]!, nth(free, choice))
}

const raw = ({ kind, choice }: Draw): GameCommand => {
  const player = nth(players, choice)
  const isJoining = choice % 3 === 0
  if (kind === 'tally') return isJoining ? sit(player) : count(player, [choice % 5, -1])
  return isJoining ? join(player) : mark(player, choice % 11)
}

/** The command of a draw on this state. */
export const commandOf = (drawn: Draw, state: unknown, isOver: boolean): GameCommand => {
  const { kind, how } = drawn
  if (how === 'step' && !isOver) return legal(drawn, state)
  if (kind === 'tally' && how === 'idle') return { type: 'Idle' }
  if (kind === 'tally' && how === 'explode') return { type: 'Explode' }
  if (kind === 'tally' && how === 'poison') return { type: 'Poison' }
  if (kind === 'tally' && how === 'finish') return { type: 'Finish' }
  return raw(drawn)
}
