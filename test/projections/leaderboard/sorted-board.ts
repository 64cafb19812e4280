/** A leaderboard by brute force: a Map of players, sorted anew for every question. */
import type { EventEnvelope } from '../../../src/events/envelope.js'
import type { LeaderboardRow } from '../../../src/projections/leaderboard/leaderboard-view.js'
import type { Operator } from '../../../src/projections/leaderboard/operator.js'
import type { Direction } from '../../../src/projections/ranking/ranking.js'
import type { Ties } from '../../../src/projections/leaderboard/ties.js'
import type { Scored } from '../envelopes.js'

interface Player {
  readonly player: string
  score: number
  reachedAt: number
  readonly games: Set<string>
  attempts: number
  lastPlayedAt: number
}

export class SortedBoard {
  readonly #players = new Map<string, Player>()
  readonly operator: Operator
  readonly direction: Direction
  readonly ties: Ties
  readonly minGames: number

  constructor(operator: Operator, direction: Direction, ties: Ties, minGames: number) {
    this.operator = operator
    this.direction = direction
    this.ties = ties
    this.minGames = minGames
  }

  apply({ event, position, gameId, recordedAt }: EventEnvelope): void {
    if (event.type !== 'Scored') return
    for (const [player, value] of Object.entries((event as Scored).scores)) {
      const known = this.#players.get(player)
      const score = this.#next(known?.score, value)
      const next = known ?? {
        player,
        score: NaN,
        reachedAt: 0,
        games: new Set(),
        attempts: 0,
        lastPlayedAt: 0,
      }
      if (next.score !== score) next.reachedAt = position
      next.score = score
      next.games.add(gameId)
      next.attempts++
      next.lastPlayedAt = recordedAt
      this.#players.set(player, next)
    }
  }

  rows(): LeaderboardRow[] {
    const sign = this.direction === 'desc' ? -1 : 1
    const listed = [...this.#players.values()]
      .filter(({ games }) => games.size >= this.minGames)
      .sort(
        (a, b) => sign * (a.score - b.score) || a.reachedAt - b.reachedAt || (a.player < b.player ? -1 : 1),
      )
    return rankedBy(this.ties, listed, sign).map(
      ({ player, score, rank, tied, games, attempts, lastPlayedAt }) => ({
        rank,
        player,
        score,
        tied,
        games: games.size,
        attempts,
        lastPlayedAt,
      }),
    )
  }

  #next(score: number | undefined, value: number): number {
    const both = score === undefined ? [value] : [score, value]
    switch (this.operator) {
      case 'sum':
        return (score ?? 0) + value
      case 'count':
        return (score ?? 0) + 1
      case 'last':
        return value
      case 'best':
        return this.direction === 'desc' ? Math.max(...both) : Math.min(...both)
      case 'worst':
        return this.direction === 'desc' ? Math.min(...both) : Math.max(...both)
    }
  }
}

/** Ranks of players in order, straight from the definitions. */
export const rankedBy = <Row extends { readonly score: number }>(
  ties: Ties,
  rows: readonly Row[],
  sign: number,
): (Row & { rank: number; tied: boolean })[] =>
  rows.map((row, index) => {
    const better = rows.filter(({ score }) => sign * (score - row.score) < 0)
    const equal = rows.filter(({ score }) => score === row.score)
    const competition = better.length + 1
    const modified = better.length + equal.length
    const rank = {
      competition,
      modified,
      ordinal: index + 1,
      fractional: (competition + modified) / 2,
      dense: new Set(better.map(({ score }) => score)).size + 1,
    }[ties]
    return { ...row, rank, tied: equal.length > 1 }
  })
