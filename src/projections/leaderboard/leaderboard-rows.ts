/** The rows that a leaderboard hands out: frozen copies, which never change afterwards. */
import type { PlayerId, Position } from '../../events/ids.js'

/** One player on a board. */
export interface LeaderboardRow {
  /** By the board's rule for ties; see `Ties`. */
  readonly rank: number
  readonly player: PlayerId
  readonly score: number
  /** Sub-scores, which order equals; on boards with `tieBreak`. */
  readonly subScores?: readonly number[]
  /** True where somebody else has the same score. */
  readonly tied: boolean
  /** Games in which the player was given a value. */
  readonly games: number
  /** Values that the player was given, improvements or not. */
  readonly attempts: number
  /** When the player was last given a value, in milliseconds since 1970. */
  readonly lastPlayedAt: number
  /** The best score that the player was ever listed with. */
  readonly best: number
  /** How unsure the rating is; on boards of a rating that keeps it, such as `glicko2()`. */
  readonly deviation?: number
}

/** A player among some: `rank` and `tied` hold among these, `overall` is the rank on the whole board. */
export interface AmongRow extends LeaderboardRow {
  readonly overall: number
}

/** Rows in order, and when they stood so. */
export type LeaderboardRows<Row = LeaderboardRow> = readonly Row[] & {
  /**
   * The position in the log at which they were rendered. Rows that were read without `maxAgeMs` are true for the
   * `position` of the view as well: nothing touched them since.
   */
  readonly position: Position
}

/** Freezes rows and says when they stood so. Hidden from loops over keys, so rows compare and print as plain arrays. */
export const rowsAt = <Row>(rows: Row[], position: Position): LeaderboardRows<Row> =>
  Object.freeze(
    Object.defineProperty(rows, 'position', { value: position }),
  ) as unknown as LeaderboardRows<Row>
