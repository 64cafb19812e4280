/**
 * A game of Liap as text, of what a view shows. Red pieces are upper case, black ones lower case:
 *
 *     Round 3 of 20, x2: ann declares
 *        player      score  declared  captured  hand
 *      > ann            12         -         0  G A e e h s s s
 *        Bot 2           4         2         0  8 pieces
 */
import { pointsOf, type Kind, type Piece } from './pieces.js'
import type { LiapView, PlayView, SeatView } from './view.js'

/** Letters of the kinds: N is the cannon, since C is the chariot. */
const letters: Readonly<Record<Kind, string>> = {
  GENERAL: 'G',
  ADVISOR: 'A',
  ELEPHANT: 'E',
  CHARIOT: 'C',
  HORSE: 'H',
  CANNON: 'N',
  SOLDIER: 'S',
}

const letterOf = (piece: Piece): string =>
  piece.colour === 'red' ? letters[piece.kind] : letters[piece.kind].toLowerCase()

const textOf = (pieces: readonly Piece[]): string =>
  [...pieces]
    .sort((one, other) => pointsOf(other) - pointsOf(one))
    .map(letterOf)
    .join(' ')

const doing = { declaration: 'declares', turn: 'plays' } as const

const headOf = ({ phase, round, roundLimit, multiplier, toAct, seats }: LiapView): string => {
  if (phase === 'waiting') return 'Waiting for four players'
  const place = `Round ${round}${roundLimit === null ? '' : ` of ${roundLimit}`}`
  if (phase === 'over') return `Over after round ${round}`
  if (phase === 'scoring') return `${place} is scored`
  // Who decides about a redeal is known to themselves alone.
  const who = toAct.map((seat) => seats[seat]!.player).join(' and ') || 'somebody'
  const does =
    phase === 'preparation' ? `${toAct.length > 1 ? 'decide' : 'decides'} about a redeal` : doing[phase]
  return `${place}${multiplier > 1 ? `, x${multiplier}` : ''}: ${who} ${does}`
}

/** Names that are longer are cut, so that the columns stay. */
const nameLength = 20

const rowOf = (seat: SeatView, isToAct: boolean): string => {
  const { player, score, declared, captured, hand, pieces } = seat
  const cells = [
    isToAct ? ' >' : '  ',
    player.slice(0, nameLength).padEnd(nameLength),
    String(score).padStart(5),
    String(declared ?? '-').padStart(8),
    String(captured).padStart(8),
    ` ${hand ? textOf(hand) : `${pieces} pieces`}`,
  ]
  return cells.join(' ').trimEnd()
}

const playLine = ({ seats }: LiapView, { seat, pieces }: PlayView): string =>
  `  ${seats[seat]!.player}: ${textOf(pieces)}`

const tableOf = (view: LiapView): readonly string[] => {
  if (view.plays.length > 0) return ['', 'On the table', ...view.plays.map((play) => playLine(view, play))]
  if (!view.lastTurn) return []
  const { plays, winner } = view.lastTurn
  return ['', `Last turn, won by ${view.seats[winner]!.player}`, ...plays.map((play) => playLine(view, play))]
}

/** The board of a view. */
export const boardText = (view: LiapView): string => {
  if (view.seats.length === 0) return headOf(view)
  const columns = `   ${'player'.padEnd(nameLength)} score declared captured  hand`
  const rows = view.seats.map((seat, index) => rowOf(seat, view.toAct.includes(index)))
  return [headOf(view), columns, ...rows, ...tableOf(view)].join('\n')
}
