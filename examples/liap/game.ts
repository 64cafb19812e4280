/**
 * Liap, for the ledger: a game of four with hidden hands, declarations, redeals and bots.
 *
 * What may happen when is in start, preparation, declaration, turn, scoring and time-out; what pieces are worth, in
 * rules and plays; what an event makes of the state, in evolve; what is shown to whom, in view.
 */
import { accept, defineGame, reject, type DecideContext } from 'gameledger'
import { boardText } from './board-text.js'
import { deadline } from './clock.js'
import { commandShape } from './command-shape.js'
import type { LiapCommand } from './commands.js'
import { declare } from './declaration.js'
import { evolve } from './evolve.js'
import { decideRedeal, redealDecided } from './preparation.js'
import { start } from './start.js'
import { result } from './standings.js'
import { botSeats, initialState, seatOf, type LiapState } from './state.js'
import { timeOut } from './time-out.js'
import { play } from './turn.js'
import { view, viewEvent, type LiapView } from './view.js'

const takeOver = (seat: number, state: LiapState, context: DecideContext) => {
  const { player, isBot, isAway } = state.seats[seat]!
  if (isBot || isAway) return accept()
  const took = { type: 'BotTookOver', player } as const
  // A lost connection declines the redeal that was to be decided; the bot decides about later ones.
  return state.undecided.includes(seat)
    ? accept(took, ...redealDecided(state, [seat], false, context))
    : accept(took)
}

const comeBack = (seat: number, state: LiapState) => {
  const { player, isBot, isAway } = state.seats[seat]!
  if (isBot) return reject('seat-of-a-bot')
  return isAway ? accept({ type: 'PlayerReturned', player }) : accept()
}

const decide = (command: LiapCommand, state: LiapState, context: DecideContext) => {
  if (command.type === 'Start') return start(command, state, context)
  if (state.phase === 'waiting') return reject('not-started')
  if (command.type === 'TimeOut') return timeOut(state, context)
  const seat = seatOf(state.seats, command.player)
  if (seat < 0) return reject('not-a-player')
  switch (command.type) {
    case 'AcceptRedeal':
      return decideRedeal(seat, true, state, context)
    case 'DeclineRedeal':
      return decideRedeal(seat, false, state, context)
    case 'Declare':
      return declare(seat, command.piles, state, context)
    case 'Play':
      return play(seat, command.pieces, state, context)
    case 'TakeOver':
      return takeOver(seat, state, context)
    case 'Return':
      return comeBack(seat, state)
  }
}

export const liap = defineGame({
  kind: 'liap',
  initialState,
  decide,
  evolve,
  isTerminal: ({ phase }) => phase === 'over',
  players: ({ seats }) => seats.map(({ player }) => player),
  result,
  view,
  viewEvent,
  render: (seen) => boardText(seen as LiapView),
  deadline,
  botSeats,
  validate: { command: commandShape },
})
