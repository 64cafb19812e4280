/** What callers see of windows: a line in the list of them, and one window to be read. */
import type { Position } from '../../events/ids.js'
import type { Board } from '../leaderboard/board.js'
import { BoardView, type LeaderboardReads } from '../leaderboard/leaderboard-view.js'

/** A window, and how it stands. */
export interface WindowStatus {
  /** `daily/2026-11-26`, `weekly/2026-11-23` (its first day), `monthly/2026-11`, `season/NAME`, `rolling/7d`, `all`. */
  readonly id: string
  /** The rule that it comes from: `daily`, `season`, `rolling/7d`. */
  readonly rule: string
  /** Its first moment, in milliseconds since 1970; absent where it has always been open. */
  readonly from?: number
  /** Its end, which belongs to it no more; absent where it has none. */
  readonly to?: number
  /** True where its end has come, by the clock. */
  readonly closed: boolean
  /** True where its grace is over, too, by the events: only an import reopens it. */
  readonly sealed: boolean
  /** How many players it lists, where that is known without reading it. */
  readonly count?: number
}

/**
 * One window of a leaderboard. It follows the events for as long as it is held; once sealed, it stands still but for
 * imports that reopen it. What it read is kept, so its answers do not wait; only where a sealed window was reopened and
 * paged out again meanwhile, the next read blocks for one page.
 */
export interface LeaderboardWindow extends LeaderboardReads, WindowStatus {
  readonly count: number
}

/** The view of a board as that of a window. */
export class WindowView extends BoardView implements LeaderboardWindow {
  readonly #status: () => WindowStatus
  declare readonly from?: number
  declare readonly to?: number

  constructor(board: Board, checkpoint: () => Position, status: () => WindowStatus) {
    super(board, checkpoint)
    this.#status = status
    const { from, to } = status()
    if (from !== undefined) this.from = from
    if (to !== undefined) this.to = to
  }

  get id(): string {
    return this.#status().id
  }

  get rule(): string {
    return this.#status().rule
  }

  get closed(): boolean {
    return this.#status().closed
  }

  get sealed(): boolean {
    return this.#status().sealed
  }
}
