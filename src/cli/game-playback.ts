/**
 * Plays a game back: on a terminal the board is drawn anew at each step, piped it is a line an event, with `--json` a
 * document a step. A game that goes on ends with its newest event: while this command has the ledger nobody plays.
 */
import type { AnyGame, PlaybackStep, Viewer } from '../index.js'
import type { DataLedger } from './data.js'
import { exitCode } from './exit-code.js'
import { boardOf, eventless, eventLine, headOf, showPage } from './game-text.js'
import { note, print, printJson } from './terminal.js'

export interface PlayOptions {
  readonly viewer: Viewer
  readonly speed: number
  readonly to?: number
  readonly until?: number
  readonly json?: boolean
}

/** Plays it from the beginning. Ctrl-C ends it, with exit code 130. */
export const playGame = async (
  ledger: DataLedger,
  game: AnyGame,
  gameId: string,
  { viewer, speed, to = Infinity, until = Infinity, json = false }: PlayOptions,
): Promise<void> => {
  const stopping = new AbortController()
  const stop = (): void => {
    process.exitCode = exitCode.interrupted
    stopping.abort()
  }
  process.once('SIGINT', stop)
  const options = { viewer, factor: speed, follow: false, signal: stopping.signal }
  let last: PlaybackStep | undefined
  try {
    for await (const step of ledger.playback(game, gameId, options)) {
      if (step.version > to || (step.event?.recordedAt ?? 0) > until) break
      last = step
      if (json) printJson(step)
      else showStep(game, gameId, step)
    }
  } finally {
    process.off('SIGINT', stop)
  }
  if (json || process.stdout.isTTY || !last) return
  print()
  print(boardOf(game, last.view))
  print(headOf(game, gameId, last))
  if (!last.final) note('The game goes on.')
}

const showStep = (game: AnyGame, gameId: string, step: PlaybackStep): void => {
  const line = step.event ? eventLine(step.event) : eventless(step.version)
  if (process.stdout.isTTY) showPage([headOf(game, gameId, step), line, '', boardOf(game, step.view)])
  else if (step.version > 0) print(line)
}
