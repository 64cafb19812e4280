/** A game as text: its events as lines, its board, and the line that says which game it is. */
import type { AnyGame, EventEnvelope } from '../index.js'
import { numberText } from './table.js'
import { harmless, styled } from './terminal.js'

/** An event on a line: its version, its type, and what it holds. */
export const eventLine = ({ version, event }: EventEnvelope): string => {
  const { type, ...rest } = event
  return `${String(version).padStart(5)}  ${type} ${harmless(
    Object.values(rest)
      .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
      .join(' '),
  )}`.trimEnd()
}

/** What is said in place of an event that is hidden, or before the first. */
export const eventless = (version: number): string =>
  `${String(version).padStart(5)}  ${version === 0 ? '(before the first event)' : '(hidden)'}`

/** The board as text where the game draws one, else the state as JSON. */
export const boardOf = (game: AnyGame, view: unknown): string =>
  game.render?.(view) ?? JSON.stringify(view, undefined, 2)

export const headOf = (
  { kind }: AnyGame,
  gameId: string,
  { version, final }: { readonly version: number; readonly final: boolean },
): string =>
  styled('bold', `${kind}/${gameId}`) + ` at version ${numberText(version)}${final ? ', over' : ''}`

/** Shows a page in the place of what the terminal shows. */
export const showPage = (lines: readonly string[]): void =>
  void process.stdout.write(`\u001b[H\u001b[2J${lines.join('\n')}\n`)
