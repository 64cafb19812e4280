/** `gameledger rebuild [PROJECTION]`: makes read models anew from archive and journal, all of them in one reading. */
import { withData, type DataLedger, type DataOptions } from './data.js'
import { CommandError, exitCode } from './exit-code.js'
import { nearNames } from './near-names.js'
import { Progress } from './progress.js'
import { numberText } from './table.js'
import { harmless, note, print, printJson, styled } from './terminal.js'

export interface RebuildCommandOptions extends DataOptions {
  /** Also where games were dropped from the archive. */
  readonly shortened?: boolean
}

/** Runs the command: exit code 66 where there is no such projection, 1 where one threw. */
export const rebuildCommand = (
  projection: string | undefined,
  options: RebuildCommandOptions,
): Promise<void> =>
  withData(options, async (ledger) => {
    const names = projection === undefined ? Object.keys(ledger.views) : [projection]
    for (const name of names) if (!Object.hasOwn(ledger.views, name)) throw noSuchProjection(ledger, name)
    const begun = performance.now()
    await rebuildAll(ledger, names, options.shortened ?? false, new Progress('rebuild', options.json))
    const ms = Math.round(performance.now() - begun)
    const { position, shortenedThrough } = ledger.stats()
    if (options.json) return printJson({ rebuilt: names, position, shortenedThrough, ms })
    print(
      `${styled('green', 'ok')}: ${names.map(harmless).join(', ')} rebuilt from ${numberText(position)} positions ` +
        `in ${(ms / 1_000).toFixed(1)} s`,
    )
    if (shortenedThrough > 0)
      note(
        `The history is shortened through position ${numberText(shortenedThrough)}: games that were dropped are not counted.`,
      )
  })

/** The slowest of them is shown; what one throws is thrown when all have ended. */
const rebuildAll = async (
  ledger: DataLedger,
  names: readonly string[],
  shortened: boolean,
  progress: Progress,
): Promise<void> => {
  const reached = new Map<string, number>(names.map((name) => [name, 0]))
  const tell = (head: number): void => {
    const least = Math.min(...reached.values())
    progress.tell(least / Math.max(1, head), `${numberText(least)} of ${numberText(head)} positions`, least)
  }
  const rebuilding = names.map((name) =>
    ledger.rebuild(name, {
      shortened,
      onProgress: ({ position, head }) => {
        reached.set(name, position)
        tell(head)
      },
    }),
  )
  const answers = await Promise.allSettled(rebuilding)
  progress.end()
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason as Error
}

const noSuchProjection = (ledger: DataLedger, name: string): CommandError => {
  const names = Object.keys(ledger.views)
  const [near] = nearNames(name, names)
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Perhaps: ${near}.`
  return new CommandError(
    'no-such-projection',
    exitCode.notFound,
    `There is no projection ${harmless(name)}. ${hint}`,
  )
}
