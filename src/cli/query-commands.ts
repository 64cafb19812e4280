/** The read-side commands: `games`, `leaderboard BOARD`, `player NAME`. */
import type { LeaderboardRow, LeaderboardView, PlayerGameRow } from '../index.js'
import { withData, withViews, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { numberText, printTable, type Cell } from './table.js'
import { harmless, print, printJson, styled } from './terminal.js'

const dateOf = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10)

export interface GamesOptions extends DataOptions {
  readonly limit: number
}

/** Lists the live games, and the newest archived ones. */
export const gamesCommand = (options: GamesOptions): Promise<void> =>
  withData(options, async (ledger) => {
    const live = ledger.liveGames().filter(({ final }) => !final)
    const { games: archived } = await ledger.archive.list({ limit: options.limit })
    const total = ledger.stats().games.archived
    if (options.json) return printJson({ live, archived, total })
    print(`${numberText(live.length)} live games, ${numberText(total)} archived`)
    printTable(
      ['game', 'events', 'players', 'result', 'last event'],
      [
        ...live.map(({ kind, gameId, version, players }) => [
          `${kind}/${gameId}`,
          version,
          players.join(' - '),
          'live',
          '',
        ]),
        ...archived.map(({ kind, gameId, events, players, outcome, occurredAt, lastAt }) => [
          `${kind}/${gameId}`,
          events,
          players.join(' - '),
          outcome?.reason ?? '',
          dateOf(occurredAt ?? lastAt),
        ]),
      ],
    )
  })

export interface LeaderboardOptions extends DataOptions {
  readonly top: number
  readonly around?: string
  readonly window: string
}

const isBoard = (view: unknown): view is LeaderboardView =>
  typeof view === 'object' && view !== null && 'rankOf' in view && 'top' in view

const boardOf = (ledger: DataLedger, name: string): LeaderboardView => {
  const view = Object.hasOwn(ledger.views, name) ? ledger.views[name] : undefined
  if (isBoard(view)) return view
  const names = Object.keys(ledger.views).filter((key) => isBoard(ledger.views[key]))
  throw new CommandError(
    'no-such-board',
    exitCode.notFound,
    `There is no board ${harmless(name)}. Boards here: ${names.join(', ')}.`,
  )
}

/** Shows the top of a board, or the neighbours of a player. */
export const leaderboardCommand = (board: string, options: LeaderboardOptions): Promise<void> =>
  withViews(options, async (ledger) => {
    const { top, around, window, json } = options
    if (window !== 'all')
      throw new CommandError(
        'no-such-window',
        exitCode.usage,
        `Boards have one window so far: all; got ${harmless(window)}.`,
      )
    const view = boardOf(ledger, board)
    if (around !== undefined && view.rankOf(around) === undefined)
      throw new CommandError(
        'no-such-player',
        exitCode.notFound,
        `${harmless(around)} is not on the board ${board}. Names are as they stand in the games.`,
      )
    const rows = around === undefined ? view.top(top) : view.around(around, Math.floor(top / 2))
    if (json) return printJson({ board, window, position: view.position, total: view.count, rows })
    print(
      styled('bold', `${board}: ${numberText(view.count)} players, at position ${numberText(view.position)}`),
    )
    printTable(['rank', 'player', board, 'games'], rows.map(cellsOf))
  })

const cellsOf = ({ rank, player, score, games }: LeaderboardRow): readonly Cell[] => [
  rank,
  player,
  score,
  games,
]

/** Shows a player: all games, and what they came to. */
export const playerCommand = (player: string, options: DataOptions): Promise<void> =>
  withViews(options, async (ledger) => {
    const { players } = ledger.views
    const stats = players.stats(player)
    if (!stats) throw unknownPlayer(ledger, player)
    const live = await allGames(ledger, player, { live: true, archived: false })
    const archived = await allGames(ledger, player, { live: false, archived: true })
    if (options.json) return printJson({ player, live, archived, stats })
    print(styled('bold', harmless(player)))
    print(
      `${numberText(stats.finished)} finished games, ${numberText(stats.wins)} won; ${numberText(live.length)} live`,
    )
    printTable(
      ['game', 'events', 'players', 'last event'],
      [...live, ...archived].map((row) => [
        `${row.kind}/${row.gameId}`,
        row.version,
        row.players.join(' - '),
        dateOf(row.lastEventAt),
      ]),
    )
  })

const allGames = async (
  ledger: DataLedger,
  player: string,
  which: { readonly live: boolean; readonly archived: boolean },
): Promise<readonly PlayerGameRow[]> => {
  const rows: PlayerGameRow[] = []
  let cursor: string | undefined
  do {
    const page = await ledger.views.players.gamesOf(player, {
      ...which,
      limit: 500,
      ...(cursor !== undefined && { cursor }),
    })
    rows.push(...page.games)
    cursor = page.cursor
  } while (cursor !== undefined)
  return rows
}

const unknownPlayer = (ledger: DataLedger, player: string): CommandError => {
  const similar = ledger.views.players.search(player.slice(0, 4), 5).map(({ player: name }) => harmless(name))
  const hint =
    similar.length > 0 ? ` Perhaps: ${similar.join('; ')}.` : ' Names are as they stand in the games.'
  return new CommandError(
    'no-such-player',
    exitCode.notFound,
    `There is no player ${harmless(player)}.${hint}`,
  )
}
