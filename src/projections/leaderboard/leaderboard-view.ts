/** What callers ask a leaderboard. Rows are frozen copies; nothing that is handed out changes afterwards. */
import type { PlayerId, Position } from '../../events/ids.js'
import { decodeCursor, encodeCursor } from '../page-cursor.js'
import type { LeaderboardWindow, WindowStatus } from '../windows/leaderboard-window.js'
import type { Board } from './board.js'
import { rowsAt, type AmongRow, type LeaderboardRows } from './leaderboard-rows.js'
import { RowRenderer } from './row-renderer.js'

export interface ReadOptions {
  /** Accept rows that were rendered at most so many milliseconds ago, though a change touched them since. @default 0 */
  readonly maxAgeMs?: number
}

/** A page, and where the next one begins; without `cursor` it was the last. */
export interface LeaderboardPage {
  readonly rows: LeaderboardRows
  readonly cursor?: string
}

/** One window of a leaderboard as it is read. n is the number of listed players, m the number of rows asked for. */
export interface LeaderboardReads {
  /** The position in the log that every answer is true for. */
  readonly position: Position
  /** How many players are listed. O(1). */
  readonly count: number
  /** The best `n` (default 10). O(log n + m), from memory while nothing touched them. */
  top(n?: number, options?: ReadOptions): LeaderboardRows
  /** `n` rows from the `offset`-th on (0: the best). O(log n + m), from memory while nothing touched them. */
  page(offset: number, n: number, options?: ReadOptions): LeaderboardRows
  /**
   * `n` rows (at least one) behind a cursor, or the first. The cursor names the last row that was read, so a player who
   * did not move is neither repeated nor skipped. O(log² n), and as `page`.
   */
  after(cursor: string | undefined, n: number): LeaderboardPage
  /** A cursor that stands at a player, to read on from `around`; `undefined` where not listed. O(1). */
  cursorOf(player: PlayerId): string | undefined
  /** The rank of a player; `undefined` where not listed. O(log n). */
  rankOf(player: PlayerId): number | undefined
  /** The score of a player; `undefined` where not listed. O(1). */
  scoreOf(player: PlayerId): number | undefined
  /**
   * The player with up to `k` rows on either side, fewer at the ends; empty where not listed. O(log n + m). Rendered
   * anew: everybody asks for rows of their own, which would only push out the pages that all read.
   */
  around(player: PlayerId, k: number): LeaderboardRows
  /** These players in order, ranked among themselves; who is not listed is left out. O(m log n + m log m). */
  among(players: Iterable<PlayerId>): LeaderboardRows<AmongRow>
  /**
   * The share of the other players that is strictly worse, from 0 to 1: worse / (count - 1). A player who is alone
   * has 1; one who is not listed `undefined`. O(log n).
   */
  percentile(player: PlayerId): number | undefined
}

/**
 * A leaderboard. Its reads answer for the window of its first rule that is open now, by the ledger's clock: a daily
 * board is empty after midnight until somebody scores. Between seasons, no window is open, and the board is empty.
 */
export interface LeaderboardView extends LeaderboardReads {
  /**
   * The windows in which anything happened and those that are open now, by rule, the newest first: at most `last`
   * (default 100) of each rule. O(last), and O(n log n) of n windows after a new one was met.
   */
  windows(last?: number): readonly WindowStatus[]
  /**
   * A window by its id (`daily/2026-11-26`), or the one of a rule that is open now (`daily`). Reads it where it was
   * paged out. A window that has begun but in which nothing happened is an empty board.
   * @throws NoSuchWindowError (rejects) where there is no such window, or it has not begun
   */
  at(window: string): Promise<LeaderboardWindow>
}

type CursorParts = readonly [player: PlayerId, reachedAt: number, score: number, ...subScores: number[]]

const checkCount = (value: number, what: string, least = 0): number => {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`${what} must be a whole number from ${least}; got ${String(value)}.`)
}

/** The view of a board; the same object for life. */
export class BoardView implements LeaderboardReads {
  readonly #board: Board
  readonly #rows: RowRenderer
  readonly #checkpoint: (() => Position) | undefined

  /** @param checkpoint how far the projection is, also past events that changed nothing. @default the board's own */
  constructor(board: Board, checkpoint?: () => Position) {
    this.#board = board
    this.#rows = new RowRenderer(board)
    this.#checkpoint = checkpoint
  }

  get position(): Position {
    return this.#checkpoint?.() ?? this.#board.position
  }

  get count(): number {
    return this.#board.count
  }

  top(n = 10, options?: ReadOptions): LeaderboardRows {
    return this.page(0, n, options)
  }

  page(offset: number, n: number, options: ReadOptions = {}): LeaderboardRows {
    checkCount(offset, 'The offset of a page')
    checkCount(n, 'The number of rows')
    return this.#board.pages.read(offset, n, options.maxAgeMs, () => this.#render(offset, n))
  }

  after(cursor: string | undefined, n: number): LeaderboardPage {
    checkCount(n, 'The number of rows', 1)
    const start = cursor === undefined ? 0 : this.#ordinalAfter(decodeCursor(cursor, this.#isCursor))
    const rows = this.page(start, n)
    const last = rows.at(-1)
    if (!last || start + rows.length >= this.count) return { rows }
    return { rows, cursor: this.cursorOf(last.player)! }
  }

  cursorOf(player: PlayerId): string | undefined {
    const handle = this.#listed(player)
    if (handle === undefined) return undefined
    const { ranking } = this.#board
    const score = ranking.scoreOf(handle)!
    return encodeCursor([player, ranking.reachedAtOf(handle)!, score, ...ranking.subScoresOf(handle)!])
  }

  rankOf(player: PlayerId): number | undefined {
    const handle = this.#board.players.handleOf(player)
    return handle === undefined ? undefined : this.#rows.rankOf(handle)
  }

  scoreOf(player: PlayerId): number | undefined {
    const handle = this.#board.players.handleOf(player)
    return handle === undefined ? undefined : this.#board.ranking.scoreOf(handle)
  }

  around(player: PlayerId, k: number): LeaderboardRows {
    checkCount(k, 'The number of rows on either side')
    const handle = this.#listed(player)
    if (handle === undefined) return rowsAt([], this.position)
    const ordinal = this.#board.ranking.ordinal(handle)!
    const from = Math.max(0, ordinal - k)
    return this.#render(from, ordinal + k + 1 - from)
  }

  among(players: Iterable<PlayerId>): LeaderboardRows<AmongRow> {
    const handles = [...new Set(players)].map((player) => this.#listed(player))
    const listed = handles.filter((handle) => handle !== undefined)
    return rowsAt(this.#rows.among(listed), this.position)
  }

  percentile(player: PlayerId): number | undefined {
    const score = this.scoreOf(player)
    if (score === undefined) return undefined
    const { ranking } = this.#board
    return ranking.size === 1 ? 1 : (ranking.size - ranking.countBetterOrEqual(score)) / (ranking.size - 1)
  }

  #render(offset: number, n: number): LeaderboardRows {
    return rowsAt(this.#rows.page(offset, n), this.position)
  }

  #listed(player: PlayerId): number | undefined {
    const handle = this.#board.players.handleOf(player)
    return handle !== undefined && this.#board.ranking.scoreOf(handle) !== undefined ? handle : undefined
  }

  readonly #isCursor = (parts: unknown): parts is CursorParts =>
    Array.isArray(parts) &&
    parts.length === 3 + this.#board.rules.tieBreak.length &&
    typeof parts[0] === 'string' &&
    parts.slice(1).every(Number.isFinite)

  /** The place of the first entry behind a cursor: a binary search among the equals of its score. */
  #ordinalAfter([player, reachedAt, score, ...subScores]: CursorParts): number {
    const { ranking } = this.#board
    let low = ranking.countBetter(score)
    let high = ranking.countBetterOrEqual(score)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#isBehind(ranking.at(middle)!, player, reachedAt, subScores)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Whether a player stands behind a place among equals. */
  #isBehind(handle: number, player: PlayerId, reachedAt: number, subScores: readonly number[]): boolean {
    const { ranking, players, rules } = this.#board
    const own = ranking.subScoresOf(handle)!
    const differs = own.findIndex((part, at) => part !== subScores[at])
    if (differs >= 0) return own[differs]! < subScores[differs]! === (rules.tieBreak[differs] === 'desc')
    const at = ranking.reachedAtOf(handle)!
    return at === reachedAt ? players.idOf(handle) > player : at > reachedAt
  }
}
