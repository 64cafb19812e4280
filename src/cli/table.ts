/**
 * Rows as a table that fits the terminal: numbers to the right, texts to the left, a line a row, never wrapped.
 *
 * Where the columns are wider than the terminal, the widest text column gives way until it is as wide as the next one,
 * then both do. The first column names the row (what is typed in the next command), so it gives way last, and what is
 * then still too wide is cut at the edge. What is cut ends with `…`. Piped, nothing is cut: who reads it then wants all.
 */
import { harmless, print, styled, terminalColumns } from './terminal.js'
import { cutToWidth, padToWidth, textWidth } from './text-width.js'

export type Cell = string | number | undefined

const gap = '  '
/** A text column gives way down to here: some letters and the `…`. */
const narrowest = 8
/** The first one: a kind and a game id of usual length. */
const firstNarrowest = 30

/** A number as people read it: at most one decimal, thousands apart. */
export const numberText = (value: number): string =>
  (Number.isInteger(value) ? value : Math.round(value * 10) / 10).toLocaleString('en').replaceAll(',', ' ')

/** A number and its noun: `1 file`, `2 files`. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`

const textOf = (cell: Cell): string =>
  cell === undefined ? '' : typeof cell === 'number' ? numberText(cell) : harmless(cell)

/** Column widths that fit, as far as text columns can give way. */
const fitted = (widths: readonly number[], isText: readonly boolean[], room: number): readonly number[] => {
  const fitting = [...widths]
  const isGiving = (width: number, at: number): boolean => isText[at] === true && at > 0 && width > narrowest
  let surplus = fitting.reduce((sum, width) => sum + width + gap.length, -gap.length) - room
  for (; surplus > 0 && fitting.some(isGiving); surplus--) {
    const widest = Math.max(...fitting.filter(isGiving))
    fitting[fitting.findIndex((width, at) => width === widest && isGiving(width, at))]!--
  }
  if (surplus > 0 && isText[0])
    fitting[0] = Math.max(Math.min(fitting[0]!, firstNarrowest), fitting[0]! - surplus)
  return fitting
}

/** The lines of a table for so many columns of a terminal: the head first. */
export const tableLines = (
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  room = Infinity,
): readonly string[] => {
  const texts = [heads, ...rows.map((row) => row.map(textOf))]
  const isText = heads.map((_, at) => rows.length === 0 || rows.some((row) => typeof row[at] !== 'number'))
  const natural = heads.map((_, at) => Math.max(...texts.map((row) => textWidth(row[at] ?? ''))))
  const widths = Number.isFinite(room) ? fitted(natural, isText, room) : natural
  const lineOf = (row: readonly string[]): string =>
    widths
      .map((width, at) => padToWidth(cutToWidth(row[at] ?? '', width), width, isText[at] ? 'right' : 'left'))
      .join(gap)
      .trimEnd()
  return texts.map((row) => (Number.isFinite(room) ? cutToWidth(lineOf(row), room) : lineOf(row)))
}

/** Prints a table. An empty one prints its head alone. */
export const printTable = (heads: readonly string[], rows: readonly (readonly Cell[])[]): void => {
  const [head = '', ...lines] = tableLines(heads, rows, terminalColumns())
  print(styled('dim', head))
  for (const line of lines) print(line)
}
