/** A game of tic-tac-toe between two bots: they win where they can, block where they must, and else draw lots. */
import { isLeft } from 'fp-ts/lib/Either.js'
import { messageOf, type Chance, type GameCommand, type GameHandle } from '../index.js'

/** The bots; in each game two of them meet. */
const names = ['Ada', 'Blaise', 'Charles', 'Edsger', 'Grace', 'Hedy', 'Kurt', 'Noor']

/** What a bot may see: the board, which hides nothing. */
interface Board {
  readonly players: readonly string[]
  readonly cells: readonly (string | null)[]
}

const lines = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const

const completing = (cells: Board['cells'], mark: string): number | undefined => {
  for (const line of lines) {
    const free = line.filter((cell) => cells[cell] === null)
    if (free.length === 1 && line.every((cell) => cells[cell] === mark || cells[cell] === null))
      return free[0]
  }
  return undefined
}

const choose = ({ cells }: Board, mark: string, chance: Chance): number => {
  const free = cells.flatMap((taken, cell) => (taken === null ? [cell] : []))
  const random = free[Math.floor(chance.next() * free.length)]!
  // A bot that never slips would draw every game.
  if (chance.next() < 0.25) return random
  return completing(cells, mark) ?? completing(cells, mark === 'X' ? 'O' : 'X') ?? random
}

/** Plays the game to its end, from wherever it stands. `acknowledged` hears each version that was safe. */
export const playBotGame = async (
  handle: GameHandle,
  chance: Chance,
  acknowledged: (version: number) => void = () => undefined,
): Promise<void> => {
  const send = async (command: GameCommand & Record<string, unknown>): Promise<void> => {
    const answer = await handle.dispatch(command)
    if (isLeft(answer)) throw new Error(`${handle.kind}/${handle.id}: ${messageOf(answer.left)}`)
    acknowledged(answer.right.version)
  }
  const one = Math.floor(chance.next() * names.length)
  const other = (one + 1 + Math.floor(chance.next() * (names.length - 1))) % names.length
  for (const seat of [names[one]!, names[other]!]) await send({ type: 'Join', player: seat })
  for (
    let board = handle.state as Board & { winner?: string; isDrawn?: boolean };
    !board.winner && !board.isDrawn;
  ) {
    const turn = board.cells.filter((cell) => cell !== null).length % 2
    const cell = choose(board, turn === 0 ? 'X' : 'O', chance)
    await send({ type: 'Mark', player: board.players[turn]!, cell })
    const state = handle.state as typeof board | undefined
    if (!state) return
    board = state
  }
}
