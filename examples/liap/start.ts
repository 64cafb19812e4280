/** The start of a game: four seats, and what is played for. */
import { accept, reject, type DecideContext } from 'gameledger'
import type { CommandOf } from './commands.js'
import { firstDeal } from './preparation.js'
import type { LiapState } from './state.js'

/** Characters of a name, as people count them. */
const nameLengthMax = 50

const isNameable = (player: string): boolean =>
  player.trim() !== '' && Array.from(player).length <= nameLengthMax

const isWhole = (count: number): boolean => Number.isSafeInteger(count) && count >= 1

export const start = (
  { seats, options = {} }: CommandOf<'Start'>,
  state: LiapState,
  context: DecideContext,
) => {
  const { target = 50, roundLimit = 20 } = options
  if (state.phase !== 'waiting') return reject('already-started')
  if (seats.length !== 4) return reject('not-four-players', 'Liap is played by four.')
  if (!seats.every(({ player }) => isNameable(player)))
    return reject('no-name', `A name has 1 to ${nameLengthMax} characters.`)
  if (new Set(seats.map(({ player }) => player)).size < 4) return reject('same-player')
  if (!isWhole(target) || !(roundLimit === null || isWhole(roundLimit)))
    return reject('no-such-option', 'Target and last round are whole numbers from 1; null is no last round.')

  const seated = seats.map(({ player, isBot = false }) => ({ player, isBot }))
  return accept({ type: 'Started', seats: seated, target, roundLimit }, firstDeal(seated, context))
}
