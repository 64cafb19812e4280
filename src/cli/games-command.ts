/** `games`: the live games and the archived ones, newest first, of all or of a player. */
import type { PlayerGamesQuery } from '../index.js'
import { withViews, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { gameCells, gameHeads, shownRow, type ShownGame } from './game-rows.js'
import { knownPlayer } from './player-command.js'
import { countText, numberText, printTable } from './table.js'
import { note, print, printJson, shellWord } from './terminal.js'

export interface GamesOptions extends DataOptions {
  readonly limit: number
  readonly player?: string
  readonly against?: string
  readonly kind?: string
  readonly live?: boolean
  readonly archived?: boolean
  readonly cursor?: string
}

/** One page of games: rows as JSON gives them, rows as they are shown, and where the next page begins. */
interface GamesPage {
  readonly title: string
  readonly document: Readonly<Record<string, unknown>>
  readonly shown: readonly ShownGame[]
  readonly cursor?: string | undefined
}

/** Lists games by pages; with `--cursor` the page behind the one that gave it. */
export const gamesCommand = (options: GamesOptions): Promise<void> =>
  withViews(options, async (ledger) => {
    const { json, player } = options
    const page = await pageOf(ledger, options)
    const { title, document, shown, cursor } = page
    if (json) return printJson({ ...document, ...(cursor !== undefined && { cursor }) })
    print(title)
    printTable(
      gameHeads,
      shown.map((game) => gameCells(game, player)),
    )
    if (cursor !== undefined) note(`More: gameledger games ${wordsOf(options)} --cursor ${cursor}`)
  })

const pageOf = async (ledger: DataLedger, options: GamesOptions): Promise<GamesPage> => {
  const { player, cursor } = options
  try {
    return await (player === undefined ? allGames(ledger, options) : gamesOfPlayer(ledger, player, options))
  } catch (error) {
    if (cursor === undefined || !(error instanceof TypeError)) throw error
    throw new CommandError(
      'invalid-argument',
      exitCode.usage,
      '--cursor takes what the page before gave, with the same other options.',
    )
  }
}

const isWanted = ({
  live,
  archived,
}: GamesOptions): { readonly live: boolean; readonly archived: boolean } => ({
  live: live ?? archived !== true,
  archived: archived ?? live !== true,
})

/** The first page begins with the live games; those behind a cursor are archived. */
const allGames = async (ledger: DataLedger, options: GamesOptions): Promise<GamesPage> => {
  const { kind, limit, cursor } = options
  const wanted = isWanted(options)
  const all = ledger.liveGames().filter((game) => !game.final && (kind === undefined || game.kind === kind))
  const live = wanted.live && cursor === undefined ? all.slice(0, limit) : []
  const page = wanted.archived
    ? await ledger.archive.list({
        limit,
        ...(kind !== undefined && { kind }),
        ...(cursor !== undefined && { cursor }),
      })
    : { games: [] }
  const total = ledger.stats().games.archived
  return {
    title: `${countText(all.length, 'live game')}, ${numberText(total)} archived${kind === undefined ? '' : ' of all kinds'}`,
    document: { live, archived: page.games, total },
    shown: [
      ...live.map((row) => ({ ...row, events: row.version, isLive: true })),
      ...page.games.map((row) => ({ ...row, isLive: false, lastAt: row.occurredAt ?? row.lastAt })),
    ],
    cursor: page.cursor,
  }
}

const gamesOfPlayer = async (
  ledger: DataLedger,
  player: string,
  options: GamesOptions,
): Promise<GamesPage> => {
  const { kind, limit, cursor, against } = options
  const stats = knownPlayer(ledger, player)
  if (against !== undefined) knownPlayer(ledger, against)
  const query: PlayerGamesQuery = {
    ...isWanted(options),
    limit,
    ...(kind !== undefined && { kind }),
    ...(against !== undefined && { against }),
    ...(cursor !== undefined && { cursor }),
  }
  const page = await ledger.views.players.gamesOf(player, query)
  const live = page.games.filter(({ final }) => !final)
  const archived = page.games.filter(({ final }) => final)
  return {
    title: `${countText(stats.live, 'live game')}, ${countText(stats.finished, 'finished game')} in all`,
    document: { player, live, archived, total: stats.games },
    shown: page.games.map(shownRow),
    cursor: page.cursor,
  }
}

/** The options as they were given, to be typed again. */
const wordsOf = ({ data, games, player, against, kind, limit, live, archived }: GamesOptions): string =>
  Object.entries({ data, games, player, against, kind, limit })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name} ${shellWord(String(value))}`)
    .concat(live ? ['--live'] : [], archived ? ['--archived'] : [])
    .join(' ')
