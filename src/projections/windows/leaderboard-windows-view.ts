/**
 * The view of a leaderboard with windows: which board answers is found anew at each read, by the clock.
 *
 *     top(), rankOf(), ...  ->  facade  ->  BoardView of the window of the first rule that is open now
 *     at(id)                ->  facade  ->  BoardView of that window, wherever its board is by then
 *
 * Each board has its own rendered pages, so those of yesterday are never shown for today.
 */
import type { Clock } from '../../events/clock.js'
import type { Position } from '../../events/ids.js'
import type { Board } from '../leaderboard/board.js'
import { BoardView, type LeaderboardView } from '../leaderboard/leaderboard-view.js'
import { viewFacade } from '../view-facade.js'
import { WindowView, type LeaderboardWindow, type WindowStatus } from './leaderboard-window.js'
import { NoSuchWindowError } from './no-such-window.js'
import type { RuleWindows } from './rule-windows.js'

export interface LeaderboardViewOptions {
  /** The windows of each rule, in the order of the options. */
  readonly readers: readonly RuleWindows[]
  /** What is shown where no window is open. */
  readonly empty: () => Board
  readonly clock: Clock
  readonly checkpoint: () => Position
}

/** A hundred days or weeks are more than a page shows. */
const listedDefault = 100
const namedInErrors = 3

/** The view of a leaderboard; the same object for life. */
export const leaderboardViewOf = (options: LeaderboardViewOptions): LeaderboardView => {
  const { readers, empty, clock } = options
  const first = readers[0]!
  let shown: OpenView | undefined
  const current = (): OpenView => {
    const now = clock.now()
    const key = first.openKey(now)
    const board = key === undefined ? empty() : first.boardOf(key, now, shown?.board)
    if (shown?.board !== board) shown = new OpenView(board, options)
    return shown
  }
  return viewFacade(current)()
}

class OpenView extends BoardView implements LeaderboardView {
  readonly board: Board
  readonly #options: LeaderboardViewOptions

  constructor(board: Board, options: LeaderboardViewOptions) {
    super(board, options.checkpoint)
    this.board = board
    this.#options = options
  }

  windows(last = listedDefault): readonly WindowStatus[] {
    if (last !== Infinity && !(Number.isSafeInteger(last) && last >= 0))
      throw new TypeError(`windows() takes a whole number from 0, or Infinity; got ${String(last)}.`)
    const now = this.#options.clock.now()
    const list = this.#options.readers.flatMap((reader) =>
      reader.keys(now, last).map((key) => reader.statusOf(key, now)),
    )
    return Object.freeze(list)
  }

  async at(window: string): Promise<LeaderboardWindow> {
    const { readers, clock, checkpoint } = this.#options
    const now = clock.now()
    for (const reader of readers) {
      const key = reader.keyOf(window, now)
      if (key === undefined) continue
      const status = (): WindowStatus => reader.statusOf(key, clock.now())
      let board = await reader.prepare(key)
      let view: WindowView | undefined
      return viewFacade(() => {
        const right = reader.boardOf(key, clock.now(), board)
        if (!view || right !== board) view = new WindowView(right, checkpoint, status)
        board = right
        return view
      })()
    }
    throw new NoSuchWindowError(
      window,
      this.windows(namedInErrors).map(({ id }) => id),
    )
  }
}
