/**
 * Makes rows of what a board holds. Ranks of a page are worked out from the groups of equals on it: only the first and
 * the last group may reach over its edges, and only for these the ranking is asked.
 */
import type { Board } from './board.js'
import type { AmongRow, LeaderboardRow } from './leaderboard-rows.js'
import { rankAt } from './ties.js'

/** A group of equals as [from, to) in an order of players. */
interface Group {
  readonly from: number
  readonly to: number
}

export class RowRenderer {
  readonly #board: Board

  constructor(board: Board) {
    this.#board = board
  }

  /** The rank of a player; `undefined` where not listed. O(log n). */
  rankOf(handle: number): number | undefined {
    const { ranking, rules } = this.#board
    const score = ranking.scoreOf(handle)
    if (score === undefined) return undefined
    if (rules.ties === 'competition') return ranking.countBetter(score) + 1
    return this.#board.rankAt(this.#board.standpointOf(handle)!, score)
  }

  /** `n` rows from the `offset`-th on, fewer at the end. O(log n + m). */
  page(offset: number, n: number): LeaderboardRow[] {
    const { ranking } = this.#board
    const handles = ranking.slice(offset, n + 1)
    const scores = handles.map((handle) => ranking.scoreOf(handle)!)
    const rows: LeaderboardRow[] = []
    let group: Group = { from: 0, to: 0 }
    for (let index = 0; index < Math.min(n, handles.length); index++) {
      const score = scores[index]!
      if (score !== scores[index - 1]) group = this.#groupAt(offset, index, scores)
      const rank = this.#board.rankAt({ ordinal: offset + index, ...group }, score)
      rows.push(Object.freeze(this.#row(handles[index]!, rank, group)))
    }
    return rows
  }

  /** Listed players in order, ranked among themselves. O(m log n + m log m). */
  among(handles: Iterable<number>): AmongRow[] {
    const { ranking } = this.#board
    const order = [...handles]
      .map((handle) => ({ handle, ordinal: ranking.ordinal(handle)!, score: ranking.scoreOf(handle)! }))
      .toSorted((one, other) => one.ordinal - other.ordinal)
    const { ties } = this.#board.rules
    let group: Group = { from: 0, to: 0 }
    let distinctBetter = -1
    return order.map(({ handle, score }, ordinal) => {
      if (ordinal === group.to) {
        let to = ordinal + 1
        while (order[to]?.score === score) to++
        group = { from: ordinal, to }
        distinctBetter++
      }
      const rank = rankAt(ties, { ordinal, ...group }, () => distinctBetter)
      return Object.freeze({ ...this.#row(handle, rank, group), overall: this.rankOf(handle)! })
    })
  }

  /** The group of equals at a row of a page, in the full order. */
  #groupAt(offset: number, index: number, scores: readonly number[]): Group {
    const { ranking } = this.#board
    const score = scores[index]!
    let end = index + 1
    while (end < scores.length && scores[end] === score) end++
    return {
      from: index === 0 ? ranking.countBetter(score) : offset + index,
      to: end < scores.length ? offset + end : ranking.countBetterOrEqual(score),
    }
  }

  #row(handle: number, rank: number, { from, to }: Group): LeaderboardRow {
    const { players, ranking, record, rules } = this.#board
    const deviation = this.#board.keptOf(handle, 'deviation')
    return {
      rank,
      player: players.idOf(handle),
      score: ranking.scoreOf(handle)!,
      ...(rules.tieBreak.length > 0 && { subScores: Object.freeze(ranking.subScoresOf(handle)!) }),
      tied: to - from > 1,
      games: record.gamesOf(handle),
      attempts: record.attemptsOf(handle),
      lastPlayedAt: record.lastPlayedAtOf(handle),
      best: record.bestOf(handle),
      ...(deviation !== undefined && { deviation }),
    }
  }
}
