/**
 * Liap as a module for the command line: the rules, the boards that are kept, and what plays it.
 *
 * Boards of outcomes take any other game that is played into the same ledger; those of turns and rounds hear the events
 * of Liap alone.
 */
import { leaderboard, wins } from 'gameledger'
import { liapBots } from './bots.js'
import type { LiapCommand } from './commands.js'
import type { LiapEvent } from './events.js'
import { liap } from './game.js'

export { botCommand, chooseCommand } from './bot.js'
export { liapBots } from './bots.js'
export { playBotGame, type BotGameOptions } from './bot-game.js'
export { seatsOf, type LiapCommand, type LiapOptions, type Seating } from './commands.js'
export type { LiapEvent } from './events.js'
export { liap } from './game.js'
export type { LiapResult, LiapStanding } from './standings.js'
export type { LiapState } from './state.js'
export type { LiapView, SeatView } from './view.js'

export const games = [liap]

/** How bots play it, for `gameledger demo`: each sees the view of its seat alone. Games are short, and not all alike. */
export const botPlay = {
  game: liap,
  start: (players: readonly string[], random: () => number): LiapCommand => ({
    type: 'Start',
    seats: players.map((player) => ({ player, isBot: true })),
    options: { roundLimit: 4 + Math.floor(random() * 9) },
  }),
  bots: liapBots(),
}

const kinds = [liap.kind]

const perfectRounds = (event: LiapEvent): Record<string, number> =>
  event.type === 'RoundScored'
    ? Object.fromEntries(
        event.lines.map(({ player, declared, captured }) => [
          player,
          declared > 0 && declared === captured ? 1 : 0,
        ]),
      )
    : {}

export const projections = {
  /** All who share the highest score have won. */
  wins: leaderboard({ score: wins, on: 'final' }),
  /** Finished ones: each gives every player of it one value, if only 0. */
  games: leaderboard({ score: wins, operator: 'count', on: 'final' }),
  'turns-won': leaderboard({
    score: (event: LiapEvent) => (event.type === 'TurnWon' ? { [event.player]: 1 } : {}),
    kinds,
  }),
  /** Rounds in which as many piles were captured as were declared, and that was not 0. */
  'perfect-rounds': leaderboard({ score: perfectRounds, kinds }),
}
