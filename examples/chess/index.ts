/**
 * Chess as a module for the command line: `gameledger import games.pgn --games <this module> --data DIR`.
 *
 * `games` are the rules, `projections` the boards that are kept, and `fromPgn` turns a recorded game into commands.
 * Every board is a function of the standings that the last event of a game carries: none of them knows the rules. So
 * `wins` and `games` take any game that is played into the same ledger; points and ratings are those of chess alone.
 */
import { elo, leaderboard, points, standardBoards, wins } from 'gameledger'
import { chess } from './game.js'

export { chess, type ChessCommand, type ChessEvent, type ChessState } from './game.js'
export { famousGames } from './famous-games.js'
export { fromPgn, type ImportableGame, type RecordedGame } from './pgn-game.js'

export const games = [chess]

const kinds = [chess.kind]
const { 'win-rate': winRate, streak } = standardBoards(chess)

export const projections = {
  /** 1 for a win, 1/2 for a draw, 0 for a loss. */
  points: leaderboard({ score: points, on: 'final', kinds }),
  /** A draw is nobody's win. */
  wins: leaderboard({ score: wins, on: 'final' }),
  /** Finished ones: each gives every player of it one value, if only 0. */
  games: leaderboard({ score: wins, operator: 'count', on: 'final' }),
  rating: leaderboard({ operator: elo({ k: 20, start: 1500 }), kinds }),
  /** Of ten games at least. */
  'win-rate': winRate,
  streak,
}
