/** `leaderboard`: the boards there are, or one of them: its top, or the neighbours of a player, in a window of time. */
import type { LeaderboardRow, LeaderboardView } from '../index.js'
import { withViews, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { countText, numberText, printTable, type Cell } from './table.js'
import { harmless, note, print, printJson, shellWord, styled } from './terminal.js'

export interface LeaderboardOptions extends DataOptions {
  readonly top: number
  readonly around?: string
  readonly window?: string
}

/** Shows a board; without a name, lists the boards. */
export const leaderboardCommand = (board: string | undefined, options: LeaderboardOptions): Promise<void> =>
  withViews(options, async (ledger) => {
    if (board === undefined) return listBoards(ledger, options)
    const view = boardOf(ledger, board)
    const { around, top, json } = options
    const { window, reads } = await readsOf(board, view, options.window)
    const { position, count: total } = reads
    if (around !== undefined && reads.rankOf(around) === undefined)
      throw new CommandError(
        'no-such-player',
        exitCode.notFound,
        `${harmless(around)} is not on the board ${board}${window === 'all' ? '' : ` in ${window}`}. ` +
          'Names are as they stand in the games.',
      )
    const rows = around === undefined ? reads.top(top) : reads.around(around, Math.floor(top / 2))
    if (json) return printJson({ board, window, position, total, rows })
    const title = window === 'all' ? board : `${board}, ${harmless(window)}`
    print(styled('bold', `${title}: ${countText(total, 'player')}, at position ${numberText(position)}`))
    printTable(['rank', 'player', board, 'games'], rows.map(cellsOf))
  })

/** What a board and a window of it are asked alike. */
type BoardReads = Pick<LeaderboardView, 'position' | 'count' | 'rankOf' | 'top' | 'around'>

const isBoard = (view: unknown): view is LeaderboardView =>
  typeof view === 'object' && view !== null && 'rankOf' in view && 'top' in view

const boardsOf = (ledger: DataLedger): readonly string[] =>
  Object.keys(ledger.views).filter((name) => isBoard(ledger.views[name]))

const boardOf = (ledger: DataLedger, name: string): LeaderboardView => {
  const view = Object.hasOwn(ledger.views, name) ? ledger.views[name] : undefined
  if (isBoard(view)) return view
  throw new CommandError(
    'no-such-board',
    exitCode.notFound,
    `There is no board ${harmless(name)}. Boards here: ${boardsOf(ledger).join(', ')}; others come with --games.`,
  )
}

/** The window of the board's first rule that is open now: what its own reads answer for. */
const openWindowOf = (view: LeaderboardView): string =>
  view.windows().find(({ closed }) => !closed)?.id ?? 'all'

const readsOf = async (
  board: string,
  view: LeaderboardView,
  window: string | undefined,
): Promise<{ readonly window: string; readonly reads: BoardReads }> => {
  if (window === undefined) return { window: openWindowOf(view), reads: view }
  try {
    const reads = await view.at(window)
    return { window: reads.id, reads }
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'no-such-window') throw error
    const windows = view.windows(windowsNamed).map(({ id }) => id)
    throw new CommandError(
      'no-such-window',
      exitCode.notFound,
      `The board ${board} has no window ${harmless(window)}. The newest of each rule: ${windows.join(', ')}.`,
    )
  }
}

/** How many windows of each rule are named: the open one and some before it. */
const windowsNamed = 3

const listBoards = (ledger: DataLedger, { data, json }: LeaderboardOptions): void => {
  const boards = boardsOf(ledger).map((board) => {
    const view = ledger.views[board] as LeaderboardView
    const windows = view.windows(windowsNamed).map(({ id, from, to, closed, sealed, count }) => ({
      ...{ id, closed, sealed },
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(count !== undefined && { count }),
    }))
    return { board, window: openWindowOf(view), total: view.count, leader: view.top(1)[0], windows }
  })
  if (json) return printJson({ boards })
  printTable(
    ['board', 'players', 'leader', 'windows'],
    boards.map(({ board, total, leader, windows }) => [
      board,
      total,
      leader?.player,
      windows.map(({ id }) => id).join(', '),
    ]),
  )
  const [first] = boards.toSorted((one, other) => Number(other.total > 0) - Number(one.total > 0))
  if (first) note(`Next: gameledger leaderboard ${first.board} --data ${shellWord(data)}`)
}

const cellsOf = ({ rank, player, score, games }: LeaderboardRow): readonly Cell[] => [
  rank,
  player,
  score,
  games,
]
