/** Games as lines of a table: how one ended, for all or for one player. */
import type { GameResult, PlayerGameRow } from '../index.js'
import type { Cell } from './table.js'

/** What is shown of a game, wherever it is kept. */
export interface ShownGame {
  readonly kind: string
  readonly gameId: string
  readonly events: number
  readonly players: readonly string[]
  readonly isLive: boolean
  readonly outcome?: GameResult | undefined
  /** In milliseconds since 1970. */
  readonly lastAt?: number | undefined
}

/** A row of the player index as it is shown. */
export const shownRow = ({
  kind,
  gameId,
  version,
  players,
  final,
  outcome,
  lastEventAt,
}: PlayerGameRow): ShownGame => ({
  ...{ kind, gameId, events: version, players, isLive: !final, lastAt: lastEventAt },
  ...(outcome && { outcome }),
})

export const gameHeads = ['game', 'events', 'players', 'result', 'last event'] as const

/** A game as a row under `gameHeads`; with a player, the result is theirs. */
export const gameCells = (game: ShownGame, player?: string): readonly Cell[] => [
  `${game.kind}/${game.gameId}`,
  game.events,
  game.players.join(' - '),
  game.isLive ? 'live' : resultText(game.outcome, player),
  dateOf(game.lastAt),
]

const resultText = (outcome: GameResult | undefined, player: string | undefined): string => {
  if (!outcome) return ''
  const { reason = '' } = outcome
  const ended = player === undefined ? '' : endOf(outcome, player)
  return ended !== '' && reason !== '' ? `${ended}, ${reason}` : ended + reason
}

/** How a game ended for one of its players. */
const endOf = ({ standings }: GameResult, player: string): string => {
  const own = standings.find((standing) => standing.player === player)
  if (!own) return ''
  if (standings.length > 1 && standings.every(({ place }) => place === own.place)) return 'drawn'
  if (own.place === 1) return 'won'
  return standings.length === 2 ? 'lost' : `place ${own.place} of ${standings.length}`
}

const dateOf = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10)
