/** `player`: one player and their games, two against each other, or players by the beginning of a name. */
import type { PlayerGameRow, PlayerGamesQuery, PlayerStats } from '../index.js'
import { withViews, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { gameCells, gameHeads, shownRow } from './game-rows.js'
import { countText, numberText, printTable } from './table.js'
import { harmless, print, printJson, styled } from './terminal.js'

export interface PlayerOptions extends DataOptions {
  readonly against?: string
  readonly search?: string
  readonly limit: number
}

/** Shows a player, and all their games; with `--against` those of two; with `--search` who is found. */
export const playerCommand = (player: string | undefined, options: PlayerOptions): Promise<void> =>
  withViews(options, async (ledger) => {
    const { search, against } = options
    if (search !== undefined && player === undefined && against === undefined)
      return showFound(ledger, search, options)
    if (player === undefined || search !== undefined)
      throw new CommandError(
        'invalid-argument',
        exitCode.usage,
        'Name a player, or what names begin with: gameledger player NAME, or gameledger player --search PREFIX.',
      )
    return against === undefined
      ? showPlayer(ledger, player, options)
      : showBoth(ledger, player, against, options)
  })

/** What a player's games came to. @throws CommandError, with similar names, where there is no such player */
export const knownPlayer = (ledger: DataLedger, player: string): PlayerStats => {
  const stats = ledger.views.players.stats(player)
  if (stats) return stats
  const similar = ledger.views.players.search(player.slice(0, 4), 5).map(({ player: name }) => harmless(name))
  const hint =
    similar.length > 0 ? ` Perhaps: ${similar.join('; ')}.` : ' Names are as they stand in the games.'
  throw new CommandError(
    'no-such-player',
    exitCode.notFound,
    `There is no player ${harmless(player)}.${hint}`,
  )
}

const showPlayer = async (ledger: DataLedger, player: string, { json }: PlayerOptions): Promise<void> => {
  const stats = knownPlayer(ledger, player)
  const { live, archived } = await gamesOf(ledger, player)
  if (json) return printJson({ player, live, archived, stats })
  print(styled('bold', harmless(player)))
  print(
    `${countText(stats.finished, 'finished game')}, ${numberText(stats.wins)} won, ` +
      `${numberText(stats.draws)} drawn; ${numberText(live.length)} live`,
  )
  printTable(
    gameHeads,
    [...live, ...archived].map((row) => gameCells(shownRow(row), player)),
  )
}

const showBoth = async (
  ledger: DataLedger,
  player: string,
  against: string,
  { json }: PlayerOptions,
): Promise<void> => {
  if (player === against)
    throw new CommandError(
      'invalid-argument',
      exitCode.usage,
      '--against takes another player than the first.',
    )
  knownPlayer(ledger, player)
  knownPlayer(ledger, against)
  const headToHead = ledger.views.players.headToHead(player, against)!
  const { live, archived } = await gamesOf(ledger, player, { against })
  if (json) return printJson({ player, against, headToHead, live, archived })
  const { games, wins, losses, draws } = headToHead
  print(styled('bold', `${harmless(player)} against ${harmless(against)}`))
  print(
    `${countText(games, 'finished game')}: ${numberText(wins)} won, ${numberText(losses)} lost, ` +
      `${numberText(draws)} drawn; ${numberText(live.length)} live`,
  )
  printTable(
    gameHeads,
    [...live, ...archived].map((row) => gameCells(shownRow(row), player)),
  )
}

const showFound = (ledger: DataLedger, search: string, { json, limit }: PlayerOptions): void => {
  const { players } = ledger.views
  const found = players.search(search, limit)
  if (json) return printJson({ search, players: found })
  printTable(
    ['player', 'name', 'games', 'won', 'live'],
    found.map(({ player, name }) => {
      const stats = players.stats(player)
      return [player, name, stats?.finished ?? 0, stats?.wins ?? 0, stats?.live ?? 0]
    }),
  )
}

const gamesOf = async (
  ledger: DataLedger,
  player: string,
  query: PlayerGamesQuery = {},
): Promise<{ readonly live: readonly PlayerGameRow[]; readonly archived: readonly PlayerGameRow[] }> => {
  const rows: PlayerGameRow[] = []
  let cursor: string | undefined
  do {
    const page = await ledger.views.players.gamesOf(player, {
      ...query,
      limit: 500,
      ...(cursor !== undefined && { cursor }),
    })
    rows.push(...page.games)
    cursor = page.cursor
  } while (cursor !== undefined)
  return { live: rows.filter(({ final }) => !final), archived: rows.filter(({ final }) => final) }
}
