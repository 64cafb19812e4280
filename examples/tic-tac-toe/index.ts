/**
 * Tic-tac-toe as a module for the command line: the rules, and the boards that are kept.
 *
 * Both boards are functions of the standings that the last event of a game carries, so they take any other game that
 * is played into the same ledger as well.
 */
import { leaderboard, wins } from 'gameledger'
import { ticTacToe } from './game.js'

export { ticTacToe, type TicTacToeCommand, type TicTacToeEvent, type TicTacToeState } from './game.js'

export const games = [ticTacToe]

export const projections = {
  /** A draw is nobody's win. */
  wins: leaderboard({ score: wins, on: 'final' }),
  /** Finished ones: each gives every player of it one value, if only 0. */
  games: leaderboard({ score: wins, operator: 'count', on: 'final' }),
}
