/** What callers ask a leaderboard. Rows are frozen copies; nothing that is handed out changes afterwards. */
import type { PlayerId, Position } from '../../events/ids.js'
import type { Board } from './board.js'
import { decodeCursor, encodeCursor } from '../page-cursor.js'
import type { Ranking } from '../ranking/ranking.js'
import { rankAt, type Ties } from './ties.js'

/** One player on a board. */
export interface LeaderboardRow {
  /** By the board's rule for ties; see `Ties`. */
  readonly rank: number
  readonly player: PlayerId
  readonly score: number
  /** True where somebody else has the same score. */
  readonly tied: boolean
  /** Games in which the player was given a value. */
  readonly games: number
  /** Values that the player was given, improvements or not. */
  readonly attempts: number
  /** When the player was last given a value, in milliseconds since 1970. */
  readonly lastPlayedAt: number
}

/** A player among some: `rank` and `tied` hold among these, `overall` is the rank on the whole board. */
export interface AmongRow extends LeaderboardRow {
  readonly overall: number
}

export interface ReadOptions {
  /** Accept rows that were rendered at most so many milliseconds ago, though a change touched them since. @default 0 */
  readonly maxAgeMs?: number
}

/** A page, and where the next one begins; without `cursor` it was the last. */
export interface LeaderboardPage {
  readonly rows: readonly LeaderboardRow[]
  readonly cursor?: string
}

/** A leaderboard as it is read. n is the number of listed players, m the number of rows asked for. */
export interface LeaderboardView {
  /** The position in the log that every answer is true for. */
  readonly position: Position
  /** How many players are listed. O(1). */
  readonly count: number
  /** The best `n` (default 10). O(log n + m), from memory while nothing touched them. */
  top(n?: number, options?: ReadOptions): readonly LeaderboardRow[]
  /** `n` rows from the `offset`-th on (0: the best). O(log n + m), from memory while nothing touched them. */
  page(offset: number, n: number, options?: ReadOptions): readonly LeaderboardRow[]
  /**
   * `n` rows behind a cursor, or the first. The cursor names the last row that was read, so a player who did not move
   * is neither repeated nor skipped. O(log² n + m).
   */
  after(cursor: string | undefined, n: number): LeaderboardPage
  /** The rank of a player; `undefined` where not listed. O(log n). */
  rankOf(player: PlayerId): number | undefined
  /** The score of a player; `undefined` where not listed. O(1). */
  scoreOf(player: PlayerId): number | undefined
  /** The player with up to `k` rows on either side, fewer at the ends; empty where not listed. O(log n + m). */
  around(player: PlayerId, k: number): readonly LeaderboardRow[]
  /** These players in order, ranked among themselves; who is not listed is left out. O(m log n + m log m). */
  among(players: Iterable<PlayerId>): readonly AmongRow[]
  /**
   * The share of the other players that is strictly worse, from 0 to 1: worse / (count - 1). A player who is alone
   * has 1; one who is not listed `undefined`. O(log n).
   */
  percentile(player: PlayerId): number | undefined
}

type CursorParts = readonly [score: number, reachedAt: number, player: PlayerId]

const isCursor = (parts: unknown): parts is CursorParts =>
  Array.isArray(parts) &&
  Number.isFinite(parts[0]) &&
  Number.isFinite(parts[1]) &&
  typeof parts[2] === 'string'

const checkCount = (value: number, what: string): number => {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`${what} must be a whole number from 0; got ${String(value)}.`)
}

/** Players of one score, and how many of the list are better. */
interface Equals {
  readonly from: number
  readonly handles: readonly number[]
}

/** Handles that stand in order, cut where the score changes. */
const groupsOf = (handles: readonly number[], ranking: Ranking): Equals[] => {
  const groups: { from: number; handles: number[] }[] = []
  for (const [index, handle] of handles.entries()) {
    const isSame = index > 0 && ranking.scoreOf(handle) === ranking.scoreOf(handles[index - 1]!)
    if (isSame) groups.at(-1)!.handles.push(handle)
    else groups.push({ from: index, handles: [handle] })
  }
  return groups
}

/** The view of a board; the same object for life. */
export class BoardView implements LeaderboardView {
  readonly #board: Board<readonly LeaderboardRow[]>
  readonly #ties: Ties
  readonly #checkpoint: (() => Position) | undefined

  constructor(board: Board<readonly LeaderboardRow[]>, ties: Ties, checkpoint: (() => Position) | undefined) {
    this.#board = board
    this.#ties = ties
    this.#checkpoint = checkpoint
  }

  get position(): Position {
    return this.#checkpoint?.() ?? (this.#board.position as Position)
  }

  get count(): number {
    return this.#board.ranking.size
  }

  top(n = 10, options?: ReadOptions): readonly LeaderboardRow[] {
    return this.page(0, n, options)
  }

  page(offset: number, n: number, options: ReadOptions = {}): readonly LeaderboardRow[] {
    checkCount(offset, 'The offset of a page')
    checkCount(n, 'The number of rows')
    return this.#board.pages.read(offset, n, options.maxAgeMs, () => this.#render(offset, n))
  }

  after(cursor: string | undefined, n: number): LeaderboardPage {
    checkCount(n, 'The number of rows')
    const { ranking, players } = this.#board
    const start = cursor === undefined ? 0 : this.#ordinalAfter(decodeCursor(cursor, isCursor))
    const rows = this.page(start, n)
    const last = ranking.at(start + rows.length - 1)
    if (last === undefined || rows.length === 0 || start + rows.length >= ranking.size) return { rows }
    return {
      rows,
      cursor: encodeCursor([ranking.scoreOf(last), ranking.reachedAtOf(last), players.idOf(last)]),
    }
  }

  rankOf(player: PlayerId): number | undefined {
    const handle = this.#board.players.handleOf(player)
    return handle === undefined ? undefined : this.#rankOf(handle)
  }

  scoreOf(player: PlayerId): number | undefined {
    const handle = this.#board.players.handleOf(player)
    return handle === undefined ? undefined : this.#board.ranking.scoreOf(handle)
  }

  around(player: PlayerId, k: number): readonly LeaderboardRow[] {
    checkCount(k, 'The number of rows on either side')
    const handle = this.#board.players.handleOf(player)
    const ordinal = handle === undefined ? undefined : this.#board.ranking.ordinal(handle)
    if (ordinal === undefined) return []
    const from = Math.max(0, ordinal - k)
    return this.#render(from, ordinal + k + 1 - from)
  }

  among(players: Iterable<PlayerId>): readonly AmongRow[] {
    const { ranking, players: table } = this.#board
    const placed = [...new Set(players)].flatMap((player) => {
      const handle = table.handleOf(player)
      const ordinal = handle === undefined ? undefined : ranking.ordinal(handle)
      return ordinal === undefined ? [] : [{ handle: handle!, ordinal }]
    })
    const handles = placed.toSorted((one, other) => one.ordinal - other.ordinal).map(({ handle }) => handle)
    return Object.freeze(
      groupsOf(handles, ranking).flatMap((group, distinctBetter) => this.#amongRows(group, distinctBetter)),
    )
  }

  percentile(player: PlayerId): number | undefined {
    const score = this.scoreOf(player)
    if (score === undefined) return undefined
    const { ranking } = this.#board
    return ranking.size === 1 ? 1 : (ranking.size - ranking.countBetterOrEqual(score)) / (ranking.size - 1)
  }

  #rankOf(handle: number): number | undefined {
    const { ranking } = this.#board
    const score = ranking.scoreOf(handle)
    if (score === undefined) return undefined
    if (this.#ties === 'competition') return ranking.countBetter(score) + 1
    return this.#board.rankAt(this.#board.standpointOf(handle)!, score)
  }

  #render(offset: number, n: number): readonly LeaderboardRow[] {
    const { ranking } = this.#board
    const handles = ranking.slice(offset, n + 1)
    const scores = handles.map((handle) => ranking.scoreOf(handle)!)
    const rows: LeaderboardRow[] = []
    let group = { from: 0, to: 0 }
    for (let index = 0; index < Math.min(n, handles.length); index++) {
      const score = scores[index]!
      if (score !== scores[index - 1]) group = this.#groupAt(offset, index, scores)
      const rank = this.#board.rankAt({ ordinal: offset + index, ...group }, score)
      rows.push(this.#row(handles[index]!, rank, group))
    }
    return Object.freeze(rows)
  }

  /** The group of equals at a row of a page, in the full order; asks the ranking only where it crosses the page's edge. */
  #groupAt(offset: number, index: number, scores: readonly number[]): { from: number; to: number } {
    const score = scores[index]!
    let end = index + 1
    while (end < scores.length && scores[end] === score) end++
    return {
      from: index === 0 ? this.#board.ranking.countBetter(score) : offset + index,
      to: end < scores.length ? offset + end : this.#board.ranking.countBetterOrEqual(score),
    }
  }

  #row(handle: number, rank: number, { from, to }: { from: number; to: number }): LeaderboardRow {
    const { players, ranking, record } = this.#board
    return Object.freeze({
      rank,
      player: players.idOf(handle),
      score: ranking.scoreOf(handle)!,
      tied: to - from > 1,
      games: record.gamesOf(handle),
      attempts: record.attemptsOf(handle),
      lastPlayedAt: record.lastPlayedAtOf(handle),
    })
  }

  #amongRows({ handles, from }: Equals, distinctBetter: number): AmongRow[] {
    const to = from + handles.length
    const overall = this.#rankOf(handles[0]!)!
    return handles.map((handle, index) => {
      const rank = rankAt(this.#ties, { ordinal: from + index, from, to }, () => distinctBetter)
      const isOwn = this.#ties === 'ordinal' && index > 0
      return Object.freeze({
        ...this.#row(handle, rank, { from, to }),
        overall: isOwn ? this.#rankOf(handle)! : overall,
      })
    })
  }

  /** The place of the first entry behind a cursor: a binary search among the equals of its score. */
  #ordinalAfter([score, reachedAt, player]: CursorParts): number {
    const { ranking, players } = this.#board
    let low = ranking.countBetter(score)
    let high = ranking.countBetterOrEqual(score)
    while (low < high) {
      const middle = (low + high) >>> 1
      const handle = ranking.at(middle)!
      const at = ranking.reachedAtOf(handle)!
      if (at < reachedAt || (at === reachedAt && players.idOf(handle) <= player)) low = middle + 1
      else high = middle
    }
    return low
  }
}
