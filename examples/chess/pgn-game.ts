/**
 * From a recorded game of chess to the commands that play it again.
 *
 * PGN records moves and a result; how a decisive game ended it does not say. So the end is worked out: mate,
 * stalemate and a lack of material end a game by the last move and must agree with the result; otherwise the
 * loser resigned (or forfeited, where it never came to two moves), and a draw was agreed.
 *
 * A game is walked through here before any of it is played, so that one illegal move at its end leaves nothing
 * half played behind. The positions stay in the board's cache: playing it afterwards costs little.
 */
import { createHash } from 'node:crypto'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { INITIAL_FEN } from 'chessops/fen'
import { stepFrom, type BoardEnd } from './board.js'
import { turnOf } from './fen.js'
import type { ChessCommand } from './game.js'

/** A game as a PGN reader gives it. */
export interface RecordedGame {
  readonly tags: Readonly<Record<string, string>>
  /** The moves in standard algebraic notation. */
  readonly moves: readonly string[]
  /** The result that stands after the moves. */
  readonly result?: string | undefined
}

/** A game ready to be played into a ledger. */
export interface ImportableGame {
  readonly gameId: string
  readonly players: readonly [white: string, black: string]
  readonly commands: readonly ChessCommand[]
  /** When it was played, in milliseconds since 1970, where the record knows the day. */
  readonly occurredAt?: number
}

type Tags = RecordedGame['tags']
type Result = '1-0' | '0-1' | '1/2-1/2'

const isResult = (text: string | undefined): text is Result =>
  text === '1-0' || text === '0-1' || text === '1/2-1/2'

/** The same game gets the same id, from whatever file it comes and however often. */
export const chessGameId = (tags: Tags, moves: readonly string[]): string => {
  const { White = '?', Black = '?', Date: date = '?', Round = '?' } = tags
  const text = [White, Black, date, Round, moves.join(' ')].join('\n')
  return `chess-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

const dayOf = (text: string | undefined): number | undefined => {
  const [, year, month, day] = /^(\d{4})[./-](\d{2})[./-](\d{2})$/.exec(text ?? '') ?? []
  const ms = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  // Date.parse takes the 31st of February for a day in March.
  return Number(day) === new Date(ms).getUTCDate() ? ms : undefined
}

const timeOfDay = (text: string | undefined): number => {
  const [, hours, minutes, seconds] = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/.exec(text ?? '') ?? []
  return hours === undefined ? 0 : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
}

/** When the game was played, by its tags; midnight UTC where only the day is known; nothing where not even that. */
export const occurredAtOf = (tags: Tags): number | undefined => {
  const utcDay = dayOf(tags.UTCDate)
  return utcDay === undefined ? dayOf(tags.Date) : utcDay + timeOfDay(tags.UTCTime)
}

const moveName = (index: number, san: string): string =>
  `${Math.floor(index / 2) + 1}${index % 2 === 0 ? '.' : '...'} ${san}`

/** How the moves alone end: with the end that the last one made, if it made one. */
const walk = (moves: readonly string[]): Either<string, { result: Result; end: BoardEnd } | undefined> => {
  let fen = INITIAL_FEN
  for (const [index, san] of moves.entries()) {
    const step = stepFrom(fen, san)
    if (!step) return left(`illegal move ${moveName(index, san)}`)
    if (step.end) {
      const next = moves[index + 1]
      if (next !== undefined) return left(`move ${moveName(index + 1, next)} after ${step.end}`)
      const win = turnOf(fen) === 'white' ? '1-0' : '0-1'
      return right({ result: step.end === 'checkmate' ? win : '1/2-1/2', end: step.end })
    }
    fen = step.fen
  }
  return right(undefined)
}

const ending = (result: Result, plies: number, white: string, black: string): readonly ChessCommand[] => {
  if (result === '1/2-1/2')
    return [
      { type: 'OfferDraw', player: white },
      { type: 'AcceptDraw', player: black },
    ]
  const loser = result === '1-0' ? black : white
  return [{ type: plies < 2 ? 'Forfeit' : 'Resign', player: loser }]
}

/** The commands that play a recorded game; or why it cannot be played. */
export const chessCommands = ({
  tags,
  moves,
  result,
}: RecordedGame): Either<string, readonly ChessCommand[]> => {
  const { White: white = '', Black: black = '' } = tags
  if (isUnnamed(white) || isUnnamed(black)) return left('a player has no name')
  if (white === black) return left(`${white} plays both sides`)
  if (tags.FEN !== undefined) return left('it does not begin from the first position')

  const walked = walk(moves)
  if (walked._tag === 'Left') return walked
  const ended = walked.right
  const tag = isResult(tags.Result) ? tags.Result : result
  if (ended && isResult(tag) && tag !== ended.result)
    return left(`the result tag says ${tag} but the game ended ${ended.result} by ${ended.end}`)
  if (!ended && !isResult(tag)) return left('no result')

  const played = moves.map((san): ChessCommand => ({ type: 'Move', san }))
  const last = ended || !isResult(tag) ? [] : ending(tag, moves.length, white, black)
  return right([{ type: 'Start', white, black }, ...played, ...last])
}

const isUnnamed = (name: string): boolean => name === '' || name === '?'

/** Makes a recorded game ready to be played into a ledger; or says why it is left out. */
export const fromPgn = (game: RecordedGame): Either<string, ImportableGame> => {
  const commands = chessCommands(game)
  if (commands._tag === 'Left') return commands
  const { White: white = '', Black: black = '' } = game.tags
  const occurredAt = occurredAtOf(game.tags)
  return right({
    gameId: chessGameId(game.tags, game.moves),
    players: [white, black],
    commands: commands.right,
    ...(occurredAt !== undefined && { occurredAt }),
  })
}
