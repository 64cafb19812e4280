/**
 * What the demonstration looks like, in the middle of it: as a frame of a terminal, and as one line where there is none.
 *
 *     gameledger demo   Liap between bots, 60 times as fast                    0:12
 *     games      24 going on in 24 rooms, 17 of 48 over
 *     commands   1 812 a second; answered in 4 ms, 99 of 100 in 12 ms
 *     archive    14 games, 3 wait for it; views 0 events behind
 *
 *     rank       player          wins  games     rank       player          wins  games
 *        1  ▲ 2  Ada                5      9        5       Kurt               3      7
 *     ...
 *     liap/demo-1-0-3~2 in room KTM4WX, as anybody may see it
 *     Round 3 of 20 ...
 *
 * Pure: a frame is made of what was seen and of the size that it must fit.
 */
import type { LeaderboardRow } from '../../index.js'
import { countText, numberText } from '../table.js'
import { cutToWidth, padToWidth } from '../text-width.js'
import { harmless, styled } from '../terminal.js'

/** What was seen of the ledger at a moment. */
export interface Moment {
  readonly title: string
  readonly seconds: number
  readonly going: number
  readonly rooms: number
  readonly over: number
  readonly games: number
  readonly commandsPerSecond: number
  readonly answerP50Ms: number
  readonly answerP99Ms: number
  readonly archived: number
  readonly waiting: number
  /** How many events the view that is most behind has not heard of. */
  readonly lag: number
  /** Best first. */
  readonly leaders: readonly LeaderboardRow[]
  /** Ranks of some seconds ago, by player. */
  readonly ranksBefore: ReadonlyMap<string, number>
  /** One game as it stands. */
  readonly board: { readonly title: string; readonly text: string } | undefined
}

const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

const msText = (ms: number): string => (ms < 10 ? ms.toFixed(1) : numberText(Math.round(ms)))

const headLines = (moment: Moment, columns: number): readonly string[] => {
  const { title, seconds, going, rooms, over, games, archived, waiting, lag } = moment
  const clock = clockText(seconds)
  const name = cutToWidth(`gameledger demo   ${title}`, columns - clock.length - 1)
  const row = (label: string, text: string): string =>
    styled('dim', label.padEnd(11)) + cutToWidth(text, columns - 11)
  return [
    styled('bold', padToWidth(name, columns - clock.length, 'right')) + clock,
    row('games', `${going} going on in ${rooms} rooms, ${over} of ${games} over`),
    row(
      'commands',
      `${numberText(Math.round(moment.commandsPerSecond))} a second; half are answered in ${msText(moment.answerP50Ms)} ms, 99 of 100 in ${msText(moment.answerP99Ms)} ms`,
    ),
    row(
      'archive',
      `${countText(archived, 'game')}, ${waiting} waiting; views are ${countText(lag, 'event')} behind`,
    ),
  ]
}

/** `▲ 2`: two places better than before. */
const changeText = ({ player, rank }: LeaderboardRow, before: ReadonlyMap<string, number>): string => {
  const change = (before.get(player) ?? rank) - rank
  return change === 0 ? '' : `${change > 0 ? '▲' : '▼'}${Math.min(99, Math.abs(change))}`
}

/** Of one of the two columns of the leaderboard. */
const leaderWidth = 39

const leaderHead = padToWidth(`rank      ${'player'.padEnd(13)} wins games`, leaderWidth, 'right')

const leaderCell = (row: LeaderboardRow | undefined, before: ReadonlyMap<string, number>): string => {
  if (!row) return ' '.repeat(leaderWidth)
  const change = changeText(row, before)
  const mark = padToWidth(change, 3, 'right')
  const shown = change === '' ? mark : styled(change.startsWith('▲') ? 'green' : 'red', mark)
  const player = padToWidth(cutToWidth(harmless(row.player), 13), 13, 'right')
  return `${String(row.rank).padStart(4)}  ${shown} ${player}${numberText(row.score).padStart(5)}${numberText(row.games).padStart(6)}  `
}

/** In two columns where there is room for two: the better half to the left. */
const leaderLines = ({ leaders, ranksBefore }: Moment, columns: number, rows: number): readonly string[] => {
  const isWide = columns >= 2 * leaderWidth
  const lines = Array.from({ length: rows }, (_, at) =>
    (isWide ? [leaders[at], leaders[at + rows]] : [leaders[at]])
      .map((row) => leaderCell(row, ranksBefore))
      .join('')
      .trimEnd(),
  )
  return [styled('dim', (isWide ? leaderHead + leaderHead : leaderHead).trimEnd()), ...lines]
}

/** The lines of a game: as many as a board of Liap has. */
const boardRows = 12
/** All lines but those of the leaders: the head, what parts them, the heads of both tables. */
const otherRows = 4 + 1 + 1 + 1 + boardRows
const leadersMax = 12

/** A frame of at most so many columns and rows: the leaderboard gives way first, then the board. */
export const frameLines = (moment: Moment, columns: number, rows: number): readonly string[] => {
  const leaders = Math.min(leadersMax, Math.max(1, rows - otherRows))
  const board = moment.board
    ? [
        styled('dim', cutToWidth(moment.board.title, columns)),
        ...moment.board.text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => cutToWidth(line, columns)),
      ]
    : []
  return [...headLines(moment, columns), '', ...leaderLines(moment, columns, leaders), '', ...board].slice(
    0,
    rows,
  )
}

/** The same for a log: one line. */
export const plainLine = (moment: Moment): string => {
  const [leader] = moment.leaders
  const led = leader ? `, leader ${harmless(leader.player)} with ${countText(leader.score, 'win')}` : ''
  return (
    `demo: ${clockText(moment.seconds)}, ${moment.going} games going on, ${moment.over} of ${moment.games} over, ` +
    `${moment.archived} archived, ${moment.waiting} waiting, ${numberText(Math.round(moment.commandsPerSecond))} commands/s, ` +
    `views ${numberText(moment.lag)} behind${led}`
  )
}
