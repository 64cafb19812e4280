/**
 * The two streams of a command: results on stdout, everything else on stderr.
 *
 * With `--json` stdout carries one document and nothing else. Colours appear on a terminal only, and not where
 * NO_COLOR is set. Text from outside (names, moves) is made harmless before a terminal sees it.
 */
import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** The result, as a line. */
export const print = (line = ''): void => void process.stdout.write(`${line}\n`)

/** The result, as the one JSON document of the command. */
export const printJson = (document: unknown): void => print(JSON.stringify(document))

/** Anything that is not the result. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`)

/** Styled where stdout is a terminal. */
export const styled = (style: Style, text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text

/** The width to fit into: the terminal's, or 100 columns where there is none. */
export const columns = (): number => process.stdout.columns ?? 100

/** The width of the terminal; without a bound where stdout is none, for then nobody looks at it line by line. */
export const terminalColumns = (): number => process.stdout.columns ?? Infinity

// eslint-disable-next-line no-control-regex -- control characters are what must not reach a terminal
const controlPattern = /[\u0000-\u001f\u007f-\u009f]/g

/** Text from outside, with control characters as escapes: what is shown cannot steer the terminal. */
export const harmless = (text: string): string =>
  text.replace(controlPattern, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A word as a shell takes it, for commands that are shown to be typed. `~` means something at the beginning alone. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-][\w@%+=:,./~-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** How wide a text looks: without its styles. */
const shownWidth = (text: string): number => stripVTControlCharacters(text).length

/** Text as lines of words that fit the terminal, at most 100 columns: longer lines are hard to read. */
export const wrapped = (text: string, indent = ''): readonly string[] => {
  const width = Math.min(columns(), 100)
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line !== indent && shownWidth(line) + 1 + shownWidth(word) > width) {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}
