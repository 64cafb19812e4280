/** `gameledger explain [CODE]`: what a code means and what to do, as docs/errors.md has it; without a code, all of them. */
import { errorEntries, headlineOf, type ErrorEntry } from './error-entry.js'
import { CommandError, exitCode } from './exit-code.js'
import { nearNames } from './near-names.js'
import { printTable } from './table.js'
import { harmless, print, printJson, styled, wrapped } from './terminal.js'

export interface ExplainOptions {
  readonly json?: boolean
}

/** Runs the command. */
export const explainCommand = async (code: string | undefined, options: ExplainOptions): Promise<void> => {
  const entries = await errorEntries()
  if (code === undefined) return list(entries, options)
  const entry = entries.find(({ codes }) => codes.includes(code))
  if (entry === undefined) throw unknownCode(code, entries)
  if (options.json) return printJson(entry)
  print(styled('bold', entry.codes.join(', ')))
  for (const paragraph of [
    entry.what,
    `${styled('bold', 'Where:')} ${entry.where}`,
    `${styled('bold', 'Why:')} ${entry.why}`,
    `${styled('bold', 'What to do:')} ${entry.advice}`,
  ]) {
    print()
    for (const line of wrapped(paragraph)) print(line)
  }
}

const list = (entries: readonly ErrorEntry[], { json }: ExplainOptions): void => {
  if (json) return printJson(entries)
  printTable(
    ['code', 'what has happened'],
    entries.flatMap((entry) => entry.codes.map((code) => [code, headlineOf(entry)])),
  )
}

const unknownCode = (code: string, entries: readonly ErrorEntry[]): CommandError => {
  const near = nearNames(
    code,
    entries.flatMap(({ codes }) => codes),
  )
  const hint = near.length > 0 ? ` Perhaps: ${near.join(', ')}.` : ''
  return new CommandError(
    'no-such-code',
    exitCode.usage,
    `There is no code ${harmless(code)}.${hint} List all codes: gameledger explain`,
  )
}
