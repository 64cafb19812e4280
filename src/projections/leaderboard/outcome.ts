/** How a finished game counts: ready scores for boards, and the one meaning of a win. */
import type { EventEnvelope, GameEvent, GameResult, Standing } from '../../events/envelope.js'
import type { PlayerId } from '../../events/ids.js'
import type { Scores } from './board-change.js'

/** True where a standing is a win: place 1 (alone or shared) while somebody has a worse place. */
export const isWin = ({ place }: Standing, { standings }: GameResult): boolean =>
  place === 1 && standings.some((other) => other.place > 1)

/** True where a game of several players ended with all of them in one place. */
export const isDraw = ({ standings }: GameResult): boolean =>
  standings.length > 1 && standings.every(({ place }) => place === standings[0]!.place)

/** What a player scored against another by their places: 1, 1/2 or 0. */
export const scoreAgainst = ({ place }: Standing, other: Standing): number =>
  place < other.place ? 1 : place === other.place ? 0.5 : 0

const nothing: Scores = Object.freeze({})

const scoresBy = (
  result: GameResult | undefined,
  valueOf: (standing: Standing) => number | undefined,
): Scores => {
  if (!result) return nothing
  const entries = result.standings.map((standing) => [standing.player, valueOf(standing)] as const)
  return Object.fromEntries(
    entries.filter((entry): entry is readonly [PlayerId, number] => entry[1] !== undefined),
  )
}

/** A ready `score`: 1 for each winner of a finished game, 0 for its other players; by the outcome alone. */
export const wins = (_event: GameEvent, { outcome }: EventEnvelope): Scores =>
  scoresBy(outcome, (standing) => (isWin(standing, outcome!) ? 1 : 0))

/** A ready `score`: the points that the standings of a finished game name. */
export const points = (_event: GameEvent, { outcome }: EventEnvelope): Scores =>
  scoresBy(outcome, ({ score }) => score)
