/**
 * Chess, for the ledger: who may do what when, and how a game ends. What a move does to the board is board.ts.
 *
 * Checkmate, stalemate and a lack of material end the game by the move itself. Threefold repetition and fifty
 * quiet moves end it only when the player to move claims the draw; real games often go on. A draw offer stands
 * until the other side moves.
 */
import { accept, defineGame, reject, type GameResult } from 'gameledger'
import { INITIAL_FEN } from 'chessops/fen'
import { recordedStep, stepFrom, timesSeen, type BoardEnd } from './board.js'
import { drawBoard, quietPliesOf, turnOf } from './fen.js'

export type Side = 'white' | 'black'

/** Why a player may claim a draw. */
export type DrawClaim = 'fifty-moves' | 'repetition'

export interface ChessState {
  white?: string
  black?: string
  /** The position, in Forsyth-Edwards notation. */
  fen: string
  /** All moves, in standard algebraic notation. */
  moves: string[]
  drawOfferedBy?: Side
  result?: { winner?: Side; reason: BoardEnd | DrawClaim | 'resignation' | 'agreement' | 'forfeit' }
}

type ByPlayer = { readonly player: string }

export type ChessCommand =
  | { readonly type: 'Start'; readonly white: string; readonly black: string }
  /** `san` is a move as `Nf3` or as `g1f3`. Without `player`, whoever is to move makes it. */
  | { readonly type: 'Move'; readonly player?: string; readonly san: string }
  | ({ readonly type: 'Resign' | 'OfferDraw' | 'AcceptDraw' | 'ClaimDraw' | 'Forfeit' } & ByPlayer)

export type ChessEvent =
  | { readonly type: 'Started'; readonly white: string; readonly black: string }
  | { readonly type: 'Moved'; readonly san: string }
  | ({ readonly type: 'Resigned' | 'DrawOffered' | 'DrawAgreed' | 'Forfeited' } & ByPlayer)
  | ({ readonly type: 'DrawClaimed'; readonly reason: DrawClaim } & ByPlayer)

type CommandOf<Type extends ChessCommand['type']> = Extract<ChessCommand, { readonly type: Type }>

const other = (side: Side): Side => (side === 'white' ? 'black' : 'white')

const sideOf = (state: ChessState, player: string): Side | undefined => {
  if (player === state.white) return 'white'
  return player === state.black ? 'black' : undefined
}

const start = ({ white, black }: CommandOf<'Start'>, state: ChessState) => {
  if (state.white !== undefined) return reject('already-started')
  if (white === black) return reject('same-player', 'A game of chess needs two players.')
  return accept({ type: 'Started', white, black })
}

const move = ({ player, san }: CommandOf<'Move'>, turn: Side, state: ChessState) => {
  const side = player === undefined ? turn : sideOf(state, player)
  if (side === undefined) return reject('not-a-player')
  if (side !== turn) return reject('not-your-turn')
  const step = stepFrom(state.fen, san)
  if (!step) return reject('illegal-move', `"${san.slice(0, 16)}" is not possible here.`)
  return accept({ type: 'Moved', san: step.san })
}

const offerDraw = (player: string, side: Side, state: ChessState) => {
  if (state.drawOfferedBy === side) return accept()
  // Who offers what the other side has offered already has agreed.
  return state.drawOfferedBy
    ? accept({ type: 'DrawAgreed', player })
    : accept({ type: 'DrawOffered', player })
}

const acceptDraw = (player: string, side: Side, state: ChessState) =>
  state.drawOfferedBy === other(side) ? accept({ type: 'DrawAgreed', player }) : reject('no-draw-offered')

const claimDraw = (player: string, { fen, moves }: ChessState) => {
  if (quietPliesOf(fen) >= 100) return accept({ type: 'DrawClaimed', player, reason: 'fifty-moves' })
  if (timesSeen(fen, moves) >= 3) return accept({ type: 'DrawClaimed', player, reason: 'repetition' })
  return reject('no-draw-to-claim')
}

const decide = (command: ChessCommand, state: ChessState) => {
  if (command.type === 'Start') return start(command, state)
  if (state.white === undefined) return reject('not-started')
  const turn = turnOf(state.fen)
  if (command.type === 'Move') return move(command, turn, state)
  const { player } = command
  const side = sideOf(state, player)
  if (side === undefined) return reject('not-a-player')
  switch (command.type) {
    case 'ClaimDraw':
      return side === turn ? claimDraw(player, state) : reject('not-your-turn')
    case 'OfferDraw':
      return offerDraw(player, side, state)
    case 'AcceptDraw':
      return acceptDraw(player, side, state)
    case 'Resign':
      return accept({ type: 'Resigned', player })
    case 'Forfeit':
      return accept({ type: 'Forfeited', player })
  }
}

const applyMove = (state: ChessState, san: string) => {
  const mover = turnOf(state.fen)
  const step = recordedStep(state.fen, san)
  if (!step)
    throw new Error(
      `${san} was recorded, but is not possible in ${state.fen}. The record is not of this game.`,
    )
  state.fen = step.fen
  state.moves.push(step.san)
  if (state.drawOfferedBy === other(mover)) delete state.drawOfferedBy
  if (step.end === 'checkmate') state.result = { winner: mover, reason: 'checkmate' }
  else if (step.end) state.result = { reason: step.end }
}

const lostBy = (state: ChessState, player: string, reason: 'resignation' | 'forfeit') => {
  state.result = { winner: player === state.white ? 'black' : 'white', reason }
}

const evolve = (state: ChessState, event: ChessEvent): void => {
  switch (event.type) {
    case 'Started':
      state.white = event.white
      state.black = event.black
      return
    case 'Moved':
      return applyMove(state, event.san)
    case 'DrawOffered':
      state.drawOfferedBy = event.player === state.white ? 'white' : 'black'
      return
    case 'DrawAgreed':
      state.result = { reason: 'agreement' }
      return
    case 'DrawClaimed':
      state.result = { reason: event.reason }
      return
    case 'Resigned':
      return lostBy(state, event.player, 'resignation')
    case 'Forfeited':
      return lostBy(state, event.player, 'forfeit')
  }
}

const players = ({ white, black }: ChessState): readonly string[] =>
  white === undefined || black === undefined ? [] : [white, black]

const result = (state: ChessState): GameResult | undefined => {
  if (!state.result) return undefined
  const { winner, reason } = state.result
  const standings = players(state).map((player) => {
    if (winner === undefined) return { player, place: 1, score: 0.5 }
    return player === state[winner] ? { player, place: 1, score: 1 } : { player, place: 2, score: 0 }
  })
  return { standings, reason }
}

export const chess = defineGame({
  kind: 'chess',
  initialState: { fen: INITIAL_FEN, moves: [] },
  decide,
  evolve,
  isTerminal: (state) => state.result !== undefined,
  players,
  result,
  render: (view) => drawBoard((view as ChessState).fen),
})
