/** What the tests of the ledger open and send. */
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import {
  memoryColdStore,
  memoryJournal,
  openLedger,
  type DispatchError,
  type Fault,
  type Ledger,
  type LedgerOptions,
  type Receipt,
  type ViewsOf,
} from 'gameledger'
import { ticTacToe, type TicTacToeCommand } from '../../examples/tic-tac-toe/game.js'
import { tally, type TallyCommand } from './tally-game.js'

export type Options = Partial<LedgerOptions<Record<never, never>>>

/** A journal and an archive that outlive their ledgers. */
export const inMemory = () => ({ journal: memoryJournal(), archive: memoryColdStore() })

export type Opened = Ledger<ViewsOf<Record<never, never>>>

export const open = (options: Options = {}): Promise<Opened> =>
  openLedger({ games: [ticTacToe, tally], ...inMemory(), ...options })

export const sit = (player: string): TallyCommand => ({ type: 'Sit', player })
export const count = (player: string, ...amounts: number[]): TallyCommand => ({
  type: 'Count',
  player,
  amounts,
})
export const finish: TallyCommand = { type: 'Finish' }

export const join = (player: string): TicTacToeCommand => ({ type: 'Join', player })
export const mark = (player: string, cell: number): TicTacToeCommand => ({ type: 'Mark', player, cell })

/** A game of tic-tac-toe that ann wins. */
export const wonByAnn: readonly TicTacToeCommand[] = [
  join('ann'),
  join('bob'),
  mark('ann', 4),
  mark('bob', 0),
  mark('ann', 2),
  mark('bob', 1),
  mark('ann', 6),
]

/** The receipt, or an error that says what came instead. */
export const receiptOf = <Error extends DispatchError, Proof extends Receipt>(
  answer: Either<Error, Proof>,
): Proof => {
  if (isRight(answer)) return answer.right
  throw new Error(`Expected a receipt, got ${JSON.stringify(answer.left)}`)
}

/** The tag of the refusal, or `'Accepted'`. */
export const tagOf = (answer: Either<DispatchError, unknown>): string =>
  isLeft(answer) ? answer.left._tag : 'Accepted'

export const faultsOf = (ledger: Ledger): Fault[] => {
  const faults: Fault[] = []
  ledger.faults$.subscribe((fault) => faults.push(fault))
  return faults
}
