/** Rows as a table that fits the terminal: numbers to the right, the widest text column cut where it must be. */
import { columns, harmless, print, styled } from './terminal.js'

export type Cell = string | number | undefined

const gap = '  '
const narrowest = 8

const textOf = (cell: Cell): string =>
  cell === undefined ? '' : typeof cell === 'number' ? numberText(cell) : harmless(cell)

/** A number as people read it: at most one decimal, thousands apart. */
export const numberText = (value: number): string =>
  (Number.isInteger(value) ? value : Math.round(value * 10) / 10).toLocaleString('en').replaceAll(',', ' ')

/** A number and its noun: `1 file`, `2 files`. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 3)}...`

/** Prints a table. An empty one prints its head alone. */
export const printTable = (heads: readonly string[], rows: readonly (readonly Cell[])[]): void => {
  const texts = rows.map((row) => row.map(textOf))
  const isNumber = heads.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'))
  const widths = heads.map((head, at) => Math.max(head.length, ...texts.map((row) => row[at]?.length ?? 0)))
  const surplus = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - columns()
  if (surplus > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    widths[widest] = Math.max(narrowest, widths[widest]! - surplus)
  }
  const lineOf = (row: readonly string[]): string =>
    row
      .map((text, at) => {
        const fitting = cut(text, widths[at]!)
        return isNumber[at] ? fitting.padStart(widths[at]!) : fitting.padEnd(widths[at]!)
      })
      .join(gap)
      .trimEnd()
  print(styled('dim', lineOf(heads)))
  for (const row of texts) print(lineOf(row))
}
