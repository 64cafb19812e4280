/**
 * What rank equals get, and which rows a move changes. Scores 100, 90, 90, 80 stand at
 *
 *     competition  1, 2, 2, 4        1 + number strictly better
 *     dense        1, 2, 2, 3        1 + number of distinct better scores
 *     modified     1, 3, 3, 4        number better or equal
 *     ordinal      1, 2, 3, 4        place in the full order
 *     fractional   1, 2.5, 2.5, 4    mean of competition and modified
 */

/** The rule for equals. */
export type Ties = 'competition' | 'dense' | 'modified' | 'ordinal' | 'fractional'

export const tiesRules: readonly Ties[] = ['competition', 'dense', 'modified', 'ordinal', 'fractional']

/** Where a player stands: the place in the full order, and the group of equals around it as [from, to), all from 0. */
export interface Standpoint {
  readonly ordinal: number
  /** Number of players strictly better. */
  readonly from: number
  /** Number of players better or equal. */
  readonly to: number
}

/** The rank at a standpoint. `distinctBetter` is asked for dense ranks only. O(1) beside it. */
export const rankAt = (
  ties: Ties,
  { ordinal, from, to }: Standpoint,
  distinctBetter: () => number,
): number => {
  switch (ties) {
    case 'competition':
      return from + 1
    case 'dense':
      return distinctBetter() + 1
    case 'modified':
      return to
    case 'ordinal':
      return ordinal + 1
    case 'fractional':
      return (from + 1 + to) / 2
  }
}

/** Rows [from, to) of the full order. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/**
 * The rows that look different after one player went from `before` to `after` (`undefined`: was or is not there).
 *
 * All rows between both places hold another player. Beyond them only equals may change: those in front, in the
 * better one's group, where ranks count equals (modified, fractional) or where a group of one became two or back
 * (the `tied` flag); those behind, in the worse one's group, where ranks count who is better (competition,
 * fractional), or for the flag. A score that appears or vanishes shifts every dense rank below.
 */
export const touchedRows = (
  ties: Ties,
  before: Standpoint | undefined,
  after: Standpoint | undefined,
  isDistinctChanged: boolean,
): RowRange => {
  if (!before || !after) {
    const there = before ?? after!
    return { from: frontOf(ties, there), to: Infinity }
  }
  const { ordinal, from, to } = before
  // Within one group nobody's rank changes but the place in it.
  if (from === after.from && to === after.to)
    return { from: Math.min(ordinal, after.ordinal), to: Math.max(ordinal, after.ordinal) + 1 }
  // Not by ordinal: the last of a group may fall behind it without passing anybody.
  const isBetter = after.from < from || (after.from === from && after.to <= to)
  const [better, worse] = isBetter ? [after, before] : [before, after]
  const isEndless = ties === 'dense' && isDistinctChanged
  return { from: frontOf(ties, better), to: isEndless ? Infinity : endOf(ties, worse) }
}

const frontOf = (ties: Ties, { ordinal, from, to }: Standpoint): number =>
  ties === 'modified' || ties === 'fractional' || to - from === 2 ? from : ordinal

const endOf = (ties: Ties, { ordinal, from, to }: Standpoint): number =>
  ties === 'competition' || ties === 'fractional' || to - from === 2 ? to : ordinal + 1
