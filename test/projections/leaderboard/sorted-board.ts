/**
 * A leaderboard by brute force: every value that a player was ever given, from which each score is worked out anew by
 * definition, sorted anew for every question.
 */
import type { EventEnvelope } from '../../../src/events/envelope.js'
import type { BoardRules } from '../../../src/projections/leaderboard/board.js'
import type { LeaderboardRow } from '../../../src/projections/leaderboard/leaderboard-rows.js'
import type { Operator } from '../../../src/projections/leaderboard/operator.js'
import type { AnyRating } from '../../../src/projections/leaderboard/rating.js'
import type { Ties } from '../../../src/projections/leaderboard/ties.js'
import type { Left, Scored } from '../envelopes.js'

interface Player {
  readonly player: string
  readonly values: (readonly number[])[]
  readonly games: Set<string>
  /** `[score, ...subs]`, or all numbers of a rating. */
  standing: readonly number[]
  reachedAt: number
  attempts: number
  lastPlayedAt: number
  best: number | undefined
}

export interface ModelRow extends LeaderboardRow {
  readonly overall?: number
}

export class SortedBoard {
  readonly #players = new Map<string, Player>()
  readonly rules: BoardRules

  constructor(rules: BoardRules) {
    this.rules = rules
  }

  apply(envelope: EventEnvelope): void {
    const event = envelope.event as Scored | Left
    const { operator } = this.rules
    if (typeof operator !== 'string') this.#rate(operator, envelope)
    else if (event.type === 'Scored')
      for (const [player, value] of Object.entries(event.scores))
        this.#credit(player, value, operator, envelope)
    if (event.type === 'Left') for (const player of event.players) this.#players.delete(player)
    for (const player of this.#players.values())
      if (this.#isListed(player))
        if (player.best === undefined || this.#compare(player.standing[0]!, player.best, 0) < 0)
          player.best = player.standing[0]
  }

  /** All who are listed, best first. */
  rows(): ModelRow[] {
    const subs = this.rules.tieBreak.length
    const { operator } = this.rules
    const hasDeviation = typeof operator === 'object' && operator.keeps[1] === 'deviation'
    const listed = [...this.#players.values()]
      .filter((player) => this.#isListed(player))
      .sort(
        (a, b) =>
          this.#compareAll(a.standing.slice(0, 1 + subs), b.standing) ||
          a.reachedAt - b.reachedAt ||
          (a.player < b.player ? -1 : 1),
      )
      .map(({ player, standing, games, attempts, lastPlayedAt, best }) => ({
        player,
        score: standing[0]!,
        ...(subs > 0 && { subScores: standing.slice(1, 1 + subs) }),
        games: games.size,
        attempts,
        lastPlayedAt,
        best: best!,
        ...(hasDeviation && { deviation: standing[1]! }),
      }))
    return this.ranked(listed)
  }

  /** Some of the rows, ranked among themselves. */
  among(players: readonly string[]): ModelRow[] {
    const some = this.rows().filter(({ player }) => players.includes(player))
    return this.ranked(some.map((row) => ({ ...row, overall: row.rank })))
  }

  ranked<Row extends { readonly score: number }>(rows: readonly Row[]): (Row & Ranked)[] {
    return rankedBy(this.rules.ties, rows, this.rules.direction === 'desc' ? -1 : 1)
  }

  #isListed({ player, games }: Player): boolean {
    return games.size >= this.rules.minGames && !/^erased:\d+$/.test(player)
  }

  #credit(
    name: string,
    value: number | readonly number[],
    operator: Operator,
    envelope: EventEnvelope,
  ): void {
    const player = this.#play(name, envelope)
    const zeros = this.rules.tieBreak.map(() => 0)
    player.values.push(typeof value === 'number' ? [value, ...zeros] : value)
    this.#reach(player, this.#standingOf(operator, player), envelope)
  }

  #rate(rating: AnyRating, envelope: EventEnvelope): void {
    const { outcome } = envelope
    if (!envelope.final || !outcome) return
    const known = outcome.standings.flatMap(({ player }) => this.#players.get(player) ?? [])
    if (typeof rating === 'function') {
      const ratings = new Map(known.map(({ player, standing }) => [player, standing[0]!]))
      for (const [name, score] of rating(ratings, outcome))
        this.#reach(this.#play(name, envelope), [score], envelope)
      return
    }
    const ratings = new Map(known.map(({ player, standing }) => [player, standing]))
    for (const [name, numbers] of rating.rate(ratings, outcome))
      this.#reach(this.#play(name, envelope), numbers, envelope)
  }

  #play(name: string, { gameId, recordedAt }: EventEnvelope): Player {
    const player: Player = this.#players.get(name) ?? {
      player: name,
      values: [],
      games: new Set(),
      standing: [],
      reachedAt: 0,
      attempts: 0,
      lastPlayedAt: 0,
      best: undefined,
    }
    this.#players.set(name, player)
    player.games.add(gameId)
    player.attempts++
    player.lastPlayedAt = recordedAt
    return player
  }

  #reach(player: Player, standing: readonly number[], { position }: EventEnvelope): void {
    const ranked = 1 + this.rules.tieBreak.length
    if (standing.slice(0, ranked).some((part, at) => part !== player.standing[at]))
      player.reachedAt = position
    player.standing = standing
  }

  #standingOf(operator: Operator, { values, games }: Player): readonly number[] {
    const columns = values[0]!.map((_, column) => values.map((value) => value[column]!))
    const sums = columns.map((column) => column.reduce((sum, part) => sum + part, 0))
    const inOrder = values.toSorted((a, b) => this.#compareAll(a, b))
    switch (operator) {
      case 'sum':
        return sums
      case 'count':
        return [values.length, ...sums.slice(1)]
      case 'rate':
        return sums.map((sum) => sum / games.size)
      case 'last':
        return values.at(-1)!
      case 'best':
        return inOrder[0]!
      case 'worst':
        return inOrder.at(-1)!
      case 'streak':
        return [values.length - 1 - values.findLastIndex(([value]) => value! <= 0)]
    }
  }

  #compare(a: number, b: number, column: number): number {
    return [this.rules.direction, ...this.rules.tieBreak][column] === 'desc' ? b - a : a - b
  }

  #compareAll(one: readonly number[], other: readonly number[]): number {
    return one.map((part, column) => this.#compare(part, other[column]!, column)).find((by) => by !== 0) ?? 0
  }
}

interface Ranked {
  readonly rank: number
  readonly tied: boolean
}

/** Ranks of players in order, straight from the definitions. */
const rankedBy = <Row extends { readonly score: number }>(
  ties: Ties,
  rows: readonly Row[],
  sign: number,
): (Row & Ranked)[] =>
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
